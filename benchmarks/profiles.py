"""Profiles of all people: `python -m benchmarks.profiles [CUSTOMERS ...]` learns them at three sizes, 20 events a customer.

Facts are made first, seeded, in a process of their own; events lie in Parquet parts as the store seals them (500,000 rows, by
identity) and are read one part at a time, everything else is in memory. Measured are one run from these facts to the table
of profiles, its peak memory, and the slope of seconds over sizes in logs: 1 is linear. Prints one JSON line a size as `steps`.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.steps import Figures

SIZES = (60_000, 250_000, 1_000_000)
EVENTS_EACH = 20
PART = 500_000
DAY = 86_400_000_000
DAYS = 730
N_PRODUCTS, N_CATEGORIES = 5_000, 200
NAMES = ("Product Viewed", "Product Viewed", "Product Viewed", "page", "Product Added", "Products Searched", "screen")
PAGES = (
    '{"path":"/","referrer":"https://www.search.example/","url":"https://shop.example/?utm_source=letter"}',
    '{"path":"/new","referrer":"","url":"https://shop.example/new"}',
    '{"path":"/a","referrer":"https://shop.example/","url":"https://shop.example/a"}',
)
BUDGET_SECONDS, BUDGET_MB = 120, 4096


def make(folder: Path, n_customers: int) -> None:
    """Write the facts of so many customers; a third of the events came under browsers, half of which are known by now."""
    chance = np.random.default_rng(7)
    ids = np.char.add("c", np.arange(n_customers).astype(str))
    tables = {
        "products": _products(chance), "customers": _customers(ids, chance), "lines": _lines(ids, chance),
        "people": _people(n_customers), **_contacts(ids, chance),
    }  # fmt: skip
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    (folder / "events").mkdir()
    for number, begin in enumerate(range(0, n_customers * EVENTS_EACH, PART)):
        n = min(PART, n_customers * EVENTS_EACH - begin)
        part = _events(n, n_customers, begin / (n_customers * EVENTS_EACH), chance).sort_by("identity")
        pq.write_table(part, folder / "events" / f"{number:05}.parquet", compression="zstd", compression_level=1)


def _texts(values: np.ndarray, places: np.ndarray) -> pa.Array:
    return pa.array(values).take(pa.array(places))


def _products(chance: np.random.Generator) -> pa.Table:
    category = chance.integers(0, N_CATEGORIES, N_PRODUCTS)
    return pa.table({
        "product_id": np.char.add("P", np.arange(N_PRODUCTS).astype(str)), "parent_id": pa.nulls(N_PRODUCTS, pa.string()),
        "category": np.char.add(np.char.add("H", (category % 20).astype(str)), np.char.add("/C", category.astype(str))),
        "brand": np.char.add("B", chance.integers(0, 300, N_PRODUCTS).astype(str)),
        "cost_micros": (_prices() * chance.uniform(0.4, 0.7, N_PRODUCTS)).astype(np.int64),
        "currency": pa.repeat("EUR", N_PRODUCTS),
    })  # fmt: skip


def _prices() -> np.ndarray:
    return 5_000_000 + np.arange(N_PRODUCTS) * 7_919 % N_PRODUCTS * 9_000


def _customers(ids: np.ndarray, chance: np.random.Generator) -> pa.Table:
    age, city = chance.integers(18, 90, len(ids)), chance.integers(0, 500, len(ids))
    traits = [
        f'{{"age":{a},"city":"city {c}","religion":"r{c % 7}"}}'
        for a, c in zip(age.tolist(), city.tolist(), strict=True)
    ]
    return pa.table({
        "customer_id": ids, "locale": _texts(np.array(["ko", "ja", "en"]), age % 3),
        "market": _texts(np.array(["KR", "JP", "US"]), age % 3), "created_at": chance.integers(0, DAYS * DAY, len(ids)),
        "traits": traits,
    })  # fmt: skip


def _lines(ids: np.ndarray, chance: np.random.Generator) -> pa.Table:
    """Orders of one to four lines at random times while a customer stays; rates, stays and levels of spend differ."""
    joined = chance.uniform(0, DAYS, len(ids))
    stays = np.minimum(chance.exponential(300, len(ids)), DAYS - joined)
    n_orders = 1 + chance.poisson(chance.gamma(0.6, 1 / 60, len(ids)) * stays)
    who = np.repeat(np.arange(len(ids)), n_orders)
    n_lines = 1 + chance.poisson(0.6, len(who))
    order = np.repeat(np.arange(len(who)), n_lines)
    at = ((joined[who] + chance.random(len(who)) * stays[who]) * DAY).astype(np.int64)
    product = (chance.pareto(1.1, len(order)) * 50).astype(int) % N_PRODUCTS
    quantity = 1 + chance.poisson(0.3, len(order))
    came_back = chance.random(len(order)) < np.where(who[order] % 50 == 0, 0.8, 0.03)
    price = _prices()[product]
    return pa.table({
        "source": pa.repeat("web", len(order)), "order_id": np.char.add("O", order.astype(str)),
        "customer_id": _texts(ids, who[order]), "product_id": np.char.add("P", product.astype(str)),
        "variant_id": pa.nulls(len(order), pa.string()), "ordered_at": at[order], "quantity": quantity,
        "kept": np.where(came_back, 0, quantity), "unit_price_micros": price,
        "currency": _texts(np.array(["EUR", "USD"]), (who[order] % 11 == 0).astype(int)),
        "discount_micros": np.where(chance.random(len(order)) < 0.2, price // 10, 0),
        "tax_micros": price * quantity // 11, "market": _texts(np.array(["KR", "JP", "US"]), who[order] % 3),
    })  # fmt: skip


def _people(n_customers: int) -> pa.Table:
    known = np.arange(0, n_customers, 2).astype(str)
    return pa.table({"identity": np.char.add("anonymous:b", known), "person_id": np.char.add("customer:c", known)})


def _contacts(ids: np.ndarray, chance: np.random.Generator) -> dict[str, pa.Table]:
    """A case of every twentieth customer, two calls of every tenth, a word of every tenth; rates of the dollar."""
    n = len(ids)
    in_trouble, calling, talking = (
        chance.integers(0, n, n // 20),
        chance.integers(0, n, n // 5),
        chance.integers(0, n, n // 10),
    )
    rated = len(talking)
    return {
        "cases": pa.table({
            "case_id": np.char.add("k", np.arange(len(in_trouble)).astype(str)), "customer_id": _texts(ids, in_trouble),
            "account_id": pa.nulls(len(in_trouble), pa.string()), "opened_at": chance.integers(0, DAYS * DAY, len(in_trouble)),
            "closed_at": pa.nulls(len(in_trouble), pa.int64()), "cost_micros": chance.integers(0, 30_000_000, len(in_trouble)),
            "status": _texts(np.array(["open", "solved"]), in_trouble % 2), "currency": pa.repeat("EUR", len(in_trouble)),
        }),
        "activities": pa.table({
            "at": chance.integers(0, DAYS * DAY, len(calling)), "kind": pa.repeat("call", len(calling)),
            "customer_id": _texts(ids, calling), "account_id": pa.nulls(len(calling), pa.string()),
            "direction": pa.repeat("in", len(calling)), "duration_minutes": chance.exponential(6, len(calling)),
        }),
        "feedback": pa.table({
            "feedback_id": np.char.add("f", np.arange(rated).astype(str)), "at": chance.integers(0, DAYS * DAY, rated),
            "customer_id": _texts(ids, talking), "kind": _texts(np.array(["review", "nps"]), talking % 2),
            "rating": chance.integers(0, 6, rated).astype(float), "scale": np.full(rated, 5.0),
            "sentiment": chance.uniform(-1, 1, rated), "sentiment_confidence": chance.random(rated),
        }),
        "exchange_rates": pa.table({
            "rated_on": np.arange(DAYS + 1), "currency": pa.repeat("USD", DAYS + 1), "rate": chance.uniform(0.8, 1.0, DAYS + 1),
        }),
    }  # fmt: skip


def _events(n: int, n_customers: int, progress: float, chance: np.random.Generator) -> pa.Table:
    """Give events of the next days, in no order of person."""
    who, name = chance.integers(0, n_customers, n), chance.integers(0, len(NAMES), n)
    texts = np.array(["customer:c", "anonymous:b"])[(chance.random(n) < 1 / 3).astype(int)]
    product = (chance.pareto(1.1, n) * 50).astype(int) % N_PRODUCTS
    has_product = (name < 3) | (name == 4)
    properties = np.where(name == 3, chance.integers(0, len(PAGES), n), len(PAGES))
    return pa.table({
        "identity": np.char.add(texts, who.astype(str)), "name": _texts(np.array(NAMES), name),
        "product_id": pa.array(np.char.add("P", product.astype(str)), mask=~has_product),
        "at": ((progress + chance.random(n) * n / (n_customers * EVENTS_EACH)) * DAYS * DAY).astype(np.int64),
        "properties": _texts(np.array([*PAGES, "{}"]), properties),
    })  # fmt: skip


def parts(folder: Path) -> Iterator[pa.Table]:
    """Read one part of the events after the other, the columns of `material.COLUMNS`."""
    for file in sorted((folder / "events").glob("*.parquet")):
        yield pq.ParquetFile(file).read()


def run(folder: Path, n_customers: int) -> Figures:
    """Learn the profiles of everybody, and write a few people anew with what was learned."""
    from crosslift.learn.customers.material import CustomerMaterial
    from crosslift.learn.customers.run import profile_people
    from crosslift.settings import Settings

    tables = {file.stem: pq.read_table(file) for file in sorted(folder.glob("*.parquet"))}
    settings = Settings.load({"shop.currency": "EUR", "profile.service_cost_per_hour": 30.0}, environment={})
    marks: list[tuple[str, float]] = []
    begun, cpu = time.perf_counter(), time.process_time()
    found = profile_people(
        CustomerMaterial(events=parts(folder), **tables), settings,
        lambda step, *_: marks.append((step, time.perf_counter())),
    )  # fmt: skip
    seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    laps = ", ".join(f"{name} {until - since:.1f}" for (name, since), (_, until) in pairwise(marks))
    verdict = "within" if seconds <= BUDGET_SECONDS and peak_mb() <= BUDGET_MB else "BEYOND"
    people, lines, events = found.table.num_rows, tables["lines"].num_rows, n_customers * EVENTS_EACH
    beside = f"{people:,} people, {events:,} events, {lines:,} lines; {spent:.1f} CPU s ({laps}); "
    beside += f"{verdict} {BUDGET_SECONDS} s and {BUDGET_MB:,} MB"
    return [
        (f"profiles of {n_customers:,} customers", seconds, "s", beside),
        ("table of profiles", found.table.nbytes / 2**20, "MB", f"{found.table.nbytes / people:,.0f} bytes each"),
    ]


def peak_mb() -> float:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: tuple[int, ...]) -> None:
    """Make and measure every size, each in processes of its own."""
    seconds = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for step in ("make", "run"):
                command = [sys.executable, "-m", "benchmarks.profiles", step, folder, str(size)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            line = done.stdout.splitlines()[-1]
            seconds.append(json.loads(line)["figures"][0][1])
            print(line, flush=True)
    if len(sizes) > 1:
        slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        beside = f"{' / '.join(f'{one:,}' for one in sizes)} customers, load {os.getloadavg()[0]:.1f}"
        print(json.dumps({"step": "profiles", "figures": [("slope in logs", slope, "", beside)], "peak_mb": peak_mb()}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder, size]:
            make(Path(folder), int(size))
        case ["run", folder, size]:
            measured = run(Path(folder), int(size))
            print(json.dumps({"step": "profiles", "figures": measured, "peak_mb": peak_mb()}, ensure_ascii=False))
        case numbers:
            main(tuple(int(number) for number in numbers) or SIZES)
