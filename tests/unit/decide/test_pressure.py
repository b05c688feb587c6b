from dataclasses import replace
from datetime import UTC, datetime, time

import numpy as np
import pytest

from crosslift.decide import pressure, record
from crosslift.decide.candidates import Candidates
from crosslift.decide.library import Library
from crosslift.decide.reading import Read
from crosslift.decide.verdicts import CODES
from crosslift.domain.customer import Person
from crosslift.domain.decision import NoOffer, Request
from crosslift.domain.offer import Offer, OfferKind
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import GENTLE
from crosslift.domain.pressure import (
    CONTACT_DAYS,
    DAY,
    RELEASE_AFTER,
    Cap,
    Contact,
    ContactState,
    Cooldown,
    Helped,
    PressureLimits,
    PressureState,
    QuietHours,
    Reacted,
    Reaction,
    ValueFirst,
)
from crosslift.errors import BadInput

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NOW = int(NOON.timestamp() * 1_000_000)
NIGHT = QuietHours(time(21), time(8), ("email",))
ONE_A_DAY = PressureLimits(caps=(Cap(1, 1.0),))


def contact(at=NOW - 1, channel="web", topic="table", state=ContactState.CONFIRMED, expires_at=0):
    return Contact(at, channel, topic, state, expires_at)


def reacted(reaction, at=NOW - DAY, product="cup", category=""):
    return Reacted(at, reaction, product, category)


def asked_by(placement="popup", person=None, zones=None, **request):
    given = Request(placement, request.pop("at", NOON), **{"customer_id": "c1", **request})
    return pressure.attention(given, PLACEMENTS[placement], person or Person(), zones or {})


def stop(limits, *contacts, placement="popup", reactions=(), zones=None, person=None, since=0, **request):
    """Judge a person with some contacts and reactions."""
    who = replace(person or Person("customer:c1"), pressure=PressureState(1, contacts, tuple(reactions), since))
    return pressure.judge_contacts(who, limits, asked_by(placement, who, zones, **request))


# caps


def test_a_full_cap_stops_what_interrupts():
    assert stop(ONE_A_DAY) is None
    assert stop(ONE_A_DAY, contact()) is NoOffer.CAPPED


def test_what_stands_on_a_page_somebody_came_to_asks_no_cap():
    assert stop(ONE_A_DAY, contact(), placement="cart") is None


def test_an_agents_word_asks_the_caps_and_a_screen_holds_nothing():
    assert stop(ONE_A_DAY, contact(), placement="desk") is NoOffer.CAPPED
    assert stop(ONE_A_DAY, contact(), placement="product", agent_id="a7") is NoOffer.CAPPED
    assert asked_by("desk").expires_at == NOW


@pytest.mark.parametrize(("before", "is_full"), [(DAY - 1, True), (DAY, False), (0, True), (-5, True)])
def test_a_contact_takes_room_from_its_instant_until_the_same_instant_later(before, is_full):
    assert (stop(ONE_A_DAY, contact(NOW - before)) is NoOffer.CAPPED) is is_full


def test_days_may_be_parts_of_a_day():
    hour = PressureLimits(caps=(Cap(1, 1 / 24),))
    assert stop(hour, contact(NOW - 3_600_000_000 + 1)) is NoOffer.CAPPED
    assert stop(hour, contact(NOW - 3_600_000_000)) is None


def test_a_reservation_counts_until_it_ends_and_one_given_back_never():
    held = contact(NOW - 5, state=ContactState.RESERVED, expires_at=NOW + 1)
    assert stop(ONE_A_DAY, held) is NoOffer.CAPPED
    assert stop(ONE_A_DAY, replace(held, expires_at=NOW)) is None
    assert stop(ONE_A_DAY, replace(held, state=ContactState.RELEASED)) is None


def test_every_cap_must_hold_and_a_cap_of_other_channels_asks_nothing():
    limits = PressureLimits(caps=(Cap(2, 7.0, ("email",)), Cap(3, 7.0)))
    mails = [contact(NOW - n, "email") for n in (1, 2)]
    assert stop(limits, *mails) is None
    assert stop(limits, *mails, contact(NOW - 3, "desk")) is NoOffer.CAPPED
    assert stop(limits, *mails, placement="email") is NoOffer.CAPPED
    assert stop(limits, mails[0], contact(), placement="email") is None


