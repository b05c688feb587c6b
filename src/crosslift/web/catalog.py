"""What pages and answers show of products: titles, pictures, headings; kept in memory, brought up to date by changes.

Price, stock and activity are never taken from here but from the live overlay, which every decision reads afresh.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crosslift.decide.knowledge import LiveRow
from crosslift.domain.catalog import Product, ProductKind
from crosslift.domain.money import Money
from crosslift.store.ports import Records

COLUMNS = (
    "product_id", "title", "titles", "category", "attributes", "kind", "price_micros", "currency", "image", "brand",
    "parent_id", "url",
)  # fmt: skip
CHUNK = 500
WHOLE = 5000
"""From so many changed products on, the whole table is read at once."""


class Catalog:
    """Products by id.

    Parameters
    ----------
    records : Records
        Where they are kept; its change number tells what is new.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.Lock()
        self._products: Mapping[str, Product] = {}
        self._number = -1
        self._children: Mapping[str, tuple[str, ...]] = {}

    @property
    def products(self) -> Mapping[str, Product]:
        """Every product and variant as of the last refresh; never changed in place."""
        return self._products

    def refresh(self) -> bool:
        """Read what changed since the last time; returns whether anything shown did. Safe from any thread."""
        with self._lock:
            number, rows = self._records.live_since(self._number)
            changed = {p.product_id: p for p in self._read([row[0] for row in rows])} if rows else {}
            self._number = number
            if all(self._products.get(name) == product for name, product in changed.items()):
                return False
            merged = {**self._products, **changed}
            children: dict[str, list[str]] = {}
            for product in merged.values():
                if product.parent_id:
                    children.setdefault(product.parent_id, []).append(product.product_id)
            self._products = merged
            self._children = {parent: tuple(sorted(ids)) for parent, ids in children.items()}
        return True

    def find(self, product_id: str) -> Product | None:
        """Look a product or variant up."""
        return self._products.get(product_id)

    def variants_of(self, product_id: str) -> tuple[str, ...]:
        """Name the variants of a product, none for most."""
        return self._children.get(product_id, ())

    def _read(self, ids: Sequence[str]) -> Iterable[Product]:
        if len(ids) >= WHOLE:
            yield from self._rows("", ())
            return
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            yield from self._rows(f"product_id in ({', '.join('?' * len(chunk))})", chunk)

    def _rows(self, where: str, values: Sequence[str]) -> Iterable[Product]:
        table = self._records.table("products", COLUMNS, where, values)
        return (_product(row) for row in table.to_pylist())


def _product(row: Mapping[str, Any]) -> Product:
    price = row["price_micros"]
    return Product(
        product_id=row["product_id"],
        title=row["title"] or row["product_id"],
        titles=_object(row["titles"]),
        category=row["category"],
        brand=row["brand"],
        kind=ProductKind(row["kind"]),
        price=Money.from_micros(price, row["currency"]) if price is not None and row["currency"] else None,
        parent_id=row["parent_id"],
        url=row["url"],
        image=row["image"],
        attributes=_object(row["attributes"]),
    )


def _object(text: str | None) -> Mapping[str, Any]:
    if not text or text == "{}":
        return {}
    found = msgspec.json.decode(text)
    return found if isinstance(found, dict) else {}


def price_of(row: LiveRow | None) -> Money | None:
    """Give the price in force, or None where nobody gave one."""
    if row is None or row.price_micros is None or not row.currency:
        return None
    return Money.from_micros(row.price_micros, row.currency)


def is_in_stock(row: LiveRow | None) -> bool:
    """Tell whether there is something to sell; unknown stock counts as in stock."""
    return row is not None and (row.stock is None or row.stock > 0)
