"""What the merchant writes down, as rows: links one by one, bundles each as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.collect.rows import (
    Builder,
    Columns,
    Fault,
    Finished,
    Tables,
    as_json,
    attributes_of,
    content_hash,
    getter,
    translated_titles,
)
from crosslift.domain.bundle import BundleKind
from crosslift.domain.link import (
    ANYTHING,
    CATEGORY,
    EXPLAINED,
    WEIGHED,
    LinkAction,
    LinkKind,
    factor_of,
    interval_of,
    is_product,
)
from crosslift.store.ports import Records
from crosslift.wording import ethics

LINK_COLUMNS = (
    "from_id", "to_id", "kind", "action", "reason", "author", "value", "market", "expires_at", "attributes",
    "updated_at", "row_hash",
)  # fmt: skip
BUNDLE_COLUMNS = (
    "bundle_id", "product_id", "role", "quantity", "kind", "price_micros", "currency", "discount_percent", "title",
    "titles", "min_parts", "is_active", "attributes", "updated_at", "row_hash",
)  # fmt: skip
WRITTEN_ROWS = 1_000
"""Rows of bundles handed on at once; a bundle is never cut, so that it is compared and kept as a whole."""
MAX_PARTS = 1_000


class LinkRows(Builder):
    """Curated links; without an action a row is a plain link."""

    def faults(self, columns: Columns, first_row: int) -> list[Fault]:
        """Refuse what overrules learning without a reason, and ends or values that mean nothing."""
        get = getter(columns, len(columns["from_id"]))
        names = ("from_id", "to_id", "kind", "action", "reason", "author", "value")
        return [
            Fault(row, name, what)
            for row, cells in enumerate(zip(*map(get, names), strict=True), first_row)
            for name, what in (*_wrong_with(*cells), *_pressing(cells[3], cells[4]))
        ]

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn links into rows."""
        n = len(columns["from_id"])
        get = getter(columns, n)
        actions = [action or LinkAction.LINK.value for action in get("action")]
        attributes = attributes_of(columns, extras, n)
        keys = list(zip(get("from_id"), get("to_id"), get("kind"), strict=True))
        content = zip(
            actions,
            get("reason"),
            get("author"),
            get("value"),
            get("market"),
            get("expires_at"),
            attributes,
            strict=True,
        )
        rows = [
            (*key, *c, updated, content_hash(c))
            for key, c, updated in zip(keys, content, get("updated_at"), strict=True)
        ]
        for (start, end, kind), action in zip(keys, actions, strict=True):
            if action != LinkAction.REMOVE:
                self.named.update(one for one in ((start,) if kind != LinkKind.CONTENT else ()) if is_product(one))
                self.named.update(one for one in (end,) if is_product(one))
        return [("links", LINK_COLUMNS, rows)]


