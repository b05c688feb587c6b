"""`crosslift collect`: files in, a quality report out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, fail, progress, say, shorten
from crosslift.errors import BadUsage, Conflict

if TYPE_CHECKING:
    from crosslift.collect.findings import ImportReport
    from crosslift.collect.quality import QualityReport

MARKS = {"error": "✗", "warning": "!", "note": "·"}


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("collect")(collect)


def collect(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="CSV, TSV, JSON lines or Parquet, plain or gz.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="Canonical column = the file's column, or = :VALUE for all rows.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Name of the system the orders come from.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, keep nothing.")] = False,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Leave unreadable rows out.")] = False,
    quality: Annotated[bool, typer.Option("--quality", help="Only print the quality report.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Import orders, products, customers, consents, returns or events, and report on their quality."""
    from crosslift.shop import Shop

    given: Context = context.obj
    if not files and not quality:
        raise BadUsage("no file named; give the path of an orders, products, customers or events file")
    with Shop(given.home) as shop:
        reports: list[ImportReport] = []
        if files:
            with progress(quiet=json) as bars:
                reports = shop.collect(
                    *files, mapping=_mapping(map_ or []), source=source, dry_run=dry_run, skip_bad_rows=skip_bad_rows,
                    progress=bars,
                )  # fmt: skip
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


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        target, equals, origin = pair.partition("=")
        if not equals or not target or not origin:
            raise BadUsage(f"--map {pair!r}: write canonical=column, such as --map order_id=InvoiceNo")
        mapping[target] = origin
    return mapping


def _print_import(report: "ImportReport") -> None:
    say(f"{report.source}: {report.format}, {report.state}")
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
