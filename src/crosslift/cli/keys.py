"""`crosslift keys`: make, list and revoke API keys, and the secrets webhooks are signed with."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadInput, BadUsage


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="Make, list and revoke API keys and secrets of webhooks.", no_args_is_help=True, rich_markup_mode=None
    )
    verb.command("create")(create)
    verb.command("webhook")(webhook)
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


def webhook(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Your name for it: small letters, digits, dots, _ and -.")],
    sender: Annotated[
        str, typer.Option("--from", help="Who sends: standard (Standard Webhooks), typeform, tally or judgeme.")
    ] = "standard",
    secret_file: Annotated[
        str | None, typer.Option(help="Take the secret the sender gave you from this file; - reads standard input.")
    ] = None,
    scale: Annotated[
        list[str] | None,
        typer.Option(
            help="What a question asks for where the sender does not say: QUESTION=5 for stars up to 5, QUESTION=nps. "
            "The question by its name there or by its kind; may be repeated."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Expect answers of a survey or review service at /v1/voice/SOURCE; once more adds a secret beside the first."""
    from crosslift.shop import Shop

    given: Context = context.obj
    secret = None if secret_file is None else _read(secret_file)
    with Shop(given.home) as shop:
        made = shop.webhooks.create(source, sender, secret, _scales(scale) if scale else None)
    shown = {"address": f"/v1/voice/{made.source}", "sender": made.sender, "id": made.webhook_id}
    shown |= {"secret": made.secret} if secret is None else {}
    if json:
        as_json(shown)
    else:
        for name, value in shown.items():
            say(f"{name:<8} {value}")


def list_(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False
) -> None:
    """List keys and webhooks, without the keys and secrets themselves."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = [{name: value for name, value in row.items() if name != "key_hash"} for row in shop.records.api_keys()]
        rows += [_as_key(row) for row in shop.webhooks.known()]
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
    """Revoke a key or a webhook's secret; it stops working with the next request."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        shop.revoke_key(key_id)
    say(f"{key_id} revoked")


def _as_key(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a webhook as a key is shown."""
    return {
        "key_id": row["webhook_id"], "kind": f"webhook of {row['sender']}", "label": row["source"],
        "created_at": row["created_at"], "revoked_at": row["revoked_at"], "scales": row["scales"],
    }  # fmt: skip


def _read(file: str) -> str:
    """Read a secret from where no list of processes shows it."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"no secret can be read from it: {error}", where=file) from error


def _scales(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        question, sign, scale = one.rpartition("=")
        if not sign or not question:
            raise BadUsage(f"{one!r} is no scale; write QUESTION=5 or QUESTION=nps")
        found[question] = scale
    return found
