"""`crosslift customers when`: by which channel and when to write to somebody, and why not by the others."""

from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table


def add(customers: typer.Typer) -> None:
    """Register the command under `customers`."""
    customers.command(when.__name__)(when)


def when(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="A customer id, or any identity as kind:value.")],
    channel: Annotated[list[str] | None, typer.Option(help="A channel the message may take; by default all.")] = None,
    reachable: Annotated[
        list[str] | None, typer.Option(help="A channel on which you have an address that is not on record.")
    ] = None,
    days: Annotated[float, typer.Option(help="How far ahead is looked, at most 31.")] = 7.0,
    policy: Annotated[str, typer.Option(help="Whose limits and rules hold.")] = "helpful",
    market: Annotated[str | None, typer.Option(help="Where the message belongs; by default where they live.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say by which channel and when a message reaches a person best; nothing is sent or reserved."""
    from crosslift.shop import Shop
    from crosslift.shop.contact_times import plain

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = plain(
            shop.contact_times.of(
                customer, channel or (), policy=policy, market=market, days=days, reachable=reachable or ()
            )
        )
    if json:
        as_json(found)
        return
    _print(found)


def _print(found: dict[str, Any]) -> None:
    declared = found["declared"]
    wished = [*declared["channels"], *declared["hours"]]
    say(f"declared   {', '.join(wished) or 'nothing'}; their clock is that of {found['time_zone']}")
    if declared["unread"]:
        say(f"not read   {', '.join(declared['unread'])}")
    times = [found["best"], *found["others"]] if found["best"] else []
    if not times:
        say(f"nothing    may go out before {found['until']}")
    else:
        rows = [(one["channel"], one["local"], ", ".join(one["because"]) or "-", _share(one["response"]),
                 f"{one['pressure']:.0%}", one["not_now"] or "-") for one in times]  # fmt: skip
        table(("channel", "their time", "because", "answered", "caps used", "not now"), rows)
    table(("out", "code"), [(one["channel"], one["code"]) for one in found["barred"]])


def _share(response: dict[str, Any]) -> str:
    if "why_not" in response:
        return "unknown"
    return f"{response['value']:.1%} ({response['low']:.1%} to {response['high']:.1%})"
