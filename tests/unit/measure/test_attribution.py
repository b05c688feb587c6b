"""Credits: each order line once, by the decision it names, else by the last click within the window."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.measure.attribution import DAY
from crosslift.measure.attribution import credit as credited_by
from crosslift.measure.funnel import STEPS, funnel
from crosslift.store.duckdb import DuckdbFrames

TEXT, WHOLE, AMOUNT = pa.string(), pa.int64(), pa.float64()


def table(names, types, rows):
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def lines(*rows):
    """Of (line, unit, product, day, decision or None)."""
    names = ("line", "unit", "product", "at", "decision_id", "revenue", "margin", "kept")
    whole = [(line, unit, product, int(day * DAY), said, 10.0, 4.0, 1) for line, unit, product, day, said in rows]
    return table(names, (WHOLE, TEXT, TEXT, WHOLE, TEXT, AMOUNT, AMOUNT, WHOLE), whole)


def served(*rows):
    """Of (decision, product, unit)."""
    names = ("decision_id", "product", "unit", "at", "placement", "source")
    return table(names, (TEXT, TEXT, TEXT, WHOLE, TEXT, TEXT), [(*row, 0, "cart", "companion") for row in rows])


def touches(*rows):
    """Of (decision, product or None, day)."""
    return table(("decision_id", "product", "at"), (TEXT, TEXT, WHOLE), [(d, p, int(day * DAY)) for d, p, day in rows])


def credit(sold, offered, touched, **more):
    found = credited_by(sold, offered, touched, DuckdbFrames.lazies, **more)
    return [(row["line"], row["decision_id"], row["rule"]) for row in found.to_pylist()]


def test_a_decision_that_the_order_names_goes_before_a_later_click():
    offered = served(("d1", "mug", "ann"), ("d2", "mug", "ann"))
    assert credit(lines((1, "ann", "mug", 3, "d1")), offered, touches(("d2", "mug", 2))) == [(1, "d1", "stated")]


def test_a_decision_that_never_offered_the_product_is_not_believed():
    assert credit(lines((1, "ann", "cup", 3, "d1")), served(("d1", "mug", "ann")), touches()) == []


def test_of_several_clicks_the_last_counts_once():
    offered = served(("d1", "mug", "ann"), ("d2", "mug", "ann"))
    touched = touches(("d1", "mug", 1), ("d2", "mug", 2), ("d2", None, 2), ("d1", "mug", 4))
    assert credit(lines((1, "ann", "mug", 3, None)), offered, touched) == [(1, "d2", "clicked")]


@pytest.mark.parametrize(("day", "found"), [(2.0, True), (9.0, True), (9.01, False), (1.99, False)])
def test_a_click_counts_within_its_window(day, found):
    offered, touched = served(("d1", "mug", "ann")), touches(("d1", "mug", 2))
    assert bool(credit(lines((1, "ann", "mug", day, None)), offered, touched)) is found
    assert bool(credit(lines((1, "ann", "mug", day, None)), offered, touched, window_days=0.5)) is (day == 2.0)


def test_what_others_buy_and_other_products_are_not_credited():
    offered, touched = served(("d1", "mug", "ann"), ("d1", "cup", "ann")), touches(("d1", "mug", 2))
    sold = lines((1, "bea", "mug", 3, None), (2, "ann", "cup", 3, None))
    assert credit(sold, offered, touched) == []


def test_a_word_about_the_whole_decision_speaks_for_each_offer():
    offered, touched = served(("d1", "mug", "ann"), ("d1", "cup", "ann")), touches(("d1", None, 2))
    sold = lines((1, "ann", "mug", 3, None), (2, "ann", "cup", 3, None))
    assert credit(sold, offered, touched) == [(1, "d1", "clicked"), (2, "d1", "clicked")]


def test_the_funnel_counts_each_offer_once_a_step():
    offered = served(("d1", "mug", "ann"), ("d1", "cup", "ann"), ("d2", "mug", "bea"))
    marks = table(("decision_id", "product", "step"), (TEXT, TEXT, TEXT), [
        ("d1", None, "seen"), ("d1", "mug", "seen"), ("d1", "mug", "clicked"), ("d2", "mug", "added"), ("d9", "mug", "seen"),
    ])  # fmt: skip
    credited = table(
        ("decision_id", "product", "kept"), (TEXT, TEXT, WHOLE), [("d2", "mug", 0), ("d1", "mug", 2), ("d1", "mug", 1)]
    )
    [row] = funnel(offered, marks, credited, DuckdbFrames.lazies).to_pylist()
    assert [row[step] for step in STEPS] == [3, 3, 2, 1, 2, 1]
    assert (row["placement"], row["source"]) == ("cart", "companion")


def test_nothing_served_is_no_row():
    marks = table(("decision_id", "product", "step"), (TEXT, TEXT, TEXT), [])
    credited = table(("decision_id", "product", "kept"), (TEXT, TEXT, WHOLE), [])
    assert funnel(served(), marks, credited, DuckdbFrames.lazies).num_rows == 0


NAMES = st.sampled_from(["mug", "cup"])
PEOPLE = st.sampled_from(["ann", "bea"])
DECISIONS = st.sampled_from(["d1", "d2", "d3"])
DAYS = st.integers(0, 12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(PEOPLE, NAMES, DAYS, st.none() | DECISIONS), max_size=6),
    st.lists(st.tuples(DECISIONS, NAMES), unique=True, max_size=5),
    st.lists(st.tuples(DECISIONS, st.none() | NAMES, DAYS), max_size=6),
)
def test_credits_are_what_a_plain_search_finds(sold, offers, touched):
    """An oracle in plain Python: for each line the stated decision, else the last touch of an offer of it."""
    owner = {decision: ("ann", "bea", "ann")[int(decision[1]) - 1] for decision in ("d1", "d2", "d3")}
    sold = [(number, *row) for number, row in enumerate(sold)]
    expected = []
    for line, unit, product, day, said in sold:
        if said is not None and (said, product) in offers:
            expected.append((line, said, "stated"))
            continue
        met = [
            (when, decision)
            for decision, about, when in touched
            if (decision, product) in offers
            and owner[decision] == unit
            and about in (None, product)
            and 0 <= day - when <= 7
        ]
        if met:
            last = max(when for when, _ in met)
            expected.append((line, min(decision for when, decision in met if when == last), "clicked"))
    offered = served(*((decision, product, owner[decision]) for decision, product in offers))
    assert credit(lines(*sold), offered, touches(*touched)) == expected
