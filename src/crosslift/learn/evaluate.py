"""Offline replay: learn on what was known before a cut, complete the baskets after it, compare with simple baselines.

The protocol of SCIENCE 3 for basket completion: one cut in time, half of each later basket given, every other
known product ranked, given ones masked, recall and NDCG divided by the ideal capped at k, ties by popularity, then id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.estimate import NotEstimable
from crosslift.learn import completion
from crosslift.learn.baskets import Baskets
from crosslift.learn.completion import Completion
from crosslift.learn.products import complements
from crosslift.settings import Settings
from crosslift.stats import ranking, resample, similarity
from crosslift.stats.merge import Merger

DAY = 86_400_000_000
MIN_QUERIES = 50
MAX_QUERIES = 5000
K = 10
CHUNK = 256
NEVER = -1e9
Floats = npt.NDArray[np.float64]
Paired = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Slice:
    """A cut in time: baskets to learn from, later baskets to complete."""

    train: Baskets
    given: list[npt.NDArray[np.int32]]
    rest: list[npt.NDArray[np.int32]]
    customers: npt.NDArray[np.int64]
    cut: int
    queries: list[str]


@dataclass(slots=True)
class Table:
    """The accuracy table of one slice: a row a method, the per-query NDCG kept for paired intervals."""

    cut: int
    n_train: int
    n_queries: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    ndcg: dict[str, Floats] = field(default_factory=dict)
    customers: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    queries: list[str] = field(default_factory=list)

    def versus(self, ours: str, other: str, seed: int = 20261122) -> Paired | NotEstimable:
        """Give the mean difference in NDCG with its 95 % paired bootstrap interval over customers."""
        return paired(self.ndcg[ours] - self.ndcg[other], self.customers, seed)


def paired(difference: Floats, customers: npt.NDArray[np.int64], seed: int = 20261122) -> Paired | NotEstimable:
    """Give the mean of per-query differences with its 95 % bootstrap interval over customers.

    A till or a business shop may know one customer only: then there is a mean, but no interval to judge by.
    """
    if len(np.unique(customers)) < 2:
        return NotEstimable("the later orders are all of 1 customer, at least 2 needed for an interval")
    return resample.paired_bootstrap(difference, customers, seed=seed)


def cut_slice(baskets: Baskets, settings: Settings) -> Slice | NotEstimable:
    """Cut off the newest `learn.slice_days`; where that is too thin, the newest fifth of the orders.

    Days count from the newest fact, never from the wall clock (DESIGN 2b.13).
    """
    usable = baskets.take((baskets.sizes >= 2) & (baskets.sizes <= settings["learn.max_basket_items"]))
    if usable.n_baskets < 2 * MIN_QUERIES:
        return NotEstimable(f"{usable.n_baskets} orders hold several products, at least {2 * MIN_QUERIES} needed")
    cut = int(baskets.at.max()) - settings["learn.slice_days"] * DAY
    share = float((usable.at >= cut).mean())
    if not 0.02 <= share <= 0.4 or (usable.at >= cut).sum() < MIN_QUERIES:
        cut = int(np.quantile(usable.at, 0.8, method="lower"))
    train = baskets.take(baskets.at < cut)
    seen = train.item_counts() > 0
    later = np.flatnonzero(usable.at >= cut)
    if len(later) > MAX_QUERIES:
        later = np.sort(later[np.argsort(_lots(usable)[later], kind="stable")[:MAX_QUERIES]])
    given, rest, customers, queries = [], [], [], []
    for place in later:
        items = usable.items[usable.offsets[place] : usable.offsets[place + 1]]
        items = np.sort(items[seen[items]])
        if len(items) < 2:
            continue
        key = _key(usable, int(place), items)
        shuffled = np.random.default_rng(int(key, 16)).permutation(items)
        half = max(len(shuffled) // 2, 1)
        given.append(np.sort(shuffled[:half]).astype(np.int32))
        rest.append(np.sort(shuffled[half:]).astype(np.int32))
        customers.append(usable.customers[place])
        queries.append(key)
    if len(given) < MIN_QUERIES:
        return NotEstimable(f"{len(given)} later orders can be completed, at least {MIN_QUERIES} needed")
    return Slice(train, given, rest, np.array(customers), cut, queries)


def _lots(baskets: Baskets) -> npt.NDArray[np.uint64]:
    """Draw a lot for each basket from its time and products, so that two runs ask about the same ones."""
    own = [int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") for name in baskets.products]
    sums = np.add.reduceat(np.array(own, dtype=np.uint64)[baskets.items], baskets.offsets[:-1])
    lots: npt.NDArray[np.uint64] = (sums ^ baskets.at.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    return lots


def _key(baskets: Baskets, place: int, items: npt.NDArray[np.int32]) -> str:
    """Name a query by its time and products, so that two runs split the same basket alike."""
    content = f"{baskets.at[place]}:" + ",".join(baskets.products[i] for i in items)
    return blake2b(content.encode(), digest_size=8).hexdigest()


def compare(part: Slice, settings: Settings, progress: Callable[[str, int, int], None]) -> tuple[Table, Floats, Floats]:
    """Run every baseline and ours on one slice.

    Returns
    -------
    table : Table
        One row a method: NDCG, recall, hit rate at 10 with the standard error, coverage.
    scores, hits : float64 arrays
        Our candidates' scores and whether they were in the rest of the basket: what `p_basket` is calibrated on.
    """
    counted, pairs = complements.count(part.train, settings)
    several = counted.take(counted.sizes >= 2)
    counts = several.item_counts()
    model, weights = completion.weigh(counted, pairs, settings)
    table = Table(part.cut, several.n_baskets, len(part.given), customers=part.customers, queries=part.queries)
    models: dict[str, Callable[[], Any]] = {
        "popularity": lambda: None,
        "confidence": lambda: similarity.confidence(pairs, counts),
        "lift": lambda: similarity.lift(pairs, counts, several.n_baskets),
        "cosine": lambda: similarity.cosine(pairs, counts),
        "Jaccard": lambda: similarity.jaccard(pairs, counts),
    }
    if model == "EASE":
        models["EASE"] = lambda: weights
    total = len(models) + 1
    for done, (name, build) in enumerate(models.items()):
        progress(name, done, total)
        _add(table, name, part, _rank_by_matrix(build(), part, counts))
    progress("ours", total - 1, total)
    ours = completion.keep(model, weights, pairs, settings)
    ranked, scores, hits = _rank_by_neighbors(ours, part, counts)
    _add(table, OURS, part, ranked)
    progress("compared", total, total)
    return table, scores, hits


OURS = "crosslift"


def _rank_by_matrix(weights: Any, part: Slice, counts: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Rank all products by the sum of their scores over the given ones."""
    from scipy import sparse

    n_items = len(counts)
    ranked: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(part.given), CHUNK):
        chunk = part.given[start : start + CHUNK]
        rows = np.repeat(np.arange(len(chunk)), [len(g) for g in chunk])
        ones = np.ones(len(rows))
        given = sparse.csr_matrix((ones, (rows, np.concatenate(chunk))), shape=(len(chunk), n_items))
        scores: Any = np.zeros((len(chunk), n_items)) if weights is None else given @ weights
        scores = scores.toarray() if hasattr(scores, "toarray") else np.asarray(scores)
        ranked.extend(ranking.rank_scores(row, counts, g, K) for row, g in zip(scores, chunk, strict=True))
    return ranked


