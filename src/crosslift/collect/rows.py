"""Typed columns to rows of the tables: keys, line numbers, content hashes, translated titles."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import own_list
from crosslift.collect.findings import Finding, Severity, three

DAY = 86_400_000_000
HOUR = 3_600_000_000
Tables = list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]
Columns = dict[str, pa.Array]

EVENT_COLUMNS = (
    "message_hash", "name", "at", "received_at", "identity", "product_id", "channel", "decision_id", "properties",
)  # fmt: skip
LINE_COLUMNS = (
    "source", "order_id", "line_id", "has_line_id", "ordered_at", "ordered_on", "customer_id", "product_id",
    "variant_id", "title", "quantity", "unit_price_micros", "currency", "discount_micros", "tax_micros", "channel",
    "market", "status", "decision_id", "attributes", "updated_at", "row_hash",
)  # fmt: skip
ORDER_COLUMNS = (
    "source", "order_id", "ordered_at", "customer_id", "channel", "market", "currency", "status", "updated_at",
)  # fmt: skip
RETURN_COLUMNS = (
    "source", "order_id", "line_id", "product_id", "quantity", "returned_at", "returned_on", "reason",
    "refund_micros", "currency", "row_hash",
)  # fmt: skip
PRODUCT_COLUMNS = (
    "product_id", "title", "titles", "category", "brand", "kind", "kind_source", "price_micros", "cost_micros",
    "currency", "stock", "is_active", "parent_id", "url", "image", "attributes", "is_derived", "updated_at",
)  # fmt: skip
CUSTOMER_COLUMNS = ("customer_id", "email", "phone", "locale", "market", "created_at", "traits", "updated_at")
CONSENT_COLUMNS = (
    "customer_id", "purpose", "channel", "status", "source", "wording", "proof", "at", "row_hash",
)  # fmt: skip


def as_json(value: object) -> str:
    """Encode for a JSON text column: sorted keys, no spaces, real characters."""
    return msgspec.json.encode(value, order="sorted").decode()


_packed = msgspec.msgpack.Encoder().encode


def content_hash(values: tuple[Any, ...]) -> int:
    """Hash a row's content to 64 signed bits, the same on every machine."""
    return int.from_bytes(blake2b(_packed(values), digest_size=8).digest(), "little", signed=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row beyond its single cells: the row's number, the column to look at, and what is wrong."""

    row: int
    name: str
    what: str


@dataclass(slots=True)
class Finished:
    """What `Builder.finish` gives: rows by table, faults, and how many rows are left out because of them."""

    tables: Tables = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    n_left_out: int = 0


class Builder:
    """Builds rows batch by batch; keeps what must be remembered between batches.

    `named` are the products its rows speak of without bringing them, for those datasets that are checked for it;
    `withheld` what the catalog has and does not sell, for those that ask.
    """

    def __init__(self, source: str, place: str = "row {}") -> None:
        self.source = source
        self.place = place
        self.named: set[str] = set()
        self.withheld: frozenset[str] = frozenset()
        self._positions: dict[str, int] = {}
        self._headers: dict[str, tuple[Any, ...]] = {}
        self._torn: list[str] = []

    def numbered(self, columns: Columns, first_row: int = 1) -> Columns:
        """Add what depends on every row of the file, also on those that will be left out."""
        return columns

    def faults(self, columns: Columns, first_row: int) -> list[Fault]:
        """Look at the cells of each row together; rows with a fault are refused like unreadable cells."""
        return []

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn typed columns into rows by table."""
        raise NotImplementedError

    def finish(self) -> Finished:
        """Give what could only be built once every row was there, and what was wrong with it."""
        return Finished()

    def findings(self) -> list[Finding]:
        """Say what was noticed while building."""
        if not self._torn:
            return []
        return [Finding(
            "order_facts_disagree", Severity.WARNING, len(self._torn),
            f"{len(self._torn)} lines name another customer or time than their order's first line",
            "each line keeps its own values; the order has those of its first line", "check the export", three(self._torn),
        )]  # fmt: skip


class OrderRows(Builder):
    """Order lines, and the header of each order."""

    def numbered(self, columns: Columns, first_row: int = 1) -> Columns:
        """Count the position of each line in its order, its id where the source gives none."""
        get = getter(columns, len(columns["order_id"]))
        positions = []
        for source, order in zip(get("source"), get("order_id"), strict=True):
            key = f"{source or self.source}\x00{order}"
            position = self._positions[key] = self._positions.get(key, 0) + 1
            positions.append(str(position))
        return {**columns, "position": pa.array(positions, pa.string())}

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn order lines into rows, with a header for each order met first."""
        n = len(columns["order_id"])
        get = getter(columns, n)
        sources = [s or self.source for s in get("source")]
        orders, given, at = get("order_id"), get("line_id"), get("ordered_at")
        line_ids = [line if line is not None else place for line, place in zip(given, get("position"), strict=True)]
        status = [s or "placed" for s in get("status")]
        attributes = extra_json(extras, n)
        content = list(zip(
            at, get("customer_id"), get("product_id"), get("variant_id"), get("title"), get("quantity"),
            get("unit_price"), get("currency"), get("discount"), get("tax"), get("channel"), get("market"), status,
            get("decision_id"), attributes, strict=True,
        ))  # fmt: skip
        days = (np.asarray(columns["ordered_at"]) // DAY).tolist()
        rows = [
            (s, o, line, g is not None, c[0], day, *c[1:], updated, content_hash(c))
            for s, o, line, g, day, c, updated in zip(
                sources, orders, line_ids, given, days, content, get("updated_at"), strict=True
            )
        ]
        return [("orders", ORDER_COLUMNS, self._new_headers(rows)), ("order_lines", LINE_COLUMNS, rows)]

    def _new_headers(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """One header an order, from its first line, and another from a newer version of it; lines that disagree are named."""
        fresh = []
        for row in rows:
            key = f"{row[0]}\x00{row[1]}"
            header = (row[0], row[1], row[4], row[6], row[15], row[16], row[12], row[17], row[20])
            first = self._headers.setdefault(key, header)
            if first is header or (header[8] or 0) > (first[8] or 0):
                self._headers[key] = header
                fresh.append(header)
            elif first[3] != header[3] or abs(first[2] - header[2]) > HOUR:
                self._torn.append(row[1])
        return fresh


class ReturnRows(Builder):
    """Returns."""

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn returns into rows; without a line id, product and instant stand for one."""
        n = len(columns["order_id"])
        get = getter(columns, n)
        sources = [s or self.source for s in get("source")]
        orders = get("order_id")
        products, at = get("product_id"), get("returned_at")
        given = [
            line if line is not None else f"{product}@{moment}"
            for line, product, moment in zip(get("line_id"), products, at, strict=True)
        ]
        content = list(
            zip(
                products,
                get("quantity"),
                at,
                get("reason"),
                get("refund_amount"),
                get("currency"),
                strict=True,
            )
        )
        rows = [
            (s, o, line, c[0], c[1], c[2], c[2] // DAY, *c[3:], content_hash(c))
            for s, o, line, c in zip(sources, orders, given, content, strict=True)
        ]
        return [("returns", RETURN_COLUMNS, rows)]


class ProductRows(Builder):
    """Products with their translated titles, and the shop's own list of what goes beside each."""

    def __init__(self, source: str, place: str = "row {}") -> None:
        super().__init__(source, place)
        self._brought: set[str] = set()

    def faults(self, columns: Columns, first_row: int) -> list[Fault]:
        """Refuse lists that are no lists but catalogs."""
        lists = own_list.lists_of(columns.get(own_list.COLUMN), len(columns["product_id"]))
        return [
            Fault(row, own_list.COLUMN, f"names {len(ids)} products; at most {own_list.MOST} are kept")
            for row, ids in enumerate(lists, first_row)
            if ids is not None and len(ids) > own_list.MOST
        ]

    def finish(self) -> Finished:
        """Forget what the lists name and this very file brings."""
        self.named -= self._brought
        return Finished()

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn products into rows, live values included."""
        n = len(columns["product_id"])
        get = getter(columns, n)
        titles, others = translated_titles(extras, n)
        lists = own_list.lists_of(columns.get(own_list.COLUMN), n)
        attributes = merged_json(get("attributes"), others, n)
        if any(lists):
            attributes = [_with_list(text, ids) for text, ids in zip(attributes, lists, strict=True)]
            self._brought.update(get("product_id"))
            self.named.update(name for ids in lists if ids for name in ids)
        kinds = get("kind")
        rows = list(zip(
            get("product_id"),
            [title or code for title, code in zip(get("title"), get("product_id"), strict=True)],
            titles,
            get("category"),
            get("brand"),
            [kind or "goods" for kind in kinds],
            ["file" if kind else "assumed" for kind in kinds],
            get("price"),
            get("cost"),
            get("currency"),
            get("stock"),
            [True if flag is None else flag for flag in get("active")],
            get("parent_id"),
            get("url"),
            get("image"),
            attributes,
            [False] * n,
            get("updated_at"),
            strict=True,
        ))  # fmt: skip
        return [("products", PRODUCT_COLUMNS, rows)]


def _with_list(attributes: str, ids: list[str] | None) -> str:
    """Keep a list among the attributes; a row without one stays as it is."""
    return attributes if not ids else as_json({**_object(attributes), own_list.COLUMN: ids})


def getter(columns: Columns, n_rows: int) -> Callable[[str], list[Any]]:
    """Give a reader of whole columns as lists; a column that is not there is empty."""
    return lambda name: columns[name].to_pylist() if name in columns else [None] * n_rows


def is_title(name: str) -> bool:
    """Tell whether an extra column is a translated title, such as `title_ko`."""
    return name.startswith("title_") and 2 <= len(name.removeprefix("title_")) <= 10


def translated_titles(extras: Columns, n_rows: int) -> tuple[list[str], Columns]:
    """Take the translated titles out of the extra columns: JSON a row, language to title, and the other columns."""
    found = {name.removeprefix("title_"): column.to_pylist() for name, column in extras.items() if is_title(name)}
    others = {name: column for name, column in extras.items() if not is_title(name)}
    return [as_json({lang: cells[i] for lang, cells in found.items() if cells[i]}) for i in range(n_rows)], others


def extra_json(extras: Columns, n_rows: int) -> Iterable[str | None]:
    """Keep extra columns as JSON attributes; null where there are none."""
    if not extras:
        return [None] * n_rows
    return merged_json([None] * n_rows, extras, n_rows)


def attributes_of(columns: Columns, extras: Columns, n_rows: int) -> list[str | None]:
    """Join the column `attributes` with extra columns; null for rows that have neither."""
    merged = merged_json(getter(columns, n_rows)("attributes"), extras, n_rows)
    return [None if text == "{}" else text for text in merged]


def merged_json(given: list[str | None], extras: Columns, n_rows: int) -> list[str]:
    """Join a JSON column with extra columns; what is no JSON object stays as text under `attributes`."""
    cells = {name: pc.if_else(pc.equal(column, ""), None, column).to_pylist() for name, column in extras.items()}
    merged = []
    for i in range(n_rows):
        base = _object(given[i])
        base.update({name: column[i] for name, column in cells.items() if column[i] is not None})
        merged.append(as_json(base))
    return merged


def _object(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        value = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return {"attributes": text}
    return value if isinstance(value, dict) else {"attributes": value}
