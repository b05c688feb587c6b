"""`GET /v1/watch`: days unlike those before, spreads that moved, probabilities that do not hold, runs of learning."""

from datetime import date
from typing import Any

import msgspec

from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop


class WatchedDay(msgspec.Struct):
    """A figure of one day, what the days before let expect of it within 95 %, and whether it is unlike them."""

    day: str
    value: float
    expected: float
    low: float
    high: float
    p_adjusted: float
    is_alarm: bool


class WatchedTrend(msgspec.Struct):
    """The change a week as a share of the median, with its interval."""

    per_week: float
    low: float
    high: float


class WatchedFigure(msgspec.Struct):
    """One figure; `not_estimable` says why nothing can be said."""

    name: str
    kind: str
    days: list[WatchedDay] | None = None
    trend: WatchedTrend | None = None
    not_estimable: str | None = None


class WatchedSpread(msgspec.Struct):
    """How far the last four weeks are from those before, in what comes in (`input`) or in scores."""

    of: str
    about: str
    n_before: int
    n_after: int
    psi: float | None = None
    p_adjusted: float | None = None
    has_moved: bool | None = None
    not_estimable: str | None = None


class WatchedProbability(msgspec.Struct):
    """How far p_basket is from baskets nobody prompted, and how far it would be by chance."""

    error: float | None = None
    by_chance: float | None = None
    is_off: bool | None = None
    n: int | None = None
    not_estimable: str | None = None


class WatchedRun(msgspec.Struct):
    """A run of learning: how well it completes later baskets, and what became of it."""

    snapshot_id: str
    created_at: int
    ndcg: float | None
    state: str


class WatchedAlarm(msgspec.Struct):
    """What a person should look at, and about which day, spread or snapshot."""

    what: str
    about: str


class WatchReport(msgspec.Struct):
    """What is unlike before; `alarms` names what a person should look at, and about what."""

    first: str
    last: str
    days_before: int
    figures: list[WatchedFigure]
    drift: list[WatchedSpread]
    calibration: WatchedProbability
    learned: list[WatchedRun]
    alarms: list[WatchedAlarm]


async def get(served: ServedShop, day: date | None, days: int) -> WatchReport:
    """Look."""
    found: dict[str, Any] = await served.in_thread(lambda: served.shop.watching.look(day, days))
    return msgspec.convert(found, WatchReport)


OPERATION = Operation(
    name="get_watch",
    method="GET",
    path="/v1/watch",
    summary="Say what is unlike before",
    about=(
        "Days against the eight weeks before them: level, line and weekday by medians, with how often chance alone strays as "
        "far, all days and figures of the answer together. The last four weeks against the four before: the stability index of "
        "what comes in and of scores. p_basket against the baskets of people whose offers were withheld. The newest runs of "
        "learning."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("day", "query", "The last day looked at, in the shop's time zone; yesterday by default.",
                  {"type": "string", "format": "date", "examples": ["2026-10-31"]}),
        Parameter("days", "query", "So many days.", {"type": "integer", "minimum": 1, "maximum": 7, "examples": [7]}),
    ),
    answer=WatchReport,
    answer_example={
        "first": "2026-10-31", "last": "2026-10-31", "days_before": 56,
        "figures": [{
            "name": "orders", "kind": "count", "trend": {"per_week": 0.004, "low": -0.002, "high": 0.011}, "not_estimable": None,
            "days": [{"day": "2026-10-31", "value": 14.0, "expected": 98.0, "low": 71.0, "high": 129.0, "p_adjusted": 0.0005,
                      "is_alarm": True}],
        }],
        "drift": [{"of": "order_channel", "about": "input", "n_before": 3120, "n_after": 3004, "psi": 0.004,
                   "p_adjusted": 0.4, "has_moved": False, "not_estimable": None}],
        "calibration": {"error": 0.011, "by_chance": 0.016, "is_off": False, "n": 1210, "not_estimable": None},
        "learned": [{"snapshot_id": "20261031T030000-000000", "created_at": 1793415600000000, "ndcg": 0.24,
                     "state": "published"}],
        "alarms": [{"what": "orders", "about": "2026-10-31"}],
    },
    problems=(400, 401, 403, 422, 503),
)  # fmt: skip
