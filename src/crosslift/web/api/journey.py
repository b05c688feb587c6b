"""`GET /v1/journey`: touchpoints by stage, who went on, and where an offer has its place."""

from datetime import datetime
from typing import Literal

import msgspec

from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop


class TouchpointRow(msgspec.Struct):
    """One kind of thing that happened on one channel; `score` only where an offer has its place and enough people came."""

    stage: str
    name: str
    channel: str
    volume: int
    people: int
    went_on: int
    dropped: int
    offered: int
    moment: Literal["natural", "wait", "pain"]
    score: float | None


class JourneyMap(msgspec.Struct):
    """People of each stage, and the touchpoints by stage and people."""

    since: str
    until: str
    stages: dict[str, int]
    touchpoints: list[TouchpointRow]


async def get(served: ServedShop, since: datetime | None, until: datetime | None) -> JourneyMap:
    """Map it."""
    begin, end = (served.shop.local(moment) if moment is not None else None for moment in (since, until))
    return msgspec.convert(await served.in_thread(lambda: served.shop.journeys.map(begin, end)), JourneyMap)


_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00+09:00"]}
OPERATION = Operation(
    name="get_journey",
    method="GET",
    path="/v1/journey",
    summary="Map the journey people walked",
    about=(
        "Touchpoints of events, orders, returns, cases, reviews, activities and messages, by stage: how often, how many people, "
        "how many of them were seen at a later stage afterwards, how many were given an offer within a day. The score is people "
        "without an offer times the share who go on, the most being 100, at moments where an offer has its place; after a pain "
        "it has none. The last 30 days by default."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("since", "query", "First instant.", _INSTANT), Parameter("until", "query", "Instant after the last.", _INSTANT),
    ),
    answer=JourneyMap,
    answer_example={
        "since": "2026-03-01T00:00:00+00:00", "until": "2026-03-31T00:00:00+00:00",
        "stages": {"aware": 4100, "consider": 2600, "buy": 640, "after": 210},
        "touchpoints": [{
            "stage": "buy", "name": "Cart Viewed", "channel": "web", "volume": 1900, "people": 1200, "went_on": 410,
            "dropped": 790, "offered": 300, "moment": "natural", "score": 100.0,
        }],
    },
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
