"""`crosslift shops`: several shops beneath one folder, served by one process."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadUsage

Name = Annotated[str, typer.Argument(help="Its name: small letters, digits and -; also the name of its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="Shops beneath one folder: --home names the folder above them.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    verb.command("list")(list_)
    verb.command("add")(add_)
    verb.command("remove")(remove)
    app.add_typer(verb, name="shops")


def list_(context: typer.Context, json: Json = False) -> None:
    """Show the shops, the hosts that lead to them, and whether they are served."""
    from crosslift.shop import shops

    given: Context = context.obj
    rows = shops.listed(given.home)
    if json:
        as_json(rows)
        return
    table(
        ("shop", "title", "hosts", ""),
        [(r["name"], r["title"], ", ".join(r["hosts"]), "served" if r["is_served"] else "") for r in rows],
    )


def add_(
    context: typer.Context,
    name: Name,
    host: Annotated[list[str] | None, typer.Option(help="A host name that leads to it; may be repeated.")] = None,
    title: Annotated[str | None, typer.Option(help="Name shown to shoppers; by default the name.")] = None,
    currency: Annotated[str | None, typer.Option(help="Reporting currency, ISO 4217.")] = None,
    json: Json = False,
) -> None:
    """Make a shop with its keys, shown this once; a server of the folder serves it within seconds."""
    from crosslift.shop import shops

    given: Context = context.obj
    more = {"shop.name": title, "shop.currency": currency}
    made = shops.add(given.home, name, host or (), {key: value for key, value in more.items() if value is not None})
    if json:
        as_json({"name": name, "home": str(made.home), "secret": made.secret, "publishable": made.publishable})
        return
    say(f"shop             {made.home}")
    say(f"secret key       {made.secret}   (shown once)")
    say(f"publishable key  {made.publishable}")


def remove(
    context: typer.Context,
    name: Name,
    backup: Annotated[
        Path | None, typer.Option(help="The file to keep it in; by default named after shop and time, here.")
    ] = None,
    without_backup: Annotated[bool, typer.Option("--without-backup", help="Keep nothing of it.")] = False,
    json: Json = False,
) -> None:
    """Take a shop away, kept in a backup; a server of the folder lets go of it first."""
    from crosslift.shop import shops

    given: Context = context.obj
    if backup is not None and without_backup:
        raise BadUsage("--backup and --without-backup contradict each other; give one")
    now = datetime.now(UTC)
    target = None if without_backup else backup or Path(f"{name}-{now:%Y%m%dT%H%M%SZ}.tar.zst")
    made = shops.remove(given.home, name, target, now)
    if json:
        as_json({"name": name, "backup": None if made is None else str(made.path)})
    else:
        say(f"{name} removed" + ("" if made is None else f"; kept in {made.path}"))
