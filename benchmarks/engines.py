"""One way of counting pairs, in a process of its own: `python engines.py ENGINE FOLDER REPEATS` prints one JSON line.

The task: pairs in at least 5 baskets, NPMI, the 100 best partners of each item; from lines in memory, sorted by
order, to the result. Engines that rank by count alone (sparse-dot-topn, implicit) do less and say so. This file
imports nothing of crosslift but in `ours`, so that the environment of the peers can run it.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

K, MIN_COUNT = 100, 5
THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Lines = tuple[Any, Any, int, int]  # order, item, number of orders, number of items
Result = dict[str, float]

SQL = """
with f as (select item, count(*)::double c from b group by 1),
p as (select a.item i, b.item j, count(*) c from b a join b on a."order" = b."order" and a.item < b.item
      group by 1, 2 having count(*) >= {min_count}),
s as (select i, j, c from p union all select j, i, c from p)
select i, j, s.c, ln(s.c * {n}::double / (fi.c * fj.c)) / (-ln(s.c / {n}::double)) npmi
from s join f fi on fi.item = i join f fj on fj.item = j
qualify row_number() over (partition by i order by npmi desc, j) <= {k}
"""


def ours(lines: Lines) -> Result:
    """Crosslift: exact counts, NPMI, top 100."""
    from concurrent.futures import ThreadPoolExecutor

    from crosslift.stats.pair_engines import count_items
    from crosslift.stats.pairs import count_pairs
    from crosslift.stats.strongest import strongest

    _, item, n_orders, n_items = lines
    pairs = count_pairs(item, offsets_of(lines), n_items, min_count=MIN_COUNT, in_order=False)
    log_items = np.log(np.maximum(count_items(item, n_items), 1)).astype(np.float32)
    log_both = np.log(np.maximum(np.arange(int(pairs.n_both.max()) + 1), 1))  # one logarithm a count, not a pair
    log_orders = np.log(n_orders)
    surprise = (1 / (log_orders - log_both)).astype(np.float32)
    known = (log_both + log_orders).astype(np.float32)
    npmi = np.empty(pairs.n_both.size, np.float32)

    def score(part: slice) -> None:
        one = npmi[part]
        np.take(known, pairs.n_both[part], out=one)
        one -= log_items[pairs.first[part]]
        one -= log_items[pairs.second[part]]
        one *= surprise[pairs.n_both[part]]

    cuts = np.linspace(0, npmi.size, 8 * THREADS + 1).astype(int).tolist()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(score, [slice(*cut) for cut in pairwise(cuts)]))
    kept = strongest(pairs.first, pairs.second, npmi, n_items, K)
    return sums(kept.ids.size, pairs.n_both[kept.pairs].sum(), npmi[kept.pairs].sum(dtype=np.float64))


def scipy(lines: Lines) -> Result:
    """X'X in blocks of 1000 items, argpartition."""
    matrix, n_orders, n_items = matrix_of(lines, np.int32), lines[2], lines[3]
    by_item = matrix.T.tocsr()
    counts = np.diff(by_item.indptr).astype(np.float64)
    found = np.zeros(3)
    for low in range(0, n_items, 1000):
        block = by_item[low : low + 1000] @ matrix
        for row in range(block.shape[0]):
            cells = slice(block.indptr[row], block.indptr[row + 1])
            both, other = block.data[cells], block.indices[cells]
            keep = (both >= MIN_COUNT) & (other != low + row)
            both, other = both[keep].astype(np.float64), other[keep]
            npmi = np.log(both * n_orders / (counts[low + row] * counts[other])) / -np.log(both / n_orders)
            if both.size > K:
                best = np.argpartition(-npmi, K - 1)[:K]
                both, npmi = both[best], npmi[best]
            found += both.size, both.sum(), npmi.sum()
    return sums(*found)


