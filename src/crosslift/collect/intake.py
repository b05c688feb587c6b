"""The only door to the records: recognize → validate → compare → append, visible as a whole or not at all."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.collect import rows as rowing
from crosslift.collect.findings import Finding, ImportReport, Severity, three
from crosslift.collect.parse import normalized, parse
from crosslift.collect.schemas import SCHEMAS, Field, Schema, Type
from crosslift.collect.sources import canonical, online_retail, segment
from crosslift.collect.sources.reading import TextTable, text_of
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.store.ports import Outcome, Records

Progress = Callable[[str, int, int], None]
WRITE_ROWS = 4_000
"""Rows a transaction: at most about 50 ms of the writer's time (DESIGN 2b.14)."""
MAX_PROBLEMS = 5


@dataclass(slots=True)
class Options:
    """How a file is to be collected."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    is_dry_run: bool = False
    skip_bad_rows: bool = False
    preview_rows: int = 20


@dataclass(slots=True)
class _Recognized:
    format: str
    schema: Schema | None
    mapping: dict[str, str]
    rename: Callable[[pa.RecordBatch], dict[str, pa.Array]]


def collect_file(
    path: Path, records: Records, settings: Settings, now: datetime, options: Options, progress: Progress
) -> ImportReport:
    """Import one file.

    Parameters
    ----------
    path : Path
        CSV, TSV, JSON lines or Parquet, plain or gz.
    progress : callable
        Called with (step, rows or bytes done, total).

    Returns
    -------
    ImportReport
        What was recognized, read, new, the same, replaced; findings with samples.

    Raises
    ------
    BadInput
        For anything unreadable; nothing of the file is kept then.
    """
    begun = time.perf_counter()
    table = TextTable(path)
    known = recognize(table, options)
    content_hash = _hash_of(path, f"{known.format}{sorted(known.mapping.items())}{options.source}")
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
    if not options.is_dry_run:
        import_id = records.start_import(dataset, path.name, known.format, moment, content_hash)
    try:
        for part in _parsed(table, known, settings, options, report, moment, progress):
            if import_id is not None:
                _write(records, import_id, part, report)
    except BaseException:
        if import_id is not None:
            records.abandon_import(import_id, moment)
        raise
    report.seconds = time.perf_counter() - begun
    if import_id is not None:
        report.import_id, report.state = import_id, "committed"
        records.commit_import(import_id, moment, rowing.as_json(report.as_dict()))
    return report


def product_rows(
    products: Sequence[Mapping[str, Any]], settings: Settings
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Turn products as JSON has them into rows, by the very code of the file door.

    Raises
    ------
    BadInput
        Naming the place in the list and the field.
    """
    schema = SCHEMAS["products"]
    if not products:
        raise BadInput("the list of products is empty", where="products")
    names = list(dict.fromkeys(name for product in products for name in product))
    for place, product in enumerate(products):
        missing = [name for name in ("product_id", "title") if not product.get(name)]
        if missing:
            raise BadInput(f"{missing[0]} is missing", where=f"products[{place}]")
    columns = {name: pa.array([text_of(product.get(name)) for product in products], pa.string()) for name in names}
    problems = _Problems(Path("products"), "products[{}]", 0)
    typed, _ = _typed(schema, columns, settings, problems, 0)
    if problems.count:
        raise problems.error()
    extras = {name: normalized(column) for name, column in columns.items() if name not in schema.names}
    _, stored, built = rowing.builder(schema, "api").build(typed, extras)[0]
    return stored, built


