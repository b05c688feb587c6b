"""What a figure is, and how one is judged: a row a unit is added up by any frames engine, one piece of maths bounds the sums.

The tables a figure is made of all have a column `slice`: the market, channel, month … its row belongs to, empty where all is
one. A figure of two tables counts what both have in the same slice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.stats.compare import Interval, count_interval, mean_interval, proportion_interval, ratio_interval

MIN_UNITS = 20
"""Below so many units a figure is not estimable."""
Sums = dict[str, Any]
"""Of a slice: n, and the sums y, yy, x, xx, xy over its units."""
Judge = Callable[[Sums], Interval]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a figure means."""

    name: str
    title: str
    unit: str
    formula: str
    window: str
    source: str
    weakness: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of one period; `of` names what it is about: a currency, two products, a code. `slice` names its part."""

    metric: Metric
    of: str | None
    figure: Figure
    slice: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """What is measured.

    Attributes
    ----------
    since, until : int
        Microseconds UTC, the second not included; `since` is 0 where nobody named a beginning.
    has_before : bool
        Whether it can be held against the time before it, which is as long.
    currency : str
        The reporting currency.
    """

    since: int
    until: int
    has_before: bool
    currency: str

    @property
    def before(self) -> int:
        """When the period before begins."""
        return self.since - (self.until - self.since)

    def holds(self, at: Any) -> Any:
        """Give the expression that an instant is within."""
        return (at >= self.since) & (at < self.until)

    def was(self, at: Any) -> Any:
        """Give the expression that an instant is within the period before."""
        return (at >= self.before) & (at < self.since)


def figures(
    metric: Metric, frame: Any, judge: Judge, units: str, currency: str = "", of: str | None = None
) -> list[Measured]:
    """Judge a figure in each of its slices.

    Parameters
    ----------
    frame : Narwhals lazy frame
        A row a unit: slice, and y and x as numbers; `x` is 1 but for ratios.
    judge : callable
        One of those below.
    units : str
        What the units are called: "visitors".

    Returns
    -------
    list of Measured
        In order of slice; one that is not estimable where there is no unit at all.
    """
    return _told(Asked(metric, judge, None, of=of), added_up(frame), units, currency)


@dataclass(frozen=True, slots=True)
class Asked:
    """One of several figures of a frame: Σy over Σx, which is 1 but for ratios, of the units `among` whom it is told."""

    metric: Metric
    judge: Judge
    y: Any
    x: Any = None
    among: Any = None
    of: str | None = None


def several(frame: Any, asked: Sequence[Asked], units: str, currency: str = "") -> list[Measured]:
    """Judge several figures of a frame, a row a unit, in one reading; see `figures`."""
    import narwhals as nw

    columns = []
    for place, one in enumerate(asked):
        below = nw.lit(1.0) if one.x is None else one.x.cast(nw.Float64())
        for name, value in (("y", one.y.cast(nw.Float64())), ("x", below), ("n", nw.lit(1.0))):
            among = value if one.among is None else nw.when(one.among).then(value).otherwise(0.0)
            columns.append(among.alias(f"{name}{place}"))
    split = frame.select("slice", *columns)
    products = [
        (nw.col(f"{a}{place}") * nw.col(f"{b}{place}")).alias(f"{a}{b}{place}")
        for place in range(len(asked)) for a, b in ("yy", "xx", "xy")
    ]  # fmt: skip
    names = [f"{name}{place}" for place in range(len(asked)) for name in ("n", "y", "yy", "x", "xx", "xy")]
    sums = split.with_columns(*products).group_by("slice").agg(*(nw.col(name).sum() for name in names)).sort("slice")
    found = collected(sums)
    told: list[Measured] = []
    for place, one in enumerate(asked):
        rows = [{"slice": row["slice"], **{name: row[f"{name}{place}"] for name in _SUMS}} for row in found]
        told += _told(one, [row for row in rows if row["n"]], units, currency)
    return told


_SUMS = ("n", "y", "yy", "x", "xx", "xy")


def _told(one: Asked, rows: Sequence[Sums], units: str, currency: str) -> list[Measured]:
    if not rows:
        return [Measured(one.metric, one.of, NotEstimable(f"0 {units}, at least {MIN_UNITS} needed"))]
    unit = one.metric.unit.replace("currency", currency)
    return [Measured(one.metric, one.of, _judged(row, one.judge, units, unit), row["slice"] or None) for row in rows]


def added_up(frame: Any) -> list[Sums]:
    """Add up a row a unit by slice."""
    import narwhals as nw

    y, x = nw.col("y"), nw.col("x")
    squared = frame.with_columns((y * y).alias("yy"), (x * x).alias("xx"), (x * y).alias("xy"))
    sums = [nw.col(name).sum() for name in ("y", "yy", "x", "xx", "xy")]
    return collected(squared.group_by("slice").agg(nw.len().alias("n"), *sums).sort("slice"))


def collected(frame: Any) -> list[Sums]:
    """Give the rows of a lazy frame."""
    rows: list[Sums] = frame.collect("pyarrow").to_native().to_pylist()
    return rows


def rows(frame: Any, y: Any, x: Any = None) -> Any:
    """Give a row a unit as `figures` takes it."""
    import narwhals as nw

    below = nw.lit(1.0) if x is None else x.cast(nw.Float64())
    return frame.select("slice", y.cast(nw.Float64()).alias("y"), below.alias("x"))


def filled(name: str) -> Any:
    """Give a column as a number, 0 where a join found nothing."""
    import narwhals as nw

    return nw.when(nw.col(name).is_null()).then(0.0).otherwise(nw.col(name).cast(nw.Float64()))


def _judged(row: Sums, judge: Judge, units: str, unit: str) -> Figure:
    n = int(row["n"])
    if n < MIN_UNITS:
        return NotEstimable(f"{n} {units}, at least {MIN_UNITS} needed")
    if row["x"] <= 0:
        return NotEstimable(f"what the {units} are measured against adds up to {row['x']:g}")
    found = judge(row)
    return Estimate(found.value, found.low, found.high, n, unit)


def share(row: Sums) -> Interval:
    """Bound a share of units by Wilson's interval; y is 0 or 1."""
    return proportion_interval(round(row["y"]), int(row["n"]))


