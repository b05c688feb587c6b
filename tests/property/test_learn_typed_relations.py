"""Kinds of relations never mix, whatever the shop: drawn catalogs, orders and views."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.learn.products import apart, by_chance, coldstart, compatibility, complements, substitutes, upgrades

FEW = settings(deadline=None, max_examples=40)
NAMES = tuple("abcdefgh")


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


facts = st.fixed_dictionaries(
    {},
    optional={
        "size_mm": st.sampled_from((51, 54.0, "58", [54, 58])),
        "tier": st.sampled_from((1, 2, "3")),
        "need": st.sampled_from(("boil", "pour")),
        "voltage": st.sampled_from((110, 220)),
        "quiet": st.booleans(),
        "requires": st.sampled_from(("a", ["b"], {"category": "x", "match": "size_mm"})),
        "fits": st.sampled_from((["a"], ["b", "c"])),
        "includes": st.sampled_from((["d"], "e")),
    },
)
product = st.fixed_dictionaries(
    {
        "price": st.none() | st.integers(1, 40),
        "category": st.sampled_from((None, "x", "x/y", "x/z", "w")),
        "title": st.sampled_from(("kettle", "kettle pro", "주전자", "ケトル", "!")),
        "attributes": facts,
    }
)
catalogs = st.fixed_dictionaries(dict.fromkeys(NAMES, product))
baskets = st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4).map(sorted), max_size=12)
visits = st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3).map(sorted), max_size=12)
curated = st.lists(
    st.fixed_dictionaries(
        {
            "from_id": st.sampled_from((*NAMES, "*", "category:x")),
            "to_id": st.sampled_from(NAMES),
            "kind": st.sampled_from(compatibility.KINDS),
            "action": st.sampled_from((None, "ban")),
        }
    ),
    max_size=3,
)
LOOSE = {"learn_min_customers": 1, "learn_min_baskets": 1, "learn_max_q_value": 0.9, "learn_min_lift": 0.0}


def learn(typed, products, orders, seen, rows=()):
    """Learn every kind, every order and visit many times, with knobs so loose that much is found."""
    shop = typed.shop(products, orders * 40, **LOOSE)
    known = (shop.catalog, shop.counted, shop.pairs, shop.expected_of)
    views = typed.views(*seen * 10)
    fitting = compatibility.find_compatibility(*known, typed.links(*rows), shop.settings)
    found = {
        "substitute": substitutes.find_substitutes(*known, views, shop.settings, fitting.rules),
        "upgrade": upgrades.find_upgrades(*known, views, shop.settings, fitting.rules),
        "apart": apart.find_apart(shop.counted, shop.pairs, shop.expected_of, shop.catalog, shop.settings)[0],
        "alike": coldstart.find_alike(shop.catalog, shop.settings),
        "category_companion": coldstart.find_category_companions(shop.catalog, shop.counted, shop.settings, fitting),
    }
    return shop, found | {kind: getattr(fitting, kind) for kind in compatibility.KINDS}


@settings(deadline=None, max_examples=20)
@given(products=catalogs, orders=baskets, seen=visits)
def test_no_pair_is_complement_and_substitute(typed, products, orders, seen):
    shop = typed.shop(products, orders * 5, **LOOSE, learn_narrow_draws=10)

    def expected_of(first, second):
        return by_chance.expected_counts(shop.counted, first, second, shop.settings)

    found = substitutes.find_substitutes(
        shop.catalog, shop.counted, shop.pairs, expected_of, typed.views(*seen * 5), shop.settings
    )
    tested = complements.find_complements(shop.counted, shop.pairs, shop.settings)
    pairs = zip(tested.first[tested.is_relation].tolist(), tested.second[tested.is_relation].tolist(), strict=True)
    assert not {(shop.name(a), shop.name(b)) for a, b in pairs} & shop.linked(found)


@FEW
@given(products=catalogs, orders=baskets, seen=visits)
def test_substitutes_are_symmetric(typed, products, orders, seen):
    shop, found = learn(typed, products, orders, seen)
    rows = shop.rows(found["substitute"])
    for (a, b), row in rows.items():
        np.testing.assert_equal({**rows[b, a], "shared": 0}, {**row, "shared": 0})


@FEW
@given(products=catalogs, orders=baskets, seen=visits)
def test_upgrades_rise_in_price_and_tier(typed, products, orders, seen):
    shop, found = learn(typed, products, orders, seen)
    links = found["upgrade"]
    assert np.all(shop.catalog.prices[links.targets] > shop.catalog.prices[links.sources])
    for told in links.texts:
        assert told["tier_from"] is None or told["tier_to"] is None or told["tier_from"] < told["tier_to"]
    for chain in upgrades.ladders(shop.catalog, links):
        assert np.all(np.diff(shop.catalog.prices[chain]) > 0)


@FEW
@given(products=catalogs, orders=baskets, rows=curated)
def test_what_fits_is_not_excluded(typed, products, orders, rows):
    shop, found = learn(typed, products, orders, [], rows)
    named = {kind: shop.linked(links) for kind, links in found.items()}
    assert not named["fits"] & named["excludes"]
    assert not named["required"] & (named["excludes"] | named["included"])
    assert not named["category_companion"] & (named["excludes"] | named["included"])
    for kind in ("fits", "excludes"):
        assert named[kind] == {(b, a) for a, b in named[kind]} or any(row["action"] == "ban" for row in rows)


@FEW
@given(products=catalogs, orders=baskets, seen=visits)
def test_every_link_has_its_evidence_and_a_score_in_0_to_1(typed, products, orders, seen):
    shop, found = learn(typed, products, orders, seen)
    for kind, links in found.items():
        assert links.kind == kind
        assert np.all((links.scores >= 0) & (links.scores <= 1))
        assert not np.any(links.sources == links.targets)
        assert all(len(column) == len(links) for column in links.columns.values())
        assert len(shop.linked(links)) == len(links)
        if kind != "apart":
            assert len(links.texts) == len(links)


@FEW
@given(products=catalogs, orders=baskets, seen=visits, chance=st.randoms(use_true_random=False))
def test_the_order_of_products_orders_and_views_does_not_matter(typed, products, orders, seen, chance):
    shop, found = learn(typed, products, orders, seen)
    mixed = [chance.sample(order, len(order)) for order in chance.sample(orders, len(orders))]
    again, same = learn(typed, dict(reversed(products.items())), mixed, chance.sample(seen, len(seen)))
    for kind in ("substitute", "alike", "apart", "fits", "excludes"):
        assert _round(again.rows(same[kind])) == _round(shop.rows(found[kind]))


def _round(rows):
    return {
        pair: {key: str(round(value, 9)) if isinstance(value, float) else value for key, value in row.items()}
        for pair, row in rows.items()
    }
