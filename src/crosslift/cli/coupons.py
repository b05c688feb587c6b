"""`crosslift offers coupons`: campaigns with a budget, codes for people, and what they take off orders."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, shorten, table
from crosslift.errors import Refused

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Campaign = Annotated[str, typer.Argument(help="The id of the campaign.")]
Code = Annotated[str, typer.Argument(help="The code; case, spaces and hyphens do not matter.")]
Order = Annotated[str, typer.Option(help="The order id; the same again changes nothing.")]
Language = Annotated[str | None, typer.Option(help="en, ko or ja; by default the shop's.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(help="Give coupons from a capped budget.", no_args_is_help=True, rich_markup_mode=None)
    verb.command("list")(list_)
    for command in (put, withdraw, report, issue, show, redeem, release):
        verb.command(command.__name__)(command)
    app.add_typer(verb, name="coupons")


def put(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="TOML with one [[campaigns]] table each.")],
    author: Annotated[str | None, typer.Option(help="Who writes; kept with the version.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the version.")] = None,
    json: Json = False,
) -> None:
    """Write the campaigns of a file; the same content once more changes nothing."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.coupons.put_file(file, author, reason)
    if json:
        as_json(done)
        return
    for one in done:
        say(f"{one['campaign_id']}, version {one['version']}: {one['outcome']}")


def withdraw(
    context: typer.Context,
    campaign_id: Campaign,
    author: Annotated[str, typer.Option(help="Who says so; kept with the version.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")],
    json: Json = False,
) -> None:
    """Take a campaign back: no code is given any more; personal codes given before hold."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.coupons.withdraw(campaign_id, author, reason)
    as_json(done) if json else say(f"{campaign_id}, version {done['version']}, taken back")


def list_(context: typer.Context, json: Json = False) -> None:
    """List the campaigns with what each cost so far."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.coupons.list()
    if json:
        as_json(found)
        return
    rows = [
        (one["campaign_id"], one["kind"], one["code"] or "personal", shorten(next(iter(one["titles"].values())), 30),
         one["report"]["issued"], one["report"]["redeemed"], one["report"]["discount"], one["report"]["left"],
         one["currency"] if one["active"] else f"{one['currency']}, taken back")
        for one in found
    ]  # fmt: skip
    heads = ("campaign", "takes off", "code", "title", "given", "used", "discount", "left", "")
    table(heads, rows, right=(4, 5, 6, 7))


def report(context: typer.Context, campaign_id: Campaign, json: Json = False) -> None:
    """Tell what a campaign cost so far, and what is left of its budget."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.coupons.report(campaign_id)
    as_json(found) if json else _print(found)


def issue(
    context: typer.Context,
    campaign_id: Campaign,
    customer: Annotated[str, typer.Argument(help="A customer id, or any identity as kind:value.")],
    replace: Annotated[bool, typer.Option("--replace", help="Exchange an open code; the earlier one stops.")] = False,
    language: Language = None,
    json: Json = False,
) -> None:
    """Give a person a code; it is shown this once."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.coupons.issue(campaign_id, customer, is_replacing=replace, language=language)
    if json:
        as_json(found)
        return
    _check(found)
    say(
        f"{found['code']}, until {found['ends_at']}"
        if found["is_new"]
        else "has an open code already; --replace gives a new one"
    )


def show(context: typer.Context, code: Code, language: Language = None, json: Json = False) -> None:
    """Tell what a code is worth and whether it can be used now."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.coupons.show(code, language)
    as_json(found) if json else _print(found)


def redeem(
    context: typer.Context,
    code: Code,
    order: Order,
    cart_value: Annotated[str | None, typer.Option(help="What the cart comes to; or lines.")] = None,
    line: Annotated[list[str] | None, typer.Option(help="PRODUCT:QUANTITY:UNIT_PRICE, once for each line.")] = None,
    delivery: Annotated[str, typer.Option(help="What delivery would cost.")] = "0",
    currency: Annotated[str | None, typer.Option(help="ISO 4217; by default the shop's.")] = None,
    customer: Annotated[str | None, typer.Option(help="Whose order it is; personal codes need it.")] = None,
    language: Language = None,
    json: Json = False,
) -> None:
    """Use a code on an order, once."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.coupons.redeem(
            code, order, lines=[_line(one) for one in line] if line else None, cart_value=cart_value, currency=currency,
            delivery=delivery, customer=customer, language=language,
        )  # fmt: skip
    if json:
        as_json(found)
        return
    _check(found)
    say(f"{found['discount']} {found['currency']} off" + ("" if found["is_new"] else ", as before"))


def release(context: typer.Context, code: Code, order: Order, json: Json = False) -> None:
    """Give the use of a canceled order back."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.coupons.release(code, order)
    as_json(found) if json else say("given back" if found["is_new"] else "was given back already")


def _line(text: str) -> dict[str, Any]:
    product, _, rest = text.partition(":")
    quantity, _, price = rest.partition(":")
    if not (product and quantity.isdecimal() and price):
        raise typer.BadParameter(f"{text!r} is no line; write PRODUCT:QUANTITY:UNIT_PRICE, such as T-40:2:24000")
    return {"product": product, "quantity": int(quantity), "unit_price": price}


def _check(found: dict[str, Any]) -> None:
    """End with a message where a coupon is refused."""
    if found["refusal"] is not None:
        raise Refused(f"{found['refusal']}: {found['why']}")


def _print(found: dict[str, Any]) -> None:
    table(("", ""), [(name, "" if value is None else str(value)) for name, value in found.items()])
