"""Bad signs of offers, by whatever they are asked of: each a share with an interval that holds at every look together."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from crosslift.domain.event import ORDER_COMPLETED
from crosslift.domain.guardrail import SLOW_SECONDS, Guardrail, Sign
from crosslift.measure.figures import Sums, added_up, rows
from crosslift.measure.reception import answered
from crosslift.measure.visits import CHECKOUT_STARTED
from crosslift.stats.effects import Effect, RatioArm, at_any_time

MIN_PEOPLE = 100
"""Below so many people nothing is paused: intervals for any time rest on the normal."""
RISK = 0.05
"""That anything of one guardrail is paused by chance alone, at any look, before its counts begin anew."""
TUNED_FOR = 2000
"""People at which the intervals are narrowest."""
SERVED = ("slice", "decision_id", "product", "unit", "at")
"""Columns of offers that were given; `slice` is what the guardrail is asked of."""
_MARKS = {Sign.DECLINED: "declined", Sign.MUTED: "muted"}
_SAID = {Sign.COMPLAINED: "complaints", Sign.UNSUBSCRIBED: "withdrawals"}


class Watched(NamedTuple):
    """A bad sign of one target, with its interval; `n` people."""

    target: str
    value: float
    low: float
    high: float
    n: int

    def breaches(self, limit: float) -> bool:
        """Tell whether the whole interval lies above a limit."""
        return self.n >= MIN_PEOPLE and self.low > limit


def watched(guardrail: Guardrail, frames: Mapping[str, Any]) -> list[Watched]:
    """Measure the sign of a guardrail, of each target apart.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `served`, as `SERVED`, and what the sign needs of `answers` (see `reception.ANSWERS`), `complaints`, `withdrawals`,
        `begun`, `ordered` (unit, at), `lines` (slice, unit, kept), `pages` (slice, unit, seconds).

    Returns
    -------
    list of Watched
        In order of target. The risk is shared among all of them, so that watching many pauses no more by chance.
    """
    found = [row for row in added_up(_people(guardrail.sign, frames)) if row["n"] >= 2 and row["x"] > 0]
    level = 1 - RISK / max(len(found), 1)
    return [_judged(row, level) for row in found]


def _judged(row: Sums, level: float) -> Watched:
    n = int(row["n"])
    arm = RatioArm(n, row["y"], row["yy"], row["x"], row["xx"], row["xy"])
    effect = Effect(arm.ratio, (arm.unit_variance / n) ** 0.5, n - 1.0, n)
    bounds = at_any_time(effect, level, TUNED_FOR)
    return Watched(row["slice"], arm.ratio, max(bounds.low, 0.0), min(bounds.high, 1.0), n)


def _people(sign: Sign, frames: Mapping[str, Any]) -> Any:
    """Give a row a person and target: how many bad signs, of how many."""
    import narwhals as nw

    if sign in _MARKS:
        offers = answered(frames["served"], frames["answers"])
        people = offers.group_by("slice", "unit").agg(nw.col(_MARKS[sign]).sum().alias("bad"), nw.len().alias("all"))
    elif sign in (Sign.RETURNED, Sign.SLOW_PAGE):
        name, is_bad = (
            ("lines", nw.col("kept") <= 0) if sign is Sign.RETURNED else ("pages", nw.col("seconds") > SLOW_SECONDS)
        )
        each = frames[name].with_columns(is_bad.cast(nw.Int64()).alias("bad"))
        people = each.group_by("slice", "unit").agg(nw.col("bad").sum(), nw.len().alias("all"))
    else:
        given = frames["served"].group_by("slice", "unit").agg(nw.col("at").min())
        people = _said(given, frames[_SAID[sign]]) if sign in _SAID else _left(given, frames)
    return rows(people, nw.col("bad"), nw.col("all"))


def _said(given: Any, said: Any) -> Any:
    """Mark who said it after the first offer."""
    import narwhals as nw

    last = said.group_by("unit").agg(nw.col("at").max().alias("said_at"))
    has = ~nw.col("said_at").is_null() & (nw.col("said_at") >= nw.col("at"))
    return given.join(last, on="unit", how="left").with_columns(
        has.cast(nw.Int64()).alias("bad"), nw.lit(1).alias("all")
    )


def _left(given: Any, frames: Mapping[str, Any]) -> Any:
    """Mark who began a checkout after the first offer and did not order at or after the last time."""
    import narwhals as nw

    begun, ordered = (
        frames[name].group_by("unit").agg(nw.col("at").max().alias(f"{name}_at")) for name in ("begun", "ordered")
    )
    met = given.join(begun, on="unit", how="inner").filter(nw.col("begun_at") >= nw.col("at"))
    is_left = nw.col("ordered_at").is_null() | (nw.col("ordered_at") < nw.col("begun_at"))
    return met.join(ordered, on="unit", how="left").with_columns(
        is_left.cast(nw.Int64()).alias("bad"), nw.lit(1).alias("all")
    )


def checkouts(visits: Any, orders: Any) -> dict[str, Any]:
    """Give who began a checkout, and who ordered, from visits (unit, at, name) and orders (unit, at)."""
    import narwhals as nw

    told = visits.filter(nw.col("name") == ORDER_COMPLETED).select("unit", "at")
    return {
        "begun": visits.filter(nw.col("name") == CHECKOUT_STARTED).select("unit", "at"),
        "ordered": nw.concat([told, orders.select("unit", "at")], how="vertical"),
    }