def test_none_at_all_is_a_cap_too():
    assert stop(PressureLimits(caps=(Cap(0, 1.0, ("web",)),))) is NoOffer.CAPPED


def test_a_person_with_more_contacts_than_are_read_is_left_alone_where_that_matters():
    week = PressureLimits(caps=(Cap(99, 7.0),))
    assert stop(week, contact(), since=NOW - 7 * DAY) is None
    assert stop(week, contact(), since=NOW - 7 * DAY + 1) is NoOffer.CAPPED


def test_with_nobody_to_count_nothing_interrupts_and_pages_stay_as_they_are():
    assert stop(ONE_A_DAY, customer_id=None) is NoOffer.CAPPED
    assert stop(ONE_A_DAY, customer_id=None, placement="cart") is None
    assert stop(ONE_A_DAY, customer_id=None, placement="desk") is None
    assert stop(PressureLimits(), customer_id=None) is None


def test_a_visit_is_interrupted_once_whatever_else_is_allowed():
    many = PressureLimits(caps=(Cap(9, 1.0),))
    assert stop(many, customer_id=None, session_id="s1") is None
    assert stop(many, contact(), customer_id=None, session_id="s1") is NoOffer.CAPPED
    assert stop(many, contact(), customer_id=None, anonymous_id="b1", session_id="s1") is None


@pytest.mark.parametrize(
    ("ids", "name"),
    [({"customer_id": "c1", "anonymous_id": "b1", "session_id": "s1"}, "customer:c1"),
     ({"anonymous_id": "b1", "session_id": "s1"}, "anonymous:b1"), ({"session_id": "s1"}, "session:s1"), ({}, None)],
)  # fmt: skip
def test_attention_is_counted_under_the_most_lasting_name(ids, name):
    assert pressure.counted_as(Request("cart", NOON, **ids)) == name


def test_a_reservation_of_a_message_holds_until_it_is_sent():
    assert asked_by("popup").expires_at == NOW + RELEASE_AFTER
    assert asked_by("email").expires_at == NOW + CONTACT_DAYS * DAY


# what stops everything


def test_something_open_is_solved_first_anywhere():
    waiting = Person("customer:c1", open_cases=1)
    for placement in ("cart", "popup", "desk"):
        assert stop(PressureLimits(), person=waiting, placement=placement) is NoOffer.SOLVE_FIRST
    assert stop(PressureLimits(must_solve_first=False), person=waiting) is None


def test_a_cool_down_over_everything_holds_on_pages_too():
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.COMPLAINED, 14.0, "all"),))
    fresh = [reacted(Reaction.COMPLAINED, NOW - 14 * DAY + 1)]
    assert stop(limits, reactions=fresh, placement="cart") is NoOffer.COOLING_DOWN
    assert stop(limits, reactions=[reacted(Reaction.COMPLAINED, NOW - 14 * DAY)], placement="cart") is None


def test_who_muted_everything_is_left_alone_by_any_policy():
    everything = [reacted(Reaction.MUTED, NOW - 4_000 * DAY, product="")]
    assert stop(PressureLimits(), reactions=everything, placement="cart") is NoOffer.COOLING_DOWN
    assert stop(PressureLimits(), reactions=[reacted(Reaction.MUTED)], placement="cart") is None


def test_after_three_conflicts_the_answer_is_busy():
    who = Person("customer:c1", pressure=PressureState(is_busy=True))
    assert pressure.judge_contacts(who, ONE_A_DAY, asked_by()) is NoOffer.BUSY


@pytest.mark.parametrize(
    ("helped", "is_early"),
    [(Helped(), True), (Helped(2), True), (Helped(3), False), (Helped(3, None, NOW - DAY), True),
     (Helped(3, NOW - 2 * DAY, NOW - DAY), True), (Helped(3, NOW - DAY, NOW - DAY), False)],
)  # fmt: skip
def test_value_comes_first(helped, is_early):
    limits = PressureLimits(value_first=ValueFirst(n_useful=3, needs_win=True))
    found = stop(limits, person=Person("customer:c1", helped=helped), placement="cart")
    assert (found is NoOffer.VALUE_FIRST) is is_early


