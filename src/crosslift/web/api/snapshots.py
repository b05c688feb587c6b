"""`GET /v1/snapshots`: what was learned and when."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from crosslift.web.api.operation import SECRET, Operation
from crosslift.web.served import ServedShop


class Learned(msgspec.Struct):
    """One result of learning."""

    snapshot_id: str
    created_at: str
    as_of: str
    state: str
    ndcg: float | None
    is_current: bool


class Snapshots(msgspec.Struct):
    """All of them, newest first."""

    snapshots: list[Learned]


async def get(served: ServedShop) -> Snapshots:
    """List what was learned."""
    rows = await served.in_thread(served.shop.snapshots)
    return Snapshots([_learned(row) for row in rows])


def _learned(row: dict[str, Any]) -> Learned:
    at, as_of = (datetime.fromtimestamp(row[name] / 1e6, UTC).isoformat() for name in ("created_at", "as_of"))
    return Learned(row["snapshot_id"], at, as_of, row["state"], row["ndcg"], row["is_current"])


OPERATION = Operation(
    name="get_snapshots",
    method="GET",
    path="/v1/snapshots",
    summary="List what was learned",
    about="Newest first; `is_current` marks the one decisions are made with, `ndcg` is its accuracy on the offline slice.",
    group="learn",
    keys=(SECRET,),
    answer=Snapshots,
    problems=(401, 403),
)
