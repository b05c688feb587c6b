import numpy as np
import pytest

from crosslift.errors import QualityGate
from crosslift.learn.material import Material


@pytest.fixture(scope="module")
def pantry(little):
    return little.pantry()


@pytest.fixture(scope="module")
def found(little, pantry):
    return little.learned(pantry.orders)


def test_planted_pairs_are_found_and_nothing_else(pantry, found):
    names, arrays = found.texts["products"], found.arrays
    pairs = {(names[a], names[b]) for a, b in zip(arrays["pair_first"], arrays["pair_second"], strict=True)}
    assert pairs == set(pantry.pairs)
    assert found.report["n_relations"] == 3
    assert found.report["n_products_with_relation"] == 6


def test_every_relation_points_both_ways_to_one_row_of_evidence(found):
    arrays = found.arrays
    anchors = np.repeat(np.arange(len(found.texts["products"])), np.diff(arrays["edge_offsets"]))
    edges = set(zip(anchors.tolist(), arrays["edge_ids"].tolist(), arrays["edge_pairs"].tolist(), strict=True))
    rows = enumerate(zip(arrays["pair_first"].tolist(), arrays["pair_second"].tolist(), strict=True))
    assert edges == {edge for row, (a, b) in rows for edge in ((a, b, row), (b, a, row))}


def test_evidence_is_a_recount_of_the_orders(little, pantry, found):
    ones, twos = little.recount(pantry.orders)
    names, arrays = found.texts["products"], found.arrays
    assert arrays["item_counts"].tolist() == [ones[name] for name in names]
    assert arrays["n_baskets"].tolist() == [len(pantry.orders)] == [found.report["n_orders"]]
    for row, (a, b) in enumerate(zip(arrays["pair_first"], arrays["pair_second"], strict=True)):
        assert arrays["pair_n_both"][row] == little.both(twos, names[a], names[b])


def test_best_edge_first(little):
    baskets = [["hub", "near"]] * 60 + [["hub", "far"]] * 30 + [[f"n{i}"] for i in range(30)] * 12
    found = little.learned(little.orders(*baskets, ["far"], ["far"]))
    hub = found.texts["products"].index("hub")
    start, end = found.arrays["edge_offsets"][hub : hub + 2]
    lows = found.arrays["pair_lift_low"][found.arrays["edge_pairs"][start:end]]
    assert len(lows) == 2
    assert (np.diff(lows) <= 0).all()


def test_bestsellers_are_those_of_the_newest_days(little):
    made = [
        *(little.Order(("old", "thing"), f"c{i}", 24 * 40 + i) for i in range(50)),
        *(little.Order(("new",), f"d{i}", i) for i in range(9)),
        *(little.Order(("newer", "new"), f"e{i}", i) for i in range(4)),
    ]
    found = little.learned(made)
    names, arrays = found.texts["products"], found.arrays
    assert [names[i] for i in arrays["bestsellers"]] == ["new", "newer"]
    assert dict(zip(names, arrays["recent_counts"].tolist(), strict=True)) == {
        "new": 13,
        "newer": 4,
        "old": 0,
        "thing": 0,
    }
    assert arrays["window_days"].tolist() == [28]
    assert arrays["as_of"].tolist() == [little.micros(little.NOW)]


def test_the_window_counts_from_the_newest_order_not_from_the_clock(little, pantry, found):
    later = [little.Order(o.products, o.customer, o.hours_ago + 24 * 365) for o in pantry.orders]
    assert np.array_equal(little.learned(later).arrays["recent_counts"], found.arrays["recent_counts"])


def test_the_same_orders_give_the_same_columns(little, pantry, found):
    again = little.learned(pantry.orders)
    assert again.texts == found.texts
    assert all(np.array_equal(again.arrays[name], column, equal_nan=True) for name, column in found.arrays.items())


def test_titles_translations_and_consumables_come_from_the_catalog(little, pantry):
    catalog = little.products(
        {"product_id": "P00", "title": "Cup", "titles": '{"ko":"컵"}', "category": "cups"},
        {"product_id": "P01", "title": "Tea", "attributes": '{"consumable":true}'},
    )
    texts = little.learned(pantry.orders, catalog).texts
    assert texts["titles"][:3] == [{"": "Cup", "ko": "컵"}, {"": "Tea"}, {"": "P02"}]
    assert texts["categories"][:2] == ["cups", None]
    assert texts["consumable"] == [1]


def test_a_probability_is_stated_only_where_it_could_be_checked(little, pantry, found):
    assert len(found.arrays["calibration_x"]) > 1
    assert (np.diff(found.arrays["calibration_y"]) >= 0).all()
    assert 0 <= found.report["calibration_error"] < 0.1
    thin = little.learned(pantry.orders[-90:])
    assert len(thin.arrays["calibration_x"]) == 0
    assert thin.report["calibration_error"] is None
    assert "orders hold several products" in thin.report["offline"]["not_estimable"]
    assert any(line.startswith("how likely") for line in thin.report["orders_say"]["cannot_say"])


def test_the_report_holds_the_offline_table(found):
    offline = found.report["offline"]
    assert [row["method"] for row in offline["rows"]][-1] == "crosslift"
    assert (offline["cut"], offline["n_queries"]) == (found.table.cut, found.table.n_queries)


@pytest.mark.parametrize("baskets", [[], [["a"], ["b"], ["a"]]])
def test_orders_of_one_product_each_teach_nothing(little, baskets):
    with pytest.raises(QualityGate, match="no order holds two products"):
        little.learned(little.orders(*baskets))


def test_orders_too_large_to_count_are_named_as_the_reason(little):
    with pytest.raises(QualityGate, match=r"more than learn\.max_basket_items = 2"):
        little.learned(little.orders(*[["a", "b", "c"]] * 5), learn_max_basket_items=2)


def test_a_margin_needs_costs_in_the_catalog(little, pantry):
    priced = [
        {"product_id": f"P{i:02}", "price_micros": 9_000_000, "cost_micros": 4_000_000, "stock": 3} for i in range(24)
    ]
    said = little.learned(pantry.orders, little.products(*priced)).report["orders_say"]
    assert not any(line.startswith(("margin", "stock")) for line in said["cannot_say"])
    assert said["most_missed"]["yearly_margin"]["high"] > 0


def test_progress_begins_at_nothing_and_ends_whole(little, pantry):
    from crosslift.learn import run

    told = []
    with little.no_jit():
        run.learn(Material(little.lines(pantry.orders[:200]), little.products()), little.settings(), little.FACTS,
                  lambda *step: told.append(step))  # fmt: skip
    assert told[0] == ("baskets", 0, run.STEPS)
    assert told[-1] == ("done", run.STEPS, run.STEPS)
