"""`crosslift measure opportunities`: what could be earned and is not, each list the largest first."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.times import instant

TITLES = {
    "no_companion": "Products that sell and have no companion",
    "not_offered": "Products whose companions nobody was offered because of them",
    "rule": "What rules and gates cost where nothing was offered",
    "underserved": "Groups who are offered something less often than everybody",
    "restock": "Companions whose stock does not last",
    "search": "Searches that led to nothing",
    "required": "Products whose required part cannot be sold",
}


def opportunities(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="First day or instant; 30 days ago by default.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last; now by default.")] = None,
    most: Annotated[int, typer.Option(help="So many of each list.")] = 10,
    weeks: Annotated[int, typer.Option(help="Stock has to last so long.")] = 4,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Find what could be earned and is not: missing companions, strict rules, people without offers, stock, searches."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.opportunities.found(instant(since), instant(until), most, weeks)
    if json:
        as_json(found)
        return
    for kind, rows in found["lists"].items():
        if rows:
            say(f"{TITLES[kind]}: {found['n_found'][kind]:,}")
            head = f"{found['amounts']}, {found['currency']}"
            table(
                ("what", head, "95 % interval", "because"),
                [(_name(row), *_value(row["value"]), _because(kind, row["facts"])) for row in rows],
                right=(1,),
            )
            say(f"  sized by {rows[0]['basis']}: what there is to win at most")
            say()
    if not any(found["lists"].values()):
        say("Nothing was found in this period.")


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['title']} ({row['subject']})" if row["subject"] not in ("", row["title"]) else str(row["title"])


def _value(value: Mapping[str, Any]) -> tuple[str, str]:
    if "not_estimable" in value:
        return "not estimable", str(value["not_estimable"])
    return number(value["value"]), f"{number(value['low'])} – {number(value['high'])}"


def _because(kind: str, facts: Mapping[str, Any]) -> str:
    """Tell the counts a row rests on."""
    match kind:
        case "rule":
            kept = "; it protects people" if facts["protects"] else ""
            return (
                f"{facts['candidates']:,} candidates stopped in {facts['decisions']:,} decisions, {facts['empty']:,} of them "
                f"without any offer{kept}"
            )
        case "underserved":
            return f"{facts['reached']:,} of {facts['people']:,} people, {facts['share_of_all']:.0%} of everybody"
        case "restock":
            along = f", {number(facts['along'])} along with each {facts['with_title']}" if "along" in facts else ""
            stock = "unknown" if facts["stock"] is None else number(facts["stock"])
            order = f", order {facts['reorder']:,}" if "reorder" in facts else ""
            return f"{number(facts['sold_a_week'])} a week{along}; stock {stock}{order}"
        case "search":
            counted = f"{facts['zero']:,} without a result" if facts["is_stated"] else "nobody counted results"
            return (
                f"{facts['searches']:,} searches of {facts['people']:,} people, {facts['buyers']:,} bought; {counted}"
            )
        case "required":
            return f"{facts['orders']:,} orders; needs {', '.join(facts['needs'])}"
        case _:
            return f"{facts['orders']:,} orders"
