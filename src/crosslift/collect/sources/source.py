"""What a known export is: how its header gives it away, and how its rows become canonical columns."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.findings import Finding, Severity, three
from crosslift.collect.schemas import Schema
from crosslift.collect.sources import written
from crosslift.domain.sale import OrderStatus
from crosslift.settings import Settings

Columns = dict[str, pa.Array]
Places = npt.NDArray[np.int64]
_IN_HEADER = re.compile(r"\(([A-Z]{3})\)$")
"""A currency in brackets, such as 판매가(KRW)."""
_LEFT_OUT = {
    "orders": ("sold lines (shipping, fees, unpaid orders)", "nothing; a later export brings an order once it is paid"),
    "products": ("products (further pictures)", "nothing"),
}
"""What rows that are left out are not, and what to do."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """Rows in canonical columns, text still; `origin` says which row of the batch each was, None for one each."""

    columns: Columns
    origin: Places | None = None


class Renamer(Protocol):
    """Renames the batches of one file, in order; remembers between them what it must."""

    def rename(self, batch: pa.RecordBatch) -> Renamed:
        """Give a batch its canonical columns."""

    def findings(self) -> list[Finding]:
        """Say what was noticed, once all batches are renamed."""


@dataclass(frozen=True, slots=True)
class Source:
    """A known export.

    Attributes
    ----------
    name : str
        The platform; the rows' source, too.
    signature : frozenset of str
        Columns that only this export has together. Without all of them it is something else.
    names : mapping of str to tuple of str
        Canonical column to the names it has in the export; the first that is there counts.
    kept : mapping of str to str
        Further columns of the file and the attributes they become; all others (addresses, notes, payment data) are left out.
    renamer : callable
        Opens a file of it: the source, canonical to the file's names, the settings.
    is_certain : bool
        Whether the header is known from the platform itself. Otherwise somebody confirms it once.
    currency : str, optional
        Of all its amounts, where it has no column for it.
    zone : str, optional
        Where the platform's clock is.
    """

    name: str
    schema: Schema
    signature: frozenset[str]
    names: Mapping[str, tuple[str, ...]]
    renamer: Callable[["Source", Mapping[str, str], Settings], Renamer]
    kept: Mapping[str, str] = field(default_factory=dict)
    is_certain: bool = True
    currency: str | None = None
    zone: str | None = None
    needed: frozenset[str] = frozenset()

    @property
    def format(self) -> str:
        """The name of the export, as the report has it."""
        return f"{self.name} {self.schema.dataset}"

    def find_mapping(self, columns: Sequence[str]) -> dict[str, str] | None:
        """Give the canonical-to-file names of a file with these columns, or None where it is something else."""
        there = set(columns)
        if not self.signature <= there:
            return None
        found = {
            target: next(name for name in candidates if name in there)
            for target, candidates in self.names.items()
            if not there.isdisjoint(candidates)
        }
        return found if self.needed <= found.keys() else None


class Export:
    """Renames an export that has one row for each line, product or customer; what differs is overridden.

    Parameters
    ----------
    source : Source
    names : mapping
        Canonical column to the file's.
    settings : Settings
    """

    cancelled: ClassVar[str] = ""
    """Words of a state that make a line count as cancelled, as a regular expression; their case does not matter."""
    not_cancelled: ClassVar[str | None] = None
    """Words that take that back."""
    unfinished: ClassVar[str] = ""
    """Words of a state that is no sale yet: such rows are left out, a later export brings them."""
    states: ClassVar[tuple[str, ...]] = ()
    """Columns that tell the state of an order or a line."""
    consents: ClassVar[tuple[str, ...]] = ()
    """Columns that say somebody accepts messages; never taken for a consent."""

    def __init__(self, source: Source, names: Mapping[str, str], settings: Settings) -> None:
        self.source = source
        self.names = names
        self.settings = settings
        self._n_left_out = self._n_opted_in = self._n_masked = 0
        self._left_out: list[str] = []

    def rename(self, batch: pa.RecordBatch) -> Renamed:
        """Give a batch its canonical columns."""
        given = self.prepared({name: batch.column(name) for name in batch.schema.names})
        keep = self.kept(given)
        origin = None
        if not pc.all(keep).as_py():
            origin = np.flatnonzero(np.asarray(keep)).astype(np.int64)
            self._note_left_out(given, keep)
            given = {name: column.take(pa.array(origin)) for name, column in given.items()}
        self._n_opted_in += sum(int(pc.sum(written.says(given[name], "^(yes|y|true|1|t)$")).as_py() or 0)
                               for name in self.consents if name in given)  # fmt: skip
        columns = {target: given[name] for target, name in self.names.items()}
        columns |= self.computed(given, columns)
        columns = self._without_masks(columns)
        columns |= self._currency(columns, given)
        columns |= {called: given[name] for name, called in self.source.kept.items() if name in given}
        return Renamed(written.plain(self.source.schema, columns), origin)

    def prepared(self, given: Columns) -> Columns:
        """Bring the file's own columns in shape: fill what is said once for several rows."""
        return given

    def kept(self, given: Columns) -> pa.Array:
        """Say which rows are rows of the dataset."""
        keep = pa.repeat(pa.scalar(value=True), len(next(iter(given.values()))))
        if not self.unfinished:
            return keep
        for name in self.states:
            if name in given:
                keep = pc.and_not(keep, written.says(given[name], self.unfinished))
        return keep

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Give the columns that are not simply one of the file's."""
        return self._status(given)

    def findings(self) -> list[Finding]:
        """Say what was left out, taken for granted, or never taken for a consent."""
        found = []
        if self._n_left_out:
            what, remedy = _LEFT_OUT[self.source.schema.dataset]
            found.append(Finding(
                "left_out", Severity.NOTE, self._n_left_out, f"{self._n_left_out} rows of this export are no {what}",
                "they are left out", remedy, three(self._left_out),
            ))  # fmt: skip
        if self._n_opted_in:
            found.append(Finding(
                "consent_not_invented", Severity.WARNING, self._n_opted_in,
                f"{self._n_opted_in} rows say that somebody accepts messages; no consent was recorded from that",
                "nobody gets messages without a consent of their own",
                "collect a consents file with source, wording and time of each consent",
            ))  # fmt: skip
        if self._n_masked:
            found.append(Finding(
                "masked_customers", Severity.WARNING, self._n_masked,
                f"{self._n_masked} rows name their customer only in part (k***m)",
                "they count as orders of nobody, so that different people do not become one",
                "export with full ids where the platform offers it",
            ))  # fmt: skip
        return found + self._assumed()

    def _status(self, given: Columns) -> Columns:
        found = None
        for name in self.states if self.cancelled else ():
            if name in given:
                here = written.says(given[name], self.cancelled, but_not=self.not_cancelled)
                found = here if found is None else pc.or_(found, here)
        if found is None:
            return {}
        return {"status": pc.if_else(found, OrderStatus.CANCELLED.value, OrderStatus.PLACED.value)}

    def _currency(self, columns: Columns, given: Columns) -> Columns:
        if "currency" not in self.source.schema.names or "currency" in columns:
            return {}
        currency = self._said_currency or self.settings["shop.currency"]
        return {"currency": pa.repeat(pa.scalar(currency), len(next(iter(given.values()))))}

    @property
    def _said_currency(self) -> str | None:
        """The currency of amounts without one: the one the header says, else the platform's own."""
        said = {found[1] for name in self.names.values() if (found := _IN_HEADER.search(name))}
        return said.pop() if len(said) == 1 else self.source.currency

    def _without_masks(self, columns: Columns) -> Columns:
        """Forget customer ids that are shown in part: several people would share one."""
        if "customer_id" not in columns or self.source.schema.dataset == "customers":
            return columns
        masked = pc.fill_null(pc.match_substring(columns["customer_id"], "*"), False)
        self._n_masked += int(pc.sum(masked).as_py() or 0)
        return {**columns, "customer_id": pc.if_else(masked, pa.scalar(None, pa.string()), columns["customer_id"])}

    def _note_left_out(self, given: Columns, keep: pa.Array) -> None:
        n_left = len(keep) - int(pc.sum(keep).as_py() or 0)
        self._n_left_out += n_left
        if len(self._left_out) < 3:
            dropped = [given[name].filter(pc.invert(keep)).slice(0, 3).to_pylist() for name in list(given)[:3]]
            self._left_out += [" / ".join(cell for cell in row if cell) for row in zip(*dropped, strict=True)]

    def _assumed(self) -> list[Finding]:
        found = []
        zone = self.source.zone
        if zone and zone != "UTC" and self.settings["shop.time_zone"] == "UTC":
            found.append(Finding(
                "time_zone_assumed", Severity.WARNING, 1, f"times of {self.source.name} were read as UTC",
                "orders around midnight fall on another day", f"set shop.time_zone = '{zone}' before collecting",
            ))  # fmt: skip
        if "currency" in self.source.schema.names and "currency" not in self.names and not self._said_currency:
            taken = self.settings["shop.currency"]
            found.append(Finding(
                "currency_assumed", Severity.NOTE, 1, f"the export names no currency; {taken} was taken",
                "prices and sums are in it", "set shop.currency before collecting if it is another",
            ))  # fmt: skip
        return found


