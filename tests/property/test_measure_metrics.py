"""The figures, computed by the frames engine, equal the definitions redone in plain Python."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.domain.estimate import Estimate
from crosslift.measure import metrics
from crosslift.stats.compare import mean_interval, proportion_interval
from crosslift.store.duckdb import DuckdbFrames

lines = st.lists(
    st.fixed_dictionaries({
        "source": st.sampled_from(("web", "till")),
        "order_id": st.integers(0, 40).map(str),
        "product_id": st.sampled_from(("tea", "honey", "cup")),
        "quantity": st.integers(1, 5),
        "currency": st.sampled_from(("USD", "KRW", None)),
        "unit_price_micros": st.one_of(st.none(), st.integers(0, 90_000_000)),
        "discount_micros": st.one_of(st.none(), st.integers(0, 5_000_000)),
        "ordered_at": st.integers(0, 10),
    }),
    min_size=0, max_size=120,
)  # fmt: skip


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


def about(figure, interval, n):
    """Compare a figure with an interval of stats."""
    assert isinstance(figure, Estimate)
    assert figure.n == n
    assert (figure.value, figure.low, figure.high) == tuple(pytest.approx(v, rel=1e-6, abs=1e-6) for v in interval[:3])


@settings(deadline=None, max_examples=15)
@given(lines)
def test_every_figure_is_its_definition(little, rows):
    table = little.table(rows, little.LINE_TYPES)
    frames = DuckdbFrames(None, None)
    found = {
        (m.metric.name, m.of): m.figure
        for m in metrics.measure(table, frames.lazy, little.settings(), anchor="tea", attached="honey")
    }
    values, units, products = defaultdict(float), defaultdict(int), defaultdict(set)
    for row in rows:
        key = (row["source"], row["order_id"])
        units[key] += row["quantity"]
        products[key].add(row["product_id"])
        if row["currency"] and row["unit_price_micros"] is not None:
            paid = row["unit_price_micros"] * row["quantity"] - (row["discount_micros"] or 0)
            values[row["currency"], key] += paid / 1e6
    for name, each in (
        ("units_per_order", [*units.values()]),
        ("products_per_order", [len(p) for p in products.values()]),
    ):
        if len(each) >= metrics.MIN_UNITS:
            about(found[name, None], mean_interval(len(each), sum(each), sum(v * v for v in each)), len(each))
        else:
            assert f"{len(each)} orders" in found[name, None].why
    for currency in {c for c, _ in values}:
        each = [v for (c, _), v in values.items() if c == currency]
        if len(each) >= metrics.MIN_UNITS:
            about(found["aov", currency], mean_interval(len(each), sum(each), sum(v * v for v in each)), len(each))
        else:
            assert f"{len(each)} orders" in found["aov", currency].why
    assert {of for name, of in found if name == "aov"} == ({c for c, _ in values} or {None})
    with_tea = [held for held in products.values() if "tea" in held]
    if len(with_tea) >= metrics.MIN_UNITS:
        both = sum("honey" in held for held in with_tea)
        about(found["attach_rate", "tea → honey"], proportion_interval(both, len(with_tea)), len(with_tea))
    else:
        assert f"{len(with_tea)} orders hold tea" in found["attach_rate", "tea → honey"].why


@settings(deadline=None, max_examples=8)
@given(lines, st.integers(0, 1_000))
def test_lines_may_come_in_any_order(little, rows, turn):
    frames = DuckdbFrames(None, None)
    turned = rows[turn % (len(rows) + 1) :] + rows[: turn % (len(rows) + 1)]
    one, two = (
        metrics.measure(little.table(each, little.LINE_TYPES), frames.lazy, little.settings())
        for each in (rows, turned)
    )
    for a, b in zip(one, two, strict=True):
        assert (a.metric, a.of, type(a.figure)) == (b.metric, b.of, type(b.figure))
        if isinstance(a.figure, Estimate):
            assert a.figure.value == pytest.approx(b.figure.value)
