"""The log of decisions in columns, as measuring reads it: what was decided, and the offers that were given, a row each."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.domain.customer import Purpose
from crosslift.store.frames import Frames


class Decided:
    """What was decided in one shop.

    Parameters
    ----------
    frames : Frames
        Keeps the log in columns beside the records.
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def log(self, since: int, until: int, columns: Sequence[str]) -> pa.Table:
        """Give columns of the decisions of a period (microseconds UTC, the second not included), but those of evaluations."""
        found = self._frames.decisions(read_bodies, since, until, (*columns, "purpose"))
        counts = pc.not_equal(found["purpose"], Purpose.EVALUATION.value)
        return (found if pc.all(counts).as_py() else found.filter(counts)).select([*columns])

    def refresh(self) -> int:
        """Write the columns of every day that is over and has none yet; returns how many days that were."""
        return self._frames.refresh_decisions(read_bodies)


def offers_of(log: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Give a row an offer of decisions that were not withheld: some columns of the log, product and source."""
    schema = pa.schema(
        [*(log.schema.field(name) for name in columns), ("product", pa.string()), ("source", pa.string())]
    )
    return pa.Table.from_batches([_exploded(batch, columns) for batch in log.to_batches()], schema)


def _exploded(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    shown = batch.filter(pc.invert(batch["is_withheld"]))
    rows = shown.select([*columns]).take(pc.list_parent_indices(shown["products"]))
    return rows.append_column("product", pc.list_flatten(shown["products"])).append_column(
        "source", pc.list_flatten(shown["sources"])
    )


def read_bodies(bodies: pa.ChunkedArray) -> Mapping[str, pa.Array]:
    """Give code, products and sources of slim records."""
    codes: list[str] = []
    products: list[list[str]] = []
    sources: list[list[str]] = []
    for body in bodies.to_pylist():
        code, offered, kinds = record.served(body)
        codes.append(code)
        products.append(offered)
        sources.append(kinds)
    return {"code": pa.array(codes, pa.string()), "products": _lists(products), "sources": _lists(sources)}


def _lists(values: Sequence[Sequence[str]]) -> pa.Array:
    ends = pa.array([0, *accumulate(map(len, values))], pa.int32())
    return pa.ListArray.from_arrays(ends, pa.array(list(chain.from_iterable(values)), pa.string()))