def _wrong_with(
    start: str | None, end: str | None, kind: str | None, action: str | None, reason: str | None, author: str | None,
    value: str | None,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Name columns of a link and what is wrong with them; cells that cannot be read are named elsewhere."""
    if start is None or end is None or kind is None or action == LinkAction.REMOVE:
        return
    if action in EXPLAINED:
        for name, cell in (("reason", reason), ("author", author)):
            if not cell:
                yield name, f"is empty; a {action} overrules what was learned, so it needs a reason and an author"
    if end == ANYTHING:
        yield "to_id", "'*' is everything; only from_id can be that, here name a product or category:<path>"
    for name, one in (("from_id", start), ("to_id", end)):
        if one == CATEGORY:
            yield name, "'category:' names no category; write its path behind it, as in category:tea/pots"
    if kind == LinkKind.CONTENT and not is_product(start):
        yield "from_id", f"{start[:60]!r} is no page; a content link starts from a content id"
    if start == end and kind not in (LinkKind.REFILL, LinkKind.CONTENT):
        yield "to_id", f"{end[:60]!r} is linked to itself; only a refill may be"
    if value and action in WEIGHED and factor_of(value) is None:
        yield "value", f"{value[:60]!r} is no factor above 0 and up to 100, such as 1.5"
    if value and action not in WEIGHED and kind == LinkKind.REFILL and interval_of(value) is None:
        yield "value", f"{value[:60]!r} is no interval, such as '180 days' or '10000 km'"


SHOWN = (None, LinkAction.LINK, LinkAction.PIN)
"""Links whose reason shoppers read: what the shop recommends, and why."""


def _pressing(action: str | None, reason: str | None) -> list[tuple[str, str]]:
    """Name what presses or hides in a reason that is shown."""
    if not reason or action not in SHOWN:
        return []
    return [("reason", one.told) for one in ethics.of_words(reason, "link.reason")]


@dataclass(frozen=True, slots=True)
class _Part:
    """One row of a bundles file; `facts` speak of the whole bundle and may be given in any of its rows."""

    row: int
    product_id: str
    role: str | None
    quantity: int
    titles: Mapping[str, str]
    attributes: str | None
    updated_at: int | None
    facts: Mapping[str, Any]


FACTS = ("kind", "price", "discount_percent", "currency", "title", "min_parts", "active")


class BundleRows(Builder):
    """Bundles, put together from all their rows, wherever in the file those stand."""

    def __init__(self, source: str, place: str = "row {}") -> None:
        super().__init__(source, place)
        self._parts: dict[str, list[_Part]] = {}
        self._n_rows: dict[str, int] = {}

    def numbered(self, columns: Columns, first_row: int = 1) -> Columns:
        """Number the rows and count those of each bundle: one that loses a row is left out as a whole."""
        for bundle in columns["bundle_id"].to_pylist():
            self._n_rows[bundle] = self._n_rows.get(bundle, 0) + 1
        return {**columns, "row": pa.array(range(first_row, first_row + len(columns["bundle_id"])), pa.int64())}

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Keep the parts; `finish` turns them into rows."""
        n = len(columns["bundle_id"])
        get = getter(columns, n)
        titles, others = translated_titles(extras, n)
        facts = list(zip(*(get(name) for name in FACTS), strict=True))
        for bundle, row, product, role, quantity, translated, attributes, updated_at, known in zip(
            get("bundle_id"), get("row"), get("product_id"), get("role"), get("quantity"), titles,
            attributes_of(columns, others, n), get("updated_at"), facts, strict=True,
        ):  # fmt: skip
            self._parts.setdefault(bundle, []).append(_Part(
                row, product, role, 1 if quantity is None else quantity, msgspec.json.decode(translated),
                attributes, updated_at, dict(zip(FACTS, known, strict=True)),
            ))  # fmt: skip
        return []

    def finish(self) -> Finished:
        """Check each bundle and turn it into rows, some whole bundles at a time."""
        done = Finished()
        rows: list[tuple[Any, ...]] = []
        for bundle, parts in self._parts.items():
            facts, faults = self._facts(bundle, parts)
            faults += self._wrong_with(bundle, parts, facts)
            if facts["active"] is not False:
                faults += _pressing_titles(bundle, parts, facts["title"])
                faults += _forced(bundle, parts, self.withheld)
            if faults:
                done.faults += faults
                done.n_left_out += len(parts)
                continue
            self.named.update(part.product_id for part in parts)
            rows += _rows_of(bundle, parts, facts)
            if len(rows) >= WRITTEN_ROWS:
                done.tables.append(("bundles", BUNDLE_COLUMNS, rows))
                rows = []
        if rows:
            done.tables.append(("bundles", BUNDLE_COLUMNS, rows))
        self._parts, self._n_rows = {}, {}
        return done

    def _facts(self, bundle: str, parts: Sequence[_Part]) -> tuple[dict[str, Any], list[Fault]]:
        """Give what is said of the bundle, and the rows that say it differently."""
        facts: dict[str, Any] = {}
        faults = []
        for name in FACTS:
            saying = [part for part in parts if part.facts[name] is not None]
            facts[name] = saying[0].facts[name] if saying else None
            other = next((part for part in saying if part.facts[name] != facts[name]), None)
            if other is not None:
                here, there = _shown(name, other.facts[name]), _shown(name, facts[name])
                faults.append(Fault(
                    other.row, name, f"bundle {bundle!r} has {here} here and {there} in "
                    f"{self.place.format(saying[0].row)}; a bundle has one {name}",
                ))  # fmt: skip
        return facts, faults

    def _wrong_with(self, bundle: str, parts: Sequence[_Part], facts: Mapping[str, Any]) -> list[Fault]:
        """Say what is wrong with a bundle as a whole, at its first row."""
        said: list[tuple[str, str]] = []
        if len(parts) < self._n_rows[bundle]:
            said.append(("bundle_id", "lost a row that cannot be read, and is left out as a whole"))
        elif len(parts) < 2:
            said.append(("product_id", "has one part; a bundle needs at least two"))
        if len(parts) > MAX_PARTS:
            said.append(("product_id", f"has {len(parts)} parts; at most {MAX_PARTS} are kept"))
        if facts["kind"] is None:
            said.append(("kind", "has no kind; say fixed, mix or look"))
        if facts["price"] is not None and facts["discount_percent"] is not None:
            said.append(("price", "has both a price and a discount_percent; keep one of them"))
        if facts["price"] is None and facts["discount_percent"] is None and facts["kind"] != BundleKind.LOOK:
            said.append(("price", "has neither price nor discount_percent; only a look may have neither"))
        if facts["price"] is not None and facts["currency"] is None:
            said.append(("currency", "has a price without a currency"))
        if facts["min_parts"] is not None and facts["min_parts"] > len(parts):
            said.append(("min_parts", f"asks for {facts['min_parts']} of its {len(parts)} parts"))
        faults = [Fault(parts[0].row, name, f"bundle {bundle!r} {what}") for name, what in said]
        first: dict[str, _Part] = {}
        for part in parts:
            before = first.setdefault(part.product_id, part)
            if before is not part:
                where = self.place.format(before.row)
                what = f"bundle {bundle!r} names {part.product_id!r} already in {where}; give its quantity there"
                faults.append(Fault(part.row, "product_id", what))
        return faults


def _pressing_titles(bundle: str, parts: Sequence[_Part], title: str | None) -> list[Fault]:
    """Name what presses or hides in the titles of a bundle, at the row that says it."""
    name = f"bundle {bundle}"
    said = [(parts[0].row, {"": title or ""}), *((part.row, part.titles) for part in parts)]
    return [
        Fault(row, one.column(name), f"bundle {bundle!r}: {one.told}")
        for row, titles in said
        for one in ethics.of_titles(titles, name)
    ]


def _forced(bundle: str, parts: Sequence[_Part], withheld: frozenset[str]) -> list[Fault]:
    """Name the parts that nobody can buy alone; one nobody knows yet may come later, no decision shows its set until then."""
    return [
        Fault(part.row, "product_id", f"bundle {bundle!r}: {ethics.of_part(part.product_id).told}")
        for part in parts
        if part.product_id in withheld
    ]


def withheld(records: Records) -> frozenset[str]:
    """Name what the catalog has and does not sell."""
    rows = records.table("product_live", ["product_id", "is_active"]).to_pylist()
    return frozenset(row["product_id"] for row in rows if not row["is_active"])


def _rows_of(bundle: str, parts: Sequence[_Part], facts: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Give the rows of a bundle; the order of its parts is the merchant's and counts as content."""
    titles: dict[str, str] = {}
    for part in parts:
        titles = {**part.titles, **titles}
    whole = (
        facts["kind"], facts["price"], facts["currency"], facts["discount_percent"], facts["title"] or bundle,
        as_json(titles), facts["min_parts"], True if facts["active"] is None else facts["active"],
    )  # fmt: skip
    own = [(part.product_id, part.role, part.quantity, part.attributes) for part in parts]
    digest = content_hash((whole, tuple(own)))
    updated_at = max((part.updated_at for part in parts if part.updated_at is not None), default=None)
    return [(bundle, *one[:3], *whole, one[3], updated_at, digest) for one in own]


def _shown(name: str, value: Any) -> str:
    return f"{(Decimal(value) / 1_000_000).normalize():f}" if name == "price" else repr(value)
