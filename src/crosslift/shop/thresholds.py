"""Which bar "from this cart value on …" would be worth setting, by the shop's own orders; and what would fill its gap.

The bar is chosen on every second order and judged on the others, so that its figures are not those of a lucky choice.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide.thresholds import ANSWERS, OVERSHOOT, REACH, Gap, Suggested, fitting, gains, near, suggest
from crosslift.domain.catalog import SELLABLE_KINDS
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_tables import Rows
from crosslift.domain.value import Bar
from crosslift.errors import BadInput, BadUsage
from crosslift.measure.metrics import order_values
from crosslift.stats.compare import mean_interval

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]
MIN_ORDERS = 200
MIN_COSTED = 0.5
"""Share of sales of which the cost is known, for their margin to stand for all."""
MOST_OTHERS, MOST_FILLERS = 4, 8
TITLES = {"en": "Free delivery", "ko": "무료 배송", "ja": "送料無料"}
ASSUMPTION = (
    f"Assumed, not learned: of the orders within {REACH:.0%} below the bar whose gap something fills, {ANSWERS[0]:.0%} to "
    f"{ANSWERS[1]:.0%} add just what is missing; nobody else changes anything; orders over the bar get for nothing what they "
    "paid for until now"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    Attributes
    ----------
    worth : float
        What reaching the bar costs us an order, such as the postage.
    margin : float or None
        0..1, margin of what is added as a share of what is paid; None takes that of what was sold.
    """

    currency: str
    worth: float
    margin: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.worth < np.inf:
            raise BadUsage(f"reaching a bar cannot cost {self.worth:g}; give what it costs us an order, such as 4.5")
        if self.margin is not None and not 0 < self.margin <= 1:
            raise BadUsage(
                f"a margin of {self.margin:.0%} earns nothing or more than is paid; give more than 0 and at most 1"
            )


@dataclass(frozen=True, slots=True)
class Margin:
    """What is left of an amount paid after tax and cost, and of it how much is tax; shares of the amount.

    `costed` is the share of sales whose cost is known, `taxed` that of those whose tax was told.
    """

    share: float
    tax: float
    costed: float
    taxed: float

    @classmethod
    def of(cls, lines: pa.Table, products: pa.Table, currency: str, *, has_tax: bool) -> "Margin":
        """Read it from order lines after cleaning and the catalog; `has_tax` where prices hold the tax."""
        paid, tax, is_taxed = _amounts(lines)
        ids, costs = (
            products.column("product_id").combine_chunks(),
            pa.array(_costs(products, currency), from_pandas=True),
        )
        each = (pc.take(costs, pc.index_in(lines.column(name), ids)) for name in ("variant_id", "product_id"))
        cost = _numbers(pc.coalesce(*each)) * _numbers(lines.column("quantity"))
        known = ~np.isnan(cost)
        whole, costed = float(paid.sum()), float(paid[known].sum())
        if whole <= 0 or costed <= 0:
            return cls(0.0, 0.0, 0.0, 0.0)
        off = tax if has_tax else np.zeros(len(tax))
        return cls(
            1 - float(off[known].sum() + cost[known].sum()) / costed, float(off.sum()) / whole, costed / whole,
            float(paid[is_taxed].sum()) / whole if has_tax else 1.0,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fillers:
    """What can be sold and earns something, the cheapest first; `margins` are nan where only what was said speaks for them."""

    rows: list[Row]
    prices: Floats
    margins: Floats

    @classmethod
    def of(cls, products: pa.Table, asked: Asked, tax: float) -> "Fillers":
        """Read the catalog; `tax` is the share of a price that is tax. Unknown costs pass where a margin was said."""
        prices = _numbers(products.column("price_micros")) / 1e6
        margins = prices * (1 - tax) - _costs(products, asked.currency)
        rows = products.to_pylist()
        fits = np.array([_can_be_sold(row, asked.currency) for row in rows], np.bool_) & (prices > 0)
        fits &= (margins >= 0) | (np.isnan(margins) & (asked.margin is not None))
        places = np.flatnonzero(fits)[np.argsort(prices[fits], kind="stable")]
        return cls([rows[place] for place in places.tolist()], prices[places], margins[places])

    def told(self, bar: Bar, gap: float, n_sold: Mapping[str, int]) -> list[Row]:
        """Name what fills a gap, the most bought first."""
        fit = fitting(Gap(bar, bar.amount - gap, gap), self.prices)
        found = [
            {
                "product": self.rows[place]["product_id"], "title": self.rows[place]["title"],
                "price": round(float(self.prices[place]), 6), "n_lines": n_sold.get(self.rows[place]["product_id"], 0),
                "margin": None if np.isnan(self.margins[place]) else round(float(self.margins[place]), 6),
            }
            for place in np.flatnonzero(fit > 0).tolist()
        ]  # fmt: skip
        return sorted(found, key=lambda one: (-one["n_lines"], one["product"]))[:MOST_FILLERS]


def _can_be_sold(row: Row, currency: str) -> bool:
    is_here = row["is_active"] is not False and row["stock"] != 0 and not row["parent_id"]
    return is_here and row["currency"] == currency and (row["kind"] or "goods") in SELLABLE_KINDS


def within(lines: pa.Table, since: int | None, until: int | None) -> pa.Table:
    """Give the order lines of a time, microseconds; BadInput if it ends before it begins."""
    if since is not None and until is not None and since >= until:
        raise BadInput(f"the time ends ({_day(until)}) before it begins ({_day(since)})")
    for moment, compare in ((since, pc.greater_equal), (until, pc.less)):
        if moment is not None:
            lines = lines.filter(compare(lines.column("ordered_at"), moment))
    return lines


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).date().isoformat()


