"""What people looked at, searched for, read and said of themselves: events as the tables learning reads.

Ids stay as they were sent.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.rows import as_json
from crosslift.domain import event

VIEWS = pa.schema([("identity", pa.string()), ("product_id", pa.string()), ("at", pa.int64())])
SEARCHES = pa.schema([("identity", pa.string()), ("query", pa.string()), ("at", pa.int64())])
READS = pa.schema([
    ("identity", pa.string()), ("content_id", pa.string()), ("title", pa.string()), ("product_id", pa.string()),
    ("at", pa.int64()),
])  # fmt: skip
TRAITS = pa.schema([
    ("identity", pa.string()), ("account_id", pa.string()), ("traits", pa.string()), ("at", pa.int64()),
])  # fmt: skip
PAGE_CALLS = ("page", "screen")
"""How Segment names its calls for pages of a site and screens of an app."""


class _Properties(msgspec.Struct):
    """The properties read here; whatever else an event carries is passed over."""

    query: Any = None
    content_id: Any = None
    title: Any = None
    group_id: Any = None
    traits: Any = None


_decode = msgspec.json.Decoder(_Properties).decode


def views_of(events: pa.Table) -> pa.Table:
    """Give the product views.

    Parameters
    ----------
    events : pa.Table
        name, identity, product_id, properties (JSON), at; as `Frames.events` gives them.

    Returns
    -------
    pa.Table
        identity, product_id, at (microseconds UTC), in the order of the events; views of nothing or by nobody are left out.
    """
    seen = _named(events, (event.PRODUCT_VIEWED,))
    known = pc.and_(pc.is_valid(seen.column("identity")), pc.is_valid(seen.column("product_id")))
    return seen.filter(known).select(VIEWS.names).cast(VIEWS)


def searches_of(events: pa.Table) -> pa.Table:
    """Give the searches, each query as `normalized_query` writes it.

    Parameters
    ----------
    events : pa.Table
        As for `views_of`.

    Returns
    -------
    pa.Table
        identity, query, at; searches for nothing or by nobody are left out.
    """
    made = _named(events, (event.PRODUCTS_SEARCHED,))
    queries = [normalized_query(said.query) for said in _properties(made)]
    columns = [made.column("identity"), pa.array(queries, pa.string()), made.column("at")]
    return _complete(pa.table(columns, schema=SEARCHES), ("identity", "query"))


def reads_of(events: pa.Table) -> pa.Table:
    """Give the guides, FAQ and set-up steps that were read or taken along, and page calls that name a content id.

    Parameters
    ----------
    events : pa.Table
        As for `views_of`.

    Returns
    -------
    pa.Table
        identity, content_id, title and product_id (null where the event names none), at.
    """
    read = _named(events, (event.CONTENT_VIEWED, event.CONTENT_DOWNLOADED, *PAGE_CALLS))
    said = list(_properties(read))
    columns = [
        read.column("identity"),
        pa.array([_text(one.content_id) for one in said], pa.string()),
        pa.array([_text(one.title) for one in said], pa.string()),
        read.column("product_id"),
        read.column("at"),
    ]
    return _complete(pa.table(columns, schema=READS), ("identity", "content_id"))


def traits_of(events: pa.Table) -> pa.Table:
    """Give what `identify` calls say of people, and `group` calls of the accounts they belong to.

    Parameters
    ----------
    events : pa.Table
        As for `views_of`.

    Returns
    -------
    pa.Table
        identity, account_id (of a group call, else null), traits (JSON object), at; in the order of the events. A later
        call adds to the earlier ones: the newest word on each trait counts.
    """
    told = _named(events, ("identify", "group"))
    said = list(_properties(told))
    columns = [
        told.column("identity"),
        pa.array([_text(one.group_id) for one in said], pa.string()),
        pa.array([as_json(one.traits if isinstance(one.traits, dict) else {}) for one in said], pa.string()),
        told.column("at"),
    ]
    return _complete(pa.table(columns, schema=TRAITS), ("identity",))


def normalized_query(query: object) -> str | None:
    """Write a query so that what means the same is the same: compatible forms, no case, single spaces.

    Examples
    --------
    >>> normalized_query("  Ｃｏｆｆｅｅ   Filter ")
    'coffee filter'
    >>> normalized_query("   ") is None
    True
    """
    text = _text(query)
    if text is None:
        return None
    return event.normalized(text) or None


def _named(events: pa.Table, names: Sequence[str]) -> pa.Table:
    return events.filter(pc.is_in(events.column("name"), value_set=pa.array(names))).combine_chunks()


def _properties(events: pa.Table) -> list[_Properties]:
    return [_decode(text) if text else _Properties() for text in events.column("properties").to_pylist()]


def _complete(table: pa.Table, needed: Sequence[str]) -> pa.Table:
    for name in needed:
        table = table.filter(pc.is_valid(table.column(name)))
    return table


def _text(value: object) -> str | None:
    """Give text, or a number as text; composed, trimmed, null where nothing is left."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return unicodedata.normalize("NFC", str(value)).strip() or None
