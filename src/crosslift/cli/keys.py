"""`crosslift keys`: make, list and revoke API keys."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True, rich_markup_mode=None)
    verb.command("create")(create)
    verb.command("list")(list_)
    verb.command("revoke")(revoke)
    app.add_typer(verb, name="keys")


def create(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="secret (your server) or publishable (a browser).")] = "secret",
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Make a key; it is shown this once and kept as a hash."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        key = shop.create_key(kind, label)
    if json:
        as_json({"kind": kind, "key": key})
    else:
        say(key)


def list_(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False
) -> None:
    """List keys, without the keys themselves."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = [{name: value for name, value in row.items() if name != "key_hash"} for row in shop.records.api_keys()]
    if json:
        as_json(rows)
        return
    table(
        ("id", "kind", "label", "made", "state"),
        [
            (r["key_id"], r["kind"], r["label"], f"{datetime.fromtimestamp(r['created_at'] / 1e6, UTC):%Y-%m-%d}",
             "revoked" if r["revoked_at"] else "active")
            for r in rows
        ],
    )  # fmt: skip


def revoke(context: typer.Context, key_id: Annotated[str, typer.Argument(help="Id as listed.")]) -> None:
    """Revoke a key; it stops working with the next request."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        shop.revoke_key(key_id)
    say(f"{key_id} revoked")