def mean(row: Sums) -> Interval:
    """Bound a mean by Student's t."""
    return mean_interval(int(row["n"]), row["y"], row["yy"])


def total(row: Sums) -> Interval:
    """Bound a sum as the mean times the units, as if these were drawn from the like of them."""
    found, n = mean(row), int(row["n"])
    return Interval(*(n * one for one in found))


def counted(row: Sums) -> Interval:
    """Bound the number of units as a Poisson count."""
    return count_interval(int(row["n"]))


def ratio(row: Sums) -> Interval:
    """Bound Σy / Σx by the delta method over units.

    Both are put in units of their means first: variances of large amounts that hardly differ would be lost in rounding.
    """
    n = int(row["n"])
    by_y, by_x = abs(row["y"]) / n or 1.0, row["x"] / n
    found = ratio_interval(
        n, row["y"] / by_y, row["yy"] / by_y**2, n, row["xx"] / by_x**2, row["xy"] / (by_y * by_x)
    )  # fmt: skip
    return Interval(*(one * by_y / by_x for one in found))


def growth(row: Sums) -> Interval:
    """Bound Σy / Σx − 1 likewise; nothing falls by more than all."""
    found = ratio(row)
    return Interval(found.value - 1, max(found.low - 1, -1.0), found.high - 1, found.standard_error)


def rate(row: Sums) -> Interval:
    """Bound Σy / Σx where y counts some of the things x counts, by units; of no spread at all, Wilson's over the units."""
    found = ratio(row)
    if found.standard_error > 1e-12:
        return Interval(found.value, max(found.low, 0.0), min(found.high, 1.0), found.standard_error)
    n = int(row["n"])
    wide = proportion_interval(round(found.value * n), n)
    return Interval(found.value, min(wide.low, found.value), max(wide.high, found.value), wide.standard_error)
