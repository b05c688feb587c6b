"""`crosslift users`: people of the back office, their roles, and the links by which they choose a password."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table

AS_JSON = typer.Option("--json", help="Print JSON and nothing else.")
ROLES = typer.Option(
    "--role", help="viewer, merchandiser, marketer, agent, analyst, compliance or admin; may be repeated."
)
WHO = typer.Argument(help="Login or id, as listed.")


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(help="Invite people to the back office.", no_args_is_help=True, rich_markup_mode=None)
    for name, command in (
        ("list", list_), ("invite", invite), ("link", link), ("roles", roles), ("shut-out", shut_out), ("let-in", let_in),
    ):  # fmt: skip
        verb.command(name)(command)
    app.add_typer(verb, name="users")


def list_(context: typer.Context, json: Annotated[bool, AS_JSON] = False) -> None:
    """List everybody by login."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = shop.users.known()
    if json:
        as_json(rows)
        return
    table(
        ("login", "roles", "state", "last signed in (UTC)"),
        [
            (r["login"], ", ".join(r["roles"]), _state(r["is_active"], r["has_password"]),
             f"{datetime.fromtimestamp(r['signed_in_at'] / 1e6, UTC):%Y-%m-%d %H:%M}" if r["signed_in_at"] else None)
            for r in rows
        ],
    )  # fmt: skip


def invite(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="Name or address, without spaces.")],
    role: Annotated[list[str], ROLES],
    json: Annotated[bool, AS_JSON] = False,
) -> None:
    """Add somebody; prints the token of a link by which they choose a password, this once."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        made = shop.users.invite(login, role)
    if json:
        as_json(made)
    else:
        say(made["token"])


def link(context: typer.Context, user: Annotated[str, WHO], json: Annotated[bool, AS_JSON] = False) -> None:
    """Print the token of a link by which somebody chooses a new password; earlier ones stop working."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        token = shop.users.link(user)
    if json:
        as_json({"token": token})
    else:
        say(token)


def roles(context: typer.Context, user: Annotated[str, WHO], role: Annotated[list[str], ROLES]) -> None:
    """Give somebody other roles; their sessions end."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.users.change(user, role)
    say(f"{done['login']}: {', '.join(done['roles'])}")


def shut_out(context: typer.Context, user: Annotated[str, WHO]) -> None:
    """Shut somebody out; their sessions end at once."""
    _let(context, user, is_active=False)


def let_in(context: typer.Context, user: Annotated[str, WHO]) -> None:
    """Let somebody in again."""
    _let(context, user, is_active=True)


def _let(context: typer.Context, user: str, *, is_active: bool) -> None:
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.users.change(user, is_active=is_active)
    say(f"{done['login']} {'may come in' if is_active else 'is shut out'}")


def _state(is_active: bool, has_password: bool) -> str:
    return "shut out" if not is_active else "active" if has_password else "invited"
