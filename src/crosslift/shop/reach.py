"""Whom offers reach, by group of a trait: the one report in which a sensitive trait is looked at, in counts of many."""

from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.learn.customers.reach import reach_by_group
from crosslift.store.ports import Records

OFFERED = pa.schema([
    ("person_id", pa.string()), ("decision_id", pa.string()), ("product_id", pa.string()), ("value", pa.float64()),
])  # fmt: skip


def reach(records: Records, trait: str) -> list[dict[str, Any]]:
    """Count people, decisions, offers and their prices by value of a trait, most people first.

    Decisions made from context alone name nobody and are left out. Prices are today's, in the currency of the catalog.

    Parameters
    ----------
    trait : str
        Name of a trait, sensitive or not. Groups of fewer than ten people are put together.
    """
    profiles = records.table("profiles", ["person_id", "traits"])
    found = reach_by_group(profiles, _offered(records), trait)
    return [{**asdict(one), "reach": one.reach, "value_per_offer": one.value_per_offer} for one in found]


def _offered(records: Records) -> pa.Table:
    """Give one row an offer, and one for a decision without any."""
    decided = records.table("decisions", ["decision_id", "identity", "body"], "identity is not null")
    people = dict(zip(*records.people().to_pydict().values(), strict=True))
    live = records.live_since(-1)[1]
    prices = {row[0]: row[1] / 1e6 for row in live if row[1] is not None}
    rows: list[tuple[str, str, str | None, float | None]] = []
    for decision, identity, body in zip(*(column.to_pylist() for column in decided.columns), strict=True):
        person = people.get(identity, identity)
        offered = sorted(record.offered(body))
        rows += [(person, decision, product, prices.get(product)) for product in offered]
        if not offered:
            rows.append((person, decision, None, None))
    columns = list(zip(*rows, strict=True)) or [()] * len(OFFERED)
    table = pa.table([pa.array(c, f.type) for c, f in zip(columns, OFFERED, strict=True)], schema=OFFERED)
    return table.filter(pc.is_valid(table.column("person_id")))
