"""Over many little shops drawn from a known process: what is planted is found, what is chance is not."""

import os
from dataclasses import replace

import numpy as np
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.products import complements
from crosslift.stats.shuffle import swap_shuffle

SHOPS = 40


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


def relations(little, orders):
    known = little.settings()
    counted, pairs = complements.count(from_lines(little.lines(orders)), known)
    found = complements.find_complements(counted, pairs, known)
    names = counted.products
    return {
        (names[a], names[b])
        for a, b in zip(found.first[found.is_relation], found.second[found.is_relation], strict=True)
    }


def test_where_nothing_goes_with_anything_hardly_ever_a_pair_is_named(little):
    # q ≤ .05 allows a false pair in one shop of twenty; two in forty are expected at most, seven would be a scandal
    false = [bool(relations(little, little.pantry(700, 40, seed, n_pairs=0).orders)) for seed in range(SHOPS)]
    assert sum(false) <= 6


def test_of_all_pairs_named_the_planted_ones_are_nearly_all(little):
    named = planted = right = 0
    for seed in range(SHOPS // 2):
        shop = little.pantry(700, 40, 100 + seed, n_pairs=6)
        found = relations(little, shop.orders)
        named, planted, right = named + len(found), planted + len(shop.pairs), right + len(found & set(shop.pairs))
    assert right / named >= 0.95
    assert right / planted >= 0.9


def favorites(little, n_products, n_orders, seed):
    """Baskets that chance fills: sizes differ much, and few products fill most lines."""
    chance = np.random.default_rng(seed)
    odds = 1 / np.arange(1, n_products + 1)
    sizes = np.minimum(1 + chance.poisson(chance.gamma(0.7, 3, n_orders)), n_products)
    made = [
        little.Order(
            tuple(f"n{i:03}" for i in chance.choice(n_products, size, replace=False, p=odds / odds.sum())), f"c{number}"
        )
        for number, size in enumerate(sizes)
    ]
    baskets = from_lines(little.lines(made))
    return replace(baskets, items=swap_shuffle(baskets.items, baskets.offsets, n_products, seed=seed))


def false_pairs(little, baskets):
    known = little.settings()
    return complements.find_complements(*complements.count(baskets, known), known).n_relations


def test_in_a_small_shop_with_favorites_chance_alone_names_no_pairs(little):
    assert false_pairs(little, favorites(little, 20, 3_000, 20)) == 0


def test_in_small_shops_with_favorites_chance_hardly_ever_names_a_pair(little):
    # q ≤ .05 allows one shop of twenty to name a pair; more than five of 32 have a chance of one in a hundred
    false = [
        false_pairs(little, favorites(little, n, 800, 100 * n + seed)) for n in (8, 12, 20, 50) for seed in range(10)
    ]
    print("false pairs in 32 shops of 8 to 50 products:", false)
    assert sum(n > 0 for n in false) <= 5


def test_in_a_wide_shop_with_favorites_chance_names_no_pairs(little):
    # 700 products, the first in two of five baskets: too many to shuffle, too uneven for kappa
    false = [false_pairs(little, favorites(little, 700, 2_000, seed)) for seed in range(6)]
    print("false pairs in 6 shops of 700 products:", false)
    assert sum(n > 0 for n in false) <= 1


def test_a_shop_of_two_hundred_orders_says_early_and_is_right(little):
    named = right = planted = early = words = 0
    believed, counted_lifts = [], []
    for seed in range(30):
        made, pairs, categories, truth = two_hundred_orders(little, seed)
        known = little.settings()
        counted, counts = complements.count(from_lines(little.lines(made)), known)
        found = complements.find_complements(counted, counts, known, [categories[name] for name in counted.products])
        names = [(counted.products[a], counted.products[b]) for a, b in zip(found.first, found.second, strict=True)]
        relations = [name for name, holds in zip(names, found.is_relation, strict=True) if holds]
        named, planted = named + len(relations), planted + len(pairs)
        right += len(set(relations) & pairs)
        early += sum(found.strength[found.is_relation] == 0)
        words += sum(found.strength[found.is_relation] <= 1)
        believed += [np.log(found.shrunk_lift[n] / truth(name)) for n, name in enumerate(names)]
        counted_lifts += [np.log(found.lift[n] / truth(name)) for n, name in enumerate(names)]
    errors = [float(np.sqrt(np.mean(np.square(logs)))) for logs in (believed, counted_lifts)]
    print(
        f"{named} relations in 30 shops of 200 orders: precision {right / named:.3f}, recall {right / planted:.3f}; "
        f"{early} early, {words} early or fair; error of log lift {errors[0]:.2f} shrunk, {errors[1]:.2f} as counted"
    )
    assert right / named >= 0.95
    assert early / named > 0.5
    assert words / named >= 0.95
    assert errors[0] < 0.6 * errors[1]


def two_hundred_orders(little, seed):
    """30 products on 6 shelves of 2 rooms: four planted pairs, shelves "room/cups" and "room/tea" a little drawn to
    each other, the rest by chance."""
    chance = np.random.default_rng(seed)
    shelves = [f"room/{name}" for name in ("cups", "tea", "trays")] + [
        f"yard/{name}" for name in ("pots", "soil", "tools")
    ]
    names = [f"p{i:02}" for i in range(30)]
    categories = {name: shelves[i // 5] for i, name in enumerate(names)}
    anchors = {0: 5, 2: 7, 15: 20, 17: 22}
    made = []
    for number in range(200):
        held = set(chance.choice(30, 1 + chance.poisson(1.0), replace=False).tolist())
        held |= {other for anchor, other in anchors.items() if anchor in held and chance.random() < 0.6}
        made.append(little.Order(tuple(names[i] for i in sorted(held)), f"c{number}"))
    pairs = {(names[a], names[b]) for a, b in anchors.items()}
    return made, pairs, categories, lambda pair: 7.0 if pair in pairs else 1.0


def test_the_stated_probability_holds_on_orders_nobody_has_seen(little):
    """p_basket in bins: of baskets that were offered something at p, about that share held it."""
    train, later = (little.pantry(4_000, 24, seed, n_pairs=12).orders for seed in (1, 2))
    known = little.knowledge(train)
    chance = np.random.default_rng(3)
    stated, held = [], []
    for order in later:
        items = np.array(sorted({known.index[name] for name in order.products}), dtype=np.int32)
        if len(items) < 2:
            continue
        given = np.sort(chance.permutation(items)[: len(items) // 2]).astype(np.int32)
        ids, scores = known.merger.merge(given)
        fresh = ~np.isin(ids, given) & (scores > 0)
        stated.append(known.calibration.predict(np.round(scores[fresh], 6)))
        held.append(np.isin(ids[fresh], items))
    p, hit = np.concatenate(stated), np.concatenate(held)
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 1.01)):
        chosen = (p >= low) & (p < high)
        assert chosen.sum() > 200
        assert hit[chosen].mean() == pytest.approx(p[chosen].mean(), abs=0.04)
