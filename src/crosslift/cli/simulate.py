"""`crosslift simulate`: what a draft would have changed in the last days, and what an addition would bring on paper."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.policies import text_of
from crosslift.domain.money import Money
from crosslift.errors import BadUsage

Draft = Annotated[str | None, typer.Option(help="The policy as TOML; - reads standard input.", metavar="FILE")]
Days = Annotated[int, typer.Option(help="How far back recorded decisions are taken.")]
InsteadOf = Annotated[str | None, typer.Option(help="Try it on the decisions of this policy.", metavar="NAME")]
Most = Annotated[int | None, typer.Option(help="Try so many decisions, the newest.")]
WhatIf = Annotated[bool, typer.Option("--what-if", help="Reckon instead: price × rate × orders a month.")]
Said = Annotated[
    list[str] | None,
    typer.Argument(help="With --what-if: price=5 rate=35% orders=1000, also margin, returns, currency.", metavar="WORD=VALUE"),
]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
MOST_CODES = 12


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("simulate")(simulate)


def simulate(
    context: typer.Context,
    said: Said = None,
    draft: Draft = None,
    days: Days = 30,
    instead_of: InsteadOf = None,
    most: Most = None,
    what_if: WhatIf = False,
    json: Json = False,
) -> None:
    """Try a draft on the decisions of the last days before it is published; or reckon what an addition would bring."""
    given: Context = context.obj
    if what_if == (draft is not None) or (said and not what_if):
        raise BadUsage("name a draft: --draft policy.toml; or reckon: --what-if price=5 rate=35% orders=1000")
    if what_if:
        _reckon(given.home, said or [], json=json)
        return
    from crosslift.shop import Shop
    from crosslift.shop.simulating import MOST

    with Shop(given.home) as shop:
        found = shop.simulate(text_of(draft or ""), days, instead_of, MOST if most is None else most)
    as_json(found) if json else _print(found)


def _reckon(home: Path, said: Sequence[str], *, json: bool) -> None:
    from crosslift.measure.whatif import read_addition
    from crosslift.settings import Settings

    added = read_addition(said, Settings.load(file=home / "shop.toml")["shop.currency"])
    revenue, margin = added.revenue, added.margin
    if json:
        as_json({
            "n_sold_a_month": str(_short(added.n_sold)), "revenue_a_month": _plain(revenue),
            "margin_a_month": None if margin is None else _plain(margin),
        })  # fmt: skip
        return
    say(f"{_short(added.n_sold):,} of {_short(added.n_orders):,} orders a month take it at {_money(added.price)}")
    back = f" after {added.return_share:.1%} returned" if added.return_share else ""
    say(f"revenue: {_money(revenue)} a month{back}")
    if margin is not None:
        say(f"margin: {_money(margin)} a month")
    say("Reckoned from what you said, not estimated from your orders.")


def _plain(amount: Money) -> dict[str, str]:
    return {"amount": str(_short(amount.rounded().amount)), "currency": amount.currency}


def _money(amount: Money) -> str:
    return f"{_short(amount.rounded().amount):,} {amount.currency}"


def _short(number: Any) -> Any:
    """Leave zeros behind the point away."""
    return number.quantize(1) if number == number.to_integral_value() else number.normalize()


def _print(found: Mapping[str, Any]) -> None:
    over = ", ".join(found["instead_of"]) or "any policy"
    say(f"{found['policy']} in place of {over}, last {found['days']} days: {found['n_decisions']} decisions")
    share = "" if found["share"] in (None, 1.0) else f", the newest {found['share']:.1%}"
    say(f"tried {found['n_tried']}{share}; made again as recorded {found['n_replayed']}")
    for why, n in found["not_replayed"].items():
        say(f"  not made again: {n} ({why.replace('_', ' ')})")
    if found["n_read_today"]:
        what = ", ".join(f"{name} {n}" for name, n in found["read_today"].items())
        say(f"  {found['n_read_today']} read something as it is today, their record does not hold it: {what}")
    rows = [_side("all", found), *(_side(one["placement"], one) for one in found["by_placement"])]
    header = ("", "people", "draft", "decisions with an offer", "draft", "gained", "lost", "contacts", "draft")
    table(header, rows, right=tuple(range(1, len(header))))
    people = found["people"]
    say(f"people: {people['gained']} would newly get an offer, {people['lost']} would get none any more")
    for channel in sorted({*found["recorded"]["contacts"], *found["draft"]["contacts"]}):
        before, after = (found[side]["contacts"].get(channel, 0) for side in ("recorded", "draft"))
        say(f"contacts by {channel}: {before}, draft {after}")
    for name in ("priority", "expected_margin", "margin_if_all_accepted"):
        before, after = (_value(found[side]["value"][name]) for side in ("recorded", "draft"))
        say(f"{name.replace('_', ' ')}: {before}; draft: {after}")
    for name in ("blocked", "no_offer"):
        changed = [one for one in found[name] if one["change"]][:MOST_CODES]
        counts = [(one["code"], one["recorded"], one["draft"], f"{one['change']:+}") for one in changed]
        table((name.replace("_", " "), "recorded", "draft", "change"), counts, right=(1, 2, 3))
    for caveat in found["caveats"]:
        say(f"  {caveat}")


def _side(name: str, sums: Mapping[str, Any]) -> tuple[Any, ...]:
    before, after, decisions = sums["recorded"], sums["draft"], sums["decisions"]
    return (
        name, before["n_people"], after["n_people"], before["n_with_offer"], after["n_with_offer"],
        decisions["gained"], decisions["lost"], before["n_contacts"], after["n_contacts"],
    )  # fmt: skip


def _value(told: Mapping[str, Any]) -> str:
    if not told["amounts"]:
        return f"not estimable, {told['not_estimable']}"
    amounts = " + ".join(f"{one['amount']} {one['currency']}" for one in told["amounts"])
    return f"{amounts} over {told['n']} offers" + (f", {told['n_unknown']} unknown" if told["n_unknown"] else "")