def suggestion(
    lines: pa.Table, products: pa.Table, lazy: Callable[[pa.Table], Any], asked: Asked, *, has_tax: bool
) -> Row | NotEstimable:
    """Weigh bars and name the one that pays for itself even where few answer it, if there is one.

    Parameters
    ----------
    lines : pa.Table
        Order lines after cleaning.
    lazy : callable
        Wraps a table as a Narwhals lazy frame of the frames engine.
    has_tax : bool
        Whether prices hold the tax.

    Returns
    -------
    dict or NotEstimable
        currency, worth, n_orders, `first_on` and `last_on` of them, median_order, margin; `suggested` (None where no bar
        earns its cost for certain, with `why`): amount, shares within reach and over, break_even, gap, `effects` on the
        margin of a thousand orders by answer, each with its 95 % interval; `others` that were weighed; `fillers` for its
        usual gap, none below its cost; `assumption`, `caveats`, and `toml` for the policy.
    """
    lines = lines.filter(pc.fill_null(pc.equal(lines.column("currency"), asked.currency), False))
    lines = lines.filter(pc.is_valid(lines.column("unit_price_micros")))
    values = _values(lines, lazy)
    if len(values) < MIN_ORDERS:
        return NotEstimable(f"{len(values)} orders in {asked.currency} have a price, at least {MIN_ORDERS} needed")
    margin = Margin.of(lines, products, asked.currency, has_tax=has_tax)
    share = _share(margin, asked)
    if isinstance(share, NotEstimable):
        return share
    fillers = Fillers.of(products, asked, margin.tax)
    weighed = suggest(values[::2], share, asked.worth, fillers.prices)
    best = next((one for one in weighed if one.gain_low >= 0), None)
    effects = _effects(values[1::2], best.amount, share, asked.worth, fillers.prices) if best else []
    if effects and effects[0]["low"] < 0:
        best = None
    told: Row = {
        "currency": asked.currency, "worth": asked.worth, "n_orders": len(values),
        **{f"{name}_on": _day(at) for name, at in zip(("first", "last"), _span(lines), strict=True)},
        "median_order": round(float(np.median(values)), 2), "margin": round(share, 4), "suggested": None,
        "why": None if best else _why_not(weighed), "fillers": [], "toml": None,
        "others": [_plain(one) for one in weighed if one is not best][:MOST_OTHERS],
        "assumption": ASSUMPTION, "caveats": _caveats(margin, is_given=asked.margin is not None),
    }  # fmt: skip
    if best is None:
        return told
    gap = float(np.median(best.amount - values[near(values, best.amount, fillers.prices)]))
    bar = Bar(f"from-{best.amount:.10g}", best.amount, asked.currency, TITLES, (), asked.worth, OVERSHOOT)
    return told | {
        "suggested": {**_plain(best), "gap": round(gap, 2), "effects": effects},
        "fillers": fillers.told(bar, gap, Counter(lines.column("product_id").to_pylist())), "toml": _toml(bar),
    }  # fmt: skip


