"""Little shops for tests: baskets in, lines, knowledge or a whole home folder out. Loaded by `load_script`."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.decide.knowledge import Knowledge, LiveRow
from crosslift.decide.overlay import Overlay
from crosslift.learn import run
from crosslift.learn.columns import columns_of
from crosslift.learn.material import Material
from crosslift.learn.products.links import Links
from crosslift.settings import Settings
from crosslift.shop import Shop

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = 86_400_000_000
LINE_TYPES = {
    "source": pa.string(), "order_id": pa.string(), "product_id": pa.string(), "customer_id": pa.string(),
    "ordered_at": pa.int64(), "market": pa.string(), "channel": pa.string(), "currency": pa.string(), "quantity": pa.int64(),
    "unit_price_micros": pa.int64(), "discount_micros": pa.int64(),
}  # fmt: skip
PRODUCT_TYPES = {
    "product_id": pa.string(), "title": pa.string(), "titles": pa.string(), "category": pa.string(),
    "attributes": pa.string(), "price_micros": pa.int64(), "cost_micros": pa.int64(), "stock": pa.int64(),
    "currency": pa.string(), "parent_id": pa.string(), "brand": pa.string(), "kind": pa.string(), "is_active": pa.bool_(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One invented order; `at` counts hours before now."""

    products: tuple[str, ...]
    customer: str | None = None
    hours_ago: float = 0.0
    market: str | None = None
    channel: str | None = None


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def no_jit() -> Iterator[None]:
    """Take the scipy path: these shops are smaller than the compiler's patience."""
    before = os.environ.get("CROSSLIFT_NO_JIT")
    os.environ["CROSSLIFT_NO_JIT"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["CROSSLIFT_NO_JIT"]
        else:
            os.environ["CROSSLIFT_NO_JIT"] = before


def orders(*baskets: Iterable[str], days: float = 60, customers: int | None = None) -> list[Order]:
    """Spread baskets over some days; every order of its own customer unless told otherwise.

    Like baskets come at all times, in no order of their own: what comes in two days only would be a promotion.
    """
    n = len(baskets)
    places = np.random.default_rng(n).permutation(n)
    return [
        Order(tuple(basket), f"c{i if customers is None else i % customers}", 24 * days * (1 - (places[i] + 1) / n))
        for i, basket in enumerate(baskets)
    ]


def recount(made: Sequence[Order]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Count orders with a product and with a pair the slow way, straight from the orders."""
    ones: Counter[str] = Counter()
    twos: Counter[tuple[str, str]] = Counter()
    for order in made:
        held = sorted(set(order.products))
        ones.update(held)
        twos.update(combinations(held, 2))
    return ones, twos


def both(twos: Mapping[tuple[str, str], int], a: str, b: str) -> int:
    """Look a pair up in either direction."""
    return twos[min(a, b), max(a, b)]


def lines(made: Sequence[Order], now: datetime = NOW) -> pa.Table:
    """Give orders as cleaned lines."""
    rows = [
        {
            "source": "canonical", "order_id": f"o{number}", "product_id": product, "customer_id": order.customer,
            "ordered_at": micros(now) - int(order.hours_ago * 3_600_000_000), "market": order.market, "channel": order.channel,
            "currency": "USD", "quantity": 1, "unit_price_micros": 5_000_000, "discount_micros": None,
        }
        for number, order in enumerate(made) for product in order.products
    ]  # fmt: skip
    return table(rows, LINE_TYPES)


def products(*rows: Mapping[str, Any]) -> pa.Table:
    """Give catalog rows as `learn` takes them; what is left out is missing."""
    filled = [
        {"title": row["product_id"], "titles": "{}", "attributes": "{}", "currency": "USD", **row} for row in rows
    ]
    return table(filled, PRODUCT_TYPES)


def table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Give rows as a table of these columns."""
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()})


