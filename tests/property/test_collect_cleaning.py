"""Cleaning: whatever the lines, nothing is counted twice, nothing below zero, and every rule can be taken back."""

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.collect.cleaning import SOLD_FROM, clean, sold

quick = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])

LINES = st.lists(
    st.fixed_dictionaries({
        "order_id": st.sampled_from("1234"),
        "source": st.sampled_from(["web", "till"]),
        "customer_id": st.sampled_from(["a", "b", None]),
        "product_id": st.sampled_from("PQX"),
        "variant_id": st.sampled_from([None, "v"]),
        "quantity": st.integers(-5, 9),
        "unit_price_micros": st.sampled_from([None, -1, 0, 5]),
        "status": st.sampled_from(["placed"] * 4 + ["cancelled", "adjustment", "test"]),
        "has_line_id": st.booleans(),
        "day": st.integers(0, 6),
    }),
    max_size=25,
)  # fmt: skip
RETURNS = st.lists(
    st.fixed_dictionaries({
        "order_id": st.sampled_from("1239"),
        "source": st.sampled_from(["web", "desk"]),
        "product_id": st.sampled_from("PQ"),
        "quantity": st.integers(1, 4),
        "day": st.integers(0, 8),
    }),
    max_size=5,
)  # fmt: skip
SWITCHES = st.fixed_dictionaries({
    "net_cancellations": st.booleans(), "drop_adjustments": st.booleans(), "drop_zero_prices": st.booleans(),
    "merge_duplicates": st.booleans(), "drop_non_products": st.booleans(), "drop_tests": st.booleans(),
    "bot_orders_per_day": st.sampled_from([1, 2, 100]),
})  # fmt: skip


@pytest.fixture(scope="module")
def make(load_script):
    return load_script("tests/unit/collect/lines.py")


def products(make):
    return make.products_of({"product_id": "X", "kind": "shipping"}, {"product_id": "P"})


@quick
@given(LINES, RETURNS, SWITCHES)
def test_every_line_is_counted_or_set_apart_by_one_rule(make, lines, returns, switches):
    found = clean(make.lines_of(*lines), make.returns_of(*returns), products(make), make.settings_of(**switches))
    assert found.lines.num_rows + sum(found.dropped.values()) == len(lines)


@quick
@given(LINES, RETURNS)
def test_what_counts_is_positive_and_never_more_than_was_bought(make, lines, returns):
    table = make.lines_of(*lines)
    found = clean(table, make.returns_of(*returns), products(make), make.settings_of()).lines
    bought = dict(zip(table.column("id").to_pylist(), table.column("quantity").to_pylist(), strict=True))
    for line, quantity in zip(found.column("id").to_pylist(), found.column("quantity").to_pylist(), strict=True):
        assert 0 < quantity <= bought[line]


@quick
@given(LINES, RETURNS)
def test_exactly_what_was_taken_back_and_fits_is_taken_off(make, lines, returns):
    """Netting alone: pieces bought = pieces left + pieces taken, and no more is taken than was handed back."""
    sales = [{**line, "quantity": abs(line["quantity"]) + 1, "status": "placed"} for line in lines[::2]]
    notes = [{**line, "quantity": -abs(line["quantity"]) - 1, "status": "cancelled"} for line in lines[1::2]]
    switches = {**make.ALL_OFF, "net_cancellations": True}
    found = clean(
        make.lines_of(*sales, *notes), make.returns_of(*returns), make.products_of(), make.settings_of(**switches)
    )
    bought = sum(line["quantity"] for line in sales)
    back = -sum(line["quantity"] for line in notes) + sum(r["quantity"] for r in returns)
    left = sum(found.lines.column("quantity").to_pylist())
    assert 0 <= bought - left <= back
    assert found.n_netted + found.n_unmatched <= len(notes) + len(returns)
    assert found.n_unmatched >= sum(line["customer_id"] is None for line in notes)


@quick
@given(LINES, SWITCHES, st.randoms(use_true_random=False))
def test_the_order_in_which_lines_are_listed_does_not_matter(make, lines, switches, random):
    table = make.lines_of(*({**line, "minute": place} for place, line in enumerate(lines)))  # no two at one moment
    places = list(range(len(lines)))
    random.shuffle(places)
    switches = {**switches, "merge_duplicates": False}  # of two equal lines the first listed is kept
    apart = make.returns_of(), products(make), make.settings_of(**switches)
    one, other = clean(table, *apart), clean(table.take(pa.array(places, pa.int64())), *apart)
    assert one.dropped == other.dropped
    assert one.lines.sort_by("id") == other.lines.sort_by("id")


@quick
@given(LINES, RETURNS)
def test_switching_everything_off_gives_the_lines_back(make, lines, returns):
    table = make.lines_of(*lines)
    found = clean(table, make.returns_of(*returns), make.products_of(), make.settings_of(**make.ALL_OFF))
    assert found.lines == table
    assert not any(found.dropped.values())


@quick
@given(LINES, RETURNS, SWITCHES, st.integers(-1, 9))
def test_as_of_a_day_is_as_if_nothing_later_had_ever_happened(make, lines, returns, switches, day):
    apart = products(make), make.settings_of(**switches)
    moment = (make.MONDAY + day) * make.DAY
    numbered = [{**line, "id": place} for place, line in enumerate(lines)]
    then = clean(make.lines_of(*numbered), make.returns_of(*returns), *apart, as_of=moment)
    past = clean(
        make.lines_of(*(line for line in numbered if line["day"] <= day)),
        make.returns_of(*(r for r in returns if r["day"] <= day)),
        *apart,
    )
    assert then.lines == past.lines
    assert then.dropped == past.dropped


@quick
@given(LINES, RETURNS, SWITCHES)
def test_what_was_sold_stands_beside_what_cleaning_keeps_of_it(make, lines, returns, switches):
    """Sold is what counts when nothing is taken back, kept what counts when it is; a line never sold is in neither."""
    table, back, catalog = make.lines_of(*lines), make.returns_of(*returns), products(make)
    gross = clean(table, back, catalog, make.settings_of(**{**switches, "net_cancellations": False})).lines.to_pylist()
    net = clean(table, back, catalog, make.settings_of(**switches)).lines
    left = dict(zip(net.column("id").to_pylist(), net.column("quantity").to_pylist(), strict=True))
    expected = [
        {**{name: row[name] for name in SOLD_FROM}, "kept": max(0, min(left.get(row["id"], 0), row["quantity"]))}
        for row in gross
        if row["status"] != "cancelled" and row["quantity"] > 0
    ]
    assert sold(table.select(SOLD_FROM), back, catalog, make.settings_of(**switches)).to_pylist() == expected