def _rank_by_neighbors(
    ours: Completion, part: Slice, counts: npt.NDArray[np.int64]
) -> tuple[list[npt.NDArray[np.int64]], Floats, Floats]:
    """Rank as `decide` does: neighbors kept, candidates merged, popularity behind them."""
    merger = Merger(ours.neighbors, len(counts))
    ranked, scores, hits = [], [], []
    for given, rest in zip(part.given, part.rest, strict=True):
        ids, values = merger.merge(given)
        row = np.full(len(counts), NEVER)
        row[ids] = values
        top = ranking.rank_scores(row, counts, given, K)
        ranked.append(top)
        fresh = ~np.isin(ids, given) & (values > 0)
        scores.append(values[fresh])
        hits.append(np.isin(ids[fresh], rest))
    return ranked, np.concatenate(scores), np.concatenate(hits).astype(np.float64)


def _add(table: Table, name: str, part: Slice, ranked: list[npt.NDArray[np.int64]]) -> None:
    result, per_query = ranking.evaluate(ranked, part.rest, K, part.train.n_items)
    ndcg = per_query["ndcg"]
    table.ndcg[name] = ndcg
    table.rows.append({
        "method": name,
        "ndcg10": result["ndcg"],
        "se_ndcg": float(ndcg.std(ddof=1) / np.sqrt(len(ndcg))),
        "recall10": result["recall"],
        "hr10": result["hit_rate"],
        "coverage10": result["coverage"],
    })  # fmt: skip