def test_value_first_may_ask_some_channels_only():
    limits = PressureLimits(value_first=ValueFirst(n_useful=1, channels=("email",)))
    assert stop(limits, placement="cart") is None
    assert stop(limits, placement="email") is NoOffer.VALUE_FIRST


# quiet hours


def at(hour, minute=0):
    return datetime(2026, 11, 2, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [(at(20, 59), False), (at(21), True), (at(0), True), (at(7, 59), True), (at(8), False)],
)
def test_quiet_hours_pass_midnight(moment, is_quiet):
    found = stop(PressureLimits(quiet_hours=(NIGHT,)), placement="email", at=moment)
    assert (found is NoOffer.QUIET_HOURS) is is_quiet


def test_quiet_hours_ask_the_persons_clock_then_that_of_their_market():
    limits = PressureLimits(quiet_hours=(NIGHT,))
    zones = {"KR": "Asia/Seoul", "*": "America/New_York"}
    noon_there = {"at": at(3), "placement": "email", "zones": zones}
    assert stop(limits, market="KR", **noon_there) is None
    assert stop(limits, **noon_there) is NoOffer.QUIET_HOURS
    assert stop(limits, person=Person("customer:c1", market="KR"), **noon_there) is None
    away = Person("customer:c1", timezone="Europe/London")
    assert stop(limits, person=away, market="KR", **noon_there) is NoOffer.QUIET_HOURS
    nowhere = Person("customer:c1", timezone="Mars/Base")
    assert stop(limits, person=nowhere, market="KR", **noon_there) is None


def test_quiet_hours_follow_the_clock_when_it_is_moved():
    limits = PressureLimits(quiet_hours=(QuietHours(time(2), time(3), ("email",)),))
    spring = [datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)]  # 01:59, then 03:00
    autumn = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # 02:30 twice
    zones = {"*": "Europe/Berlin"}
    assert [stop(limits, placement="email", zones=zones, at=m) for m in spring] == [None, None]
    assert [stop(limits, placement="email", zones=zones, at=m) for m in autumn] == [NoOffer.QUIET_HOURS] * 2


def test_quiet_hours_are_for_what_interrupts_or_writes_and_for_their_markets():
    everywhere = PressureLimits(quiet_hours=(QuietHours(time(11), time(13)),))
    assert stop(everywhere, placement="popup") is NoOffer.QUIET_HOURS
    assert stop(everywhere, placement="cart") is stop(everywhere, placement="desk") is None
    korean = PressureLimits(quiet_hours=(QuietHours(time(11), time(13), markets=("KR",)),))
    assert stop(korean) is None
    assert stop(korean, market="KR") is NoOffer.QUIET_HOURS


# topics, and the gate as a whole


@pytest.fixture
def gate(tea_known):
    """Ask the last gate of everything the tea shop sells; gives codes by product, the reason, and what was read."""

    def gate(limits, *contacts, reactions=(), placement="popup", known=tea_known, source="complement", **request):
        who = Person("customer:c1", pressure=PressureState(1, contacts, tuple(reactions)))
        asked = pressure.LastGate(known, who, limits, asked_by(placement, who, **request))
        items = np.arange(known.n_items, dtype=np.int32)
        none = np.zeros(len(items))
        verdict = np.zeros(len(items), dtype=np.uint16)
        asked.judge(Candidates(items, none, none.astype(np.int8), none, none, none + 1.0, (source,)), verdict)
        stopped = {known.products[i]: CODES[v - 1].value for i, v in enumerate(verdict) if v}
        return stopped, asked.reason(verdict), asked.read()

    return gate


def test_a_full_topic_stops_its_products_alone(gate):
    limits = PressureLimits(caps=(Cap(1, 30.0, topics=("table",)),))
    stopped, reason, _ = gate(limits, contact(topic="table"))
    assert stopped == {"cup": "capped", "saucer": "capped", "spoon": "capped"}
    assert reason is None
    assert gate(limits, contact(topic="sweet"))[0] == {}
    assert gate(limits, contact(topic="sweet\ntable"))[0] == stopped


