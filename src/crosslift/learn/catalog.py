"""The catalog as columns in the order of the snapshot: what each learner reads of a product, item by item."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.catalog import ProductKind

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Products that were sold or can be, variants counted as their product; every column has one entry an item.

    Attributes
    ----------
    products : sequence of str
        Ids in sorted order; item i of every array and of every `Links` is `products[i]`.
    titles : sequence of mapping
        Language to title; the plain title under ``""``.
    categories, brands, currencies, kinds : sequence of str or None
        Categories are paths with slashes, the leaf last.
    prices, costs, stock : float64 arrays
        Units of the currency, pieces; nan where nobody said.
    attributes : sequence of mapping
        As the merchant gave them, extra columns of the file included.
    """

    products: Sequence[str]
    titles: Sequence[Mapping[str, str]]
    categories: Sequence[str | None]
    brands: Sequence[str | None]
    currencies: Sequence[str | None]
    kinds: Sequence[str]
    prices: Floats
    costs: Floats
    stock: Floats
    attributes: Sequence[Mapping[str, Any]]

    @property
    def n_items(self) -> int:
        """How many products there are, sold or not."""
        return len(self.products)

    @property
    def index(self) -> dict[str, int]:
        """Where each product stands."""
        return {name: i for i, name in enumerate(self.products)}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Give title, price, cost, stock and currency of every product as people read them; None where unknown."""
        numbers = zip(self.prices.tolist(), self.costs.tolist(), self.stock.tolist(), strict=True)
        return [
            {
                "title": titles[""],
                "price": _known(price),
                "cost": _known(cost),
                "stock": _known(stock),
                "currency": currency,
            }
            for titles, (price, cost, stock), currency in zip(self.titles, numbers, self.currencies, strict=True)
        ]

    def is_consumable(self, item: int) -> bool:
        """Tell whether a product is used up, so that it may be bought again."""
        return bool(self.attributes[item].get("consumable"))

    def is_service(self, item: int) -> bool:
        """Tell whether a product is a service, plan or warranty rather than a thing."""
        return self.kinds[item] in _SERVICES

    def day_of(self, item: int, name: str) -> date | None:
        """Read an attribute that holds a day (`best_before`, `in_stock_since`); None where it is missing or no date."""
        value = self.attributes[item].get(name)
        try:
            return datetime.fromisoformat(str(value)).date() if value else None
        except ValueError:
            return None


_SERVICES = frozenset({ProductKind.SERVICE, ProductKind.PLAN, ProductKind.WARRANTY, ProductKind.ACTION})


def catalog_of(sold: Sequence[str], products: pa.Table) -> Catalog:
    """Put sold and sellable products in one order.

    Parameters
    ----------
    sold : sequence of str
        Products that orders, holdings or events name; kept even where the catalog does not know them.
    products : pa.Table
        product_id, title, titles, category, brand, kind, attributes, price_micros, cost_micros, stock, currency,
        parent_id.
    """
    rows = {row["product_id"]: row for row in products.to_pylist()}
    sellable = (
        name
        for name, row in rows.items()
        if not row.get("parent_id") and ProductKind(row.get("kind") or "goods").is_sellable
    )
    names = sorted({*sold, *sellable})
    chosen = [rows.get(name, {}) for name in names]
    return Catalog(
        names,
        [
            {"": row.get("title") or name, **msgspec.json.decode(row.get("titles") or "{}")}
            for name, row in zip(names, chosen, strict=True)
        ],
        [row.get("category") for row in chosen],
        [row.get("brand") for row in chosen],
        [row.get("currency") for row in chosen],
        [row.get("kind") or ProductKind.GOODS.value for row in chosen],
        _numbers(chosen, "price_micros", 1e6),
        _numbers(chosen, "cost_micros", 1e6),
        _numbers(chosen, "stock", 1.0),
        [msgspec.json.decode(row.get("attributes") or "{}") for row in chosen],
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _numbers(rows: Sequence[Mapping[str, Any]], name: str, unit: float) -> Floats:
    return np.array([np.nan if row.get(name) is None else row[name] / unit for row in rows], dtype=np.float64)
