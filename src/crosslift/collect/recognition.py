"""What a file is: a known export by its header, canonical columns, or a guess that somebody has to confirm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa

from crosslift.collect import proposal as proposals
from crosslift.collect.findings import Finding
from crosslift.collect.proposal import SAMPLE_ROWS, Proposal
from crosslift.collect.schemas import SCHEMAS, Schema
from crosslift.collect.sources import (
    canonical,
    known,
    online_retail,
    segment,
    translated,
    woocommerce_orders,
    written,
)
from crosslift.collect.sources.reading import TextTable
from crosslift.collect.sources.source import Renamed, Renamer, Source
from crosslift.collect.sources.streams import Limits
from crosslift.errors import BadInput, Unconfirmed
from crosslift.settings import Settings

NO_CURRENCY = "XXX"
"""How ISO 4217 writes that no currency is meant: looking at a file asks for none yet."""


@dataclass(slots=True)
class Options:
    """How a file is to be collected.

    `encoding` forces one, `accept` collects what is only proposed, `sources` are exports that plugins read.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    is_dry_run: bool = False
    skip_bad_rows: bool = False
    preview_rows: int = 20
    encoding: str | None = None
    accept: bool = False
    sources: Sequence[Source] = ()


Table = TextTable | translated.Translated
"""An open file: its rows as they are, or interactions told as events."""


@dataclass(slots=True)
class Recognized:
    """An open file and how it is read; `schema` is None for events, `source` the system its rows come from."""

    table: Table
    format: str
    schema: Schema | None
    mapping: dict[str, str]
    renamer: Renamer
    source: str = canonical.NAME


def look(path: Path, settings: Settings, options: Options) -> Recognized:
    """Open a file and name its format by its columns.

    Raises
    ------
    Unconfirmed
        With a proposal, when no format is certain and nobody accepted it.
    BadInput
        When nothing fits, with the columns found and the nearest dataset, or when it cannot be read at all.
    """
    table = TextTable(path, Limits.of(settings), options.encoding, partial(fit, more=options.sources))
    if table.columns == ["line"]:
        return Recognized(table, segment.NAME, None, {}, AS_LINES)
    interactions = None if options.mapping else translated.find(table.columns)
    if interactions is not None:
        return Recognized(translated.Translated(table, interactions), interactions.name, None, {}, AS_LINES)
    found = None if options.mapping else _known(table, settings, options)
    return found or _canonical(table, options) or _proposed(table, settings, options)


class Plain:
    """Renames with a function, one row for one row."""

    def __init__(self, rename: Callable[[pa.RecordBatch], dict[str, pa.Array]]) -> None:
        self._rename = rename

    def rename(self, batch: pa.RecordBatch) -> Renamed:
        """Give a batch its canonical columns."""
        return Renamed(self._rename(batch))

    def findings(self) -> list[Finding]:
        """Notice nothing."""
        return []


AS_LINES = Plain(lambda batch: {"line": batch.column("line")})
"""Leaves events as they are."""


def _known(table: TextTable, settings: Settings, options: Options) -> Recognized | None:
    edition = online_retail.find_mapping(table.columns)
    if edition is not None:
        rename = Plain(lambda batch: online_retail.rename(batch, edition))
        return Recognized(table, online_retail.NAME, online_retail.SCHEMA, dict(edition), rename, online_retail.NAME)
    found = known.find(table.columns, options.sources)
    if found is None:
        return None
    source, names = found
    if not source.is_certain and not options.accept:
        raise unconfirmed(proposals.of_source(source, names, _sample(table), table.path.name, table.notes), table.path)
    return Recognized(table, source.format, source.schema, names, source.renamer(source, names, settings), source.name)


def _canonical(table: TextTable, options: Options) -> Recognized | None:
    """Recognize canonical columns, under their own names or mapped."""
    schema = canonical.find_schema(table.columns, options.mapping)
    if schema is None or (not options.mapping and not _is_whole(schema, table.columns) and _understands(table)):
        return None
    canonical.check(schema, table.columns, options.mapping, str(table.path))
    mapping, is_free = dict(options.mapping), bool(options.mapping) or table.kind == "xlsx"

    def rename(batch: pa.RecordBatch) -> dict[str, pa.Array]:
        columns = canonical.rename(batch, schema, mapping)
        return written.plain(schema, columns, with_commas=table.delimiter != ";") if is_free else columns

    return Recognized(table, f"{canonical.NAME} {schema.dataset}", schema, mapping, Plain(rename))


