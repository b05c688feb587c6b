from dataclasses import replace

import numpy as np
import pytest

from crosslift.decide.decider import decide
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import DropCode, NoOffer, ReasonCode, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, RELEVANCE
from crosslift.stats.similarity import Neighbors

STRANGER = Person()
GRANTED = {("personalization", "*"): True}


@pytest.fixture
def ask(little, tea_known):
    """Ask for a decision over the tea shop; gives the decision and what it read."""

    def ask(
        *cart, live=None, person=STRANGER, policy=HELPFUL, placement="cart", known=tea_known, trace=False, **request
    ):
        asked = Request(placement, little.NOW, cart=cart, policy=policy.name, **request)
        overlay = live if live is not None else little.overlay(known)
        return decide(asked, "d1", known, overlay, person, policy, PLACEMENTS[placement], with_trace=trace)

    return ask


def offered(answer):
    return [offer.product_id for offer in answer[0].offers]


def customer(**changed):
    return Person("customer:c1", **{"is_known": True, **changed})


def test_companions_of_the_cart_are_offered_with_a_reason(ask):
    decision, _ = ask("tea")
    assert [offer.product_id for offer in decision.offers] == ["honey", "cup", "spoon"]
    assert {offer.kind for offer in decision.offers} == {"complement"}
    assert {offer.reason.code for offer in decision.offers} == {ReasonCode.BOUGHT_TOGETHER}
    assert decision.no_offer is None


def test_the_whole_cart_is_looked_at(ask):
    assert offered(ask("saucer")) == ["cup"]
    # beside the saucer alone tea's shelf is unknown; with both in the cart the list is another one
    assert offered(ask("tea", "saucer", k=1)) == ["cup"]
    assert offered(ask("tea", k=1)) == ["honey"]


def test_nothing_known_to_go_with_it_is_no_offer_and_no_error(ask):
    decision, _ = ask("n00")
    assert (decision.offers, decision.no_offer, decision.dropped) == ((), NoOffer.NO_CANDIDATES, {})


def test_when_everything_was_stopped_the_answer_says_so(ask):
    decision, _ = ask("saucer", exclude=("cup",))
    assert (decision.no_offer, decision.dropped) == (NoOffer.ALL_EXCLUDED, {"excluded_by_request": 1})


def test_an_unknown_product_is_named_and_the_rest_is_decided(ask):
    decision, read = ask("tea", "T-9", "T-9", "U:1")
    assert decision.warnings == ("unknown_product:T-9", "unknown_product:U:1")
    assert read.unknown == ("T-9", "U:1")
    assert len(decision.offers) == 3


def test_an_unknown_product_to_leave_out_is_nothing_to_warn_of(ask):
    assert ask("tea", exclude=("T-9",))[0].warnings == ()


def test_an_unknown_customer_is_named_and_answered_from_context(ask):
    decision, _ = ask("tea", person=Person("customer:c9"), customer_id="c9")
    assert decision.warnings == ("unknown_customer:c9",)
    assert decision.purpose is Purpose.CONTEXTUAL
    assert len(decision.offers) == 3


@pytest.mark.parametrize(("k", "n"), [(None, 3), (1, 1), (2, 2), (50, 3)])
def test_at_most_as_many_as_asked_for_three_by_default(ask, k, n):
    assert len(ask("tea", k=k)[0].offers) == n


def test_a_policy_sets_a_lower_ceiling(ask):
    assert len(ask("tea", k=3, policy=replace(HELPFUL, max_offers=2))[0].offers) == 2
    assert len(ask(k=15, placement="home")[0].offers) == HELPFUL.max_offers


def test_variety_caps_a_category(ask, tea_known):
    # cup and spoon are tableware: with one of a kind only the better of them is offered
    assert offered(ask("tea", policy=replace(HELPFUL, max_per_category=1))) == ["honey", "cup"]


def test_owned_products_need_consent_to_be_left_out(ask):
    mine = customer(owned=frozenset({"cup"}))
    assert offered(ask("tea", person=mine, customer_id="c1")) == ["honey", "cup", "spoon"]
    allowed = replace(mine, consents=GRANTED)
    decision, _ = ask("tea", person=allowed, customer_id="c1")
    assert [o.product_id for o in decision.offers] == ["honey", "spoon"]
    assert (decision.purpose, decision.dropped) == (Purpose.PERSONALIZATION, {"already_owned": 1})


def test_consumables_are_offered_again(ask):
    mine = customer(owned=frozenset({"honey", "cup"}), consents=GRANTED)
    assert offered(ask("tea", person=mine, customer_id="c1")) == ["honey", "spoon"]


def test_what_the_caller_says_is_owned_needs_no_consent(ask):
    assert offered(ask("tea", holdings=("cup",))) == ["honey", "spoon"]


def test_holdings_stand_in_for_a_cart(ask):
    decision, _ = ask(holdings=("tea",))
    assert offered((decision, None)) == ["honey", "cup", "spoon"]
    assert decision.offers[0].reason.evidence["anchor"] == "tea"


def test_behind_a_merchants_own_rules_owned_products_stay_in(ask):
    mine = customer(owned=frozenset({"honey"}), consents=GRANTED)
    found = offered(ask("tea", person=mine, customer_id="c1", policy=RELEVANCE, k=3, holdings=("cup",)))
    assert found[0] == "honey"
    assert {"honey", "cup", "spoon"} >= set(found) - {"n00"}


def test_relevance_leaves_out_cart_requested_and_what_cannot_be_sold(little, tea_known, ask):
    live = little.overlay(tea_known, little.live("cup", stock=0))
    found = offered(ask("tea", live=live, policy=RELEVANCE, k=60, exclude=("spoon",)))
    assert not {"tea", "spoon", "cup"} & set(found)
    assert found[0] == "honey"