def test_an_offer_is_about_the_goals_it_serves(gate, tea_known):
    offer = Offer(
        "tasting", 1, OfferKind.APPOINTMENT, {"en": "Tasting"}, "mina", "calm", NOON, is_free=True, goals=("sleep",)
    )
    known = tea_known.with_library(Library([offer]))
    limits = PressureLimits(caps=(Cap(1, 30.0, topics=("sleep",)),))
    assert gate(limits, contact(topic="sleep"), known=known)[0] == {"tasting": "capped"}
    assert pressure.topic_of(known, [known.index["tasting"], known.index["cup"]], "popup") == "sleep\ntable"


def test_what_has_no_topic_is_about_its_placement(tea_known):
    assert pressure.topic_of(tea_known, [tea_known.index["n00"]], "popup") == "popup"
    assert pressure.topic_of(tea_known, [], "email") == "email"


def test_what_stops_everything_spares_what_sells_nothing(gate):
    stopped, reason, _ = gate(ONE_A_DAY, contact())
    assert set(stopped.values()) == {"capped"}
    assert reason is NoOffer.CAPPED
    assert gate(ONE_A_DAY, contact(), source="required")[:2] == ({}, None)
    assert gate(GENTLE, reactions=[reacted(Reaction.MUTED)], source="stand_in")[0] == {}


def test_a_gate_before_keeps_its_word(tea_known):
    asked = pressure.LastGate(tea_known, Person(), ONE_A_DAY, asked_by(customer_id=None))
    verdict = np.array([3, 0], dtype=np.uint16)
    none = np.zeros(2)
    asked.judge(Candidates(np.array([0, 1]), none, none.astype(np.int8), none, none, none, ("complement",)), verdict)
    assert verdict[0] == 3
    assert CODES[verdict[1] - 1].value == "capped"


def test_the_past_is_completed_without_asking_anybody(tea_known):
    who = Person(open_cases=1)
    asked = pressure.LastGate(tea_known, who, ONE_A_DAY, asked_by(customer_id=None), is_asked=False)
    assert (asked.stop, asked.read()) == (None, PressureState())


def test_no_more_is_kept_than_the_decision_rests_on(gate):
    limits = replace(GENTLE, caps=(Cap(2, 7.0), Cap(1, 1.0, ("email",))))
    contacts = [contact(NOW - n * DAY) for n in range(60)]
    seen = [reacted(Reaction.SEEN, NOW - n, product="honey") for n in range(1, 200)]
    others = [reacted(Reaction.DECLINED, NOW - n, product=f"unknown {n}") for n in range(1, 100)]
    read = gate(limits, *contacts, reactions=[*seen, *others, reacted(Reaction.DECLINED)])[2]
    assert read.contacts == (contacts[0], contacts[1])
    assert [(one.product_id, one.category, one.at) for one in read.reactions] == [
        ("cup", "table", NOW - DAY), ("honey", "sweet", NOW - 3), ("honey", "sweet", NOW - 2), ("honey", "sweet", NOW - 1),
    ]  # fmt: skip


def test_contacts_that_are_alike_are_kept_as_often_as_they_were_made(gate):
    twice = [contact(NOW - 5), contact(NOW - 5)]
    limits = PressureLimits(caps=(Cap(2, 7.0),))
    _, reason, read = gate(limits, *twice)
    assert reason is NoOffer.CAPPED
    assert read.contacts == tuple(twice)


def test_of_somebody_with_very_much_to_count_the_record_stays_small_and_reads_back():
    seen = [
        reacted(Reaction.SEEN, NOW - (n * 7_919 + glance) * 104_729_231 % (10 * DAY), f"SKU-{n * 7_919:06}", f"shelf {n % 30}")
        for n in range(100) for glance in range(3)
    ]  # fmt: skip
    met = [contact(NOW - n * 86_028_157_331, ("web", "email")[n % 2], "shelf 1\nshelf 2") for n in range(60)]
    state = PressureState(7, tuple(met), tuple(seen), contacts_since=3, is_busy=True)
    who = Person("customer:c1", open_cases=2, timezone="Asia/Seoul", market="KR", helped=Helped(1, 2, 3))
    asked = Request("popup", NOON, "c1", anonymous_id="b1", session_id="s1", agent_id="a1")
    blob = record.inputs(asked, who, Read(pressure=state))
    request, person, read = record.read_inputs(blob)
    assert len(blob) <= 4096
    assert request == asked
    assert (person.open_cases, person.timezone, person.market, person.helped) == (
        2,
        "Asia/Seoul",
        "KR",
        Helped(1, 2, 3),
    )
    assert person.pressure == read.pressure
    assert replace(read.pressure, contacts=(), reactions=()) == replace(state, contacts=(), reactions=())
    assert sorted(read.pressure.contacts, key=repr) == sorted(met, key=repr)
    assert sorted(read.pressure.reactions, key=repr) == sorted(seen, key=repr)


