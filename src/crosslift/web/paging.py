"""Long lists a page at a time: the same cursor for every list that is kept in one order."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from crosslift.web.api.operation import MAX_BATCH
from crosslift.web.problems import Problem

LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "get_segments": ("segments", ("segment_id",)),
    "get_renewals": ("renewals", ("customer_id", "channel", "market")),
    "get_snapshots": ("snapshots", ("snapshot_id",)),
    "get_policies": ("policies", ("name",)),
    "get_offers": ("offers", ("offer_id",)),
    "get_offer": ("versions", ("version",)),
    "get_coupon_campaigns": ("campaigns", ("campaign_id",)),
    "get_experiments": ("experiments", ("experiment_id",)),
    "get_imports": ("imports", ("import_id",)),
    "get_keys": ("keys", ("key_id",)),
    "get_users": ("users", ("user_id",)),
}
"""The list in an answer and what names a row of it, by name of the operation. Others page where they are read."""
LONGEST = 500


def cut(operation: str, body: bytes, query: bytes) -> bytes:
    """Give the page of an answer that the query asks for, with `next` for the one behind it.

    Raises
    ------
    Problem
        422 naming the parameter.
    """
    name, fields = LISTS[operation]
    after, limit = _asked(query)
    answer: dict[str, Any] = msgspec.json.decode(body)
    rows = answer[name]
    first = 0
    if after:
        first = 1 + next((place for place, row in enumerate(rows) if _cursor(row, fields) == after), -1)
        if not first:
            raise _wrong("after", "the last row of that page is not in the list any more; begin anew")
    page = rows[first : first + limit]
    is_more = first + limit < len(rows)
    return msgspec.json.encode({**answer, name: page, "next": _cursor(page[-1], fields) if is_more else None})


def _cursor(row: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    return "|".join(str(row.get(field)) for field in fields)


def _asked(query: bytes) -> tuple[str, int]:
    try:
        given = parse_qs(query.decode(), max_num_fields=50, errors="strict")
    except ValueError:
        raise Problem(400, "bad_usage", "the query of the address cannot be read") from None
    after, limit = (given.get(name, [""])[-1] for name in ("after", "limit"))
    if len(after) > LONGEST:
        raise _wrong("after", f"a cursor has at most {LONGEST} characters")
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 6 and 1 <= int(limit) <= MAX_BATCH):
        raise _wrong("limit", f"a whole number from 1 to {MAX_BATCH}")
    return after, int(limit or MAX_BATCH)


def _wrong(parameter: str, detail: str) -> Problem:
    return Problem(422, "bad_input", f"{parameter}: {detail}", ({"parameter": parameter, "detail": detail},))
