"""`GET /v1/metrics`: the figures of a period, each with its interval."""

from datetime import datetime

import msgspec

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.metrics import BY, Measured
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop


class Figure(msgspec.Struct):
    """One figure; `of` names what it is about: a currency, two products, a code. `slice` is its part where figures are split.

    Where it cannot be told, `not_estimable` says why.
    """

    metric: str
    title: str
    of: str | None
    unit: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    not_estimable: str | None = None
    slice: str | None = None


class Figures(msgspec.Struct):
    """Each with its 95 % interval."""

    metrics: list[Figure]


async def get(
    served: ServedShop, since: datetime | None, until: datetime | None, anchor: str | None, attached: str | None,
    by: str | None = None,
) -> Figures:  # fmt: skip
    """Measure a period."""
    found = await served.in_thread(lambda: served.shop.measure(since, until, anchor, attached, by))
    return Figures([_told(one) for one in found])


def _told(one: Measured) -> Figure:
    metric, figure = one.metric, one.figure
    if isinstance(figure, NotEstimable):
        return Figure(metric.name, metric.title, one.of, metric.unit, not_estimable=figure.why, slice=one.slice)
    interval = (figure.value, figure.low, figure.high, figure.n)
    return Figure(metric.name, metric.title, one.of, figure.unit, *interval, slice=one.slice)


_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00+09:00"]}
OPERATION = Operation(
    name="get_metrics",
    method="GET",
    path="/v1/metrics",
    summary="Measure a period",
    about=(
        "Figures of orders, visitors, customers, subscriptions and offers, with what they mean in the reference. With an "
        "`anchor` product the attach rate of what is bought with it, of `attached` or of anything. Goes over everything of the "
        "period. What is held against the period before needs `since`."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("since", "query", "First instant; all by default.", _INSTANT),
        Parameter("until", "query", "Instant after the last.", _INSTANT),
        Parameter("anchor", "query", "The product something is bought with."),
        Parameter("attached", "query", "The product that is bought with it; anything by default."),
        Parameter("by", "query", "Split by this, where rows say it.", {"type": "string", "enum": list(BY)}),
    ),
    answer=Figures,
    answer_example={
        "metrics": [
            {
                "metric": "aov", "title": "Average order value", "of": "KRW", "unit": "money", "value": 41200.0,
                "low": 40100.0, "high": 42300.0, "n": 480, "not_estimable": None, "slice": None,
            }
        ]
    },
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
