from dataclasses import replace

import numpy as np
import pytest

from crosslift.errors import BadUsage
from crosslift.learn.baskets import from_lines
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products import sequence_chance
from crosslift.learn.products.sequences import COLUMNS, find_sequences
from crosslift.settings import Settings
from crosslift.stats.sequences import DAY

SETTINGS = Settings.load({"learn.narrow_draws": 20})


@pytest.fixture(scope="module")
def orders(little):
    """Forty people buy a grinder and, 100 days later, beans of a kind; 400 others buy anything else, now and then."""
    chance = np.random.default_rng(1)
    made = []
    for person in range(40):
        begin = chance.uniform(120, 500)
        made.append(little.Order(("grinder",), f"g{person}", 24 * begin))
        made.append(little.Order(("beans",), f"g{person}", 24 * (begin - 100 - chance.integers(-9, 10))))
    for person in range(400):
        for day in chance.uniform(1, 500, 3):
            made.append(little.Order((f"n{chance.integers(0, 12):02}",), f"c{person}", 24 * day))
    return made


@pytest.fixture(scope="module")
def shop(little, orders):
    baskets = from_lines(little.lines(orders))
    return baskets, catalog_of(baskets.products, little.products()), int(baskets.at.max())


def rows(links, catalog):
    return {
        (catalog.products[a], catalog.products[b]): {name: column[place] for name, column in links.columns.items()}
        for place, (a, b) in enumerate(zip(links.sources, links.targets, strict=True))
    }


def test_what_forty_people_come_back_for_is_found_with_its_evidence(shop):
    baskets, catalog, as_of = shop
    links = find_sequences(baskets, catalog, SETTINGS, as_of)
    found = rows(links, catalog)
    assert links.kind == "sequence"
    assert tuple(links.columns) == COLUMNS
    assert list(found) == [("grinder", "beans")]
    row = found["grinder", "beans"]
    assert (row["n_both"], row["n_back"], row["n_a"]) == (40, 0, 40)
    assert row["lift"] == pytest.approx(40 / row["expected"])
    assert row["lift_low"] < row["lift"] < row["lift_high"]
    assert row["lag_q1"] < row["lag_median"] < row["lag_q3"]
    assert row["median_low"] < 100 < row["median_high"]
    assert row["q_value"] < 0.001
    assert row["strength"] == 2
    assert 0 < links.scores[0] <= 1


def test_beyond_who_would_have_come_anyway_the_lag_is_that_of_the_way_alone(little, orders):
    """Beside forty who come back after 100 days, 150 buy grinders and, like 600 others, beans now and then."""
    chance = np.random.default_rng(3)

    def now_and_then(who, before):
        item = "beans" if chance.random() < 0.15 else f"n{chance.integers(0, 12):02}"
        return little.Order((item,), who, 24 * chance.uniform(1, before))

    made = list(orders)
    for person in range(150):
        begin = chance.uniform(200, 500)
        made.append(little.Order(("grinder",), f"h{person}", 24 * begin))
        made += [now_and_then(f"h{person}", begin) for _ in range(2)]
    made += [now_and_then(f"o{person}", 500) for person in range(600) for _ in range(3)]
    baskets = from_lines(little.lines(made))
    catalog = catalog_of(baskets.products, little.products())
    row = rows(find_sequences(baskets, catalog, SETTINGS, int(baskets.at.max())), catalog)["grinder", "beans"]
    assert row["n_both"] > 60
    assert row["n_excess"] == pytest.approx(40, abs=15)
    assert row["excess_q1"] <= row["excess_median"] <= row["excess_q3"]
    assert row["excess_low"] < 100 < row["excess_high"]
    assert row["excess_q3"] - row["excess_q1"] < row["lag_q3"] - row["lag_q1"]


def test_the_same_data_give_the_same_answer(shop):
    one, other = (find_sequences(*shop[:2], SETTINGS, shop[2]) for _ in range(2))
    assert {name: column.tolist() for name, column in one.columns.items()} == {
        name: column.tolist() for name, column in other.columns.items()
    }


def test_orders_after_the_day_of_asking_are_not_looked_at(shop):
    baskets, catalog, as_of = shop
    assert not len(find_sequences(baskets, catalog, SETTINGS, as_of - 400 * DAY))


def test_orders_of_unknown_customers_tell_nothing(shop):
    baskets, catalog, as_of = shop
    nobody = replace(baskets, known=np.zeros_like(baskets.known))
    assert not len(find_sequences(nobody, catalog, SETTINGS, as_of))


