"""`crosslift measure goals`, `set-goal`, `drop-goal`: what the shop wants to reach together, and who contributed."""

from typing import Annotated, Any

import typer

from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.times import instant

STATES = {"waiting": "not begun", "running": "running", "met": "met", "missed": "missed", "unknown": "not estimable"}


def goals(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option("--from", help="Contributions: first day; 30 days ago by default.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Contributions: day after the last; now by default.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Show the shop's goals, and what each team contributed; nobody's own figures, and none of a product."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.goals.board(instant(since), instant(until))
    if json:
        as_json(found)
        return
    if found["goals"]:
        table(
            ("goal", "reached", "target", "share", "time gone", "state"),
            [
                (
                    one["title"], _reached(one["reached"]), number(one["target"]),
                    "-" if one["share"] is None else f"{one['share']:.0%}", f"{one['gone']:.0%}", STATES[one["state"]],
                )
                for one in found["goals"]
            ],
            right=(2, 3, 4),
        )  # fmt: skip
    else:
        say("No goal is set; crosslift measure set-goal sets one.")
    told = found["contribution"]
    say()
    table(
        ("team", f"{told['amounts']}, {told['currency']}", "credited to offers", "earned by offers", "95 % interval"),
        [
            (row["team"], number(row["amount"]), number(row["credited"]), *_earned(row["incremental"]))
            for row in told["teams"]
        ],
        right=(1, 2, 3),
    )
    say("credited is where sales came by; earned is what would not have been without offers, since the holdout began")


def set_goal(
    context: typer.Context,
    goal_id: Annotated[str, typer.Argument(help="Small letters, digits and -.")],
    title: Annotated[str, typer.Option(help="What it is, as people say it.")],
    figure: Annotated[
        str, typer.Option(help="revenue, margin, incremental, customers, repeat_rate, csat or return_rate.")
    ],
    target: Annotated[float, typer.Option(help="What is to be reached; shares as 0.25.")],
    since: Annotated[str, typer.Option("--from", help="First day or instant.")],
    until: Annotated[str, typer.Option("--to", help="Day or instant after the last.")],
    author: Annotated[str, typer.Option(help="Who sets it.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Set a goal of the whole shop; one of a person, or for selling one product, is refused."""
    from crosslift.shop import Shop

    given: Context = context.obj
    row = {
        "goal_id": goal_id, "title": title, "figure": figure, "target": target, "since": instant(since),
        "until": instant(until),
    }  # fmt: skip
    with Shop(given.home) as shop:
        [told] = shop.goals.put([row], author)
    _say(told, json=json)


def drop_goal(
    context: typer.Context,
    goal_id: Annotated[str, typer.Argument(help="The goal.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Take a goal back."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        told = shop.goals.drop(goal_id)
    _say(told, json=json)


def _say(told: dict[str, Any], *, json: bool) -> None:
    if json:
        as_json(told)
    else:
        say(f"{told['goal_id']}: {told['outcome']}")


def _reached(found: dict[str, Any]) -> str:
    if "not_estimable" in found:
        return f"not estimable: {found['not_estimable']}"
    value, low, high = (number(found[name]) for name in ("value", "low", "high"))
    return value if low == high else f"{value} ({low} – {high})"


def _earned(found: dict[str, Any]) -> tuple[str, str]:
    if "not_estimable" in found:
        return "not estimable", found["not_estimable"]
    return number(found["value"]), f"{number(found['low'])} – {number(found['high'])}"
