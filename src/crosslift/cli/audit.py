"""`crosslift audit`: who did what, and whether anybody edited it since."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadInput, QualityGate

AS_JSON = typer.Option("--json", help="Print JSON and nothing else.")


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(help="See who did what, and verify it.", no_args_is_help=True, rich_markup_mode=None)
    verb.command("list")(list_)
    verb.command("verify")(verify)
    verb.command("export")(export)
    app.add_typer(verb, name="audit")


def list_(
    context: typer.Context,
    action: Annotated[str, typer.Option(help="Only what begins so, such as policy.")] = "",
    customer: Annotated[str | None, typer.Option(help="Only what is about this customer.")] = None,
    before: Annotated[int | None, typer.Option(help="Only entries with a smaller number.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    json: Annotated[bool, AS_JSON] = False,
) -> None:
    """List entries, newest first."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = shop.audit.entries(before, limit, action, customer)
    if json:
        as_json(rows)
        return
    table(
        ("no.", "when (UTC)", "who", "did", "to"),
        [
            (str(r["seq"]), f"{datetime.fromtimestamp(r['at'] / 1e6, UTC):%Y-%m-%d %H:%M:%S}", r["actor"], r["action"],
             r["object"])
            for r in rows
        ],
        right=(0,),
    )  # fmt: skip


def verify(
    context: typer.Context,
    head: Annotated[
        list[str] | None, typer.Option(help="A head that was written down earlier; may be repeated.")
    ] = None,
    json: Annotated[bool, AS_JSON] = False,
) -> None:
    """Walk the whole chain; what was edited, deleted, moved or cut off is named, with exit code 3."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.audit.verify(head or ())
    if json:
        as_json(found)
    else:
        say(f"entries      {found['entries']}")
        say(f"heads noted  {found['heads_noted']}")
        say(f"head         {found['head'] or '–'}")
        say(f"whole        {'yes' if found['is_whole'] else 'NO'}")
        for fault in found["faults"]:
            say(f"  {fault}")
    if not found["is_whole"]:
        if json:
            raise typer.Exit(QualityGate.exit_code)
        raise QualityGate("the audit was edited; compare it with a backup and with the heads in the log")


def export(
    context: typer.Context,
    out: Annotated[str, typer.Argument(help="File to write; - is standard output.")] = "-",
) -> None:
    """Write every entry as JSON lines, oldest first, each with what its hash was made of."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        if out == "-":
            for line in shop.audit.export():
                sys.stdout.write(line.decode())
            return
        try:
            with Path(out).open("xb") as file:
                file.writelines(shop.audit.export())
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", where=out) from error
