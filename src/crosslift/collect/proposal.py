"""What a file nobody knows seems to be: a mapping to confirm, with sample values; never collected unasked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.parse import parse
from crosslift.collect.schemas import SCHEMAS, Field, Schema, Type
from crosslift.collect.sources import headings, written
from crosslift.collect.sources.canonical import BETWEEN, CONSTANT
from crosslift.collect.sources.source import Source

SAMPLE_ROWS = 200
_READABLE = 0.8
"""The share of cells that have to be readable as what a heading promises."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One column: what it is called, what it seems to be, how sure that is (0..1), and three of its values."""

    column: str
    canonical: str
    sureness: float
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a file could be collected, once somebody says yes.

    Attributes
    ----------
    file : str
        The file's name.
    format : str
        What it seems to be: "Cafe24 orders", or "orders by their headings".
    dataset : str
        orders, products, customers or returns.
    columns : tuple of Guess
        The columns that are understood, in the order of the dataset.
    constants : mapping
        Canonical columns that would have one value in every row, and that value.
    missing : tuple of str
        Required columns that nothing in the file seems to be; with any, it cannot be collected yet.
    unused : tuple of str
        Columns that are not understood.
    notes : tuple of str
        How the file was read, where that is not plain.
    """

    file: str
    format: str
    dataset: str
    columns: tuple[Guess, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it can be collected as it stands."""
        return not self.missing

    @property
    def sureness(self) -> float:
        """How sure the least sure required column is, 0..1."""
        required = set(SCHEMAS[self.dataset].required)
        return min((guess.sureness for guess in self.columns if guess.canonical in required), default=0.0)

    @property
    def mapping(self) -> dict[str, str]:
        """The mapping it stands for, as `collect` takes it."""
        named = {guess.canonical: guess.column for guess in self.columns}
        return named | {name: CONSTANT + value for name, value in self.constants.items()}

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return asdict(self) | {"mapping": self.mapping, "sureness": self.sureness, "is_complete": self.is_complete}


def of_source(
    source: Source, names: Mapping[str, str], sample: pa.RecordBatch, file: str, notes: Sequence[str]
) -> Proposal:
    """Propose to read a file as an export whose header is known from hearsay only."""
    guesses = tuple(Guess(name, target, headings.SURE, _three(sample, name)) for target, name in names.items())
    unused = [name for name in sample.schema.names if name not in {*names.values(), *source.kept}]
    return Proposal(
        file, source.format, source.schema.dataset, guesses, {"currency": source.currency} if source.currency else {},
        unused=tuple(unused), notes=tuple(notes),
    )  # fmt: skip


def by_headings(
    sample: pa.RecordBatch, given: Mapping[str, str], currency: str, file: str, notes: Sequence[str] = ()
) -> Proposal | None:
    """Propose the dataset and the mapping that the headings and the first values of a file speak for.

    Parameters
    ----------
    sample : pa.RecordBatch
        The first rows, as text.
    given : mapping
        Canonical column to the file's column, as somebody said already; certain.
    currency : str
        Of amounts that bear no sign of one.

    Returns
    -------
    Proposal or None
        The one that fits best, complete or not; None where no heading is understood.
    """
    found = [_fitted(SCHEMAS[dataset], sample, given, currency, file, notes) for dataset in headings.WORDS]
    known = [proposal for proposal in found if proposal.columns and _is_own(proposal)]
    return max(known, key=_fit, default=None)


