"""`crosslift measure journey`: touchpoints by stage, who went on, and where an offer has its place."""

from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.times import instant

STAGES = {"aware": "becoming aware", "consider": "considering", "buy": "buying", "after": "after-care"}
MOMENTS = {"natural": "an offer has its place", "wait": "wait", "pain": "solve first, offer nothing"}


def journey(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="First day or instant; 30 days ago by default.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last; now by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Map the journey people walked: touchpoints, volumes, drop-offs, moments for an offer."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.journeys.map(instant(since), instant(until))
    if json:
        as_json(found)
        return
    if not found["touchpoints"]:
        say("Nothing happened in this period.")
        return
    say(", ".join(f"{STAGES[stage]}: {n:,} people" for stage, n in found["stages"].items()))
    table(
        ("stage", "touchpoint", "channel", "times", "people", "went on", "left", "with an offer", "score", "moment"),
        [
            (
                STAGES[row["stage"]], row["name"], row["channel"], f"{row['volume']:,}", f"{row['people']:,}",
                f"{row['went_on']:,}", f"{row['dropped'] / row['people']:.0%}", f"{row['offered']:,}",
                "-" if row["score"] is None else f"{row['score']:g}", MOMENTS[row["moment"]],
            )
            for row in found["touchpoints"]
        ],
        right=(3, 4, 5, 6, 7, 8),
    )  # fmt: skip
