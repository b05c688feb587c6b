import numpy as np
import pytest

from crosslift.learn.products import seldom


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


@pytest.fixture(scope="module")
def shop(typed):
    """Four products of two worlds that never meet, and a jar that everybody takes."""
    orders = [[name, "jar"] for name in ("a0", "a1", "b0", "b1") for _ in range(80)]
    return typed.shop({name: typed.product(title=name) for name in ("a0", "a1", "b0", "b1", "jar")}, orders)


def among(shop, is_asked=lambda first, second: np.ones(len(first), dtype=bool)):
    return seldom.Seldom.among(shop.counted, shop.pairs, shop.expected_of, is_asked)


def names(shop, found):
    return {(shop.name(a), shop.name(b)) for a, b in zip(found.first.tolist(), found.second.tolist(), strict=True)}


def test_pairs_that_never_met_are_listed_where_chance_promises_enough(shop):
    found = among(shop)
    assert names(shop, found) == {(a, b) for a in ("a0", "a1", "b0") for b in ("a1", "b0", "b1") if a < b}
    assert (found.expected >= seldom.MIN_EXPECTED).all()
    assert (found.n_both == 0).all()


def test_only_what_is_asked_is_listed_and_paid_for(shop):
    few = among(shop, lambda first, second: (first == 0) & (second == 2))
    assert names(shop, few) == {("a0", "b0")}
    assert seldom.judge([few], shop.settings).q_value <= seldom.judge([among(shop)], shop.settings).q_value.max()


def test_tables_judged_together_are_one_family(shop):
    found = among(shop)
    twice = seldom.judge([found, found], shop.settings)
    assert len(twice.q_value) == 2 * len(found.first)
    assert np.array_equal(twice.q_value[: len(found.first)], twice.q_value[len(found.first) :])


def test_the_bound_of_what_is_kept_says_what_was_tested(shop):
    verdict = seldom.judge([among(shop)], shop.settings)
    assert len(verdict.kept) == 6
    assert (verdict.lift_high[verdict.kept] <= seldom.MAX_LIFT).all()


def test_pairs_are_listed_in_parts_alike(shop, monkeypatch):
    whole = among(shop)
    monkeypatch.setattr(seldom, "_CHUNK", 1)
    parts = among(shop)
    assert names(shop, parts) == names(shop, whole)
    assert sorted(parts.expected.tolist()) == sorted(whole.expected.tolist())
