"""The log of decisions in columns, as measuring reads it: what was decided, the offers that were given, what was said to them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
                return log.within(since, until)
        begin = since - self.click_window
        longer[begin, until] = log = self._of(begin, until)
        return log.within(since, until)

    def _of(self, since: int, until: int) -> "Log":
        with ThreadPoolExecutor(1) as aside:  # rows of the records are read while files are
            answers = aside.submit(
                lambda: [self._table(name, asked, since) for name, asked in (("exposures", SEEN), ("responses", SAID))]
            )
            asked = *COLUMNS, "purpose"
            days = self._frames.each_decided(_compact, read_bodies, since, until, asked)
            days = days or [_compact(self._frames.decisions(read_bodies, since, until, asked))]
            rows = pa.concat_tables([rows for rows, _ in days]).unify_dictionaries()
            begins = [0, *accumulate(rows.num_rows for rows, _ in days)]
            offers = pa.concat_tables(
                [_numbered_from(begin, one) for begin, (_, one) in zip(begins, days, strict=False)]
            )
            del days
            rows = rows.append_column("unit", coded_unit_of(rows["identity"], self._people())).drop_columns(
                ["identity"]
            )
            rows = rows.append_column("number", pa.array(np.arange(rows.num_rows, dtype=np.int32)))
            numbers = Places(rows["decision_id"])
            seen, said = (_placed(table, numbers) for table in answers.result())
        return Log(rows, offers.unify_dictionaries(), seen, said, numbers)

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
    """Decisions of a period, the offers they gave, and what was said of these since it began. Texts that repeat are dictionaries.

    Attributes
    ----------
    rows : pa.Table
        decision_id, at, placement, channel, is_withheld, code, unit, and the decision's number.
    offers : pa.Table
        number, product, source; a row an offer of decisions that were not withheld, be they among `rows` or not.
    seen, said : pa.Table
        number, product_id, at; of responses the action too. The number is null of decisions that are not of the log; a product
        of null speaks for every offer of its decision.
    numbers : Places
        Gives the number of a decision by its id.
    """

    rows: pa.Table
    offers: pa.Table
    seen: pa.Table
    said: pa.Table
    numbers: Places

    def within(self, since: int, until: int) -> "Log":
        """Give the decisions of a period of it."""
        return replace(self, rows=within(self.rows, since, until))

    def given(self, columns: Sequence[str]) -> pa.Table:
        """Give a row an offer of `rows`: some of their columns, product and source."""
        place, offers = np.asarray(self.offers["number"]), self.offers
        if self.rows.num_rows < len(self.numbers):
            place_of = np.full(len(self.numbers), -1, np.int32)
            place_of[np.asarray(self.rows["number"])] = np.arange(self.rows.num_rows, dtype=np.int32)
            place = place_of[place]
            offers, place = offers.filter(pa.array(place >= 0)), place[place >= 0]
        found = {name: _spread(self.rows[name].combine_chunks(), pa.array(place)) for name in columns}
        return pa.table({**found, "product": offers["product"], "source": offers["source"]})


def _compact(day: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give the decisions of a day and their offers apart, without those of evaluations; the number is the row in its day."""
    counts = pc.not_equal(day["purpose"], Purpose.EVALUATION.value)
    day = day if pc.all(counts, min_count=0).as_py() else day.filter(counts)
    rows = day.select(["decision_id", "at", "identity", "is_withheld"])
    for name in ("placement", "channel", "code"):
        rows = rows.append_column(name, _coded(day[name]))
    n_offers = np.asarray(pc.fill_null(pc.list_value_length(day["products"]), 0))
    number = np.repeat(np.arange(day.num_rows, dtype=np.int32), n_offers)
    is_given = ~np.asarray(day["is_withheld"])[number]
    lists = {name: _coded(pc.list_flatten(day[f"{name}s"])) for name in ("product", "source")}
    return rows, pa.table({"number": pa.array(number), **lists}).filter(pa.array(is_given))


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.cast(pa.string()).combine_chunks().dictionary_encode()


def _numbered_from(begin: int, offers: pa.Table) -> pa.Table:
    return offers.set_column(0, "number", pc.add(offers["number"], pa.scalar(begin, pa.int32())))


def _spread(column: pa.Array, place: pa.Array) -> pa.Array:
    """Give each offer what its decision says."""
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices.take(place), column.dictionary)
    return pa.DictionaryArray.from_arrays(place, column) if pa.types.is_string(column.type) else column.take(place)


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
