"""`crosslift measure satisfaction` and `feedback`: how people feel with offers and without, and what they speak of."""

from typing import Annotated, Any

import typer

from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.times import instant

MEASURES = {"csat": "satisfaction (share of the scale)", "nps": "would recommend (−1 to 1)"}


def satisfaction(
    context: typer.Context,
    experiment_id: Annotated[str, typer.Argument(help="Which holdout.")] = "standing-holdout",
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Compare how people feel who get offers with those from whom all are kept back, whatever they saw."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.satisfaction.effect(experiment_id)
    if json:
        as_json(found)
        return
    table(
        ("measure", "without offers", "with offers", "difference", "95 % interval", "answers"),
        [
            (MEASURES[one["measure"]], _mean(one["mean_control"]), _mean(one["mean"]), *_difference(one),
             f"{one['n_control']:,} and {one['n']:,}")
            for one in found["measures"]
        ],
        right=(1, 2, 3),
    )  # fmt: skip
    say("every person counts in their first arm, seen offers or not; the interval holds at every look")


def feedback(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="First day or instant; 90 days ago by default.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last; now by default.")] = None,
    most: Annotated[int, typer.Option(help="So many rows, the worst first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Report what people speak of, by topic, product, channel and offer, with how sure our word lists are."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.voices.report(instant(since), instant(until), most)
    if json:
        as_json(found)
        return
    if not found["n"]:
        say("Nobody said anything in this period.")
        return
    came = ", ".join(f"{n:,} {kind}" for kind, n in found["n_of"].items())
    say(
        f"{found['n']:,} sayings ({came}); our lists know a word in {found['n_judged']:,}, and are sure of {found['n_sure']:,}"
    )
    table(
        ("topic", "product", "channel", "offered by", "n", "bad", "sounds", "sure of", "such as"),
        [
            (row["topic"], row["product"], row["channel"], row["offer"], f"{row['n']:,}", f"{row['bad']:,}",
             "-" if row["sentiment"] is None else f"{row['sentiment']:+.2f}", f"{row['n_sure']:,}", row["example"])
            for row in found["rows"]
        ],
        right=(4, 5, 6, 7),
    )  # fmt: skip


def _mean(value: float | None) -> str:
    return "-" if value is None else number(value)


def _difference(one: dict[str, Any]) -> tuple[str, str]:
    if "not_estimable" in one:
        return "not estimable", one["not_estimable"]
    found = one["difference"]
    return f"{found['value']:+.3g}", f"{found['low']:+.3g} – {found['high']:+.3g}"
