"""The figures of a period, all of them: each is defined once, and computed by Narwhals on any frames engine."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import Figure
from crosslift.errors import BadInput
from crosslift.measure import customers, leads, orders, reception, recurring, visits
from crosslift.measure.figures import MIN_UNITS, Measured, Metric, Period
from crosslift.measure.orders import AOV, order_values
from crosslift.settings import Settings

__all__ = [
    "AOV", "BY", "METRICS", "MIN_UNITS", "Measured", "Measurer", "Metric", "Period", "measure", "measure_tables",
    "order_values", "within",
]  # fmt: skip

METRICS = (
    *orders.METRICS, *visits.METRICS, *leads.METRICS, *customers.METRICS, *recurring.METRICS, *reception.METRICS,
)  # fmt: skip
BY = (
    "channel", "market", "placement", "strategy", "category", "product", "team", "traffic_source", "segment", "month",
)  # fmt: skip
"""What figures can be split by, where their rows say it."""
_FAMILIES: tuple[tuple[tuple[str, ...], Callable[[Mapping[str, Any], Period], list[Measured]]], ...] = (
    (("visits", "sales"), visits.per_visitor),
    (("leads", "visits", "orders"), leads.won_over),
    (("sales",), customers.per_customer),
    (("worth",), customers.worth_changed),
    (("sales", "subscriptions"), customers.products_held),
    (("sales", "costs"), customers.acquisition),
    (("subscriptions",), recurring.recurring),
    (("served", "answers", "complaints", "orders"), reception.received),
    (("contacted", "withdrawals"), reception.unsubscribed),
    (("decisions",), reception.nothing_offered),
)
"""The tables a family of figures is made of, and how."""


class Measurer(Protocol):
    """A figure of somebody else's, as a plugin of kind metrics works it out.

    Attributes
    ----------
    metric : Metric
        What it means; its name is none of ours.
    """

    api_version: int
    metric: Metric

    def measure(self, lines: pa.Table) -> Figure:
        """Work it out over the cleaned order lines of a period, `NotEstimable` where they are too few."""


def measure(
    lines: pa.Table,
    lazy: Callable[[pa.Table], Any],
    settings: Settings,
    since: datetime | None = None,
    until: datetime | None = None,
    anchor: str | None = None,
    attached: str | None = None,
) -> list[Measured]:
    """Measure the orders of a period.

    Parameters
    ----------
    lines : pa.Table
        Order lines after cleaning; with a column `slice` each slice is measured.
    lazy : callable
        Wraps a table as a Narwhals lazy frame of the frames engine.
    since, until : datetime, optional
        The period, `since` included, `until` not; everything by default.
    anchor, attached : str, optional
        Products of the attach rate; without `anchor` every other product's rate is left out, without `attached` the
        share of the anchor's orders that hold anything else is given.

    Raises
    ------
    BadInput
        If the period ends before it begins, or an attached product is named without its anchor.
    """
    if since is not None and until is not None and since >= until:
        raise BadInput(f"the period ends ({until:%Y-%m-%d}) before it begins ({since:%Y-%m-%d})")
    asked = lines.select([name for name in orders.COLUMNS if name in lines.column_names])
    return orders.per_order(within(asked, since, until), lazy, anchor, attached)


def measure_tables(
    tables: Mapping[str, pa.Table], lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]], period: Period
) -> list[Measured]:
    """Measure people, offers and contracts of a period.

    Parameters
    ----------
    tables : mapping of str to pa.Table
        `sales`, `subscriptions`, `costs`, `worth` (see `customers`), `visits` (see `visits`), `leads` (see `leads`), `served`,
        `answers`, `complaints`, `contacted`, `withdrawals`, `decisions` (see `reception`) and `orders` (unit, at). Figures of a
        table that is not there are left out.
    lazies : callable
        Wraps tables as Narwhals lazy frames of one session of a frames engine.
    """
    frames = lazies(tables)
    return [one for needed, family in _FAMILIES if frames.keys() >= set(needed) for one in family(frames, period)]


def within(lines: pa.Table, since: datetime | None, until: datetime | None) -> pa.Table:
    """Give the lines of a period, `since` included, `until` not."""
    for moment, compare in ((since, pc.greater_equal), (until, pc.less)):
        if moment is not None:
            lines = lines.filter(compare(lines.column("ordered_at"), int(moment.timestamp() * 1_000_000)))
    return lines
