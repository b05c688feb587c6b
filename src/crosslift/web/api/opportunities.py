"""`GET /v1/opportunities`: what could be earned and is not, in lists, the largest first."""

from datetime import datetime
from typing import Any

import msgspec

from crosslift.shop.missed import KINDS
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop

MOST = 200
MOST_WEEKS = 52


class Size(msgspec.Struct):
    """What there is to win at most, with its interval; `n` units it rests on, or why nobody can say."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    not_estimable: str | None = None


class OpportunityRow(msgspec.Struct):
    """One thing that could be done; `facts` are the counts it rests on."""

    kind: str
    subject: str
    title: str
    value: Size
    basis: str
    facts: dict[str, Any]


class Opportunities(msgspec.Struct):
    """The lists by kind; `amounts` says whether sizes are margin or revenue."""

    since: str
    until: str
    currency: str
    amounts: str
    weeks: int
    lists: dict[str, list[OpportunityRow]]
    n_found: dict[str, int]


async def get(
    served: ServedShop, since: datetime | None, until: datetime | None, most: int, weeks: int
) -> Opportunities:
    """Find them."""
    begin, end = (served.shop.local(moment) if moment is not None else None for moment in (since, until))
    found = await served.in_thread(lambda: served.shop.opportunities.found(begin, end, most, weeks))
    return msgspec.convert(found, Opportunities)


_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00+09:00"]}
_NONE: dict[str, list[Any]] = {kind: [] for kind in KINDS}
OPERATION = Operation(
    name="get_opportunities",
    method="GET",
    path="/v1/opportunities",
    summary="Find what could be earned and is not",
    about=(
        "Products without companions, or whose companions nobody was offered; what rules and gates cost where nothing was "
        "offered; groups who are offered something less often than everybody; companions whose stock does not last; searches "
        "that led to nothing; products whose required part cannot be sold. Each is sized by what the shop has seen, which is "
        "what there is to win at most. The last 30 days by default."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("since", "query", "First instant.", _INSTANT),
        Parameter("until", "query", "Instant after the last.", _INSTANT),
        Parameter(
            "most", "query", "So many of each list.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 20}
        ),
        Parameter(
            "weeks", "query", "Stock has to last so long.",
            {"type": "integer", "minimum": 1, "maximum": MOST_WEEKS, "default": 4},
        ),
    ),
    answer=Opportunities,
    answer_example={
        "since": "2026-03-01T00:00:00+00:00", "until": "2026-03-31T00:00:00+00:00", "currency": "KRW", "amounts": "margin",
        "weeks": 4,
        "lists": {
            **_NONE,
            "no_companion": [{
                "kind": "no_companion", "subject": "MUG", "title": "Mug",
                "value": {"value": 81000.0, "low": 40000.0, "high": 122000.0, "n": 9, "not_estimable": None},
                "basis": "companions that came along with comparable products, offered or not",
                "facts": {"orders": 120, "n_companions": 0},
            }],
        },
        "n_found": {**dict.fromkeys(KINDS, 0), "no_companion": 1},
    },
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
