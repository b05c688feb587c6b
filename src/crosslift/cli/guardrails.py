"""`crosslift guardrails`: bad signs over their limit, what rests because of them, and how it is lifted."""

from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="Limits of bad signs: what is over one pauses by itself.", no_args_is_help=True, rich_markup_mode=None
    )
    verb.command("list")(list_)
    for command in (look, lift):
        verb.command(command.__name__)(command)
    app.add_typer(verb, name="guardrails")


def list_(context: typer.Context, json: Json = False) -> None:
    """List what rests now by a guardrail, and the figure that paused it."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.guardrails.resting()
    if json:
        as_json(found)
    elif found:
        _print(found)
    else:
        say("nothing rests by a guardrail")


def look(context: typer.Context, json: Json = False) -> None:
    """Look at every guardrail of the policies in force now, and pause what is over its limit."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.guardrails.look()
    if json:
        as_json(found)
        return
    if found["watched"]:
        _print(found["watched"])
    else:
        say("nothing to look at yet: no policy in force has guardrails, or no offers were made under them")
    for one in found["paused"]:
        say(f"PAUSED {one['of']} {one['target']} of {one['policy']}: {one['reason']}")


def lift(
    context: typer.Context,
    policy: Annotated[str, typer.Argument(help="The policy it rests in.")],
    of: Annotated[str, typer.Argument(help="strategy, placement, option or arm.")],
    target: Annotated[str, typer.Argument(help="What rests, as `crosslift guardrails list` names it.")],
    author: Annotated[str, typer.Option(help="Who lifts it; kept with the version.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")],
    approved_by: Annotated[str | None, typer.Option(help="Who approves it, where the policy needs that.")] = None,
    json: Json = False,
) -> None:
    """Let something that a guardrail paused work again."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.guardrails.lift(policy, of, target, author, reason, approved_by)
    as_json(done) if json else say(f"{of} {target} of {policy} works again since version {done['version']}")


def _print(rows: list[dict[str, Any]]) -> None:
    table(
        ("policy", "of", "", "sign", "share", "95 % at any look", "accepted", "people"),
        [
            (one["policy"], one["of"], one["target"], one["sign"], f"{one['value']:.2%}", f"{one['low']:.2%} … {one['high']:.2%}",
             f"{one['at_most']:.2%}", f"{one['n']:,}")
            for one in rows
        ],
        right=(4, 5, 6, 7),
    )  # fmt: skip