def test_relevance_has_no_ceiling_and_no_variety(ask, tea_known):
    assert len(ask("tea", policy=RELEVANCE, k=60)[0].offers) == len(tea_known.products) - 1


def test_a_message_without_consent_is_not_decided_at_all(ask):
    decision, read = ask("tea", placement="email", person=customer(), customer_id="c1")
    assert (decision.no_offer, decision.offers, decision.purpose) == (NoOffer.NO_CONSENT, (), Purpose.MARKETING)
    assert read.flags == b""


def test_a_message_with_consent_is(ask):
    granted = customer(consents={("marketing", "email"): True})
    decision, _ = ask("tea", placement="email", person=granted, customer_id="c1")
    assert (decision.purpose, len(decision.offers)) == (Purpose.MARKETING, 3)


def test_the_evaluation_of_consent_is_kept_with_the_decision(ask):
    decision, _ = ask(
        "tea",
        person=customer(consents=GRANTED, entries=dict.fromkeys(GRANTED, 17), mapping_version=4),
        customer_id="c1",
    )
    assert (decision.consent_id, decision.mapping_version, decision.purpose) == (17, 4, Purpose.PERSONALIZATION)


def test_asking_for_personalization_without_consent_is_answered_from_context_and_labeled(ask):
    decision, _ = ask("tea", person=customer(), customer_id="c1", purpose=Purpose.PERSONALIZATION)
    assert decision.purpose is Purpose.CONTEXTUAL
    assert decision.warnings == ("no_consent:personalization",)


def test_a_variant_in_the_cart_stands_for_its_product(little, tea_known, ask):
    live = little.overlay(tea_known, little.live("red cup", parent_id="cup"), little.live("tea bag", parent_id="tea"))
    decision, read = ask("tea bag", live=live)
    assert [o.product_id for o in decision.offers] == ["honey", "red cup", "spoon"]
    assert decision.offers[0].reason.evidence["anchor"] == "tea"
    assert decision.warnings == ()
    assert read.parents == (("tea bag", "tea"),)
    assert offered(ask("tea", live=live, exclude=("red cup",))) == ["honey", "spoon"]


def test_what_became_a_variant_since_the_snapshot_is_still_in_the_cart(little, tea_known, ask):
    live = little.overlay(tea_known, little.live("cup", parent_id="crockery"))
    decision, _ = ask("tea", "cup", live=live)
    assert "cup" not in [o.product_id for o in decision.offers]
    assert decision.dropped["in_cart"] == 2


def test_p_is_the_checked_probability_and_missing_where_it_could_not_be_checked(little, pantry, known, ask):
    calibrated = ask("P00", known=known)[0].offers[0]
    assert calibrated.p == round(float(known.calibration.predict(calibrated.priority)), 6)
    assert 0 < calibrated.p < 1
    thin = little.knowledge(pantry.orders[:60] + little.orders(*[["tea", "honey"]] * 30))
    assert ask("tea", known=thin)[0].offers[0].p is None


def test_a_bestseller_never_claims_a_probability(ask):
    decision, _ = ask(placement="home")
    assert {(o.kind, o.p) for o in decision.offers} == {("bestseller", None)}


def test_a_slot_is_not_wasted_on_what_nothing_true_can_be_said_about(little, tea):
    # the model names 'old' for n00, though they never met and nobody bought 'old' for three months
    made = [*tea, *(little.Order(("old", "older"), f"x{i}", 24 * 90) for i in range(30))]
    known = little.knowledge(made)
    at, old = known.index["n00"], known.index["old"]
    begin, end = known.neighbors.offsets[at : at + 2]
    assert begin == end
    known.neighbors = Neighbors(
        known.neighbors.offsets + (np.arange(known.n_items + 1) > at),
        np.insert(known.neighbors.ids, begin, old), np.insert(known.neighbors.scores, begin, np.float32(0.9)),
    )  # fmt: skip
    known.neighbor_n_both = np.insert(known.neighbor_n_both, begin, 0)
    request = Request("cart", little.NOW, cart=("n00",), policy="relevance", k=3)
    decision, _ = decide(
        request, "d1", known, little.overlay(known), STRANGER, RELEVANCE, PLACEMENTS["cart"], with_trace=True
    )
    assert len(decision.offers) == 3
    assert "old" not in [o.product_id for o in decision.offers]
    assert "old" not in [t.product_id for t in decision.trace.candidates]
    assert sum(t.place is not None for t in decision.trace.candidates) == 3


def test_the_trace_is_made_on_request_only(ask):
    assert ask("tea")[0].trace is None
    trace = ask("tea", trace=True, exclude=("cup",))[0].trace
    assert {(t.product_id, t.dropped) for t in trace.candidates} == {
        ("honey", None), ("spoon", None), ("cup", DropCode.EXCLUDED)
    }  # fmt: skip
    assert trace.gates[0] == "eligible"


def test_the_record_reads_no_more_of_a_history_than_was_used(ask):
    mine = customer(owned=frozenset({"cup", "n01", "long gone"}))
    assert ask("tea", person=mine, customer_id="c1")[1].owned == ()
    allowed = replace(mine, consents=GRANTED)
    assert ask("tea", person=allowed, customer_id="c1")[1].owned == ("cup",)
    assert ask("tea", person=allowed, customer_id="c1", policy=RELEVANCE)[1].owned == ()


def test_live_flags_are_read_for_the_candidates_and_no_others(ask):
    decision, read = ask("tea", trace=True)
    assert len(read.flags) == len(decision.trace.candidates) == 3
    assert read.variants == ("honey", "cup", "spoon")
