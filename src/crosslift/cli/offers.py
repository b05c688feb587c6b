"""`crosslift offers`: the offer library, from files and by hand; promises opened and redeemed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli import coupons
from crosslift.cli.output import Context, as_json, say, shorten, table

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Id = Annotated[str, typer.Argument(help="The id of the offer.")]
Code = Annotated[str, typer.Argument(help="The code, or a decision id.")]
Product = Annotated[str | None, typer.Option(help="Which offer, where a decision made several.")]
Author = Annotated[str | None, typer.Option(help="Who writes; kept with the version.")]
Reason = Annotated[str | None, typer.Option(help="Why; kept with the version.")]
Language = Annotated[str | None, typer.Option(help="en, ko or ja; by default the shop's.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(help="Keep the offer library.", no_args_is_help=True, rich_markup_mode=None)
    verb.command("list")(list_)
    for command in (put, show, withdraw, promise, redeem, gaps):
        verb.command(command.__name__)(command)
    coupons.add(verb)
    app.add_typer(verb, name="offers")


def put(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or TOML with one offer a row or table.")],
    author: Author = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Write the offers of a file, all or none; the same content once more changes nothing."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.offers.put_file(file, author, reason)
    if json:
        as_json(done)
        return
    say(f"{done['new']} new, {done['replaced']} replaced, {done['same']} as they were")
    for name in done["unknown"]:
        say(f"  nobody knows {name} yet; what is put beside it waits until it is collected")


def list_(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Also those taken back.")] = False,
    language: Language = None,
    json: Json = False,
) -> None:
    """List the offers in force."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.offers.list(is_active=None if all_ else True)
        asked = language or shop.settings["shop.language"]
    if json:
        as_json(found)
        return
    rows = [
        (one["offer_id"], one["version"], one["kind"], shorten(_title(one, asked), 40), _total(one),
         "" if one["active"] else "taken back")
        for one in found
    ]  # fmt: skip
    table(("offer", "version", "kind", "title", "in all", ""), rows, right=(1, 4))


def gaps(
    context: typer.Context,
    language: Annotated[list[str] | None, typer.Option(help="In which a benefit is asked for; several times.")] = None,
    most: Annotated[int, typer.Option(min=1, help="So many rows.")] = 50,
    json: Json = False,
) -> None:
    """List what value cards lack: benefit, picture, guarantee, captions. They are shown without it, never padded."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.cards.gaps(language or (), most)
    if json:
        as_json(found)
        return
    counts = ", ".join(f"{n} {gap}" for gap, n in found["n_of"].items())
    say(f"{found['n_lacking']} of {found['n_looked_at']} lack something: {counts}")
    rows = [
        (one["id"], shorten(one["title"], 40), ", ".join(one["gaps"]), ", ".join(one["benefit_in"]))
        for one in found["rows"]
    ]
    table(("id", "title", "lacks", "no benefit in"), rows)


def show(context: typer.Context, offer_id: Id, json: Json = False) -> None:
    """Show every version of an offer, with who wrote it and why."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        versions = shop.offers.history(offer_id)
    if json:
        as_json(versions)
        return
    for one in versions:
        state = "" if one["active"] else ", taken back"
        say(f"{offer_id}, version {one['version']}{state}, {one['created_at']} by {one['author']}: {one['reason']}")
    newest = versions[-1]
    hidden = ("offer_id", "version", "active", "author", "reason", "created_at")
    table(("", ""), [(name, _cell(value)) for name, value in newest.items() if name not in hidden])


def withdraw(
    context: typer.Context,
    offer_id: Id,
    author: Annotated[str, typer.Option(help="Who says so; kept with the version.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")],
    json: Json = False,
) -> None:
    """Take an offer back: in no decision from now on; what was promised with it holds."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.offers.withdraw(offer_id, author, reason)
    as_json(done) if json else say(f"{offer_id}, version {done['version']}, taken back")


def promise(
    context: typer.Context, code: Code, product: Product = None, language: Language = None, json: Json = False
) -> None:
    """Open a promise: the price, terms and reason that were shown, and whether they still hold."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.promises.shown(shop.promises.open(code, product), language)
    as_json(found) if json else _print(found)


def redeem(
    context: typer.Context,
    code: Code,
    order: Annotated[str, typer.Option(help="The order id, or a key of your own; the same again changes nothing.")],
    product: Product = None,
    json: Json = False,
) -> None:
    """Honor a promise, once."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        kept, is_new = shop.promises.redeem(code, order, product)
        found = {**shop.promises.shown(kept), "is_new": is_new}
    if json:
        as_json(found)
        return
    _print(found)
    say("redeemed now" if is_new else f"was redeemed with {found['redeemed_by']} already")


def _print(found: Mapping[str, Any]) -> None:
    """Print a promise as a receipt would: every line, the total, the terms, the reason."""
    say(f"{found['code']}  {found['title']}  ({found['state']}, holds until {found['ends_at']})")
    for line in found["lines"]:
        say(f"  {line['label'] or 'price'}: {line['gross']} {line['currency']}{_when(line)}")
    tax = "tax included" if found["total_includes_tax"] else "without tax"
    say(f"  in all: {found['total']['amount']} {found['total']['currency']}, {tax}")
    for text in (*found["benefits"], found["terms"], found["cancellation"], found["guarantee"], found["reason"]):
        if text:
            say(f"  {text}")


def _when(line: Mapping[str, Any]) -> str:
    if not line["period"]:
        return ""
    return f" a {line['period']}" + (f", {line['n_periods']} times" if line["n_periods"] else " until cancelled")


def _title(offer: Mapping[str, Any], language: str) -> str:
    titles = {name.removeprefix("title_"): text for name, text in offer.items() if name.startswith("title_")}
    return str(titles.get(language) or titles.get("en") or next(iter(titles.values())))


def _total(offer: Mapping[str, Any]) -> str:
    if offer.get("is_free"):
        return "free"
    lines = offer.get("lines", ())
    total = offer.get("total") or (lines[0]["price"] if lines else None)
    return f"{total} {offer['currency']}" if total else "as in the catalog"


def _cell(value: Any) -> str:
    return " | ".join(map(str, value)) if isinstance(value, list) else str(value)
