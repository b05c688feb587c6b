import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Action, NoOffer, Request, Response
from crosslift.domain.pressure import MOST_READ, RELEASE_AFTER, Reaction
from crosslift.errors import BadUsage
from crosslift.shop import counting


@pytest.fixture
def ask(own_shop):
    """Decide beside P00, which goes with P01."""

    def ask(placement="popup", **given):
        given = {"customer_id": "c1", "at": own_shop.clock(), "dwell_seconds": 30.0, **given}
        return own_shop.decide_requests([Request(placement, cart=("P00",), **given)])[0]

    return ask


@pytest.fixture
def say(own_shop):
    """Respond to a decision; gives what `respond` says."""

    def say(decision, action, product="P01", at=None):
        moment = at or own_shop.clock()
        named = f"{decision.decision_id} {action} {product} {moment}"
        return own_shop.respond([Response(named, decision.decision_id, Action(action), moment, product)])

    return say


def offered(decision):
    return [offer.product_id for offer in decision.offers]


def pressure_of(shop, identity="customer:c1"):
    return shop.records.person(identity, int(shop.clock().timestamp() * 1_000_000)).pressure


def test_what_interrupts_is_reserved_and_the_next_is_refused(own_shop, ask, clock):
    first = ask()
    assert (offered(first), first.reserves, first.topic) == (["P01"], True, "shelf 1")
    assert ask().no_offer is NoOffer.CAPPED
    clock.move(minutes=30)
    assert offered(ask()) == ["P01"]


def test_what_was_shown_counts_for_its_day(ask, say, clock):
    say(ask(), "exposure")
    clock.move(hours=23, minutes=59)
    assert ask().no_offer is NoOffer.CAPPED
    clock.move(minutes=1)
    assert offered(ask()) == ["P01"]


def test_a_page_reserves_nothing_and_asks_nothing(own_shop, ask):
    for _ in range(3):
        assert not ask("cart").reserves
    assert pressure_of(own_shop).contacts == ()
    ask()
    assert offered(ask("cart")) == ["P01"]


def test_a_reservation_that_always_meets_another_ends_busy_and_can_be_replayed(own_shop, ask, monkeypatch):
    keep, tries = own_shop.records.record_decisions, []

    def meets(slim, inputs, counted, arms):
        tries.append(len(slim))
        return [one.index for one in counted if one.version is not None] or keep(slim, inputs, counted, arms)

    monkeypatch.setattr(own_shop.records, "record_decisions", meets)
    decision = ask()
    assert (decision.offers, decision.no_offer) == ((), NoOffer.BUSY)
    assert len(tries) == counting.TRIES + 1
    assert own_shop.replay(decision.decision_id).is_equal


def test_of_two_interruptions_in_one_call_one_is_made(own_shop, clock):
    twice = [Request("popup", clock(), "c1", cart=("P00",), dwell_seconds=30)] * 2
    made = own_shop.decide_requests([*twice, Request("popup", clock(), "c2", cart=("P00",), dwell_seconds=30)])
    assert [offered(one) for one in made] == [["P01"], [], ["P01"]]
    assert made[1].no_offer is NoOffer.CAPPED


def test_a_refused_interruption_is_replayed_from_its_record(own_shop, ask):
    ask()
    refused = ask()
    assert own_shop.replay(refused.decision_id).is_equal
    assert own_shop.replay(refused.decision_id).decision.no_offer is NoOffer.CAPPED


def test_a_browser_is_counted_and_a_visit_once_and_nobody_never(own_shop, ask):
    assert offered(ask(customer_id=None, anonymous_id="b1")) == ["P01"]
    assert ask(customer_id=None, anonymous_id="b1").no_offer is NoOffer.CAPPED
    assert offered(ask(customer_id=None, session_id="s1")) == ["P01"]
    assert ask(customer_id=None, session_id="s1").no_offer is NoOffer.CAPPED
    assert ask(customer_id=None).no_offer is NoOffer.CAPPED
    assert offered(ask("cart", customer_id=None)) == ["P01"]


def test_what_a_browser_was_shown_counts_for_the_customer_it_turns_out_to_be(own_shop, ask, say):
    say(ask(customer_id=None, anonymous_id="b1"), "exposure")
    assert offered(ask("cart")) == ["P01"]
    own_shop.customers.identify("c1", {"anonymous": "b1"})
    assert ask().no_offer is NoOffer.CAPPED


def test_an_agents_screen_holds_nothing_and_the_agents_word_counts(own_shop, ask, say):
    shown = [ask("desk") for _ in range(6)]
    assert offered(ask()) == ["P01"]
    assert pressure_of(own_shop, "customer:c1").contacts[0].channel == "web"
    for decision in shown[:3]:
        say(decision, "click")
    assert ask("desk").no_offer is NoOffer.CAPPED