def sparse_dot_topn(lines: Lines) -> Result:
    """The 100 best by raw count: no NPMI."""
    from sparse_dot_topn import sp_matmul_topn

    matrix = matrix_of(lines, np.float32)
    best = sp_matmul_topn(
        matrix.T.tocsr(), matrix, top_n=K + 1, threshold=MIN_COUNT - 0.5, n_threads=THREADS, sort=True
    )
    return {"rows": float(best.nnz)}


def implicit(lines: Lines) -> Result:
    """The 100 best by raw count, no threshold."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from implicit.nearest_neighbours import ItemItemRecommender

    model = ItemItemRecommender(K=K + 1, num_threads=THREADS)
    model.fit(matrix_of(lines, np.float64), show_progress=False)
    return {"rows": float(model.similarity.nnz)}


def duckdb(lines: Lines) -> Result:
    """A self-join in SQL, exact."""
    import duckdb as engine
    import pyarrow as pa

    connection = engine.connect(config={"threads": THREADS, "preserve_insertion_order": False})
    connection.register("given", pa.table({"order": lines[0], "item": lines[1]}))
    connection.execute("create table b as select * from given")
    connection.execute("create table r as " + SQL.format(min_count=MIN_COUNT, n=lines[2], k=K))
    return sums(*connection.execute("select count(*), sum(c), sum(npmi) from r").fetchone())


def polars(lines: Lines) -> Result:
    """A self-join of lazy frames, streaming, exact."""
    import polars as pl

    frame, n = pl.LazyFrame({"order": lines[0], "i": lines[1]}), float(lines[2])
    held = frame.group_by("i").agg(pl.len().cast(pl.Float64).alias("n_i"))
    pairs = (
        frame.join(frame.rename({"i": "j"}), on="order").filter(pl.col("i") < pl.col("j")).group_by("i", "j")
        .agg(pl.len().alias("c")).filter(pl.col("c") >= MIN_COUNT).collect(engine="streaming").lazy()
    )  # fmt: skip
    both_ways = pl.concat([pairs, pairs.select(pl.col("j").alias("i"), pl.col("i").alias("j"), "c")])
    scored = (
        both_ways.join(held, on="i")
        .join(held.rename({"i": "j", "n_i": "n_j"}), on="j")
        .with_columns(npmi=(pl.col("c") * n / (pl.col("n_i") * pl.col("n_j"))).log() / -(pl.col("c") / n).log())
    )
    best = scored.sort("npmi", descending=True).group_by("i").head(K).collect(engine="streaming")
    return sums(best.height, best["c"].sum(), best["npmi"].sum())


def sums(rows: float, counts: float, npmi: float) -> Result:
    """What exact engines must agree on (counts but where NPMI ties at the hundredth place)."""
    return {"rows": float(rows), "counts": float(counts), "npmi": float(npmi)}


def offsets_of(lines: Lines) -> Any:
    """Where each order starts."""
    return np.concatenate([[0], np.cumsum(np.bincount(lines[0], minlength=lines[2]))])


def matrix_of(lines: Lines, kind: Any) -> Any:
    """Orders by items as a sparse matrix."""
    from scipy.sparse import csr_matrix

    indptr = offsets_of(lines).astype(np.int32)
    return csr_matrix((np.ones(lines[1].size, kind), lines[1], indptr), shape=lines[2:])


ENGINES: dict[str, Callable[[Lines], Result]] = {
    "ours": ours,
    "scipy": scipy,
    "sparse_dot_topn": sparse_dot_topn,
    "implicit": implicit,
    "duckdb": duckdb,
    "polars": polars,
}


def main() -> None:
    """Load, compile once where something is compiled, measure."""
    name, folder, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if name == "ours":
        from crosslift.stats import kernels

        kernels.warm(Path(os.environ["CROSSLIFT_CACHE"]))
    with np.load(folder / "lines.npz") as stored:
        lines = stored["order"], stored["item"], int(stored["n_orders"]), int(stored["n_items"])
    measured = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        result = ENGINES[name](lines)
        measured.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (statistics.median(column) for column in zip(*measured, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"engine": name, "wall": wall, "cpu": cpu, "peak_mb": peak, **result}))


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    main()