# caps over whole accounts

TWO_OF_THEM = PressureLimits(caps=(Cap(2, 7.0, unit="account"),))


def of_account(*met, own=(), since=0, account_since=0):
    state = PressureState(1, own, (), since, account_contacts=met, account_since=account_since)
    return Person("customer:c1", pressure=state)


def test_a_cap_over_an_account_counts_what_everybody_of_it_was_asked():
    judge = pressure.judge_contacts
    for met, found in (((), None), ((contact(),), None), ((contact(), contact()), NoOffer.CAPPED)):
        who = of_account(*met)
        assert judge(who, TWO_OF_THEM, asked_by(person=who)) is found
    old = of_account(contact(NOW - 7 * DAY), contact())
    assert judge(old, TWO_OF_THEM, asked_by(person=old)) is None
    calm = of_account(contact(), contact())
    assert judge(calm, TWO_OF_THEM, asked_by("cart", calm)) is None


def test_who_has_no_account_is_counted_alone_and_a_persons_cap_counts_the_person():
    assert stop(TWO_OF_THEM, contact(), contact()) is NoOffer.CAPPED
    assert stop(TWO_OF_THEM, contact()) is None
    own = of_account(contact(), contact(), contact())
    assert pressure.judge_contacts(own, ONE_A_DAY, asked_by(person=own)) is None


def test_of_an_account_with_more_contacts_than_are_read_a_longer_cap_refuses():
    full = of_account(account_since=NOW - 6 * DAY)
    assert pressure.judge_contacts(full, TWO_OF_THEM, asked_by(person=full)) is NoOffer.CAPPED
    fine = of_account(since=NOW - 6 * DAY)
    assert pressure.judge_contacts(fine, TWO_OF_THEM, asked_by(person=fine)) is None


def test_the_record_keeps_what_a_cap_counted_of_an_account_and_reads_back(tea_known):
    met = tuple(contact(NOW - n * DAY) for n in range(9))
    who = of_account(*met, own=(contact(),), account_since=5)
    asked = asked_by(person=who)
    read = pressure.LastGate(tea_known, who, TWO_OF_THEM, asked).read()
    assert (read.contacts, read.account_contacts, read.account_since) == ((), met[:2], 5)
    request = Request("popup", NOON, "c1")
    _, person, _ = record.read_inputs(record.inputs(request, who, Read(pressure=read)))
    assert person.pressure == read
    assert pressure.judge_contacts(person, TWO_OF_THEM, asked) is NoOffer.CAPPED


def test_a_cap_over_something_else_is_refused():
    with pytest.raises(BadInput, match="choose person, account"):
        Cap(1, 1.0, unit="planet")


def test_value_first_may_be_asked_in_some_markets_only():
    limits = PressureLimits(value_first=ValueFirst(n_useful=1, markets=("JP",)))
    assert stop(limits, market="JP") is NoOffer.VALUE_FIRST
    assert stop(limits, market="KR") is None
    assert stop(limits) is None


@pytest.mark.parametrize(("channel", "used"), [("email", 0.5), ("web", 0.25), ("sms", 1.0)])
def test_the_fullest_cap_over_a_channel_says_how_much_is_used(channel, used):
    caps = (Cap(2, 7.0, ("email",)), Cap(4, 7.0), Cap(0, 7.0, ("sms",)), Cap(1, 7.0, topics=("table",)))
    state = PressureState(1, (contact(channel="email"), contact(NOW - 8 * DAY)))
    asked = replace(asked_by("email"), channel=channel)
    assert pressure.share_used(state, PressureLimits(caps=caps), asked) == used
    assert pressure.share_used(state, PressureLimits(), asked) == 0.0
    assert pressure.share_used(PressureState(1, (contact(),) * 9), PressureLimits(caps=caps[:1]), asked) <= 1.0