def _fitted(
    schema: Schema, sample: pa.RecordBatch, given: Mapping[str, str], currency: str, file: str, notes: Sequence[str]
) -> Proposal:
    taken = {
        name: Guess(name, target, 1.0, _three(sample, name))
        for target, name in given.items()
        if name in sample.schema.names
    }
    done = {target for target in given if target in schema.names}
    rated = [
        (rate, place, target, heading)
        for target, ordered in headings.guesses(schema.dataset, sample.schema.names).items()
        for place, (rate, heading) in enumerate(ordered)
        if target not in done
    ]
    chosen = dict.fromkeys(done, None)
    for rate, _, target, heading in sorted(rated, key=lambda one: (-one[0], one[1])):
        spec = _PRICE if target == headings.LINE_TOTAL else _field(schema, target)
        if target in chosen or heading in taken or not _reads(spec, sample.column(heading)):
            continue
        chosen[target] = None
        taken[heading] = Guess(heading, target, rate, _three(sample, heading))
    by_target = {guess.canonical: guess for guess in taken.values()}
    _divide(by_target, sample)
    if schema.dataset == "customers" and "customer_id" not in chosen and "email" in by_target:
        email = by_target["email"]
        by_target["customer_id"] = Guess(email.column, "customer_id", headings.CONTAINED, email.samples)
    constants = {target: value.removeprefix(CONSTANT) for target, value in given.items() if value.startswith(CONSTANT)}
    if "currency" in schema.required and "currency" not in by_target and "currency" not in constants:
        signs = [
            cell for guess in by_target.values() if guess.canonical in ("price", "unit_price") for cell in guess.samples
        ]
        constants["currency"] = written.currency_of(signs) or currency
    missing = [name for name in schema.required if name not in by_target and name not in constants]
    ordered = tuple(by_target[name] for name in schema.names if name in by_target)
    unused = tuple(name for name in sample.schema.names if name not in taken)
    title = f"{schema.dataset} by their headings"
    all_notes = (*notes, *_on_dates(schema, ordered))
    return Proposal(file, title, schema.dataset, ordered, constants, tuple(missing), unused, all_notes)


_PRICE = Field("unit_price", Type.MONEY)
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{4}\b")


def _on_dates(schema: Schema, guesses: Sequence[Guess]) -> list[str]:
    """Say how dates are read that might mean two days."""
    cells = (
        cell for guess in guesses if _field(schema, guess.canonical).type is Type.INSTANT for cell in guess.samples
    )
    found = next((cell for cell in cells if _SLASHED.match(cell.strip())), None)
    return [] if found is None else [f"dates such as {found} are read month first"]


def _divide(by_target: dict[str, Guess], sample: pa.RecordBatch) -> None:
    """Make the price of one piece from what the whole line came to, where the file says only that."""
    total, count = by_target.get(headings.LINE_TOTAL), by_target.get("quantity")
    if "unit_price" in by_target or total is None or count is None:
        return
    prices = written.divided(sample.column(total.column), sample.column(count.column)).to_pylist()
    shown = tuple(price for price in dict.fromkeys(prices) if price)[:3]
    by_target["unit_price"] = Guess(f"{total.column}{BETWEEN}{count.column}", "unit_price", headings.CONTAINED, shown)


_GIVES_AWAY = {
    "orders": (3, frozenset({"order_id", "ordered_at", "product_id", "quantity", "customer_id"})),
    "returns": (2, frozenset({"order_id", "returned_at"})),
    "products": (2, frozenset({"product_id", "title", "price"})),
    "customers": (2, frozenset({"customer_id", "email", "phone", "created_at"})),
}
"""So many of these a file of the dataset has at least."""


def _is_own(proposal: Proposal) -> bool:
    least, names = _GIVES_AWAY[proposal.dataset]
    return len(names & {guess.canonical for guess in proposal.columns}) >= least


def _fit(proposal: Proposal) -> tuple[float, float]:
    """Fewest required columns missing, then the most columns understood."""
    required = len(SCHEMAS[proposal.dataset].required)
    understood = sum(guess.sureness for guess in proposal.columns)
    return understood - 2 * len(proposal.missing), understood / required


def _field(schema: Schema, name: str) -> Field:
    return next(one for one in schema.fields if one.name == name)


def _reads(spec: Field, column: pa.Array) -> bool:
    """Tell whether the first values are what a heading promises; where there are no rows, it is believed."""
    if len(column) == 0:
        return True
    cells = column.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False))
    if len(cells) == 0:
        return not spec.is_required or spec.may_be_empty
    if spec.name == "status" or spec.type in (Type.TEXT, Type.JSON):
        return True
    plain = written.instants(cells) if spec.type is Type.INSTANT else written.amounts(cells)
    _, bad = parse(spec, cells if spec.type in (Type.FLAG, Type.CURRENCY) else plain, "UTC")
    return bool(bad.mean() <= 1 - _READABLE)


def _three(sample: pa.RecordBatch, name: str) -> tuple[str, ...]:
    """Three different values of a column."""
    cells = (cell for cell in pc.unique(sample.column(name)).to_pylist() if cell and cell.strip())
    return tuple(cell[:60] for _, cell in zip(range(3), cells, strict=False))
