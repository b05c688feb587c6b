"""What only we do, each task in a process of its own: `python -m benchmarks.tasks TASK FOLDER` prints one JSON line.

Figures are (what, value, unit, what it stands beside), as in `steps`. Kernels are compiled before the clock starts.
"""

import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

Figures = list[tuple[str, float, str, str]]
CAP = 3  # baskets a customer counts for at most


class Clock:
    """Wall and CPU seconds of named laps."""

    def __init__(self) -> None:
        self.figures: Figures = []
        self.wall = self.cpu = 0.0

    @contextmanager
    def lap(self, what: str) -> Iterator[list[str]]:
        """Measure a block; what it appends is printed beside."""
        beside: list[str] = []
        wall, cpu = time.perf_counter(), time.process_time()
        yield beside
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.wall, self.cpu = self.wall + wall, self.cpu + cpu
        self.figures.append((what, wall, "s", ", ".join([f"{cpu:.2f} CPU s", *beside])))


def read(folder: Path) -> Any:
    """Baskets of a generated data set, from its Parquet parts."""
    from crosslift.learn.parts import baskets_from_parts

    return baskets_from_parts(sorted((folder / "parts").glob("*.parquet")))


def relations(folder: Path) -> Figures:
    """Parquet parts to relations: everything a page about complements needs."""
    from crosslift.stats.pairs import count_pairs
    from crosslift.stats.relate import Bounds, count_strata, relate_counts

    clock, bounds = Clock(), Bounds()
    with clock.lap("read Parquet parts into baskets") as beside:
        baskets = read(folder)
        beside.append(f"{baskets.items.size:,} lines")
    with clock.lap("count baskets, customers, effective baskets") as beside:
        of_group = {"groups": baskets.customers, "cap_per_group": bounds.cap_per_group}
        pairs = count_pairs(baskets.items, baskets.offsets, baskets.n_items, **of_group, min_count=bounds.min_count)
        beside.append(f"{len(pairs):,} pairs in {bounds.min_count} baskets or more")
    with clock.lap("test, bound, direct, keep the 100 best of each") as beside:
        strata = count_strata(baskets.items, baskets.offsets, baskets.n_items, baskets.markets)
        found = relate_counts(pairs, strata, bounds)
        beside.append(f"{len(found):,} relations, {found.strongest.ids.size:,} places")
    verdict = "within" if clock.wall <= 15 and peak_mb() <= 2560 else "BEYOND"
    clock.figures.append(("all of it", clock.wall, "s", f"{clock.cpu:.1f} CPU s; {verdict} 15 s and 2,560 MB"))
    return clock.figures


