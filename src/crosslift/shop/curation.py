"""What the merchant writes down, by hand or by API: curated links and bundles, in force on the very next decision."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import from_json, own_list
from crosslift.collect.behavior import views_of
from crosslift.collect.curated import withheld
from crosslift.collect.references import References
from crosslift.collect.schemas import SCHEMAS, Type
from crosslift.domain.event import PRODUCT_VIEWED
from crosslift.errors import NotFound
from crosslift.settings import Settings
from crosslift.shop.facts import contacts
from crosslift.store.frames import Frames
from crosslift.store.ports import Outcome, Records

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Items = Sequence[Mapping[str, Any]]


def put_links(records: Records, settings: Settings, now: datetime, links: Items) -> dict[str, Any]:
    """Insert, replace or take back curated links, by the code of the file door.

    Returns
    -------
    dict
        new, replaced, same; `conflicts` with a newer version that is kept; `unknown` products they name.

    Raises
    ------
    BadInput
        Naming the link and the field; nothing is kept then.
    """
    columns, rows, named = from_json.link_rows(links, settings)
    return _kept(records, records.put_rows("links", columns, rows, _micros(now)), named)


def list_links(records: Records, now: datetime, after: int = 0, limit: int | None = None) -> dict[str, Any]:
    """List the links in force in the order they were written, some at a time.

    Parameters
    ----------
    after : int
        The `next` of the page before.

    Returns
    -------
    dict
        links, as they can be put again; `next`, None on the last page.
    """
    _, table = records.links(_micros(now))
    page, following = _page(table, after, limit)
    return {"links": [_plain("links", row) for row in page], "next": following}


def remove_link(records: Records, settings: Settings, now: datetime, from_id: str, to_id: str, kind: str) -> None:
    """Take a curated link back; what was learned holds again.

    Raises
    ------
    NotFound
        If no such link stands, expired ones aside.
    """
    standing = records.table(
        "links", ["updated_at"], "from_id = ? and to_id = ? and kind = ? and action <> 'remove'", (from_id, to_id, kind)
    )
    if standing.num_rows == 0:
        raise NotFound(f"no {kind} link from {from_id!r} to {to_id!r}; GET /v1/links lists those that stand")
    at = max(_micros(now), standing.column("updated_at")[0].as_py() or 0)  # an older export does not bring it back
    gone = {"from_id": from_id, "to_id": to_id, "kind": kind, "action": "remove", "updated_at": _instant(at)}
    put_links(records, settings, now, [gone])


def put_bundles(records: Records, settings: Settings, now: datetime, parts: Items) -> dict[str, Any]:
    """Insert or replace bundles, each as a whole, one item a part.

    Returns
    -------
    dict
        new, replaced and same count parts; `conflicts` and `unknown` as for links.

    Raises
    ------
    BadInput
        Naming the part and the field; nothing is kept then.
    """
    columns, rows, named = from_json.bundle_rows(parts, settings, withheld(records))
    return _kept(records, records.put_rows("bundles", columns, rows, _micros(now)), named)


def list_bundles(records: Records, after: int = 0, limit: int | None = None) -> dict[str, Any]:
    """List bundles part by part, some at a time; a page ends with the last part of a bundle.

    Returns
    -------
    dict
        bundles, as they can be put again; `next`, None on the last page.
    """
    _, table = records.bundles()
    page, following = _page(table, after, limit, whole="bundle_id")
    return {"bundles": [_plain("bundles", row) for row in page], "next": following}


def references(records: Records, frames: Frames, now: datetime) -> References:
    """Gather what names products and offers, for the quality report."""
    held = [frames.subscriptions().column("product_id"), frames.usage().column("product_id")]
    return References(
        pa.concat_tables([records.table("product_live", ["product_id", "is_active"]), _offers(records)]),
        records.links(_micros(now))[1],
        records.bundles()[1],
        sorted({product for column in held for product in pc.unique(column).to_pylist()}),
        contacts(records),
        _listed(records),
        _viewed(frames),
    )


def _viewed(frames: Frames) -> dict[str, int]:
    """Count how often each product was looked at."""
    counted = pc.value_counts(views_of(frames.events(PRODUCT_VIEWED)).column("product_id"))
    return {row["values"]: row["counts"] for row in counted.to_pylist()}


def _listed(records: Records) -> frozenset[str]:
    """Name the products on the shop's own lists."""
    rows = records.table("products", ["attributes"], "attributes like ?", (f'%"{own_list.COLUMN}"%',))
    said = (msgspec.json.decode(text).get(own_list.COLUMN) for text in rows.column("attributes").to_pylist())
    return frozenset(str(name) for ids in said if isinstance(ids, list) for name in ids)


def _offers(records: Records) -> pa.Table:
    """Give the offers, which links and sets may name as they name products."""
    found = records.offers()
    ids = pa.array([row["offer_id"] for row in found], pa.string())
    return pa.table({"product_id": ids, "is_active": pa.array([bool(row["is_active"]) for row in found], pa.bool_())})


def _kept(records: Records, outcome: Outcome, named: set[str]) -> dict[str, Any]:
    return {
        "new": outcome.n_new, "replaced": outcome.n_replaced, "same": outcome.n_same,
        "conflicts": [" / ".join(key) for key in outcome.conflicts],
        "unknown": sorted(named - records.known_products(named) - {row["offer_id"] for row in records.offers()}),
    }  # fmt: skip


def _page(table: pa.Table, after: int, limit: int | None, whole: str | None = None) -> tuple[Items, int | None]:
    """Cut a page behind an ingestion number; rows of one `whole` stay together."""
    rows = [row for row in table.to_pylist() if row["id"] > after]
    end = len(rows) if limit is None else min(limit, len(rows))
    while whole and 0 < end < len(rows) and rows[end][whole] == rows[end - 1][whole]:
        end += 1
    return rows[:end], rows[end - 1]["id"] if end < len(rows) else None


def _plain(dataset: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a stored row in canonical columns, empty ones left out."""
    plain: dict[str, Any] = {}
    for field in SCHEMAS[dataset].fields:
        value = row[field.stored_as]
        if value is None:
            continue
        if field.type is Type.MONEY:
            value = f"{(Decimal(value) / 1_000_000).normalize():f}"
        elif field.type is Type.INSTANT:
            value = _instant(value)
        elif field.type is Type.JSON:
            value = msgspec.json.decode(value)
        plain[field.name] = value
    for language, title in msgspec.json.decode(row.get("titles") or "{}").items():
        plain[f"title_{language}"] = title
    return plain


def _instant(micros: int) -> str:
    return (EPOCH + timedelta(microseconds=micros)).isoformat()


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
