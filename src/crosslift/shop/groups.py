"""Clusters and persona cards as the last learning run left them, for whoever shows them."""

from typing import Any

import msgspec

from crosslift.store.ports import Records

GROUPS = "groups"
"""The name under which they are kept."""
_NOT_YET: dict[str, Any] = {
    "n_people": 0, "why": "nothing was learned of customers yet; run `crosslift learn`", "clusters": [], "personas": {},
}  # fmt: skip


def groups_of(records: Records) -> dict[str, Any]:
    """Give what was learned, see `Grouping.told`; before that, no groups and why."""
    kept = records.model(GROUPS)
    found: dict[str, Any] = msgspec.json.decode(kept) if kept else _NOT_YET
    return found