class Followed:
    """Values that an export says once, in the first row of an order or a product, for the rows that follow.

    Parameters
    ----------
    key : str
        The column that is the same in rows that belong together, and stands in each of them.
    columns : sequence of str
        The columns that only the first row has.
    """

    def __init__(self, key: str, columns: Sequence[str]) -> None:
        self._key = key
        self._columns = columns
        self._last: dict[str, str | None] = {}

    def filled(self, given: Columns) -> Columns:
        """Give every row the values of the first row with its key; rows of one key stand together."""
        keys = given[self._key].to_pylist()
        before = self._last.get(self._key)
        first = np.zeros(len(keys), dtype=np.int64)
        place = 0  # 0 is the row carried over from the batch before
        for i, key in enumerate(keys):
            if key and key != (keys[i - 1] if i else before):
                place = i + 1
            first[i] = place
        done = dict(given)
        for name in self._columns:
            if name in given:
                carried = pa.concat_arrays(
                    [pa.array([self._last.get(name)], pa.string()), given[name].cast(pa.string())]
                )
                done[name] = carried.take(pa.array(first))
        if keys:
            self._last = {name: done[name][-1].as_py() for name in (*self._columns, self._key) if name in done}
        return done


_OF_A_PARENT = ("product_id", "title", "category", "brand", "price", "currency", "image", "url", "kind", "active")


