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
        help="Make, list, rotate and revoke API keys and secrets of webhooks.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    verb.command("create")(create)
    verb.command("webhook")(webhook)
    verb.command("list")(list_)
    verb.command("rotate")(rotate)
    verb.command("token")(token)
    verb.command("revoke")(revoke)
    verb.command("snippet")(snippet)
    app.add_typer(verb, name="keys")


def create(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="secret (your server) or publishable (a browser).")] = "secret",
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="What a secret key may do: viewer, merchandiser, marketer, agent, analyst, compliance or admin (the "
            "default); may be repeated."
        ),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="A publishable key answers pages of https://shop.example alone; may be repeated."),
    ] = None,
    days: Annotated[float | None, typer.Option(help="How long it works; for ever without.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Make a key; it is shown this once and kept as a hash."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        key = shop.keys.create(kind, label, role or ("admin",), days, origin or ())
    if json:
        as_json({"kind": kind, "key": key})
    else:
        say(key)


def webhook(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Your name for it: small letters, digits, dots, _ and -.")],
    sender: Annotated[
        str,
        typer.Option(
            "--from",
            help="Who sends: answers by standard (Standard Webhooks), typeform, tally or judgeme; orders and customers by "
            "shopify, woocommerce or facts (Standard Webhooks).",
        ),
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
    """Expect deliveries of a survey service or a shop platform at the address shown; once more adds a secret beside the first."""
    from crosslift.shop import Shop

    given: Context = context.obj
    secret = None if secret_file is None else _read(secret_file)
    with Shop(given.home) as shop:
        made = shop.webhooks.create(source, sender, secret, _scales(scale) if scale else None)
    shown = {"address": made.address, "sender": made.sender, "id": made.webhook_id}
    shown |= {"secret": made.secret} if secret is None else {}
    if json:
        as_json(shown)
    else:
        for name, value in shown.items():
            say(f"{name:<8} {value}")


def rotate(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(help="Id as listed.")],
    hours: Annotated[float, typer.Option(help="So long the old key goes on working.")] = 24,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Make a key in place of another, with its roles and length of life; both work for a while."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        key = shop.keys.rotate(key_id, hours)
    if json:
        as_json({"key": key})
    else:
        say(key)


def token(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="Your id of the customer who is signed in at your shop.")],
    minutes: Annotated[float, typer.Option(help="How long it holds, up to 30.")] = 30,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Mint a customer token: with it a publishable key speaks for this one customer, for some minutes."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        minted = shop.keys.token(customer, minutes)
    if json:
        as_json({"token": minted})
    else:
        say(minted)


def list_(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False
) -> None:
    """List keys and webhooks, without the keys and secrets themselves."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = [*shop.keys.known(), *(_as_key(row) for row in shop.webhooks.known())]
    if json:
        as_json(rows)
        return
    table(
        ("id", "kind", "label", "may", "made", "last used", "state"),
        [
            (r["key_id"], r["kind"], r["label"], ", ".join([*r["roles"], *r["origins"]]), _day(r["created_at"]),
             _day(r["used_at"]), _state(r))
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


def snippet(
    context: typer.Context,
    key: Annotated[str, typer.Option(help="A publishable key of this shop.")],
    server: Annotated[str, typer.Option(help="Where browsers reach this server, as https://crosslift.shop.example.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Print the line a shop puts into its pages, with the address of this version and the hash browsers check."""
    from crosslift.domain.origin import origin_of
    from crosslift.shop import Shop
    from crosslift.web.browser import files

    given: Context = context.obj
    with Shop(given.home) as shop:
        if shop.kind_of_key(key) != "publishable":
            raise BadUsage("this is a secret key; a page takes a publishable one: crosslift keys create publishable")
    origin_of("/".join(server.split("/", 3)[:3]))
    line = files.snippet(server, key)
    if json:
        as_json({"snippet": line, "version": files.version()})
    else:
        say(line)


def _day(at: int | None) -> str | None:
    return None if at is None else f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d}"


def _state(row: Mapping[str, Any]) -> str:
    if row["revoked_at"]:
        return "revoked"
    if not row["is_valid"]:
        return "expired"
    return f"active until {_day(row['expires_at'])}" if row["expires_at"] else "active"


def _as_key(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a webhook as a key is shown."""
    return {
        "key_id": row["webhook_id"], "kind": f"webhook of {row['sender']}", "label": row["source"],
        "created_at": row["created_at"], "revoked_at": row["revoked_at"], "scales": row["scales"], "roles": [], "origins": [],
        "used_at": None, "expires_at": None, "is_valid": row["revoked_at"] is None,
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
