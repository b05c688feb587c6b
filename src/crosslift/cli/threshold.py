"""`crosslift measure threshold`: which bar "free delivery from …" pays for itself by the shop's own orders, and its fillers."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, shorten, table
from crosslift.cli.times import instant


def threshold(
    context: typer.Context,
    worth: Annotated[float, typer.Option(help="What reaching the bar costs us an order, such as the postage.")],
    currency: Annotated[str | None, typer.Option(help="Of orders and worth; the shop's own by default.")] = None,
    margin: Annotated[
        float | None, typer.Option(help="Margin of what is added, 0 to 1; by default that of what was sold.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day or instant, in the shop's time zone.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Suggest the cart value from which something is free, with its expected effect, fillers, and the text for a policy."""
    from crosslift.domain.estimate import NotEstimable
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.suggest_threshold(worth, currency, margin, instant(since), instant(until))
    if isinstance(found, NotEstimable):
        as_json({"not_estimable": found.why}) if json else say(f"not estimable, {found.why}")
        return
    as_json(found) if json else _print(found)


def _print(found: Mapping[str, Any]) -> None:
    money = found["currency"]
    say(f"{found['n_orders']:,} orders from {found['first_on']} to {found['last_on']}")
    say(
        f"half of them {found['median_order']:,.2f} {money} or more; what is sold earns {found['margin']:.1%}; reaching the "
        f"bar costs {found['worth']:,.2f} {money}"
    )
    best = found["suggested"]
    if best is None:
        say(f"No bar is suggested: {found['why']}")
    else:
        _print_suggested(best, money)
    if found["others"]:
        rows = [
            (_amount(one["amount"]), f"{one['near_share']:.1%}", f"{one['over_share']:.1%}", f"{one['break_even']:.1%}")
            for one in found["others"]
        ]
        table(("also weighed", "within reach", "over it", "loses nothing from"), rows, right=(0, 1, 2, 3))
    say(found["assumption"] + ".")
    for caveat in found["caveats"]:
        say(f"Mind: {caveat}.")
    if best is None:
        return
    if found["fillers"]:
        filling = [
            (
                one["product"],
                shorten(one["title"] or "", 36),
                _amount(one["price"]),
                _amount(one["margin"]),
                one["n_lines"],
            )
            for one in found["fillers"]
        ]
        table(("fills the usual gap", "title", "price", "earns", "sold"), filling, right=(2, 3, 4))
    else:
        say("Nothing in the catalog fills the usual gap and is known to earn something.")
    say()
    say(found["toml"].rstrip("\n"))


def _print_suggested(best: Mapping[str, Any], money: str) -> None:
    say(
        f"Suggested: from {_amount(best['amount'])} {money}; {best['near_share']:.1%} of orders are within reach below it, "
        f"usually {_amount(best['gap'])} short; {best['over_share']:.1%} are over it already"
    )
    for one in best["effects"]:
        say(
            f"  where {one['answer']:.0%} of those within reach add what is missing: {one['value']:+,.2f} {money} margin a "
            f"thousand orders (95 % interval {one['low']:+,.2f} to {one['high']:+,.2f}, {one['n']:,} orders)"
        )
    say(f"  it loses nothing from {best['break_even']:.1%} of them on")


def _amount(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")


def _earned(margin: float | None) -> str | None:
    return None if margin is None else _amount(margin)