@pytest.mark.parametrize("action", ["decline", "mute"])
def test_a_no_on_a_page_that_used_nothing_of_a_person_is_a_no_everywhere(own_shop, ask, say, action):
    decision = ask("cart")
    assert decision.purpose == "contextual"
    say(decision, action)
    for placement in ("cart", "popup", "desk"):
        refused = ask(placement)
        assert (offered(refused), refused.dropped) == ([], {"cooling_down": 1})
        assert own_shop.replay(refused.decision_id).is_equal
    assert offered(ask("cart", customer_id="c2")) == ["P01"]


def test_a_mute_is_taken_back_by_the_same_door_it_came_through(ask, say):
    decision = ask("cart")
    say(decision, "mute")
    assert offered(ask("cart")) == []
    say(decision, "unmute")
    assert offered(ask("cart")) == ["P01"]


def test_glances_without_a_click_are_a_pause_and_a_click_forgets_them(own_shop, ask, say, clock):
    for _ in range(2):
        say(ask("cart"), "exposure")
    third = ask("cart")
    say(third, "exposure")
    assert ask("cart").dropped == {"cooling_down": 1}
    say(third, "click")
    assert offered(ask("cart")) == ["P01"]


def test_one_that_names_no_product_is_about_all_that_was_offered(own_shop, ask, say):
    say(ask("cart"), "decline", product=None)
    assert [(one.reaction, one.product_id) for one in pressure_of(own_shop).reactions] == [(Reaction.DECLINED, "P01")]


def test_a_wrong_clock_in_a_browser_does_not_undo_a_no(ask, say):
    say(ask("cart"), "decline", at=datetime(1999, 1, 1, tzinfo=UTC))
    assert offered(ask("cart")) == []


def test_what_a_variant_was_refused_as_its_product_is_not_offered(own_shop, ask, say):
    red = {"product_id": "P01-red", "title": "Cup, red", "parent_id": "P01", "price": "4.50", "currency": "USD"}
    own_shop.put_products([red])
    say(ask("cart"), "decline", product="P01-red")
    refused = ask("cart")
    assert refused.dropped == {"cooling_down": 1}
    assert own_shop.replay(refused.decision_id).is_equal


def test_something_open_is_solved_first_and_whoever_complained_is_left_in_peace_for_a_while(own_shop, ask, clock):
    case = {"case_id": "k1", "customer_id": "c1", "opened_at": "2026-10-30", "status": "open"}
    own_shop.put_facts("cases", [case])
    waiting = ask("cart")
    assert (waiting.no_offer, waiting.dropped) == (NoOffer.SOLVE_FIRST, {"solve_first": 1})
    solved = {**case, "status": "closed", "closed_at": "2026-10-31", "updated_at": "2026-10-31"}
    own_shop.put_facts("cases", [solved])
    assert ask("cart").no_offer is NoOffer.COOLING_DOWN
    clock.move(days=14)
    assert offered(ask("cart")) == ["P01"]


def test_what_came_back_is_not_offered_again_soon(own_shop, ask):
    own_shop.put_facts("orders", [
        {"order_id": "r1", "ordered_at": "2026-10-20", "customer_id": "c1", "product_id": "P01", "quantity": 1,
         "unit_price": "4.50", "currency": "USD"},
    ])  # fmt: skip
    assert offered(ask("cart")) == ["P01"]
    own_shop.put_facts("returns", [{"order_id": "r1", "product_id": "P01", "quantity": 1, "returned_at": "2026-10-25"}])
    assert ask("cart").dropped == {"cooling_down": 1}


def test_an_erased_customer_is_a_stranger_whose_answers_are_kept_under_no_name(own_shop, ask, say):
    own_shop.privacy.erase("c1")
    assert ask().no_offer is NoOffer.CAPPED
    decision = ask("cart")
    assert decision.warnings == ("unknown_customer:c1",)
    say(decision, "decline")
    assert offered(ask("cart")) == ["P01"]
    blob = own_shop.records.decision(decision.decision_id)[1]
    assert own_shop.replay(decision.decision_id).is_equal
    assert b"c1" not in zlib.decompress(blob)


def test_an_erased_person_takes_contacts_and_refusals_along(own_shop, ask, say):
    say(ask(), "exposure")
    say(ask("cart"), "decline")
    found = own_shop.privacy.erase("c1")
    assert found["is_complete"]
    assert {"contacts", "reactions", "decision_people", "pressure_versions"} <= set(found["removed"])


