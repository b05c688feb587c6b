from datetime import UTC, datetime

import numpy as np
import pytest

from crosslift.decide import evidence
from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.curation import NOTHING
from crosslift.domain.decision import ReasonCode
from crosslift.wording import reasons

NONE = np.zeros(0, dtype=np.int32)


def told(known, source, product, beside):
    """Give the reason of one candidate of a source beside a cart."""
    none, item = np.array([-1]), np.array([known.index[product]], dtype=np.int32)
    found = Candidates(item, np.ones(1), np.zeros(1, np.int8), none, none, np.ones(1), (source,))
    return evidence.reasons_for(known, found, [0], Context(cart=beside), NOTHING, lambda _item: None)[0]


@pytest.fixture
def reason(tea_known, places):
    """Give the reason for one product beside a cart."""

    def reason(product, *cart, source="complement"):
        beside = places(tea_known, *cart) if cart else NONE
        return told(tea_known, source, product, beside)

    return reason


def test_evidence_of_a_pair_is_a_recount_of_the_orders(little, tea, reason):
    ones, twos = little.recount(tea)
    for anchor, product in (("tea", "honey"), ("cup", "saucer"), ("honey", "tea")):
        facts = reason(product, anchor).evidence
        assert facts["n_both"] == little.both(twos, anchor, product)
        assert (facts["n_a"], facts["n_b"]) == (ones[anchor], ones[product])
        assert facts["n_baskets"] == len(tea)
        assert facts["n_customers"] == facts["n_both"]  # each order its own customer here
        assert facts["lift"] == pytest.approx(facts["n_both"] / facts["expected"], rel=1e-3)
        assert facts["lift_low"] <= facts["lift"] <= facts["lift_high"]


def test_the_anchor_is_named_in_the_shoppers_words(reason):
    facts = reason("honey", "tea").evidence
    assert (facts["anchor"], facts["anchor_title"]) == ("tea", "Tea")
    assert facts["anchor_titles"]["ko"] == "홍차"


def test_of_several_anchors_the_surest_relation_is_told(reason, tea_known):
    cart = ("tea", "saucer")
    lows = {anchor: reason("cup", anchor).evidence["lift_low"] for anchor in cart}
    facts = reason("cup", *cart).evidence
    assert facts["anchor"] == max(lows, key=lows.get)
    assert facts["lift_low"] == max(lows.values())


def test_an_untested_companion_is_told_by_its_counts_alone(little, tea, tea_known, reason):
    made = [*tea, little.Order(("tea", "n00"), "c", 1), little.Order(("tea", "n00"), "c", 2)]
    known = little.knowledge(made)
    why = told(known, "completion", "n00", np.array([known.index["tea"]], dtype=np.int32))
    ones, _ = little.recount(made)
    assert why.code == ReasonCode.OFTEN_IN_SUCH_BASKETS
    assert (why.evidence["n_both"], why.evidence["n_a"]) == (2, ones["tea"])
    assert "expected" not in why.evidence
    assert reasons.sentence(why, "en") == f"Also bought in 2 of {ones['tea']} orders with tea."


def test_a_bestseller_says_so_and_never_that_it_goes_with_the_cart(little, tea, reason):
    why = reason("honey", "tea", source="bestseller")
    assert why.code == ReasonCode.BESTSELLER
    sold = sum("honey" in order.products for order in tea if order.hours_ago < 28 * 24)
    assert why.evidence == {"n_orders": sold, "window_days": 28, "to_on": "2026-11-01"}


def test_what_completes_a_basket_without_ever_having_met_it_is_told_as_a_bestseller(reason):
    assert reason("wine", "n00", source="completion").code == ReasonCode.BESTSELLER


def test_without_any_evidence_there_is_no_reason(little, tea):
    made = [*tea, *(little.Order(("old", "older"), f"x{i}", 24 * 90) for i in range(5))]
    known = little.knowledge(made)
    beside = np.array([known.index["n00"]], dtype=np.int32)
    assert told(known, "completion", "old", beside) is None


def test_every_reason_can_be_said_in_every_language(reason):
    for why in (reason("honey", "tea"), reason("honey", "tea", source="bestseller"), reason("n00", "tea", source="x")):
        assert all(reasons.sentence(why, language) for language in ("en", "ko", "ja"))


def test_the_sentence_holds_the_numbers_of_its_evidence(little, tea, reason):
    _, twos = little.recount(tea)
    why = reason("honey", "tea")
    expected = round(why.evidence["expected"])
    assert reasons.sentence(why, "en") == (
        f"Bought together with Tea in {little.both(twos, 'tea', 'honey')} orders; about {expected} would be chance."
    )


def test_the_window_of_bestsellers_ends_on_the_newest_order(tea_known):
    newest = datetime.fromtimestamp(tea_known.as_of / 1e6, UTC)
    assert evidence._bestseller(tea_known, tea_known.index["tea"]).evidence["to_on"] == newest.date().isoformat()


@pytest.mark.parametrize(("shared", "code"), [([], None), ([{"attribute": "size", "value": "02"}], ReasonCode.ALIKE)])
def test_what_is_alike_in_nothing_that_has_a_name_is_not_told(little, tea, shared, code):
    found = little.learned(tea)
    alike = little.link(found, "alike", ("tea", "honey"), texts={"shared": shared, "words": []}, similarity=0.5)
    known = little.with_links(found, alike)
    tea_place, honey = (np.array([known.index[name]], dtype=np.int32) for name in ("tea", "honey"))
    one = Candidates(honey, np.ones(1), np.zeros(1, np.int8), np.array([0]), tea_place, np.ones(1), ("alike",))
    why = evidence.reasons_for(known, one, [0], Context(cart=tea_place), NOTHING, lambda _item: None)[0]
    assert (why and why.code) == code


def test_a_tested_pair_gives_the_same_reason_again_and_no_more_are_kept_than_allowed(reason, tea_known, monkeypatch):
    tea_known.reasons.clear()
    first = reason("honey", "tea")
    assert reason("honey", "tea") is first
    monkeypatch.setattr(evidence, "MOST_KEPT", len(tea_known.reasons))
    other = reason("tea", "honey")
    assert other.evidence["anchor"] == "honey"
    assert reason("honey", "tea") == first
    assert len(tea_known.reasons) <= 2
