"""`crosslift store`: where the records are."""

from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say

store = typer.Typer(help="Where the records of the shop are kept.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.add_typer(store, name="store")


@store.command("move")
def move(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(help="postgresql://user@host:5432/database; the password comes from PGPASSWORD or ~/.pgpass."),
    ],
    schema: Annotated[str, typer.Option(help="The schema of this shop and of no other.")] = "crosslift",
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Move the records from SQLite to PostgreSQL, compare them row by row, and let shop.toml name the new place."""
    from crosslift.store.moving import move_records

    given: Context = context.obj
    moved = move_records(given.home, to, schema)
    if json:
        as_json({"to": moved.to, "tables": moved.tables, "digest": moved.digest, "left": str(moved.left)})
        return
    for table, n_rows in moved.tables.items():
        say(f"{table:<24} {n_rows:>12,} rows")
    say(f"moved to {moved.to}; every row is there, the same content (digest {moved.digest})")
    say(f"{moved.left} is not used any more; it holds everybody's data: delete it when you are sure")
