import numpy as np
import pytest
from scipy.stats import poisson

from crosslift.learn.products import apart, substitutes
from crosslift.learn.products.fitting import FitRule


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


def find(shop, instead=None, rules=()):
    return apart.find_apart(shop.counted, shop.pairs, shop.expected_of, shop.catalog, shop.settings, instead, rules)


@pytest.fixture
def halves(typed):
    """Two worlds that never meet: a0, a1 with a jar, b0, b1 with a jar."""

    def halves(n=80, customers=None, categories=("a", "b", "jars"), **facts):
        products = {f"a{k}": typed.product(5, categories[0], title=f"apple {k}", **facts) for k in range(2)}
        products |= {f"b{k}": typed.product(5, categories[1], title=f"pear {k}", **facts) for k in range(2)}
        products["jar"] = typed.product(1, categories[2], title="jar")
        orders = [order for k in range(2) for order in [[f"a{k}", "jar"]] * n + [[f"b{k}", "jar"]] * n]
        return typed.shop(products, orders, customers)

    return halves


def test_pairs_that_never_met_are_found_and_can_be_checked(halves):
    shop = halves()
    found, categories = find(shop)
    rows = shop.rows(found)
    assert {("a0", "b0"), ("b0", "a0"), ("a1", "b0")} <= set(rows)
    row = rows["a0", "b0"]
    # 320 orders of two: kappa = 320 · 640 / 640² = 1/2
    assert row["expected"] == pytest.approx(0.5 * 80 * 80 / 320)
    assert (row["n_both"], row["lift"]) == (0, 0)
    assert row["lift_high"] == pytest.approx(-np.log(0.025) / row["expected"])
    # eight pairs are asked (a0-a1 and b0-b1 serve one need each), the four that meet seldom are tested and alike: each
    # mean is 0.4 · 10 at the border, none given at most four, and 1 + level for tests of few values
    assert row["q_value"] == pytest.approx(1.05 * np.exp(-4) / poisson.cdf(4, 4))
    assert [(one.category, one.other_category, one.n_both) for one in categories] == [("a", "b", 0)]


def test_what_is_bought_half_as_often_as_chance_is_no_proposal_however_sure(typed):
    chance = np.random.default_rng(6)
    orders = [["a", "b"] if chance.random() < 0.1 else [one, "jar"] for one in chance.choice(["a", "b"], 4000)]
    shop = typed.shop({name: typed.product(5, name, title=name * 3) for name in ("a", "b", "jar")}, orders)
    (n_both,) = shop.pairs.n_both[(shop.pairs.first == 0) & (shop.pairs.second == 1)]
    expected = float(shop.expected_of(np.array([0]), np.array([1]))[0])
    assert 0.4 < n_both / expected < 0.8
    assert poisson.cdf(n_both, expected) < 1e-9
    assert len(find(shop)[0]) == 0


def test_too_few_sales_prove_nothing(halves):
    found, categories = find(halves(n=30))
    assert (len(found), [one.n_both for one in categories]) == (0, [0])  # the categories have twice the sales


def test_what_is_bought_instead_is_no_proposal(typed, halves):
    shop = halves(categories=("a", "a", "jars"))
    shop.catalog.titles[:4] = [{"": "apple"}] * 4
    assert len(find(shop)[0]) == 0
    shop = halves(need="fruit")
    assert len(find(shop)[0]) == 0
    shop = halves(categories=("a", "a", "jars"))
    seen = typed.views(*[["a0", "b0"]] * 30, *[["jar"]] * 200)
    instead = substitutes.find_substitutes(
        shop.catalog, shop.counted, shop.pairs, shop.expected_of, seen, shop.settings
    )
    assert ("a0", "b0") in shop.linked(find(shop)[0])
    assert ("a0", "b0") not in shop.linked(find(shop, instead)[0])


def test_sizes_of_one_need_that_cannot_replace_each_other_are_a_proposal(halves):
    shop = halves(need="fruit", categories=("a", "a", "jars"))
    for name, size in (("a0", 1), ("a1", 1), ("b0", 2), ("b1", 2)):
        shop.catalog.attributes[shop.catalog.index[name]]["size_mm"] = size
    rule = FitRule("size_mm", "jars", "a", 9, 0, 1.0, 9.0, 5.0, 0.5, 0.0)
    assert len(find(shop)[0]) == 0
    found = shop.linked(find(shop, rules=[rule])[0])
    assert found == {
        (a, b) for pair in ("a0 b0", "a0 b1", "a1 b0", "a1 b1") for a, b in (pair.split(), pair.split()[::-1])
    }


def test_one_mega_buyer_keeps_nothing_apart(halves):
    assert len(find(halves())[0]) > 0
    assert len(find(halves(customers=[1] * 80 + list(range(2, 242))))[0]) == 4  # a0 has one buyer; a1 stays apart
    assert ("a0", "b0") not in (shop := halves(customers=[1] * 80 + list(range(2, 242)))).linked(find(shop)[0])


def test_chance_keeps_nothing_apart(typed):
    chance = np.random.default_rng(4)
    names = [f"p{n:02}" for n in range(60)]
    weights = 1.0 / np.arange(1, 61)
    orders = [chance.choice(names, 5, replace=False, p=weights / weights.sum()).tolist() for _ in range(3000)]
    found, _ = find(typed.shop({name: typed.product(5, f"c{name}", title=name) for name in names}, orders))
    assert len(found) == 0


def test_nothing_is_known_without_orders_or_categories(typed, halves):
    assert find(typed.shop({}))[1] == []
    assert len(find(typed.shop({"a": typed.product()}))[0]) == 0
    found, categories = find(halves(categories=(None, None, None)))
    assert (len(found) > 0, categories) == (True, [])