def live_changes(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Check changes of price, stock and activity.

    Raises
    ------
    BadInput
        For an unknown field or a value that cannot be.
    """
    kinds = {"price": Type.MONEY, "currency": Type.CURRENCY, "stock": Type.INTEGER, "active": Type.FLAG}
    stored = {"price": "price_micros", "currency": "currency", "stock": "stock", "active": "is_active"}
    checked = []
    for place, change in enumerate(changes):
        where = f"products[{place}]"
        if not change.get("product_id"):
            raise BadInput("product_id is missing", where=where)
        row: dict[str, Any] = {"product_id": str(change["product_id"])}
        for name, value in change.items():
            if name == "product_id":
                continue
            if name not in kinds:
                raise BadInput(
                    f"{name!r} cannot be patched; price, currency, stock and active can; use PUT for the rest",
                    where=where,
                )
            spec = Field(name, kinds[name], low=0 if name == "price" else None)
            parsed, bad = parse(spec, pa.array([text_of(value)], pa.string()), "UTC")
            if bad[0]:
                raise BadInput(f"{name} = {value!r} is no {kinds[name].value}", where=where)
            row[stored[name]] = parsed[0].as_py()
        if len(row) == 1:
            raise BadInput("nothing to change; give price, stock or active", where=where)
        if row.get("is_active", True) is None:
            raise BadInput("active is empty; give true or false", where=where)
        checked.append(row)
    return checked


def recognize(table: TextTable, options: Options) -> _Recognized:
    """Name the format of a file by its columns.

    Raises
    ------
    BadInput
        When nothing fits, with the columns found and the nearest dataset.
    """
    if table.columns == ["line"]:
        return _Recognized(segment.NAME, None, {}, lambda batch: {"line": batch.column("line")})
    edition = online_retail.find_mapping(table.columns) if not options.mapping else None
    if edition is not None:
        return _Recognized(
            online_retail.NAME,
            online_retail.SCHEMA,
            dict(edition),
            lambda b: online_retail.rename(b, edition),
        )
    schema = canonical.find_schema(table.columns, options.mapping)
    if schema is None:
        raise _unknown(table, options.mapping)
    canonical.check(schema, table.columns, options.mapping, str(table.path))
    return _Recognized(
        f"{canonical.NAME} {schema.dataset}", schema, dict(options.mapping),
        lambda batch: canonical.rename(batch, schema, options.mapping),
    )  # fmt: skip


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


@dataclass(slots=True)
class _Part:
    """One batch ready to be written: rows by table."""

    tables: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]


def _parsed(
    table: TextTable, known: _Recognized, settings: Settings, options: Options, report: ImportReport, now: int,
    progress: Progress,
) -> Iterator[_Part]:  # fmt: skip
    if known.schema is None:
        yield from _events(table, report, now, progress)
        return
    builder = rowing.builder(known.schema, options.source or known.format.removesuffix(f" {known.schema.dataset}"))
    problems = _Problems(table.path)
    first_line = table.first_row
    for batch in table.batches():
        columns = known.rename(batch)
        _preview(report, columns, options.preview_rows)
        typed, bad = _typed(known.schema, columns, settings, problems, first_line)
        report.n_read += batch.num_rows
        first_line += batch.num_rows
        progress("read", report.n_read, 0)
        if problems.count and not options.skip_bad_rows:
            continue
        typed = builder.numbered(typed)
        kept = pa.array(~bad)
        report.n_refused += int(bad.sum())
        extras = {n: normalized(c.filter(kept)) for n, c in columns.items() if n not in known.schema.names}
        yield _Part(builder.build({n: c.filter(kept) for n, c in typed.items()}, extras))
    if report.n_read == 0:
        raise BadInput("has a header but no rows; export it again", where=str(table.path))
    if problems.count and not options.skip_bad_rows:
        raise problems.error()
    if problems.count:
        report.findings.append(problems.finding())
    report.findings.extend(builder.findings())


def _typed(
    schema: Schema, columns: dict[str, pa.Array], settings: Settings, problems: "_Problems", first_line: int
) -> tuple[dict[str, pa.Array], np.ndarray[Any, np.dtype[np.bool_]]]:
    n_rows = len(next(iter(columns.values())))
    rejected = np.zeros(n_rows, dtype=np.bool_)
    typed: dict[str, pa.Array] = {}
    for spec in schema.fields:
        column = columns.get(spec.name)
        if column is None:
            continue
        values, bad = parse(spec, column, settings["shop.time_zone"])
        if spec.is_required and spec.name not in _MAY_BE_EMPTY:
            bad = bad | np.asarray(values.is_null())
        for place in np.flatnonzero(bad)[: MAX_PROBLEMS - len(problems.samples)]:
            problems.add(
                first_line + int(place),
                spec.name,
                column[int(place)].as_py(),
                spec.choices or (spec.type.value,),
            )
        problems.count += int(bad.sum())
        rejected |= bad
        typed[spec.name] = values
    return typed, rejected


_MAY_BE_EMPTY = frozenset({"unit_price", "price", "currency", "title"})
"""Required as columns, but single cells may be empty: reported by `quality`, not refused."""


class _Problems:
    """Cells that cannot be read, the first few kept with their place."""

    def __init__(self, path: Path, place: str = "row {}", first: int = 2) -> None:
        self.path = path
        self.place = place
        self.first = first
        self.count = 0
        self.samples: list[str] = []

    def add(self, line: int, name: str, value: str | None, expected: tuple[str, ...]) -> None:
        wanted = expected[0] if len(expected) == 1 else "one of " + ", ".join(expected)
        shown = "is empty" if not value else f"{value[:60]!r} is no {wanted}"
        self.samples.append(f"{self.place.format(line)}, {name}: {shown}")

    def error(self) -> BadInput:
        advice = "mend them, or leave those rows out with --skip-bad-rows" if self.first else "mend them and send again"
        return BadInput(
            f"{self.count} cells cannot be read, nothing was collected; first: {self.samples[0]}; {advice}",
            where=str(self.path),
            problems=tuple(self.samples),
        )

    def finding(self) -> Finding:
        return Finding(
            "unreadable_cells", Severity.ERROR, self.count, f"{self.count} cells could not be read",
            "their rows are left out", "mend them in the source and collect the file again", three(self.samples),
        )  # fmt: skip


def _events(table: TextTable, report: ImportReport, now: int, progress: Progress) -> Iterator[_Part]:
    for batch in table.batches():
        lines = zip(batch.column("number").to_pylist(), batch.column("line").to_pylist(), strict=True)
        messages = segment.decode_lines(lines, str(table.path))
        rows = segment.to_rows(messages, now, str(table.path), report.n_read + 1)
        report.n_read += len(rows)
        progress("read", report.n_read, 0)
        yield _Part([("events", rowing.EVENT_COLUMNS, rows)])


def _write(records: Records, import_id: int, part: _Part, report: ImportReport) -> None:
    for dataset, columns, rows in part.tables:
        total = Outcome()
        for start in range(0, len(rows), WRITE_ROWS):
            total.add(records.import_rows(import_id, dataset, columns, rows[start : start + WRITE_ROWS]))
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
    if report.preview or report.n_read:
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