def test_inputs_stay_small_however_much_is_known_of_a_person(own_shop, say, clock):
    names = [f"P{n:02}" for n in range(24)]
    for _ in range(MOST_READ // 8):
        clock.move(seconds=7.123457)
        decision = own_shop.decide("home", customer="c1", k=8)
        for product in offered(decision):
            say(decision, "exposure", product)
    own_shop.peace.mute("c1", category="shelf 3")
    decision = own_shop.decide("cart", names[:3], customer="c1")
    blob = own_shop.records.decision(decision.decision_id)[1]
    assert len(pressure_of(own_shop).reactions) > 60
    assert len(blob) <= 4096
    assert own_shop.replay(decision.decision_id).is_equal


def test_the_past_is_completed_without_counting_anybody(own_shop, ask):
    assert offered(ask("popup", purpose=Purpose.EVALUATION, customer_id=None, policy="relevance"))
    assert pressure_of(own_shop).contacts == ()


def test_without_a_zone_of_their_own_people_have_the_shops(little, stocked_home, own_shop, clock):
    own_shop.consents.record([{
        "customer_id": "c1", "purpose": "marketing", "channel": "*", "status": "granted", "source": "form", "at": "2026-10-01",
    }])  # fmt: skip
    night = clock().replace(hour=22)
    mail = Request("email", night, "c1", cart=("P00",))
    assert own_shop.decide_requests([mail])[0].no_offer is NoOffer.QUIET_HOURS
    own_shop.put_facts("customers", [{"customer_id": "c1", "traits": '{"timezone": "America/New_York"}'}])
    decision = own_shop.decide_requests([mail])[0]
    assert offered(decision) == ["P01"]
    assert own_shop.replay(decision.decision_id).is_equal


def test_an_older_reservation_is_released_by_hand(own_shop, ask):
    decision = ask()
    assert own_shop.peace.release(decision.decision_id)
    assert offered(ask()) == ["P01"]


def test_a_reservation_lasts_as_long_as_its_kind_says(own_shop, ask):
    ask()
    [contact] = pressure_of(own_shop).contacts
    assert contact.expires_at - contact.at == RELEASE_AFTER


def test_peace_shows_and_takes_back(own_shop, ask, say):
    say(ask(), "exposure")
    own_shop.peace.mute("c1", product="P01")
    own_shop.peace.mute("c1")
    assert ask("cart").no_offer is NoOffer.COOLING_DOWN
    shown = own_shop.peace.of("c1")
    assert [(one["product"], one["category"]) for one in shown["muted"]] == [("P01", None), (None, None)]
    assert [(one["channel"], one["about"]) for one in shown["contacts"]] == [("web", ["shelf 1"])]
    assert own_shop.peace.unmute("c1") == 2
    assert offered(ask("cart")) == ["P01"]
    with pytest.raises(BadUsage, match="not both"):
        own_shop.peace.mute("c1", "P01", "shelf 1")
    assert msgspec.json.encode(shown)


def test_when_two_meet_the_person_is_read_again(own_shop, ask, say, monkeypatch):
    """A no that arrives between reading and recording holds for the decision under way."""
    page, keep = ask("cart"), own_shop.records.record_decisions

    def no_in_between(slim, inputs, counted, arms):
        monkeypatch.undo()
        say(page, "decline")
        return keep(slim, inputs, counted, arms)

    monkeypatch.setattr(own_shop.records, "record_decisions", no_in_between)
    decision = ask()
    assert (offered(decision), decision.dropped) == ([], {"cooling_down": 1})


def test_as_of_an_earlier_day_what_is_reserved_ended_then(own_shop, ask, clock):
    past = clock() - timedelta(days=40)
    assert offered(ask(at=past)) == ["P01"]
    assert offered(ask()) == ["P01"]


def test_rows_of_a_batch_say_whose_they_are(own_shop, clock):
    made = [
        own_shop.decide_unrecorded(Request("popup", clock(), "c1", cart=("P00",), dwell_seconds=30)) for _ in range(2)
    ]
    made.insert(1, replace(made[0], counted=None))
    _, _, counted, _ = counting.rows_of(made)
    assert [one.index for one in counted] == [0, 2]


def test_ids_of_decisions_are_ordered_by_when_they_are_made_and_never_alike():
    earlier, later = (
        [counting.new_id(at) for _ in range(500)] for at in (1_764_000_000_000_000, 1_764_000_000_001_000)
    )
    assert len({*earlier, *later}) == 1_000
    assert max(earlier) < min(later)
    assert {len(one) for one in earlier} == {32}
