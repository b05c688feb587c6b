"""Make the benchmark's baskets: Zipf popularity, latent topics, planted complements, log-normal sizes; all seeded.

The recipe draws the same numbers in the same order as the one the stack was chosen with, so that lines and pair
increments are the same: 320,000 orders give 3,188,530 lines and 22,483,711 increments, 3,200,000 orders give
31,790,603 and 223,664,366. Customers, days and markets come from a generator of their own and change no basket.

Files go outside the repository: $CROSSLIFT_BENCH_DATA, else ~/.cache/crosslift-bench.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20261122
N_ITEMS = 50_000
N_TOPICS = 200
N_DAYS = 730
ORDERS_PER_CUSTOMER = 8  # on average; the spread is geometric
MARKETS = (0.55, 0.25, 0.15, 0.05)
ORDERS_PER_DRAW = 200_000
N_PARTS = 16
SIZES = {"b003": 100_000, "b01": 320_000, "b03": 1_000_000, "b1": 3_200_000}
KNOWN = {"b01": (3_188_530, 22_483_711), "b1": (31_790_603, 223_664_366)}

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Taste:
    """What every order draws from: popularity by rank, topics, the planted complement of each item.

    `item_of` names ranks; `topic_members[topic_starts[t]:topic_starts[t + 1]]` are the ranks of topic t.
    """

    popularity: npt.NDArray[np.float64]
    item_of: Numbers
    topic_members: Numbers
    topic_starts: Ints
    topic_popularity: list[npt.NDArray[np.float64]]
    complement_of: Numbers

    @classmethod
    def draw(cls, chance: np.random.Generator, n_items: int) -> "Taste":
        """Draw names, topics and complements; the top item ends in 12 to 15 % of the orders."""
        share = 1.0 / (np.arange(n_items) + 12.0) ** 1.1
        share /= share.sum()
        item_of = chance.permutation(n_items).astype(np.int32)
        topic_of = chance.integers(0, N_TOPICS, n_items)
        members = np.argsort(topic_of, kind="stable").astype(np.int32)
        starts = np.searchsorted(topic_of[members], np.arange(N_TOPICS + 1))
        cumulated = [np.cumsum(share[members[starts[t] : starts[t + 1]]]) for t in range(N_TOPICS)]
        place = chance.integers(0, n_items, n_items).astype(np.int32) % np.maximum(1, np.diff(starts)[topic_of])
        complement = members[np.minimum(starts[topic_of] + place, n_items - 1)]
        return cls(np.cumsum(share), item_of, members, starts, cumulated, complement)

    def orders(self, chance: np.random.Generator, n_orders: int) -> tuple[Ints, Ints]:
        """Draw orders; give order (from 0, ascending) and item of each distinct line."""
        n_items = self.item_of.size
        sizes = np.clip(np.rint(chance.lognormal(2.08, 0.68, n_orders)), 1, 80).astype(np.int64)
        order = np.repeat(np.arange(n_orders, dtype=np.int32), sizes)
        rank = np.searchsorted(self.popularity, chance.random(order.size)).astype(np.int32)
        two_topics = chance.integers(0, N_TOPICS, (n_orders, 2))
        follows_topic = chance.random(order.size) < 0.45
        topic = two_topics[order, (chance.random(order.size) < 0.4).astype(np.int64)]
        self._redraw(chance, rank, topic, np.flatnonzero(follows_topic))
        joined = np.flatnonzero(chance.random(order.size) < 0.06)
        order = np.concatenate([order, order[joined]])
        rank = np.minimum(np.concatenate([rank, self.complement_of[rank[joined]]]), n_items - 1)
        distinct = np.unique(order.astype(np.int64) * n_items + self.item_of[rank])
        return distinct // n_items, distinct % n_items

    def _redraw(self, chance: np.random.Generator, rank: Numbers, topic: Ints, lines: Ints) -> None:
        """Replace the items of some lines by items of their topic, topic after topic."""
        lines = lines[np.argsort(topic[lines], kind="stable")]
        bounds = np.searchsorted(topic[lines], np.arange(N_TOPICS + 1))
        for number, cumulated in enumerate(self.topic_popularity):
            chosen = lines[bounds[number] : bounds[number + 1]]
            place = np.searchsorted(cumulated, chance.random(chosen.size) * cumulated[-1])
            rank[chosen] = self.topic_members[self.topic_starts[number] + np.minimum(place, cumulated.size - 1)]


def draw_lines(n_orders: int, n_items: int) -> Iterator[tuple[Ints, Ints]]:
    """Give order and item of all lines, some 200,000 orders at a time."""
    chance = np.random.default_rng(SEED)
    taste = Taste.draw(chance, n_items)
    for begin in range(0, n_orders, ORDERS_PER_DRAW):
        order, item = taste.orders(chance, min(ORDERS_PER_DRAW, n_orders - begin))
        yield order + begin, item


def draw_buyers(n_orders: int) -> pa.Table:
    """Give customer, day and market of each order; days ascend, a customer stays in one market."""
    chance = np.random.default_rng([SEED, 1])
    n_customers = max(n_orders // ORDERS_PER_CUSTOMER, 1)
    appetite = np.cumsum(chance.exponential(size=n_customers))
    customer = np.searchsorted(appetite, chance.random(n_orders) * appetite[-1]).astype(np.int32)
    market = chance.choice(len(MARKETS), n_customers, p=MARKETS).astype(np.int8)
    day = np.sort(chance.integers(0, N_DAYS, n_orders)).astype(np.int16)
    return pa.table({"customer": customer, "day": day, "market": market[customer]})


def folder() -> Path:
    """Say where generated data is kept."""
    return Path(os.environ.get("CROSSLIFT_BENCH_DATA") or Path.home() / ".cache/crosslift-bench")


def make(name: str, n_items: int = N_ITEMS) -> Path:
    """Write the Parquet parts and one file of arrays (order, item) of a named size, unless they are there; give the folder."""
    n_orders = SIZES[name]
    target = folder() / f"{name}-{n_items}"
    if (target / "lines.npz").exists():
        return target
    (target / "parts").mkdir(parents=True, exist_ok=True)
    order, item = (
        np.concatenate(column).astype(np.int32) for column in zip(*draw_lines(n_orders, n_items), strict=True)
    )
    check(name, n_items, order)
    lines = pa.table({"order": order, "item": item})
    buyers = draw_buyers(n_orders)
    bounds = np.searchsorted(order, np.linspace(0, n_orders, N_PARTS + 1).astype(np.int64))
    for part in range(N_PARTS):
        some = lines.slice(bounds[part], bounds[part + 1] - bounds[part])
        of_orders = buyers.take(some.column("order"))
        for column in of_orders.column_names:
            some = some.append_column(column, of_orders.column(column))
        pq.write_table(some, target / "parts" / f"{part:02}.parquet", compression="zstd", row_group_size=500_000)
    np.savez(target / "lines.writing.npz", order=order, item=item, n_orders=n_orders, n_items=n_items)
    (target / "lines.writing.npz").rename(target / "lines.npz")
    return target


def check(name: str, n_items: int, order: Numbers) -> None:
    """Refuse to measure on baskets that are not those of the recipe."""
    sizes = np.bincount(order).astype(np.int64)
    found = order.size, int((sizes * (sizes - 1) // 2).sum())
    if n_items == N_ITEMS and found != KNOWN.get(name, found):
        raise SystemExit(f"{name} has {found} lines and increments, not {KNOWN[name]}: the recipe has changed")
