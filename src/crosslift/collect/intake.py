"""The only door to the records: recognize → validate → compare → append, visible as a whole or not at all."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.collect.builders import builder
from crosslift.collect.checking import Problems, read_cells
from crosslift.collect.curated import withheld
from crosslift.collect.evidence import EVIDENCE_COLUMNS, identity_evidence
from crosslift.collect.facts import opened_cases
from crosslift.collect.findings import Finding, ImportReport, Severity, three
from crosslift.collect.order_events import orders_told
from crosslift.collect.parse import normalized
from crosslift.collect.recognition import Options, Recognized, Table, look
from crosslift.collect.row_numbers import RowNumbers
from crosslift.collect.rows import EVENT_COLUMNS, Builder, as_json
from crosslift.collect.schemas import Schema
from crosslift.collect.sources import segment
from crosslift.collect.sources.workbook import ROW
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.store.ports import Outcome, Records

Progress = Callable[[str, int, int], None]
WRITE_ROWS = 4_000
"""Rows a transaction: at most about 50 ms of the writer's time (DESIGN 2b.14)."""
WRITE_CUSTOMERS = 1_000
"""The same for customers, who bring up to three contacts each."""


def collect_file(
    path: Path,
    records: Records,
    settings: Settings,
    now: datetime,
    options: Options,
    progress: Progress,
    known: Recognized | None = None,
) -> ImportReport:
    """Import one file.

    Parameters
    ----------
    path : Path
        CSV, TSV, JSON lines, Parquet, XLSX or a product feed in XML; text may be gz.
    progress : callable
        Called with (step, rows or bytes done, total).
    known : Recognized, optional
        The file opened by `look` already.

    Returns
    -------
    ImportReport
        What was recognized, read, new, the same, replaced; findings with samples.

    Raises
    ------
    Unconfirmed
        If its format is only proposed and nobody accepted that.
    BadInput
        For anything unreadable; nothing of the file is kept then.
    """  # fmt: skip
    begun = time.perf_counter()
    known = known or look(path, settings, options)
    content_hash = _hash_of(
        path, f"{known.format}{sorted(known.mapping.items())}{options.source}{options.encoding or ''}"
    )
    dataset = known.schema.dataset if known.schema else "events"
    report = ImportReport(None, dataset, path.name, known.format, "dry run", mapping=known.mapping)
    again = None if options.is_dry_run else _same_file(records, dataset, content_hash)
    if again is not None:
        report.import_id, report.state, report.seconds = (
            again,
            "already collected",
            time.perf_counter() - begun,
        )
        return report
    moment = int(now.timestamp() * 1_000_000)
    import_id = None
    rows_of = builder(known.schema, options.source or known.source) if known.schema else None
    if rows_of and dataset == "bundles":
        rows_of.withheld = withheld(records)
    if not options.is_dry_run:
        import_id = records.start_import(dataset, path.name, known.format, moment, content_hash)
    try:
        parts = (
            _parsed(known, known.schema, rows_of, settings, options, report, progress)
            if known.schema and rows_of
            else _events(known.table, options.source or settings["collect.events_source"], report, moment, progress)
        )
        for part in parts:
            part.tables += opened_cases(part.tables, settings, moment)
            if import_id is not None:
                _write(records, import_id, part, report)
        report.notes, found = known.table.notes, known.renamer.findings()
        report.findings.extend(found)
        if rows_of and rows_of.named:
            report.findings.extend(_unknown_products(records, rows_of.named))
    except BaseException:
        if import_id is not None:
            records.abandon_import(import_id, moment)
        raise
    report.seconds = time.perf_counter() - begun
    if import_id is not None:
        report.import_id, report.state = import_id, "committed"
        records.commit_import(import_id, moment, as_json(report.as_dict()))
    return report


@dataclass(slots=True)
class _Part:
    """One batch ready to be written: rows by table."""

    tables: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]


def _parsed(
    known: Recognized, schema: Schema, rows_of: Builder, settings: Settings, options: Options, report: ImportReport,
    progress: Progress,
) -> Iterator[_Part]:  # fmt: skip
    table, first_row = known.table, known.table.first_row
    numbers = RowNumbers(first_row)
    problems = Problems(table.path, number_of=numbers.of)
    for batch, real in _numbered(table):
        renamed = known.renamer.rename(batch)
        columns = renamed.columns
        report.n_read += batch.num_rows
        progress("read", report.n_read, 0)
        n_rows = len(next(iter(columns.values())))
        if n_rows == 0:
            continue
        numbers.add(real if renamed.origin is None else real[renamed.origin])
        _preview(report, columns, options.preview_rows)
        typed, bad = read_cells(schema, columns, settings, problems, first_row)
        for fault in rows_of.faults(typed, first_row):
            problems.fault(fault.row, fault.name, fault.what)
            bad[fault.row - first_row] = True
        typed = rows_of.numbered(typed, first_row)
        first_row += n_rows
        if problems.count and not options.skip_bad_rows:
            continue
        kept = pa.array(~bad)
        report.n_refused += int(bad.sum())
        extras = {n: normalized(c.filter(kept)) for n, c in columns.items() if n not in schema.names}
        yield _Part(rows_of.build({n: c.filter(kept) for n, c in typed.items()}, extras))
    if report.n_read == 0:
        raise BadInput("has a header but no rows; export it again", where=str(table.path))
    yield from _last_part(rows_of, options, report, problems)
    report.findings.extend(rows_of.findings())