def conditions(folder: Path) -> Figures:
    """Counts of each market and of each month of the year, one after the other."""
    from crosslift.stats.pairs import count_pairs

    clock, baskets = Clock(), read(folder)
    sizes = np.diff(baskets.offsets)
    for what, label in (("market", baskets.markets), ("month of the year", baskets.days % 365 * 12 // 365)):
        with clock.lap(f"count pairs within each {what}") as beside:
            n_pairs = 0
            for value in np.unique(label):
                chosen = label == value
                offsets = np.concatenate([[0], np.cumsum(sizes[chosen])])
                items = baskets.items[np.repeat(chosen, sizes)]
                n_pairs += len(
                    count_pairs(items, offsets, baskets.n_items, groups=baskets.customers[chosen], min_count=3)
                )
            beside.append(f"{n_pairs:,} pairs in 3 baskets or more, together")
    return clock.figures


def sequences(folder: Path) -> Figures:
    """Bought A, later B: customers within 365 days of the newest 30 orders, then lag quantiles."""
    from crosslift.stats.sequences import DAY, Visits

    clock, baskets = Clock(), read(folder)
    at = baskets.days.astype(np.int64) * DAY
    columns = baskets.items, baskets.offsets, baskets.customers, at
    with clock.lap("line up the orders of each customer"):
        visits = Visits.of(*columns, baskets.n_items, max_days=365, max_orders=30)
    with clock.lap("count ordered pairs of 10 customers or more") as beside:
        found = visits.count(10)
        beside.append(f"{len(found.first):,} ordered pairs")
    best = np.argsort(-found.n_customers, kind="stable")[:100_000]
    with clock.lap("lags of the 100,000 most frequent, censored ones too"):
        visits.lags(found.first[np.sort(best)], found.second[np.sort(best)], until=int(at.max()))
    return clock.figures


def counting(folder: Path) -> Figures:
    """Counting alone, with customers; what growth is read from."""
    from crosslift.stats.pairs import count_pairs

    baskets = read(folder)
    sizes = np.diff(baskets.offsets)
    increments = int((sizes * (sizes - 1) // 2).sum())
    spent = []
    for _ in range(3):
        cpu = time.process_time()
        pairs = count_pairs(baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, min_count=3)
        spent.append(time.process_time() - cpu)
    beside = f"{increments:,} increments, {1e9 * min(spent) / increments:.1f} ns each, {len(pairs):,} pairs"
    return [(f"count {folder.name.split('-')[0]} with customers", min(spent), "CPU s", beside)]


def limit(folder: Path) -> Figures:
    """How far counting is from what this memory could do at best."""
    from benchmarks import floor

    baskets = read(folder)
    return floor.measure(baskets.items, baskets.offsets, baskets.n_items)


def wide(folder: Path) -> Figures:
    """More items than sixteen bits name, and baskets of thousands of lines among ordinary ones."""
    from crosslift.stats.pairs import count_pairs

    clock, baskets = Clock(), read(folder)
    n_items = baskets.n_items
    with clock.lap(f"count with {n_items:,} products") as beside:
        pairs = count_pairs(baskets.items, baskets.offsets, n_items, groups=baskets.customers, min_count=3)
        beside.append(f"{len(pairs):,} pairs")
    chance = np.random.default_rng(1)
    large = [np.sort(chance.choice(n_items, 5_000, replace=False)).astype(np.int32) for _ in range(20)]
    items = np.concatenate([baskets.items, *large])
    offsets = np.concatenate([baskets.offsets, baskets.items.size + np.cumsum([len(b) for b in large])])
    customers = np.concatenate([baskets.customers, np.arange(20) - 20])
    with clock.lap("the same and 20 baskets of 5,000 lines") as beside:
        pairs = count_pairs(items, offsets, n_items, groups=customers, min_count=3, cap_per_group=3, weighted=True)
        beside.append(f"{len(pairs):,} pairs, 249,950,000 increments more, weighted and capped")
    return clock.figures


def csv(folder: Path) -> Figures:
    """CSV to numbered Parquet parts: reading the text costs more than learning from it."""
    import pyarrow as pa
    import pyarrow.csv as text
    import pyarrow.parquet as pq

    clock = Clock()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        file = Path(name) / "lines.csv"
        text.write_csv(pq.read_table(folder / "parts"), file)
        with clock.lap("CSV to Parquet parts") as beside, text.open_csv(file) as batches:
            for part, batch in enumerate(batches):
                pq.write_table(pa.Table.from_batches([batch]), Path(name) / f"{part}.parquet", compression="zstd")
            beside.append(f"{file.stat().st_size / 2**20:,.0f} MB of text")
    return clock.figures


def refresh(folder: Path) -> Figures:
    """Three times one more day of orders, then two customers merged: what is remembered beside counting everything."""
    from benchmarks.floor import bytes_per_second
    from crosslift.learn import counts
    from crosslift.learn.baskets import Baskets

    clock, lines = Clock(), read(folder)
    n = lines.customers.size
    names = [f"P{item:06}" for item in range(lines.n_items)]
    at, customers = lines.days.astype(np.int64) * counts.DAY, lines.customers.astype(np.int64)
    baskets = Baskets(names, lines.items, lines.offsets, at, customers, np.ones(n, bool), np.zeros(n, np.int64))
    merged = replace(baskets, customers=np.where(customers == customers[0], customers[-1], customers))
    ledger = folder / "ledger"
    try:
        counts.refresh(baskets.take(at <= at.max() - 3 * counts.DAY), ledger, CAP)
        for days in (2, 1, 0):
            n_pairs = beside_full("one dirty day", baskets.take(at <= at.max() - days * counts.DAY), ledger, clock)
        n_pairs = beside_full("a merge of two customers", merged, ledger, clock)
    finally:
        shutil.rmtree(ledger, ignore_errors=True)
    moved = n_pairs * (2 * 24 + 28)  # bytes: a pair is checked and read without its first item, and written with it
    yardstick = "yardstick: every byte of the pairs checked, read and written once"
    clock.figures.append((yardstick, moved / bytes_per_second(), "s", f"{moved / 2**30:.2f} GiB"))
    return clock.figures


def beside_full(what: str, baskets: Any, ledger: Path, clock: Clock) -> int:
    """Count everything, refresh, compare; give the number of pairs."""
    from crosslift.learn import counts
    from crosslift.stats.pairs import count_pairs

    with clock.lap("full pass, every pair, capped and weighted") as beside:
        options = {"groups": baskets.customers, "cap_per_group": CAP, "weighted": True}
        full = count_pairs(baskets.items, baskets.offsets, baskets.n_items, **options)
        beside.append(f"{len(full):,} pairs")
    with clock.lap(f"refresh after {what}, files read and written") as beside:
        done = counts.refresh(baskets, ledger, CAP)
        beside.append(f"{done.n_dirty_days} dirty days, {done.n_customers_recounted:,} touched customers")
    of_full, of_refresh = (figure[1] for figure in clock.figures[-2:])
    clock.figures.append(
        (f"faster after {what}", of_full / of_refresh, "x", f"{done.n_lines_recounted:,} lines counted")
    )
    for name in ("first", "second", "n_both", "n_groups", "n_effective"):
        if not np.array_equal(getattr(done.pairs, name), getattr(full, name)):
            raise SystemExit(f"{name} after {what} differs from the full pass")
    if not np.allclose(done.pairs.weight, full.weight, rtol=1e-12, atol=0):
        raise SystemExit(f"the weight after {what} differs from the full pass")
    return len(full)


def peak_mb() -> float:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


TASKS: dict[str, Callable[[Path], Figures]] = {
    task.__name__: task for task in (relations, conditions, sequences, counting, limit, wide, csv, refresh)
}

if __name__ == "__main__":
    from crosslift.stats import kernels

    kernels.warm(Path(os.environ["CROSSLIFT_CACHE"]))
    figures = TASKS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps({"step": sys.argv[1], "figures": figures, "peak_mb": peak_mb()}))
