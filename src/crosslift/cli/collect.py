"""`crosslift collect`: files in, a quality report out; the last one taken back where it should not have come."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from crosslift.cli.output import Context, as_json, fail, progress, say, shorten, table
from crosslift.errors import BadUsage, Conflict, Unconfirmed

if TYPE_CHECKING:
    from crosslift.collect.findings import ImportReport
    from crosslift.collect.proposal import Proposal
    from crosslift.collect.quality import QualityReport
    from crosslift.shop import Shop

MARKS = {"error": "✗", "warning": "!", "note": "·"}
SURE = 0.9


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("collect")(collect)


def collect(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV, TSV, JSON lines, Parquet, XLSX or a product feed; text may be gz.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="Canonical column = the file's column, = total/quantity, or = :VALUE for all rows."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Name of the system the orders come from.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of the text, where it is not told right.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Collect what is only proposed, as proposed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, keep nothing.")] = False,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Leave unreadable rows out.")] = False,
    quality: Annotated[bool, typer.Option("--quality", help="Only print the quality report.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last file collected back.")] = False,
    samples: Annotated[Path | None, typer.Option(help="Write a sample file of every format into this folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Import orders, products, customers, consents, returns or events, and report on their quality."""
    from crosslift.shop import Shop

    given: Context = context.obj
    if samples is not None:
        _write_samples(samples, json)
        return
    if not files and not quality and not undo:
        raise BadUsage("no file named; give the path of an orders, products, customers or events file")
    with Shop(given.home) as shop:
        if undo:
            _undo(shop, json)
            return
        reports: list[ImportReport] = []
        if files:
            wanted = {"mapping": _mapping(map_ or []), "source": source, "encoding": encoding, "dry_run": dry_run,
                      "skip_bad_rows": skip_bad_rows}  # fmt: skip
            reports = _collected(shop, files, wanted, accept=accept, json=json)
        found = None if dry_run else shop.quality()
    conflicts = sum(report.conflicts for report in reports)
    problem = Conflict(
        f"{conflicts} rows came again with other content and no newer updated_at; the first version is kept"
    )
    if json:
        told = {"imports": [r.as_dict() for r in reports], "quality": found.as_dict() if found else None}
        as_json(told | ({"error": {"code": problem.code, "message": str(problem)}} if conflicts else {}))
    else:
        for report in reports:
            _print_import(report)
        if found is not None:
            _print_quality(found)
    if conflicts:  # the report above is the answer: no second JSON value follows it
        raise typer.Exit(fail(problem, debug=False, as_json=False))


def _collected(
    shop: "Shop", files: list[Path], wanted: dict[str, Any], *, accept: bool, json: bool
) -> "list[ImportReport]":
    """Collect; ask about what is only proposed where somebody sits there to answer."""
    accepted: set[Path] = set()
    while True:
        try:
            with progress(quiet=json) as bars:
                return shop.collect(*files, **wanted, accept=accept or accepted, progress=bars)
        except Unconfirmed as found:
            proposal = cast("Proposal", found.proposal)
            if json:
                error = {"code": found.code, "message": str(found)}
                as_json({"imports": [], "quality": None, "proposal": proposal.as_dict(), "error": error})
                raise typer.Exit(fail(found, debug=False, as_json=False)) from found
            _print_proposal(proposal)
            if not (proposal.is_complete and sys.stdin.isatty() and typer.confirm("Collect it so?")):
                raise
            accepted.add(Path(found.where or ""))


def _undo(shop: "Shop", json: bool) -> None:
    undone = shop.undo_import()
    if json:
        as_json({"undone": undone})
        return
    say(f"{undone['source']}: {undone['format']}, taken back")
    counts = {"gone": undone["n_gone"], "as they were before it": undone["n_back"]}
    say("  rows     " + (", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "none"))


def _write_samples(folder: Path, json: bool) -> None:
    from crosslift.testing.demo.samples import write

    written = write(folder)
    if json:
        as_json({"samples": [str(path) for path in written]})
        return
    for path in written:
        say(str(path))


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        target, equals, origin = pair.partition("=")
        if not equals or not target or not origin:
            raise BadUsage(f"--map {pair!r}: write canonical=column, such as --map order_id=InvoiceNo")
        mapping[target] = origin
    return mapping


def _print_proposal(proposal: "Proposal") -> None:
    how = f" ({', '.join(proposal.notes)})" if proposal.notes else ""
    say(f"{proposal.file}: looks like {proposal.format}{how}")
    rows = [
        (
            guess.column,
            guess.canonical,
            "sure" if guess.sureness >= SURE else "likely",
            shorten(" | ".join(guess.samples), 60),
        )
        for guess in proposal.columns
    ]
    rows += [("", name, "for all rows", value) for name, value in proposal.constants.items()]
    table(("column", "is", "", "such as"), rows)
    if proposal.missing:
        say(f"  missing  {', '.join(proposal.missing)}")
    if proposal.unused:
        say("  others   " + shorten(", ".join(proposal.unused), 150))


def _print_import(report: "ImportReport") -> None:
    how = f" ({', '.join(report.notes)})" if report.notes else ""
    say(f"{report.source}: {report.format}, {report.state}{how}")
    if report.mapping:
        say("  columns  " + ", ".join(f"{theirs} → {ours}" for ours, theirs in report.mapping.items()))
    counts: dict[str, Any] = {
        "read": report.n_read, "new": report.n_new, "the same": report.n_same, "replaced": report.n_replaced,
        "left out": report.n_refused,
    }  # fmt: skip
    if report.n_read:
        rate = report.n_read / max(report.seconds, 1e-9)
        say("  rows     " + ", ".join(f"{n:,} {what}" for what, n in counts.items() if n) + f" ({rate:,.0f} rows/s)")
    if report.state == "dry run":
        for row in report.preview[:5]:
            say("  preview  " + shorten(" | ".join(f"{k}={v}" for k, v in row.items() if v), 150))
    for finding in report.findings:
        say(f"  {MARKS[finding.severity]} {finding.message}; {finding.effect}")


def _print_quality(report: "QualityReport") -> None:
    ready = report.readiness
    say()
    say(f"What can be learned: {ready.verdict} ({ready.why})")
    if ready.last_order_on:
        say(
            f"  orders from {ready.first_order_on} to {ready.last_order_on}; {ready.share_with_customer:.0%} with a customer"
        )
        say(f"  {ready.n_products_with_support:,} of {ready.n_products:,} products are in at least 20 orders")
    for finding in report.findings:
        say(f"{MARKS[finding.severity]} {finding.severity:<8}{finding.message}")
        say(f"           effect: {finding.effect}; what to do: {finding.remedy}")
        for sample in finding.samples:
            say(f"           e.g. {shorten(sample, 110)}")
    if not report.findings:
        say("  no problems found: prices, costs, pictures, duplicates, times, machines and conflicts were checked")
