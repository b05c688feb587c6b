"""Topics counted by product, channel and offer; an example is the saying judged most surely."""

import pyarrow as pa

from crosslift.measure.voices import SAID, report
from crosslift.store.duckdb import DuckdbFrames


def test_sayings_are_counted_worst_first_and_what_is_not_judged_says_nothing():
    rows = [
        ("f1", "price", "MUG", "web", "", "review", -0.5, 0.4, 1), ("f2", "price", "MUG", "web", "", "review", -0.7, 0.9, 1),
        ("f3", "price", "MUG", "web", "", "review", None, None, 0), ("f4", "taste", "TEA", "", "complement", "nps", 0.5, 0.7, 0),
    ]  # fmt: skip
    kinds = {"sentiment": pa.float64(), "confidence": pa.float64(), "n_bad": pa.int64()}
    columns = zip(SAID, zip(*rows, strict=True), strict=True)
    said = pa.table({name: pa.array(column, kinds.get(name, pa.string())) for name, column in columns})
    first, second = report(said, DuckdbFrames.lazies).to_pylist()
    assert (first["topic"], first["n"], first["judged"], first["bad"], first["n_sure"]) == ("price", 3, 2, 2, 1)
    assert (round(first["sentiment"], 9), round(first["confidence"], 9), first["example"]) == (-0.6, 0.65, "f2")
    assert (second["offer"], second["bad"], second["example"]) == ("complement", 0, "f4")
    assert report(said.slice(0, 0), DuckdbFrames.lazies).num_rows == 0
