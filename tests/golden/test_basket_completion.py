"""Our rankings on the frozen Online Retail split equal the stored results (shared/reference/splits)."""

import gzip
import hashlib
import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from crosslift.stats import similarity
from crosslift.stats.merge import Merger
from crosslift.stats.pairs import baskets_of, count_pairs
from crosslift.stats.ranking import evaluate, rank_scores

pytestmark = pytest.mark.data
TOLERANCE = 0.0005
NAMES = {"recall10": "recall", "ndcg10": "ndcg", "hr10": "hit_rate", "coverage10": "coverage"}


@dataclass(frozen=True, slots=True)
class Split:
    items: np.ndarray
    offsets: np.ndarray
    counts: np.ndarray
    given: list[np.ndarray]
    rest: list[np.ndarray]
    expected: dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def split(shared):
    folder = shared / "reference/splits"
    facts = json.loads((folder / "online_retail_expected.json").read_text())
    for part, name in (("train", "train.csv.gz"), ("queries", "queries.jsonl.gz")):
        stored = (folder / f"online_retail_{name}").read_bytes()
        digests = {hashlib.sha256(stored).hexdigest(), hashlib.sha256(gzip.decompress(stored)).hexdigest()}
        assert facts[f"{part}_sha256"] in digests
    options = csv.ConvertOptions(column_types={"order_id": pa.string(), "product_id": pa.string()})
    lines = csv.read_csv(folder / "online_retail_train.csv.gz", convert_options=options)
    ids, item = np.unique(lines["product_id"].to_numpy().astype(str), return_inverse=True)
    _, order = np.unique(lines["order_id"].to_numpy().astype(str), return_inverse=True)
    items, offsets, _ = baskets_of(order, item)
    assert (offsets.size - 1, ids.size) == (facts["train_baskets"], facts["items"])
    number = {product: place for place, product in enumerate(ids.tolist())}
    with gzip.open(folder / "online_retail_queries.jsonl.gz", "rt") as file:
        queries = [json.loads(line) for line in file]
    assert len(queries) == facts["queries"]
    halves = [[np.array([number[p] for p in query[half]]) for query in queries] for half in ("given", "rest")]
    return Split(items, offsets, similarity.item_counts(items, ids.size), *halves, facts["results"])


@pytest.fixture(scope="module")
def pairs(split):
    return count_pairs(split.items, split.offsets, split.counts.size)


def check(split, name, matrix):
    ranked = [rank_scores(matrix[given].sum(axis=0), split.counts, given, 10) for given in split.given]
    figures, _ = evaluate(ranked, split.rest, 10, split.counts.size)
    print(name, {key: round(value, 5) for key, value in figures.items()})
    expected = split.expected[name]
    assert {key: figures[NAMES[key]] for key in NAMES} == pytest.approx(
        {key: expected[key] for key in NAMES}, abs=TOLERANCE
    )


def test_ease(split):
    check(split, "EASE lambda=100", similarity.ease(split.items, split.offsets, split.counts.size, 100.0))


def test_the_800_strongest_ease_weights_rank_like_all_of_them(split):
    """As `decide` ranks: neighbors kept of either sign, merged in float64. The 800 highest give .2889."""
    weights = similarity.ease(split.items, split.offsets, split.counts.size, 100.0)
    merger = Merger(similarity.top_neighbors(weights, 800), split.counts.size)
    ranked = []
    for given in split.given:
        scores = np.zeros(split.counts.size)
        ids, values = merger.merge(given)
        scores[ids] = values
        ranked.append(rank_scores(scores, split.counts, given, 10))
    figures, _ = evaluate(ranked, split.rest, 10, split.counts.size)
    print("800 strongest EASE weights", round(figures["ndcg"], 5))
    assert figures["ndcg"] == pytest.approx(split.expected["EASE lambda=100"]["ndcg10"], abs=TOLERANCE)


def test_jaccard(split, pairs):
    check(split, "jaccard (sum over given)", similarity.jaccard(pairs, split.counts).toarray())


def test_cosine(split, pairs):
    check(split, "cosine (sum over given)", similarity.cosine(pairs, split.counts).toarray())


def test_confidence(split, pairs):
    check(split, "confidence (sum over given)", similarity.confidence(pairs, split.counts).toarray())


def test_lift(split, pairs):
    matrix = similarity.lift(pairs, split.counts, split.offsets.size - 1).toarray()
    check(split, "lift (sum over given)", matrix)


def test_popularity(split):
    check(split, "popularity", np.broadcast_to(split.counts, (split.counts.size, split.counts.size)))