def _is_whole(schema: Schema, columns: Sequence[str]) -> bool:
    return set(schema.required) <= set(columns)


def _understands(table: TextTable) -> bool:
    """Tell whether headings complete what canonical names leave open."""
    found = proposals.by_headings(_sample(table), {}, NO_CURRENCY, table.path.name)
    return found is not None and found.is_complete and any(guess.column != guess.canonical for guess in found.columns)


def _proposed(table: TextTable, settings: Settings, options: Options) -> Recognized:
    """Read the file as its headings propose, if that was accepted."""
    if woocommerce_orders.is_report(table.columns):
        raise BadInput(
            "is the orders report of WooCommerce Analytics, which names no product codes and prices of lines; export orders "
            "with their lines (Advanced Order Export for WooCommerce does), or connect the shop",
            where=str(table.path),
        )
    if {"offer_id", "kind"} <= set(table.columns):
        raise BadInput("is a file of offers; `crosslift offers put` takes it", where=str(table.path))
    currency = settings["shop.currency"]
    found = proposals.by_headings(_sample(table), options.mapping, currency, table.path.name, table.notes)
    if found is None or not found.columns:
        raise _unknown(table, options.mapping)
    if not (found.is_complete and options.accept):
        raise unconfirmed(found, table.path) if found.is_complete else _incomplete(found, table)
    schema, mapping = SCHEMAS[found.dataset], found.mapping

    def rename(batch: pa.RecordBatch) -> dict[str, pa.Array]:
        columns = written.plain(schema, canonical.rename(batch, schema, mapping), with_commas=table.delimiter != ";")
        return columns | ({"status": written.statuses(columns["status"])} if "status" in mapping else {})

    return Recognized(table, found.format, schema, mapping, Plain(rename))


def unconfirmed(found: Proposal, path: Path) -> Unconfirmed:
    """Ask for a word on a complete proposal."""
    columns = ", ".join(f"{guess.column} → {guess.canonical}" for guess in found.columns)
    fixed = "".join(f", {name} = {value}" for name, value in found.constants.items())
    return Unconfirmed(
        f"looks like {found.format}: {columns}{fixed}; collect it so with --accept, or name columns with --map", found,
        where=str(path),
    )  # fmt: skip


def _incomplete(found: Proposal, table: TextTable) -> Unconfirmed:
    columns = ", ".join(
        f"{guess.column} → {guess.canonical}" for guess in found.columns if guess.column != guess.canonical
    )
    wanted = " ".join(f"--map {name}=COLUMN" for name in found.missing)
    understood = f"; understood are {columns}" if columns else ""
    return Unconfirmed(
        f"no known format has the columns {canonical.shown(table.columns)}; nearest is {found.dataset}, missing "
        f"{', '.join(found.missing)}; name them: {wanted}{understood}",
        found,
        where=str(table.path),
    )


def _unknown(table: TextTable, mapping: Mapping[str, str]) -> BadInput:
    names = set(table.columns) | set(mapping)
    fitting = [s for s in SCHEMAS.values() if not s.foreign & names]
    nearest = max(fitting, key=lambda s: (len(s.signature & names) / len(s.signature), s.dataset == "orders"))
    missing = [name for name in nearest.required if name not in names]
    wanted = " ".join(f"--map {name}=COLUMN" for name in missing)
    return BadInput(
        f"no known format has the columns {canonical.shown(table.columns)}; nearest is {nearest.dataset}, missing "
        f"{', '.join(missing)}; name them: {wanted}",
        where=str(table.path),
    )


def _sample(table: TextTable) -> pa.RecordBatch:
    """Give the first rows as text; none where there are none."""
    batch = next(table.batches(), None)
    return _empty(table.columns) if batch is None else batch.select(table.columns).slice(0, SAMPLE_ROWS)


def _empty(columns: Sequence[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], pa.string()) for _ in columns], names=list(columns))


def fit(columns: Sequence[str], more: Sequence[Source] = ()) -> float:
    """Score names of columns: 1 for a known format, less for headings that are understood, 0 for none."""
    if any(
        find(columns) is not None
        for find in (online_retail.find_mapping, partial(known.find, more=more), translated.find)
    ):
        return 1.0
    schema = canonical.find_schema(columns, {})
    if schema is not None and _is_whole(schema, columns):
        return 1.0
    found = proposals.by_headings(_empty(columns), {}, NO_CURRENCY, "")
    return (
        0.0 if found is None else 0.9 * len(found.columns) / max(len(columns), len(found.columns) + len(found.missing))
    )
