"""`make bench-decide`: what one decision and one page cost over a million relations and 50,000 products.

    python -m benchmarks decide [CUSTOMERS ...]     growth over homes of 60,000 and 250,000 customers unless named

A snapshot is learned once from the baskets of `benchmarks.baskets` and a catalog with prices, costs and categories, and kept;
that is not measured. Measured is `decide` itself, in process, under the built-in policy, for a person with consent, thirty
products owned and a history of contacts: carts and pages of that shop, drawn from its orders, so that what many buy is asked
often.

* One placement: a cart of one to three. A page of four: product page, cart, home and confirmation, deduplicated.
* Growth: reading the person from homes of several sizes (`benchmarks.homes`, read through once before, so that they lie in the
  memory of the system) and deciding, as `Shop.decide` does.
* Array floor: the same rows of relations gathered, the same flags read, stopped rows masked and the best three sorted out, with
  NumPy calls alone and nothing explained, priced or recorded: what is left of a decision where it may not say why.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import baskets, homes
from benchmarks.mining import REPO, Found, append, commit, judge, machine, shown
from benchmarks.profiles import peak_mb, told
from benchmarks.steps import Figures

DATA = "b03"
VERSION = 1
SIZES = (60_000, 250_000)
RESULTS = REPO / "benchmarks/results/decisions.tsv"
DAY = 86_400_000_000
FIRST_DAY = 19_000
N_CATEGORIES = 2_000
N_WARM, N_DECISIONS, N_PAGES, N_PEOPLE = 500, 5_000, 1_500, 1_000
BUDGET_ONE, BUDGET_PAGE, BUDGET_TAIL = 250.0, 800.0, 3.0
PAGE = ("product", "cart", "home", "confirmation")
Ints = npt.NDArray[np.int64]


def main(arguments: list[str]) -> int:
    """Measure everything and print it; give 1 if something failed."""
    sizes = tuple(int(number.replace(",", "")) for number in arguments) or SIZES
    print(f"machine  {machine()}\ncommit   {commit()}\n", flush=True)
    for size in sizes:
        if not homes.place(size).exists():
            subprocess.run([sys.executable, "-m", "benchmarks.homes", str(size)], check=True, cwd=REPO)
    if not place().exists():
        apart("snapshot", [])
    failed = 0
    for name, given in (("decide", []), ("growth", [str(size) for size in sizes])):
        begun = datetime.now(UTC)
        lines = shown(told(apart(name, given)))
        outcome, seconds = judge(lines), (datetime.now(UTC) - begun).total_seconds()
        row = (
            begun.strftime("%Y-%m-%dT%H:%M:%SZ"), commit(), machine(), f"decisions: {name}", outcome, f"{seconds:.1f}",
            "; ".join(lines),
        )  # fmt: skip
        append(row, RESULTS)
        failed += outcome == "failed"
    return int(failed > 0)


def apart(name: str, given: Sequence[str]) -> Found:
    """Run one measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.decisions", name, *given]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=REPO)
    if done.returncode:
        return {"failed": done.stderr.strip()[-1500:]}
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


# the shop -----------------------------------------------------------------------------------------------------------


def place() -> Path:
    """Say where the snapshot is, or will be."""
    return baskets.folder() / f"decisions-{DATA}-v{VERSION}"


def snapshot(*_: str) -> Figures:
    """Learn the snapshot from the baskets and keep it."""
    from crosslift.learn import run
    from crosslift.learn.material import Material
    from crosslift.settings import Settings
    from crosslift.store import snapshot as snapshots

    begun = time.perf_counter()
    material = Material(_lines(pq.read_table(baskets.make(DATA) / "parts")), products())
    learned = run.learn(
        material, Settings.load({}, environment={}), {"has_consents": False, "has_views": False}, lambda *_: None
    )
    hidden = place().with_name(f".{place().name}")
    snapshots.publish(hidden, "bench", learned.arrays, learned.texts, learned.report)
    hidden.rename(place())
    return [("learn the snapshot", time.perf_counter() - begun, "s", f"{len(material.lines):,} lines; not judged")]