def _span(lines: pa.Table) -> tuple[int, int]:
    found = pc.min_max(lines.column("ordered_at")).as_py()
    return found["min"], found["max"]


def _share(margin: Margin, asked: Asked) -> float | NotEstimable:
    """Give the margin of what is added: what was said, else that of what was sold."""
    if asked.margin is not None:
        return asked.margin
    if margin.costed < MIN_COSTED:
        return NotEstimable(
            f"the cost of {1 - margin.costed:.0%} of what was sold is unknown, at most {1 - MIN_COSTED:.0%} may be; put costs "
            "in the catalog, or say the margin of what is added, such as 0.4"
        )
    if margin.share <= 0:
        return NotEstimable(
            f"what is sold earns {margin.share:.0%} of what is paid: an order that grows brings nothing"
        )
    return margin.share


def _values(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> Floats:
    """Give what each order came to, in the order of their names."""
    found = order_values(lines, lazy).sort("source", "order_id").collect("pyarrow").to_native()
    values = np.asarray(found.column("value"), np.float64)
    return values[values > 0]


def _amounts(lines: pa.Table) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Give what was paid for each line, the tax in it, and whether that was told."""
    names = ("unit_price_micros", "discount_micros", "tax_micros")
    price, off, tax = (np.nan_to_num(_numbers(lines.column(name)) / 1e6) for name in names)
    return (
        price * np.asarray(lines.column("quantity"), np.float64) - off,
        tax,
        np.asarray(lines.column("tax_micros").is_valid()),
    )


def _costs(products: pa.Table, currency: str) -> Floats:
    """Give what a piece of each product costs us; nan where nobody said, or in another currency."""
    is_own = np.asarray(pc.fill_null(pc.equal(products.column("currency"), currency), False))
    return np.where(is_own, _numbers(products.column("cost_micros")) / 1e6, np.nan)


def _numbers(column: pa.ChunkedArray) -> Floats:
    """Give a column of numbers, nan where there is none."""
    return np.asarray(pc.fill_null(pc.cast(column, pa.float64()), float("nan")), np.float64)


def _effects(values: Floats, amount: float, share: float, worth: float, fillers: Floats) -> list[Row]:
    """Give the gain of a thousand orders under each answer, with the interval of the orders it is read from."""
    effects = []
    for answer in ANSWERS:
        each = gains(values, amount, share, worth, answer, fillers)
        found = mean_interval(len(each), float(each.sum()), float((each * each).sum()))
        told = {name: round(getattr(found, name) * 1000, 2) for name in ("value", "low", "high")}
        effects.append({"answer": answer, **told, "n": len(each)})
    return effects


def _why_not(weighed: Sequence[Suggested]) -> str:
    if not weighed:
        return (
            f"no bar earns what it gives away, not even where {ANSWERS[1]:.0%} of those within reach add to their order"
        )
    one = min(weighed, key=lambda bar: bar.break_even)
    return (
        f"no bar earns what it gives away for certain where {ANSWERS[0]:.0%} of those within reach add to their order; the "
        f"nearest is {one.amount:,.10g}, which needs {one.break_even:.0%} of them"
    )


def _caveats(margin: Margin, *, is_given: bool) -> list[str]:
    told = ["orders that a bar of today has drawn up already are counted as if there were none"]
    if not is_given and margin.costed < 1:
        told.append(f"the margin is that of the {margin.costed:.0%} of sales whose cost is known")
    if not is_given and margin.taxed < 1:
        told.append(
            f"of {1 - margin.taxed:.0%} of sales nobody told the tax that prices hold: their margin is taken too high"
        )
    return told


def _plain(one: Suggested) -> Row:
    return {
        "amount": one.amount, "near_share": round(one.n_near / 1000, 4), "over_share": round(one.n_over / 1000, 4),
        "break_even": round(one.break_even, 4),
    }  # fmt: skip


def _toml(bar: Bar) -> str:
    """Write the bar as a policy has it, and what keeps fillers from costing more than they bring."""
    form = next(one.form for one in POLICY.fields if one.key == "bars")
    assert isinstance(form, Rows)  # noqa: S101 - as the table of keys has it
    note = '# under [value]: no filler is offered below its cost\n# margin_from = "0 %"\n'
    return "\n".join(["[[bars]]", *form.record.lines(bar)]) + "\n" + note
