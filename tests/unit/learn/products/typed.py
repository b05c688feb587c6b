"""Little shops for the typed relations: a catalog, baskets in its order, and views. Loaded by `load_script`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import complements
from crosslift.settings import Settings
from crosslift.stats.chance import StrataCounts
from crosslift.stats.pairs import PairCounts

HOUR = 3_600_000_000
NO_VIEWS = pa.table(
    {"identity": pa.array([], pa.string()), "product_id": pa.array([], pa.string()), "at": pa.array([], pa.int64())}
)
LINK_TYPES = dict.fromkeys(("from_id", "to_id", "kind", "action", "reason", "author", "value"), pa.string())


@dataclass(frozen=True, slots=True)
class Shop:
    """What the learners are handed."""

    catalog: Catalog
    counted: Baskets
    pairs: PairCounts
    expected_of: Callable[..., Any]
    settings: Settings

    def name(self, item: int) -> str:
        return self.catalog.products[item]

    def linked(self, links: Any) -> set[tuple[str, str]]:
        """Name the pairs of some links."""
        return {
            (self.name(a), self.name(b)) for a, b in zip(links.sources.tolist(), links.targets.tolist(), strict=True)
        }

    def rows(self, links: Any) -> dict[tuple[str, str], dict[str, Any]]:
        """Give each named link with its numbers and texts."""
        told = {}
        for place, (a, b) in enumerate(zip(links.sources.tolist(), links.targets.tolist(), strict=True)):
            numbers = {name: float(column[place]) for name, column in links.columns.items()}
            told[self.name(a), self.name(b)] = {
                **numbers,
                "score": float(links.scores[place]),
                **(links.texts[place] if links.texts is not None else {}),
            }
        return told


def product(price: float | None = 10.0, category: str | None = "things", title: Any = None, **attributes: Any) -> dict:
    """Describe one product."""
    return {"price": price, "category": category, "title": title, "attributes": attributes}


def catalog(products: Mapping[str, Mapping[str, Any]], currency: str | None = "USD") -> Catalog:
    """Give a catalog; titles are texts or {language: text}, the id where missing. `brand` is an attribute here."""
    names = sorted(products)
    rows = [products[name] for name in names]
    titles = [row["title"] or name for name, row in zip(names, rows, strict=True)]
    nothing = np.full(len(names), np.nan)
    return Catalog(
        names,
        [one if isinstance(one, Mapping) else {"": one} for one in titles],
        [row["category"] for row in rows],
        [row["attributes"].get("brand") for row in rows],
        [currency] * len(names),
        ["goods"] * len(names),
        np.array([np.nan if row["price"] is None else row["price"] for row in rows], dtype=np.float64),
        nothing,
        nothing,
        [{key: value for key, value in row["attributes"].items() if key != "brand"} for row in rows],
    )


def shop(
    products: Mapping[str, Mapping[str, Any]],
    orders: Sequence[Sequence[str]] = (),
    customers: Sequence[int | None] | None = None,
    hours: Sequence[int] | None = None,
    **knobs: Any,
) -> Shop:
    """Give a shop; every order has a customer of its own and follows the one before by an hour unless told otherwise."""
    known = catalog(products)
    index = known.index
    rows = [sorted({index[name] for name in order}) for order in orders]
    n = len(rows)
    who = list(range(n)) if customers is None else customers
    baskets = Baskets(
        list(known.products),
        np.array([item for row in rows for item in row], dtype=np.int32),
        np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        np.array(range(n) if hours is None else hours, dtype=np.int64) * HOUR,
        np.array([10_000 + place if one is None else one for place, one in enumerate(who)], dtype=np.int64),
        np.array([one is not None for one in who], dtype=bool),
        np.full(n, -1, dtype=np.int64),
    )
    settings = Settings.load({key.replace("_", ".", 1): value for key, value in knobs.items()})
    counted, pairs = complements.count(baskets, settings)
    strata = StrataCounts.of(counted.items, counted.offsets, counted.n_items, np.zeros(counted.n_baskets, np.int64))
    return Shop(known, counted, pairs, strata.expected, settings)


def views(*visits: Sequence[str], people: Sequence[str] | None = None) -> pa.Table:
    """Give one visit a day, products a minute apart, each of a visitor of its own unless told otherwise."""
    rows = [
        {
            "identity": f"anonymous:{number}" if people is None else people[number],
            "product_id": name,
            "at": number * 24 * HOUR + place * 60_000_000,
        }
        for number, visit in enumerate(visits)
        for place, name in enumerate(visit)
    ]
    return pa.Table.from_pylist(rows, schema=NO_VIEWS.schema) if rows else NO_VIEWS


def links(*rows: Mapping[str, Any]) -> pa.Table:
    """Give curated links; what is left out is missing."""
    filled = [{**dict.fromkeys(LINK_TYPES), "expires_at": None, **row} for row in rows]
    return pa.Table.from_pylist(filled, schema=pa.schema([*LINK_TYPES.items(), ("expires_at", pa.int64())]))