def with_parents(renamed: Renamed, seen: set[str]) -> Renamed:
    """Put the product itself before the first of its variants, in exports that only list these.

    Parameters
    ----------
    renamed : Renamed
        Variants with `parent_id`, and what their product is called in `parent_title`, which goes.
    seen : set of str
        Products put so far; grows.
    """
    columns = dict(renamed.columns)
    titles = columns.pop("parent_title")
    places: list[int] = []
    is_parent: list[bool] = []
    for place, parent in enumerate(columns["parent_id"].to_pylist()):
        if parent and parent not in seen:
            seen.add(parent)
            places.append(place)
            is_parent.append(True)
        places.append(place)
        is_parent.append(False)
    if not any(is_parent):
        return Renamed(columns, renamed.origin)
    order, put = pa.array(places), pa.array(is_parent)
    taken = {name: column.take(order) for name, column in columns.items()}
    nothing = pa.scalar(None, pa.string())
    own = {name: column if name in _OF_A_PARENT else pc.if_else(put, nothing, column) for name, column in taken.items()}
    own["product_id"] = pc.if_else(put, taken["parent_id"], taken["product_id"])
    own["title"] = pc.if_else(put, titles.take(order), taken["title"])
    return Renamed(own, np.asarray(places, dtype=np.int64) if renamed.origin is None else renamed.origin[places])


def first_filled(*columns: pa.Array) -> pa.Array:
    """Give of each row the first cell that is not empty; null where all are."""
    return pc.coalesce(*(pc.if_else(pc.equal(pc.utf8_trim_whitespace(c), ""), None, c) for c in columns))


def lowered(column: pa.Array) -> pa.Array:
    """Bring e-mail addresses that serve as ids into one spelling."""
    return pc.utf8_lower(pc.utf8_trim_whitespace(column))