def test_few_customers_are_no_sequence_whatever_their_lift(little, orders):
    few = [order for order in orders if not (order.customer or "").startswith("g") or order.customer in ("g1", "g2")]
    baskets = from_lines(little.lines(few))
    catalog = catalog_of(baskets.products, little.products())
    assert not len(find_sequences(baskets, catalog, SETTINGS, int(baskets.at.max())))


def test_one_who_buys_the_two_products_sixty_times_is_one_customer(little, orders):
    others = [order for order in orders if not (order.customer or "").startswith("g")]
    mega = [little.Order((("grinder", "beans")[n % 2],), "mega", 24 * (400 - n)) for n in range(120)]
    baskets = from_lines(little.lines(others + mega))
    catalog = catalog_of(baskets.products, little.products())
    assert not len(find_sequences(baskets, catalog, SETTINGS, int(baskets.at.max())))


def test_a_catalog_numbered_otherwise_is_refused(shop, little):
    baskets, catalog, as_of = shop
    with pytest.raises(BadUsage, match="renumber"):
        find_sequences(baskets, catalog_of(["other", *catalog.products], little.products()), SETTINGS, as_of)


def test_a_shop_without_orders_has_no_sequences(little):
    baskets = from_lines(little.lines([]))
    assert not len(find_sequences(baskets, catalog_of([], little.products()), SETTINGS, 0))


def test_computed_chance_is_the_sum_over_order_pairs(little):
    """Two orders of two and one lines in a cell of 5 lines: A is 2 of 5, B 1 of 5; the window holds 2·1 line pairs."""
    made = [
        little.Order(("a", "b"), "c1", 24 * 9), little.Order(("a",), "c1", 24 * 5),
        little.Order(("x", "y"), "c2", 24 * 3),
    ]  # fmt: skip
    baskets = from_lines(little.lines(made))
    visits = sequence_chance.visits_of(baskets, SETTINGS, int(baskets.at.max()))
    cells = sequence_chance.cells_of(visits, baskets)
    settings = Settings.load({"learn.narrow_share": 1.0})
    by_size = sequence_chance.OrderChance.of(visits, cells, settings)
    a, b = np.array([0], np.int32), np.array([1], np.int32)
    assert cells.tolist() == [0, 0, 0]
    assert by_size.expected(a, b)[0] == pytest.approx(2 * 1 * (2 / 5) * (1 / 5))


def test_computed_chance_is_a_little_above_what_shuffles_say(shop):
    """It counts a customer twice who would buy twice; of 14 products bought alone that is one in ten at most."""
    baskets, _, as_of = shop
    visits = sequence_chance.visits_of(baskets, SETTINGS, as_of)
    cells = sequence_chance.cells_of(visits, baskets)
    first, second = np.array([[a, b] for a in range(14) for b in range(14) if a != b], np.int32).T
    drawn, both = sequence_chance.drawn(visits, cells, first, second, 60, seed=1)
    by_size = sequence_chance.OrderChance.of(visits, cells, SETTINGS)
    computed = by_size.expected(first, second)
    assert by_size.both_ways(first, second) == pytest.approx(computed + by_size.expected(second, first))
    assert both.sum() == pytest.approx(2 * drawn.sum())
    assert drawn.sum() < computed.sum() < 1.1 * drawn.sum()
    assert np.corrcoef(drawn, computed)[0, 1] > 0.95


def test_small_markets_and_busy_customers_have_cells_of_their_own_only_where_large_enough(shop):
    baskets = replace(shop[0], strata=np.where(np.arange(shop[0].n_baskets) < 1190, 1, 2))
    visits = sequence_chance.visits_of(baskets, SETTINGS, shop[2])
    cells = sequence_chance.cells_of(visits, baskets)
    assert np.bincount(cells).min() >= sequence_chance.MIN_CELL
    assert np.bincount(sequence_chance.moments_of(visits, baskets)).min() >= sequence_chance.MIN_MOMENT


def test_orders_of_one_instant_stand_by_what_they_hold(little):
    held = [("cup",), ("cup", "honey"), ("honey",), ("tea",), ("cup", "tea")]
    stand = [
        sequence_chance.visits_of(
            from_lines(little.lines([little.Order(held[place], "c1", 5.0) for place in places])), SETTINGS, 2**62
        )
        for places in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1], [1, 3, 0, 4, 2])
    ]
    for one in stand[1:]:
        assert (one.items.tolist(), one.offsets.tolist()) == (stand[0].items.tolist(), stand[0].offsets.tolist())