def _numbered(table: Table) -> Iterator[tuple[pa.RecordBatch, Any]]:
    """Yield batches with the number each row has in the file."""
    counted = table.first_row
    for batch in table.batches():
        if ROW in batch.schema.names:
            yield batch.select(table.columns), np.asarray(batch.column(ROW))
        else:
            yield batch, np.arange(counted, counted + batch.num_rows)
        counted += batch.num_rows


def _last_part(rows_of: Builder, options: Options, report: ImportReport, problems: Problems) -> Iterator[_Part]:
    """Build what needs every row; refuse the file, or leave out what is wrong with it."""
    if problems.count and not options.skip_bad_rows:
        raise problems.error()
    finished = rows_of.finish()
    for fault in finished.faults:
        problems.fault(fault.row, fault.name, fault.what)
    report.n_refused += finished.n_left_out
    if problems.count and not options.skip_bad_rows:
        raise problems.error()
    yield _Part(finished.tables)
    if problems.count:
        report.findings.append(problems.finding())


def _unknown_products(records: Records, named: set[str]) -> Iterator[Finding]:
    unknown = sorted(named - records.known_products(named))
    if unknown:
        yield Finding(
            "unknown_product", Severity.WARNING, len(unknown), f"{len(unknown)} products named here are not in the catalog",
            "what is said of them waits until they are", "collect them with a products file, or mend their ids",
            three(unknown),
        )  # fmt: skip


def _events(
    table: Table, source: str, report: ImportReport, now: int, progress: Progress
) -> Iterator[_Part]:  # fmt: skip
    untold: list[str] = []
    for batch in table.batches():
        lines = zip(batch.column("number").to_pylist(), batch.column("line").to_pylist(), strict=True)
        messages = segment.decode_lines(lines, str(table.path))
        rows = segment.to_rows(messages, now, str(table.path), report.n_read + 1)
        report.n_read += len(rows)
        progress("read", report.n_read, 0)
        told = orders_told(messages, now, source)
        rows = [row for row, message in zip(rows, messages, strict=True) if not segment.is_test(message)]
        messages = [message for message in messages if not segment.is_test(message)]
        untold += told.untold
        evidence = [(*piece, "events") for piece in identity_evidence(messages, now)]
        yield _Part([("events", EVENT_COLUMNS, rows), ("identity_evidence", EVIDENCE_COLUMNS, evidence), *told.tables])
    if untold:
        report.findings.append(Finding(
            "orders_untold", Severity.WARNING, len(untold), f"{len(untold)} messages about orders cannot be kept as orders",
            "they are kept as events, nothing counts as bought or given back", "name order_id, and products with product_id",
            three(untold),
        ))  # fmt: skip


def _write(records: Records, import_id: int, part: _Part, report: ImportReport) -> None:
    for dataset, columns, rows in part.tables:
        total = Outcome()
        n_at_once = WRITE_CUSTOMERS if dataset == "customers" else WRITE_ROWS
        for start in range(0, len(rows), n_at_once):
            total.add(records.import_rows(import_id, dataset, columns, rows[start : start + n_at_once]))
        if dataset != report.dataset and (dataset, report.dataset) != ("order_lines", "orders"):
            continue
        if dataset == "orders":
            continue
        report.n_new += total.n_new
        report.n_same += total.n_same
        report.n_replaced += total.n_replaced
        if total.conflicts:
            _note_conflicts(report, total.conflicts)


def _note_conflicts(report: ImportReport, conflicts: list[tuple[str, ...]]) -> None:
    before = next((f for f in report.findings if f.code == "conflict"), None)
    count = len(conflicts) + (before.count if before else 0)
    samples = three([*(before.samples if before else ()), *(" / ".join(key) for key in conflicts)])
    if before:
        report.findings.remove(before)
    report.findings.append(Finding(
        "conflict", Severity.ERROR, count, f"{count} rows came again with other content and no newer updated_at",
        "the first version is kept and used", "send the new version with a newer updated_at", samples,
    ))  # fmt: skip


def _preview(report: ImportReport, columns: Mapping[str, pa.Array], n_rows: int) -> None:
    if report.preview:
        return
    names = list(columns)
    for place in range(min(n_rows, len(columns[names[0]]))):
        report.preview.append({name: columns[name][place].as_py() or "" for name in names})


def _same_file(records: Records, dataset: str, content_hash: str) -> int | None:
    """The newest committed import of this dataset, when it was this very file: then nothing can have changed."""
    committed = [r for r in records.imports() if r.dataset == dataset and r.state == "committed" and r.source != "api"]
    last = committed[-1] if committed else None
    return last.import_id if last and last.content_hash == content_hash else None


def _hash_of(path: Path, salt: str) -> str:
    digest = blake2b(salt.encode(), digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
