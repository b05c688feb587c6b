from datetime import UTC, datetime

import numpy as np
import pytest

from crosslift.decide import explain
from crosslift.decide.candidates import Candidates
from crosslift.decide.eligibility import CODES
from crosslift.domain.decision import DropCode, ReasonCode
from crosslift.wording import reasons

NONE = np.zeros(0, dtype=np.int32)


@pytest.fixture
def reason(tea_known, places):
    """Give the reason for one product beside a cart."""

    def reason(product, *cart, source="complement"):
        beside = places(tea_known, *cart) if cart else NONE
        return explain.reasons_for(tea_known, [source], [tea_known.index[product]], beside)[0]

    return reason


def test_evidence_of_a_pair_is_a_recount_of_the_orders(little, tea, reason):
    ones, twos = little.recount(tea)
    for anchor, product in (("tea", "honey"), ("cup", "saucer"), ("honey", "tea")):
        evidence = reason(product, anchor).evidence
        assert evidence["n_both"] == little.both(twos, anchor, product)
        assert (evidence["n_a"], evidence["n_b"]) == (ones[anchor], ones[product])
        assert evidence["n_baskets"] == len(tea)
        assert evidence["n_customers"] == evidence["n_both"]  # each order its own customer here
        assert evidence["lift"] == pytest.approx(evidence["n_both"] / evidence["expected"], rel=1e-3)
        assert evidence["lift_low"] <= evidence["lift"] <= evidence["lift_high"]


def test_the_anchor_is_named_in_the_shoppers_words(reason):
    evidence = reason("honey", "tea").evidence
    assert (evidence["anchor"], evidence["anchor_title"]) == ("tea", "Tea")
    assert evidence["anchor_titles"]["ko"] == "홍차"


def test_of_several_anchors_the_surest_relation_is_told(reason, tea_known):
    cart = ("tea", "saucer")
    lows = {anchor: reason("cup", anchor).evidence["lift_low"] for anchor in cart}
    told = reason("cup", *cart).evidence
    assert told["anchor"] == max(lows, key=lows.get)
    assert told["lift_low"] == max(lows.values())


def test_an_untested_companion_is_told_by_its_counts_alone(little, tea, tea_known, reason):
    made = [*tea, little.Order(("tea", "n00"), "c", 1), little.Order(("tea", "n00"), "c", 2)]
    known = little.knowledge(made)
    at = [known.index["n00"]]
    why = explain.reasons_for(known, ["completion"], at, np.array([known.index["tea"]], dtype=np.int32))[0]
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
    assert explain.reasons_for(known, ["completion"], [known.index["old"]], beside) == [None]


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


@pytest.fixture
def traced(tea_known):
    """Trace three candidates: the first stopped by its stock, two passed."""

    def traced(chosen=(), full=(), passed=(False, True, True)):
        items = np.array([tea_known.index[name] for name in ("honey", "cup", "spoon")], dtype=np.int32)
        found = Candidates(items, np.array([0.9, 0.5, 0.7]), np.zeros(3, dtype=np.int8), ("complement",))
        verdict = np.array([CODES.index(DropCode.OUT_OF_STOCK) + 1, 0, 0], dtype=np.uint8)
        rows = explain.trace(tea_known, found, verdict, np.array(passed), list(chosen), list(full)).candidates
        return [(row.product_id, row.dropped, row.place) for row in rows]

    return traced


def test_the_trace_tells_what_became_of_every_candidate_best_first(traced):
    assert traced(chosen=[2]) == [
        ("honey", DropCode.OUT_OF_STOCK, None), ("spoon", None, 0), ("cup", DropCode.BEYOND_COUNT, None)
    ]  # fmt: skip


def test_what_a_full_category_kept_out_is_told_apart_from_what_was_too_much(traced):
    assert ("cup", DropCode.CATEGORY_FULL, None) in traced(chosen=[2], full=[1])


def test_what_nothing_true_could_be_said_about_was_never_a_candidate(traced):
    assert [name for name, *_ in traced(chosen=[2], passed=(False, False, True))] == ["honey", "spoon"]


def test_the_window_of_bestsellers_ends_on_the_newest_order(tea_known):
    newest = datetime.fromtimestamp(tea_known.as_of / 1e6, UTC)
    assert explain._bestseller(tea_known, tea_known.index["tea"]).evidence["to_on"] == newest.date().isoformat()
