"""`GET /v1/thresholds/suggestion`: which bar "free delivery from …" pays for itself by the shop's own orders."""

from datetime import datetime
from typing import Any

import msgspec

from crosslift.domain.estimate import NotEstimable
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop

DEAREST = 1e12


class Effect(msgspec.Struct):
    """Margin gained on a thousand orders where so many of those within reach answer, with its 95 % interval."""

    answer: float
    value: float
    low: float
    high: float
    n: int


class Weighed(msgspec.Struct):
    """A bar: shares of orders within reach below it and over it, and the answer from which on it loses nothing."""

    amount: float
    near_share: float
    over_share: float
    break_even: float


class Best(Weighed):
    """The bar that is suggested; `gap` is what orders within reach are usually short of it."""

    gap: float
    effects: list[Effect]


class Filler(msgspec.Struct):
    """What fills the usual gap; `margin` is what a piece earns, never below 0.

    It is null where a margin was said and nobody knows the cost.
    """

    product: str
    title: str | None
    price: float
    margin: float | None
    n_lines: int


class Suggestion(msgspec.Struct):
    """What orders say; `not_estimable` where they are too few. `suggested` is null where no bar pays, and `why` says so."""

    not_estimable: str | None = None
    currency: str | None = None
    worth: float | None = None
    n_orders: int | None = None
    first_on: str | None = None
    last_on: str | None = None
    median_order: float | None = None
    margin: float | None = None
    suggested: Best | None = None
    why: str | None = None
    others: list[Weighed] = []
    fillers: list[Filler] = []
    assumption: str | None = None
    caveats: list[str] = []
    toml: str | None = None


async def suggest(
    served: ServedShop, worth: float, currency: str | None, margin: float | None, since: datetime | None,
    until: datetime | None,
) -> Suggestion:  # fmt: skip
    """Weigh bars over the orders of the shop."""
    found: dict[str, Any] | NotEstimable = await served.in_thread(
        lambda: served.shop.suggest_threshold(worth, currency, margin, since, until)
    )
    if isinstance(found, NotEstimable):
        return Suggestion(not_estimable=found.why)
    return msgspec.convert(found, Suggestion)


_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-08-01T00:00:00+09:00"]}
_SHARE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
OPERATION = Operation(
    name="suggest_threshold",
    method="GET",
    path="/v1/thresholds/suggestion",
    summary="Ask which threshold bar would pay",
    about=(
        "Weighs cart values from which something such as delivery is free by the shop's own orders. One is suggested only "
        "where it earns what it gives away for certain though no more than 10 % of the orders within reach below it add what "
        "is missing; effects carry their interval and the assumption they rest on. `fillers` fit its usual gap and earn "
        "something; `toml` is the bar as a policy has it. Changes nothing."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("worth", "query", "What reaching the bar costs us an order, such as the postage.",
                  {"type": "number", "minimum": 0}, is_required=True),
        Parameter("currency", "query", "Of orders and worth; the shop's own by default.", {"type": "string"}),
        Parameter("margin", "query", "Margin of what is added; by default that of what was sold.", _SHARE),
        Parameter("since", "query", "First instant of orders; all of them by default.", _INSTANT),
        Parameter("until", "query", "Instant after the last.", _INSTANT),
    ),
    answer=Suggestion,
    problems=(400, 401, 403, 422, 503),
)  # fmt: skip