def quiet(_step: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


def micros(moment: datetime) -> int:
    """Give an instant as it is stored."""
    return int(moment.timestamp() * 1_000_000)


def settings(**knobs: Any) -> Settings:
    """Give the defaults, some of them changed: `settings(learn_min_lift=1.5)`."""
    return Settings.load({name.replace("_", ".", 1): value for name, value in knobs.items()}, environment={})


FACTS = {"has_consents": False, "has_views": False}


def learned(made: Sequence[Order], catalog: pa.Table | None = None, **knobs: Any) -> run.Learned:
    """Learn from orders."""
    with no_jit():
        material = Material(lines(made), catalog if catalog is not None else products())
        return run.learn(material, settings(**knobs), FACTS, quiet)


def knowledge(made: Sequence[Order], catalog: pa.Table | None = None, **knobs: Any) -> Knowledge:
    """Learn from orders and hold the snapshot ready for decisions."""
    found = learned(made, catalog, **knobs)
    return Knowledge("s1", found.arrays, found.texts)


def with_links(found: run.Learned, *links: Links, **columns: Any) -> Knowledge:
    """Hold a snapshot ready with other links of some kinds, and other columns, than were learned."""
    arrays, texts = columns_of(links, len(found.texts["products"]))
    kinds = {**found.texts["link_kinds"], **texts["link_kinds"]}
    return Knowledge("s1", {**found.arrays, **arrays, **columns}, {**found.texts, **texts, "link_kinds": kinds})


def link(known: Knowledge | run.Learned, kind: str, *rows: tuple[str, str], texts: Any = None, **columns: Any) -> Links:
    """Give links of a kind between named products, the first scored highest; columns hold one value for all."""
    names = list(known.products if isinstance(known, Knowledge) else known.texts["products"])
    sources, targets = (np.array([names.index(row[end]) for row in rows], dtype=np.int32) for end in (0, 1))
    scores = 1.0 - np.arange(len(rows)) / (len(rows) + 1.0)
    filled = {name: np.full(len(rows), value, dtype=float) for name, value in columns.items()}
    return Links(kind, sources, targets, scores, filled, None if texts is None else [texts] * len(rows))


def live(product_id: str, **changed: Any) -> LiveRow:
    """Give a live row that can be offered, but for what is changed."""
    fields = {"price_micros": 5_000_000, "currency": "USD", "stock": None, "is_active": True, "is_sellable": True,
              "parent_id": None, **changed}  # fmt: skip
    return LiveRow(product_id, **fields)


def overlay(known: Knowledge, *rows: LiveRow, change_number: int = 1) -> Overlay:
    """Give live values: everything can be offered but for the rows named."""
    everything = {name: live(name) for name in known.products}
    with no_jit():
        return Overlay(known, change_number, everything | {row.product_id: row for row in rows})


@dataclass(frozen=True, slots=True)
class Pantry:
    """A seeded little shop with pairs that go together and a catalog to match."""

    orders: list[Order]
    pairs: tuple[tuple[str, str], ...]
    catalog: list[dict[str, Any]] = field(default_factory=list)


WORDS = ("kettle", "cup", "tray", "spoon", "jar", "bowl", "plate", "knife", "board", "towel")
KOREAN = ("주전자", "컵", "쟁반", "숟가락", "병", "그릇", "접시", "칼", "도마", "수건")
JAPANESE = ("やかん", "カップ", "お盆", "スプーン", "瓶", "ボウル", "皿", "包丁", "まな板", "タオル")


def pantry(
    n_orders: int = 1_200, n_products: int = 24, seed: int = 7, n_customers: int = 260, n_pairs: int = 3
) -> Pantry:
    """Draw a shop: P00 brings P01 along half of the time, P02 brings P03, P04 brings P05 ...; the rest is chance."""
    rng = np.random.default_rng(seed)
    names = [f"P{i:02}" for i in range(n_products)]
    anchors = range(0, 2 * n_pairs, 2)
    pairs = tuple((names[i], names[i + 1]) for i in anchors)
    made = []
    for number in range(n_orders):
        held = set(rng.choice(n_products, size=min(rng.integers(1, 5), n_products), replace=False).tolist())
        held |= {i + 1 for i in anchors if i in held and rng.random() < 0.5}
        customer = f"c{rng.integers(n_customers)}" if rng.random() < 0.8 else None
        made.append(Order(tuple(names[i] for i in sorted(held)), customer, 4.0 * (n_orders - 1 - number)))
    catalog = [
        {
            "product_id": name, "title": f"{WORDS[i % 10].title()} {i}", "title_ko": f"{KOREAN[i % 10]} {i}",
            "title_ja": f"{JAPANESE[i % 10]} {i}", "category": f"shelf {i % 4}", "price": f"{3 + i}.50", "currency": "USD",
            "cost": f"{1 + i}.25" if i % 3 else "", "stock": 40,
        }
        for i, name in enumerate(names)
    ]  # fmt: skip
    return Pantry(made, pairs, catalog)


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as CSV, columns as the first row names them."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.DictWriter(stream, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        sheet.writeheader()
        sheet.writerows(rows)
    return path


def order_rows(
    made: Sequence[Order], now: datetime = NOW, prices: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Give orders as rows of an orders file."""
    return [
        {
            "order_id": f"o{number}", "ordered_at": (now - timedelta(hours=order.hours_ago)).isoformat(),
            "customer_id": order.customer or "", "product_id": product, "quantity": 1,
            "unit_price": (prices or {}).get(product, "5.00"), "currency": "USD", "market": order.market or "",
        }
        for number, order in enumerate(made) for product in order.products
    ]  # fmt: skip


def open_shop(home: Path, clock: Clock | None = None, **knobs: Any) -> Shop:
    """Open a home folder with a clock that stands still."""
    named = {name.replace("_", ".", 1): value for name, value in knobs.items()}
    return Shop(home, named, clock or Clock())


def stocked(
    home: Path,
    made: Sequence[Order],
    catalog: Sequence[Mapping[str, Any]] = (),
    clock: Clock | None = None,
    more: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    **knobs: Any,
) -> Shop:
    """Open a shop, collect orders, catalog and further files (name to rows; events as JSON lines), learn."""
    shop = open_shop(home, clock, **knobs)
    files = [write(home / "orders.csv", order_rows(made))]
    if catalog:
        files.append(write(home / "products.csv", catalog))
    for name, rows in (more or {}).items():
        if name == "events":
            path = home / "events.jsonl"
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
            files.append(path)
        else:
            files.append(write(home / f"{name}.csv", rows))
    with no_jit():
        shop.collect(*files)
        shop.learn()
    return shop