def _lines(table: pa.Table) -> pa.Table:
    """Give the baskets as cleaned lines, each product at its price."""
    n = table.num_rows
    item = np.asarray(table.column("item"))
    days = np.asarray(table.column("day")).astype(np.int64) + FIRST_DAY
    return pa.table({
        "source": _same("bench", n), "order_id": _named("o", table.column("order")),
        "product_id": _named("P", table.column("item")),
        "customer_id": _named("c", table.column("customer")), "ordered_at": pa.array(days * DAY),
        "market": _named("M", table.column("market")), "channel": _same("web", n), "currency": _same("EUR", n),
        "quantity": pa.array(np.ones(n, np.int64)), "unit_price_micros": pa.array(_prices()[item]),
        "discount_micros": pa.nulls(n, pa.int64()),
    })  # fmt: skip


def _same(text: str, n: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([text])).cast(pa.string())


def _named(prefix: str, numbers: pa.ChunkedArray) -> pa.Array:
    values, place_of = np.unique(np.asarray(numbers), return_inverse=True)
    names = pa.array([f"{prefix}{value}" for value in values.tolist()])
    return pa.DictionaryArray.from_arrays(pa.array(place_of.astype(np.int32)), names).cast(pa.string())


def _prices() -> Ints:
    """Give the price of every product, micros: log-normal around 16."""
    chance = np.random.default_rng(baskets.SEED)
    return (np.exp(chance.normal(2.8, 0.7, baskets.N_ITEMS)).round(2) * 1_000_000).astype(np.int64)


def products() -> pa.Table:
    """Give the catalog of the snapshot."""
    n = baskets.N_ITEMS
    category = np.random.default_rng(baskets.SEED + 1).integers(0, N_CATEGORIES, n).tolist()
    return pa.table({
        "product_id": [f"P{item}" for item in range(n)], "title": [f"Product {item}" for item in range(n)],
        "titles": _same("{}", n), "category": [f"H{one % 20}/C{one}" for one in category], "attributes": _same("{}", n),
        "price_micros": pa.array(_prices()), "cost_micros": pa.array((_prices() * 0.55).astype(np.int64)),
        "stock": pa.nulls(n, pa.int64()), "currency": _same("EUR", n), "parent_id": pa.nulls(n, pa.string()),
        "brand": [f"B{one % 300}" for one in category], "kind": pa.nulls(n, pa.string()),
        "is_active": pa.array(np.ones(n, np.bool_)),
    })  # fmt: skip


# what is measured -----------------------------------------------------------------------------------------------------


