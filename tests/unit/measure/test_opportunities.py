"""What could be earned, from sums anybody can redo."""

import pyarrow as pa
import pytest

from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.measure.opportunities import (
    HOUR,
    MIN_COMPARABLE,
    added,
    attached,
    brought_along,
    misses,
    pieces_along,
    reached,
    scaled,
    searched,
    stopped,
    worth_a_decision,
    worth_a_person,
    worth_a_search,
    worth_an_order,
)
from crosslift.store.duckdb import DuckdbFrames

lazies = DuckdbFrames.lazies
TEXT, WHOLE, AMOUNT = pa.string(), pa.int64(), pa.float64()


def table(columns, *rows):
    whole = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pa.table({n: pa.array(values, kind) for (n, kind), values in zip(columns.items(), whole, strict=True)})


def lines(*rows):
    return table({"order": TEXT, "product": TEXT, "amount": AMOUNT, "units": WHOLE}, *rows)


def pairs(*rows):
    return table({"product": TEXT, "companion": TEXT}, *rows)


def decided(*rows):
    names = {"decision_id": TEXT, "unit": TEXT, "placement": TEXT, "offers": WHOLE, "amount": AMOUNT}
    return table(names, *rows)


def test_what_came_along_counts_the_companions_of_each_order():
    sold = lines(
        ("o1", "tea", 5, 1), ("o1", "pot", 20, 1), ("o1", "cup", 3, 2), ("o2", "tea", 5, 1), ("o3", "pot", 20, 1)
    )
    found = attached(sold, pairs(("tea", "pot"), ("tea", "cup"), ("pot", "tea")), lazies)
    assert found.to_pylist() == [
        {"product": "pot", "orders": 2, "attached": 1, "amount": 5.0},
        {"product": "tea", "orders": 2, "attached": 1, "amount": 23.0},
    ]


def test_companions_are_worth_what_comparable_products_brought_and_too_few_say_nothing():
    n = MIN_COMPARABLE
    found = table(
        {"product": TEXT, "orders": WHOLE, "attached": WHOLE, "amount": AMOUNT},
        *((f"a{i}", 10, 5, 20.0 + i) for i in range(n)), ("b", 10, 1, 2.0),
    )  # fmt: skip
    worth = worth_an_order(found, pa.array(["a"] * n + ["b"]), lazies)
    assert worth["a"].value == pytest.approx(2.2)
    assert worth["a"].low < 2.2 < worth["a"].high
    assert worth["b"] == NotEstimable("1 comparable products with companions, at least 5 needed")
    assert worth[None].value == pytest.approx((22 * n + 2) / (10 * n + 10))
    nothing = found.slice(0, 0)
    assert worth_an_order(nothing, pa.array([], TEXT), lazies) == {}


def test_a_code_is_counted_by_the_decisions_it_left_empty():
    made = decided(("d1", "p1", "cart", 0, 0), ("d2", "p1", "cart", 1, 0), ("d3", "p2", "home", 0, 0))
    stops = table(
        {"decision_id": TEXT, "policy": TEXT, "code": TEXT, "n": WHOLE},
        ("d1", "helpful", "too_dear", 3), ("d2", "helpful", "too_dear", 2), ("d3", "helpful", "too_dear", 1),
        ("elsewhere", "helpful", "too_dear", 9),
    )  # fmt: skip
    assert stopped(made, stops, lazies).to_pylist() == [
        {"policy": "helpful", "code": "too_dear", "placement": "cart", "candidates": 5, "decisions": 2, "empty": 1},
        {"policy": "helpful", "code": "too_dear", "placement": "home", "candidates": 1, "decisions": 1, "empty": 1},
    ]


def test_decisions_and_people_are_worth_what_is_credited_to_those_with_an_offer():
    rows = [(f"d{i}", f"p{i // 2}", "cart", 1, 10.0 * (i % 2)) for i in range(40)]
    made = decided(*rows, ("none", "p99", "cart", 0, 500.0), ("few", "p98", "home", 2, 1.0))
    worth = worth_a_decision(made, lazies)
    assert worth["cart"] == Estimate(5.0, 5.0, 5.0, 20, "amount")  # everybody brought the same
    assert worth["home"] == NotEstimable("1 people with an offer, at least 20 needed")
    assert worth_a_person(made, lazies).value == pytest.approx((20 * 10 + 1) / 21)
    assert worth_a_person(made.slice(0, 0), lazies) == NotEstimable("0 people with an offer, at least 20 needed")


def test_who_was_reached_is_counted_once_by_group():
    people = table({"group": TEXT, "unit": TEXT}, ("all", "a"), ("all", "b"), ("all", "a"), ("new", "b"))
    made = decided(("d1", "a", "cart", 1, 0), ("d2", "a", "cart", 1, 0), ("d3", "b", "cart", 0, 0))
    assert reached(people, made, lazies).to_pylist() == [
        {"group": "all", "people": 2, "reached": 1}, {"group": "new", "people": 1, "reached": 0},
    ]  # fmt: skip


def test_pieces_along_follow_from_the_orders_of_the_product():
    sold = lines(*((f"o{i}", "printer", 9, 2) for i in range(30)), *((f"o{i}", "paper", 1, 3) for i in range(0, 30, 2)))
    [row] = brought_along(sold, pairs(("printer", "paper")), lazies).to_pylist()
    assert (row["n"], row["y"], row["x"]) == (30, 45, 60)
    each = pieces_along(row)
    assert each.value == pytest.approx(0.75)
    assert 0 < each.low < 0.75 < each.high
    assert pieces_along({**row, "n": 19}) == NotEstimable("19 orders of the product, at least 20 needed")


def searches(*rows):
    return table({"unit": TEXT, "query": TEXT, "at": WHOLE, "results": WHOLE}, *rows)


def test_searches_without_a_result_and_those_nobody_bought_after_miss():
    made = searches(
        *((f"z{i}", "left handed mug", 0, 0) for i in range(4)), *((f"b{i}", "mug", 0, None) for i in range(25)),
        *((f"n{i}", "saucer", 0, None) for i in range(3)), ("x", "jane doe 5551234", 0, 0), ("y", "my own words", 0, 0),
    )  # fmt: skip
    sales = table(
        {"unit": TEXT, "at": WHOLE, "amount": AMOUNT},
        *((f"b{i}", HOUR, 10.0) for i in range(20)), ("b21", 50 * HOUR, 10.0), ("n0", -HOUR, 10.0),
    )  # fmt: skip
    found = searched(made, sales, 24.0, lazies)
    told = misses(found, lazies).to_pylist()
    assert [(row["query"], row["missed"], row["is_stated"]) for row in told] == [
        ("left handed mug", 4, True), ("saucer", 3, False), (None, 2, True),
    ]  # fmt: skip
    worth = worth_a_search(found, lazies)
    assert (worth.value, worth.n) == (pytest.approx(200 / 28), 28)
    assert isinstance(worth_a_search(found.slice(0, 0), lazies), NotEstimable)


def test_figures_are_scaled_and_added_with_their_bounds_and_never_below_nothing():
    one = Estimate(2.0, -1.0, 5.0, 30, "amount")
    assert scaled(one, 10, "margin") == Estimate(20.0, 0.0, 50.0, 30, "margin")
    assert added([one, scaled(one, 2, "margin")], "margin") == Estimate(6.0, -1.0, 15.0, 30, "margin")
    why = NotEstimable("too few")
    assert (scaled(why, 3, "margin"), added([one, why], "margin")) == (why, why)
    assert isinstance(added([], "margin"), NotEstimable)
