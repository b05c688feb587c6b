"""`crosslift measure watch`: days unlike those before, spreads that moved, probabilities that do not hold, runs of learning."""

from datetime import date
from typing import Annotated, Any

import typer

from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadUsage

NAMES = {
    "orders": "orders", "revenue": "revenue", "aov": "order value", "returned": "returns", "visitors": "visitors",
    "conversion": "visitors who bought", "offers": "offers shown", "no_offer": "decisions without an offer",
    "clicked": "offers clicked", "declined": "offers declined",
}  # fmt: skip


def watch(
    context: typer.Context,
    day: Annotated[str | None, typer.Option("--day", help="The last day looked at; yesterday by default.")] = None,
    days: Annotated[int, typer.Option(help="So many days, 1 to 7.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Hold days against the eight weeks before them, and say what drifted."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.watching.look(day_of(day), days)
    if json:
        as_json(found)
        return
    print_figures(found)
    for row in found["drift"]:
        if "not_estimable" not in row:
            moved = ", moved" if row["has_moved"] else ""
            say(f"{row['of']}: PSI {number(row['psi'])}{moved}, the last four weeks against those before")
    told = found["calibration"]
    say(f"p_basket: {told['not_estimable']}" if "not_estimable" in told else
        f"p_basket: off by {number(told['error'])} on average, {number(told['by_chance'])} where it holds")  # fmt: skip
    for row in found["learned"][:3]:
        say(
            f"learned {row['snapshot_id']}: NDCG@10 {'unknown' if row['ndcg'] is None else number(row['ndcg'])}, {row['state']}"
        )
    say(f"{len(found['alarms'])} to look at" + "".join(f"; {one['what']} {one['about']}" for one in found["alarms"]))


def day_of(written: str | None) -> date | None:
    """Read a day; BadUsage for what is none."""
    try:
        return None if written is None else date.fromisoformat(written)
    except ValueError as error:
        raise BadUsage(f"{written!r} is no day such as 2026-10-31") from error


def print_figures(found: dict[str, Any]) -> None:
    """Print each figure of each day with what was expected."""
    rows = []
    for row in found["figures"]:
        if "not_estimable" in row:
            rows.append((NAMES[row["name"]], "-", "not estimable", row["not_estimable"], "", ""))
        rows += [
            (NAMES[row["name"]], one["day"], number(one["value"]), f"{number(one['low'])} – {number(one['high'])}",
             "unlike before" if one["is_alarm"] else "as before", _going(row["trend"]))
            for one in row.get("days", ())
        ]  # fmt: skip
    table(("figure", "day", "was", "expected, 95 %", "verdict", "trend a week"), rows, right=(2,))


def _going(trend: dict[str, float] | None) -> str:
    if trend is None or trend["low"] <= 0 <= trend["high"]:
        return "none seen"
    return f"{trend['per_week']:+.1%}"