class Shop:
    """The snapshot with its live values, and contexts drawn from its orders."""

    def __init__(self) -> None:
        from crosslift.decide.assignment import Lot
        from crosslift.decide.decider import decide
        from crosslift.decide.knowledge import Knowledge, LiveRow
        from crosslift.decide.overlay import Overlay
        from crosslift.decide.page import Page
        from crosslift.domain import chance
        from crosslift.domain.placement import PLACEMENTS
        from crosslift.domain.policy import BUILT_IN
        from crosslift.store import snapshot as snapshots

        self._decide, self._page = decide, Page
        self._policy, self._placements = BUILT_IN["helpful"], PLACEMENTS
        self._lot = lambda: Lot(chance.of(b"bench", "0" * 32))
        loaded = snapshots.load(place(), None)
        self.knowledge = Knowledge(loaded.snapshot_id, loaded.arrays, loaded.texts)
        prices = _prices().tolist()
        rows = {f"P{i}": LiveRow(f"P{i}", price, "EUR", 40, True, True, None) for i, price in enumerate(prices)}
        self.live = Overlay(self.knowledge, 1, rows)
        self.at = datetime.fromtimestamp((FIRST_DAY + baskets.N_DAYS) * 86_400, UTC)
        kept = np.load(baskets.make(DATA) / "lines.npz")
        self._item, order = kept["item"][-2_000_000:], kept["order"][-2_000_000:]
        self._begin = np.flatnonzero(np.diff(order, prepend=-1))
        self._chance = np.random.default_rng(5)

    @property
    def n_relations(self) -> int:
        """How many relations there are, of every kind."""
        kinds = ("sequence", "upgrade", "substitute", "refill", "required", "held", "alike")
        return int(self.knowledge.edge_ids.size) + sum(int(self.knowledge.links(kind).ids.size) for kind in kinds)

    def carts(self, n: int) -> list[tuple[str, ...]]:
        """Draw carts of one to three products that somebody bought together."""
        begins = self._begin[self._chance.integers(0, self._begin.size - 1, n)]
        sizes = self._chance.integers(1, 4, n)
        ends = np.minimum(begins + sizes, self._begin[np.searchsorted(self._begin, begins, side="right")])
        return [tuple(f"P{i}" for i in self._item[low:high].tolist()) for low, high in zip(begins, ends, strict=True)]

    def requests(self, n: int, placement: str = "cart") -> list[Any]:
        """Draw requests."""
        from crosslift.domain.decision import Request

        return [Request(placement, self.at, "c1", cart, market="M0") for cart in self.carts(n)]

    def pages(self, n: int) -> list[list[Any]]:
        """Draw pages of four placements."""
        from crosslift.domain.decision import Request

        return [
            [
                Request(name, self.at, "c1", cart[1:] if name == "product" else cart, market="M0",
                        product=cart[0] if name == "product" else None)
                for name in PAGE
            ]
            for cart in self.carts(n)
        ]  # fmt: skip

    def person(self) -> Any:
        """Give somebody with consent, thirty products owned, a few contacts and refusals."""
        from crosslift.domain.customer import Person
        from crosslift.domain.pressure import Contact, ContactState, PressureState, Reacted, Reaction

        now = int(self.at.timestamp() * 1_000_000)
        contacts = tuple(Contact(now - n * 3 * DAY, "web", "", ContactState.CONFIRMED, 0) for n in range(1, 9))
        reactions = tuple(Reacted(now - n * DAY, Reaction.DECLINED, f"P{n * 7}", "", "web") for n in range(1, 5))
        return Person(
            "customer:c1", True, frozenset(f"P{item}" for item in range(0, 3_000, 100)),
            {("personalization", "*"): True}, {("personalization", "*"): 1}, 1,
            pressure=PressureState(4, contacts, reactions),
        )  # fmt: skip

    def decide(self, request: Any, person: Any, page: Any = None) -> Any:
        """Decide as the shop does, without recording."""
        return self._decide(
            request, "0" * 32, self.knowledge, self.live, person, self._policy, self._placements[request.placement],
            lot=self._lot(), page=page,
        )[0]  # fmt: skip

    def decide_page(self, page: Sequence[Any], person: Any) -> None:
        """Decide a page as the shop does; what one placement shows no later one does."""
        shown_already: tuple[str, ...] = ()
        seen = self._page()
        for request in page:
            made = self.decide(replace(request, on_page=shown_already) if shown_already else request, person, seen)
            shown_already += tuple(offer.product_id for offer in made.offers)

    def floor(self, request: Any) -> None:
        """Read the rows of relations, mask what is flagged, sort the best three out."""
        known = self.knowledge
        items = [known.index[name] for name in request.cart]
        begin, end = known.edge_offsets[items], known.edge_offsets[np.asarray(items) + 1]
        ids = np.concatenate([known.edge_ids[low:high] for low, high in zip(begin, end, strict=True)])
        if ids.size:
            scores = known.popularity[ids] * (self.live.flags[ids] == 0)
            np.argpartition(scores, -min(3, ids.size))[-3:]


