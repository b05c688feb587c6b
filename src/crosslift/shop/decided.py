"""The log of decisions in columns, as measuring reads it: what was decided, the offers that were given, what was said to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.domain.customer import Purpose
from crosslift.settings import Settings
from crosslift.shop.numbered import Places
from crosslift.shop.one_reading import once, within
from crosslift.shop.sales import coded_unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

DAY = 86_400_000_000
COLUMNS = (
    "decision_id", "at", "placement", "channel", "identity", "is_withheld", "code", "products", "sources",
)  # fmt: skip
"""What parts of a report ask of the log, read together where they are part of one reading."""
SEEN, SAID = ("decision_id", "product_id", "at"), ("decision_id", "product_id", "action", "at")
"""Columns of exposures and of responses."""


class Decided:
    """What was decided in one shop.

    Parameters
    ----------
    records : Records
        Of it exposures and responses.
    frames : Frames
        Keeps the log in columns beside the records.
    people : callable
        Gives identity and person_id of every identity that belongs to another's person.
    settings : Settings
        Of it `measure.click_days`.
    """

    def __init__(
        self, records: Records, frames: Frames, people: Callable[[], pa.Table], settings: Settings
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._people = people
        self._settings = settings

    @property
    def click_window(self) -> int:
        """A click counts for so many microseconds."""
        return int(float(self._settings["measure.click_days"]) * DAY)

    def log(self, since: int, until: int, columns: Sequence[str]) -> pa.Table:
        """Give columns of the decisions of a period (microseconds UTC, the second not included), but those of evaluations."""
        return self._log(since, until, columns)

    def of(self, since: int, until: int) -> "Log":
        """Give what was decided in a period, and what was said of it; of a longer one where this reading has read one."""
        longer: dict[tuple[int, int], Log] = once(self, "logs", dict)
        for (begin, end), log in longer.items():
            if begin <= since and until <= end:
                return replace(log, rows=within(log.rows, since, until))
        begin = since - self.click_window
        longer[begin, until] = log = self._of(begin, until)
        return replace(log, rows=within(log.rows, since, until))

    def _of(self, since: int, until: int) -> "Log":
        rows = self._log(since, until, COLUMNS)
        rows = rows.append_column("unit", coded_unit_of(rows["identity"], self._people())).drop_columns(["identity"])
        rows = rows.append_column("number", pa.array(np.arange(rows.num_rows, dtype=np.int32)))
        numbers = Places(rows["decision_id"])
        seen, said = (self._table(name, asked, since) for name, asked in (("exposures", SEEN), ("responses", SAID)))
        return Log(rows, _placed(seen, numbers), _placed(said, numbers), numbers)

    def _log(self, since: int, until: int, columns: Sequence[str]) -> pa.Table:
        found = self._frames.decisions(read_bodies, since, until, (*columns, "purpose"))
        counts = pc.not_equal(found["purpose"], Purpose.EVALUATION.value)
        return (found if pc.all(counts).as_py() else found.filter(counts)).select([*columns])

    def _table(self, name: str, columns: Sequence[str], since: int) -> pa.Table:
        return self._records.table(name, columns, "at >= ?", (since,))

    def refresh(self) -> int:
        """Write the columns of every day that is over and has none yet; returns how many days that were."""
        return self._frames.refresh_decisions(read_bodies)


@dataclass(frozen=True, slots=True)
class Log:
    """Decisions of a period, and what was said of offers since it began.

    Attributes
    ----------
    rows : pa.Table
        decision_id, at, placement, channel, is_withheld, code, products, sources, unit (a dictionary), and the decision's number.
    seen, said : pa.Table
        number, product_id, at; of responses the action too. The number is null of decisions that are not of the log; a product
        of null speaks for every offer of its decision.
    numbers : Places
        Gives the number of a decision by its id.
    """

    rows: pa.Table
    seen: pa.Table
    said: pa.Table
    numbers: Places


def offers_of(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Give a row an offer of decisions that were not withheld: some columns of the log, product and source.

    Texts are dictionaries: what a decision says stands there once, however many offers it gave.
    """
    n_offers = np.asarray(pc.fill_null(pc.list_value_length(rows["products"]), 0))
    decision = np.repeat(np.arange(rows.num_rows, dtype=np.int32), n_offers)
    is_given = ~np.asarray(rows["is_withheld"])[decision]
    place, chosen = pa.array(decision[is_given]), pa.array(is_given)
    found = {name: _spread(rows[name].combine_chunks(), place) for name in columns}
    for name, lists in (("product", "products"), ("source", "sources")):
        found[name] = pc.list_flatten(rows[lists]).combine_chunks().dictionary_encode().filter(chosen)
    return pa.table(found)


def _spread(column: pa.Array, place: pa.Array) -> pa.Array:
    """Give each offer what its decision says."""
    if pa.types.is_string(column.type):
        column = column.dictionary_encode()
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices.take(place), column.dictionary)
    return column.take(place)


def _placed(said: pa.Table, numbers: Places) -> pa.Table:
    return said.drop_columns(["decision_id"]).append_column("number", numbers.of(said["decision_id"]))


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
