"""`crosslift customers segments`: rules of groups, who is in them; beside it clusters, personas and patterns by market."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from crosslift.cli.figures import number, of_unit
from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadUsage

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Id = Annotated[str, typer.Argument(help="The id of the segment.")]
Author = Annotated[str, typer.Option(help="Who says so; kept with the version.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the version.")]
Language = Annotated[str | None, typer.Option(help="en, ko or ja; by default the shop's.")]
PAGE = 100


def add(customers: typer.Typer) -> None:
    """Register the commands under `customers`."""
    verb = typer.Typer(help="Group customers by readable rules.", no_args_is_help=True, rich_markup_mode=None)
    verb.command("list")(list_)
    for command in (put, switch, members, of, evaluate, persona):
        verb.command(command.__name__)(command)
    customers.add_typer(verb, name="segments")
    for report in (clusters, markets, reach):
        customers.command(report.__name__)(report)


def reach(
    context: typer.Context,
    trait: Annotated[str, typer.Argument(help="Name of a trait, such as gender.")],
    json: Json = False,
) -> None:
    """Count whom offers reached by group of a trait: whether some are left out though nobody meant to."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.audiences.reach(trait)
    if json:
        as_json(found)
        return
    rows = [
        (
            one["group"],
            one["n_people"],
            one["n_reached"],
            f"{one['reach']:.0%}",
            one["n_offers"],
            f"{one['value']:,.0f}",
        )
        for one in found
    ]
    table((trait, "people", "reached", "share", "offers", "worth"), rows, right=(1, 2, 3, 4, 5))


def list_(context: typer.Context, json: Json = False) -> None:
    """List the segments, with how many were in each at the last evaluation."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found, language = shop.segments.list(), shop.settings["shop.language"]
    if json:
        as_json(found)
        return
    rows = [
        (one["segment_id"], _title(one["titles"], language), str(one["version"]), "on" if one["is_active"] else "off",
         one["n_members"], one["rule"])
        for one in found
    ]  # fmt: skip
    table(("segment", "title", "version", "", "members", "rule"), rows, right=(4,))


def put(
    context: typer.Context,
    segment_id: Id,
    rule: Annotated[str, typer.Argument(help="One line, such as: orders >= 3 and not consent(\"marketing\")")],
    author: Author,
    reason: Reason,
    title: Annotated[
        list[str] | None, typer.Option(help="language=title, such as en=\"Loyal customers\"; several may be given.")
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Write a segment, or its next version; the same content once more changes nothing."""
    from crosslift.shop import Shop

    given: Context = context.obj
    pairs = [one.partition("=") for one in title or ()]
    if wrong := [one for one, (_, sign, _) in zip(title or (), pairs, strict=True) if not sign]:
        raise BadUsage(f'--title {wrong[0]!r} is no language=title; write --title en="Loyal customers"')
    with Shop(given.home) as shop:
        before = {one["segment_id"]: one["titles"] for one in shop.segments.list()}
        titles = {language: text for language, _, text in pairs} or before.get(segment_id, {})
        written = shop.segments.put(segment_id, titles, rule, author, reason)
    _tell(written, json)


def switch(
    context: typer.Context,
    segment_id: Id,
    is_on: Annotated[bool, typer.Option("--on/--off", help="Whether people are put in it.")],
    author: Author,
    reason: Reason,
    json: Json = False,
) -> None:
    """Turn a segment on or off; its history stays."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        written = shop.segments.switch(segment_id, is_active=is_on, author=author, reason=reason)
    _tell(written, json)


def _tell(written: Mapping[str, Any], json: bool) -> None:
    if json:
        as_json(written)
        return
    state = "" if written["is_active"] else ", off"
    say(f"{written['segment_id']}, version {written['version']}{state}: {written['rule']}")


def members(
    context: typer.Context,
    segment_id: Id,
    limit: Annotated[int, typer.Option(help="Print at most so many; --json has them all.", min=1)] = PAGE,
    json: Json = False,
) -> None:
    """List who is in a segment at this moment."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.segments.members(segment_id)
    if json:
        as_json(found)
        return
    say(f"{len(found):,} people")
    for person in found[:limit]:
        say(f"  {person}")
    if len(found) > limit:
        say(f"  and {len(found) - limit:,} more")


def of(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="A customer id, or any identity as kind:value.")],
    json: Json = False,
) -> None:
    """Name the segments a person is in at this moment."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.segments.of(customer)
    as_json(found) if json else say(", ".join(found) or "in no segment")


def evaluate(context: typer.Context, json: Json = False) -> None:
    """Ask all active segments of everybody and keep who is in; learning does it too."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        sizes = shop.segments.evaluate()
    if json:
        as_json(sizes)
        return
    table(("segment", "members"), list(sizes.items()), right=(1,))


def persona(context: typer.Context, segment_id: Id, json: Json = False) -> None:
    """Print the persona card of a segment: what a typical one buys, spends and wants."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        card = shop.audiences.persona(segment_id)
    as_json(card) if json else _print_card(card)


def clusters(context: typer.Context, language: Language = None, json: Json = False) -> None:
    """Find groups of customers who behave alike, with a card each."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.audiences.clusters(language)
    if json:
        as_json(found)
        return
    if found["not_estimable"]:
        say(f"No groups to tell: {found['not_estimable']}")
        return
    for one in found["clusters"]:
        say(f"{one['name']}: {one['n_people']:,} people, {one['share']:.0%}")
        for mark in one["marks"]:
            value, usual = (of_unit(mark[of], mark["unit"], one["persona"]["currency"]) for of in ("value", "usual"))
            say(f"  {mark['figure'].replace('_', ' ')} {value}, usually {usual}")
        _print_card(one["persona"])


def markets(context: typer.Context, language: Language = None, json: Json = False) -> None:
    """Tell which categories belong together in one market more, or less, than in the others."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.audiences.market_patterns(language)
    if json:
        as_json(found)
        return
    say(f"{len(found['patterns'])} patterns of {found['n_tests']:,} differences tested")
    for one in found["patterns"]:
        say(f"  {one['text']}")
        say(f"    in {one['n_both']:,} orders of {one['n_customers']:,} customers, {one['support']:.1%} of the market's; "
            f"{one['confidence']:.0%} of those with {one['category']}; q {one['q_value']:.2g}")  # fmt: skip
    if found["too_early"]:
        say("Too early to say")
    for one in found["too_early"]:
        say(f"  {one['text']}")


def _print_card(card: Mapping[str, Any]) -> None:
    """Print what is known of a group; what too few of them tell is left out."""
    rows = [(name.replace("_", " "), _middle(card[name], card["currency"])) for name in _MIDDLES]
    rows.append(("categories", ", ".join(f"{name} {share:.0%}" for name, share in card["categories"])))
    rows += [
        (name, ", ".join(f"{one['name']} ({one['n_people']:,})" for one in card[name])) for name in ("goals", "needs")
    ]
    rows += [(name, card[name]["name"] if card[name] else "") for name in ("channel", "source", "market")]
    table(("", f"{card['n_people']:,} people, {card['share']:.0%}"), [row for row in rows if row[1]])


_MIDDLES = ("order_value", "items_per_order", "interval_days")


def _middle(figure: Mapping[str, Any], currency: str) -> str:
    if "not_estimable" in figure:
        return f"not told: {figure['not_estimable']}"
    median = of_unit(figure["median"], figure["unit"], currency)
    return f"{median}, half of them {number(figure['low'])} to {number(figure['high'])}"


def _title(titles: Mapping[str, str], language: str) -> str:
    return titles.get(language) or titles.get("en") or next(iter(titles.values()), "")