def decide(*_: str) -> Figures:
    """One placement, a page, the floor."""
    shop, load = Shop(), os.getloadavg()[0]
    person = shop.person()
    one = _times(lambda request: shop.decide(request, person), shop.requests(N_WARM + N_DECISIONS))
    page = _times(lambda requests: shop.decide_page(requests, person), shop.pages(N_WARM + N_PAGES))
    floor = _times(shop.floor, shop.requests(N_WARM + N_DECISIONS))
    made = [shop.decide(request, person) for request in shop.requests(500)]
    n_offers = np.mean([len(decision.offers) for decision in made])
    beside = f"{shop.n_relations:,} relations, {shop.knowledge.n_items:,} products, {n_offers:.1f} offers each"
    ratio = np.median(one) / np.median(floor)
    return [
        _figure("one placement, median", one, BUDGET_ONE, f"{beside}; load before {load:.1f}"),
        _figure("a page of four, median", page, BUDGET_PAGE, ""),
        ("array floor of one placement, median", float(np.median(floor)), "µs", f"ours takes {ratio:.0f} × as long"),
    ]  # fmt: skip


def growth(*sizes: str) -> Figures:
    """Person read and decision from homes of several sizes."""
    from crosslift.domain.customer import Person
    from crosslift.store.sqlite import SqliteRecords

    shop, figures, medians = Shop(), [], []
    for size in map(int, sizes):
        homes.read_through(homes.place(size) / "records.db")
        records = SqliteRecords(homes.place(size) / "records.db")
        now = int(homes.NOW.timestamp() * 1_000_000)
        names = [f"customer:c{n}" for n in np.random.default_rng(3).integers(0, size, N_WARM + N_PEOPLE).tolist()]
        given = list(zip(names, shop.requests(len(names)), strict=True))

        def ask(pair: tuple[str, Any], records: SqliteRecords = records, now: int = now) -> None:
            row = records.person(pair[0], now)
            person = Person(
                pair[0], row.is_known, row.owned, row.consents, row.entries, row.mapping_version, holdings=row.holdings,
                dues=row.dues, pressure=row.pressure, open_cases=row.open_cases, market=row.market,
            )  # fmt: skip
            shop.decide(pair[1], person)

        taken = _times(ask, given)
        records.close()
        medians.append(float(np.median(taken)))
        figures.append(
            (
                f"person read and decided, {size:,} customers, median",
                medians[-1],
                "µs",
                f"p99 {np.quantile(taken, 0.99):.0f} µs",
            )
        )
    slope = np.polyfit(np.log([float(size) for size in sizes]), np.log(medians), 1)[0] if len(sizes) > 1 else 0.0
    verdict = "within" if slope < 0.1 else "BEYOND"
    return [*figures, ("grows with customers to the power", float(slope), "", f"0 is no growth; {verdict} 0.1")]


def _figure(what: str, taken: npt.NDArray[np.float64], budget: float, beside: str) -> tuple[str, float, str, str]:
    p50, p99 = (float(np.quantile(taken, share)) for share in (0.5, 0.99))
    verdict = "within" if p50 <= budget and p99 <= BUDGET_TAIL * p50 else "BEYOND"
    more = f"; {beside}" if beside else ""
    return (
        what,
        p50,
        "µs",
        f"p99 {p99:.0f} µs, {p99 / p50:.1f} × median; {verdict} {budget:.0f} µs and {BUDGET_TAIL:.0f} ×{more}",
    )


def _times(job: Callable[[Any], object], given: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Time a job for each, in microseconds, the first ones only to warm up."""
    taken = np.empty(len(given))
    for place_, one in enumerate(given):
        begun = time.perf_counter()
        job(one)
        taken[place_] = (time.perf_counter() - begun) * 1e6
    return taken[N_WARM:]


MEASURED: dict[str, Callable[..., Figures]] = {"snapshot": snapshot, "decide": decide, "growth": growth}

if __name__ == "__main__":
    step, *rest = sys.argv[1:]
    measured = MEASURED[step](*rest)
    print(json.dumps({"step": step, "figures": measured, "peak_mb": peak_mb()}, ensure_ascii=False))
