"""`crosslift customers mute`, `unmute` and `contacts`: who is left alone, and how much attention they gave lately."""

from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Who = Annotated[str, typer.Argument(help="A customer id, or any identity as kind:value.")]
Product = Annotated[str | None, typer.Option(help="A product or offer id.")]
Category = Annotated[str | None, typer.Option(help="A category, with all below it.")]


def add(customers: typer.Typer) -> None:
    """Register the commands under `customers`."""
    for command in (contacts, mute, unmute):
        customers.command(command.__name__)(command)


def contacts(context: typer.Context, customer: Who, json: Json = False) -> None:
    """Show a person's contacts that still count, what they declined and muted, and whether a case is open."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.peace.of(customer)
    if json:
        as_json(found)
        return
    say(f"{found['person_id']}: {found['open_cases']} open cases")
    rows = [(one["at"], one["channel"], one["state"], ", ".join(one["about"])) for one in found["contacts"]]
    table(("when", "channel", "state", "about"), rows)
    said = [(name, one) for name in ("muted", "declined") for one in found[name]]
    what = [(one["at"], name, one["product"] or one["category"] or "everything") for name, one in said]
    table(("when", "said", "of"), what)


def mute(context: typer.Context, customer: Who, product: Product = None, category: Category = None) -> None:
    """Leave a product, a category or everything alone, from the next decision on, in every channel."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        shop.peace.mute(customer, product, category)
    say(f"{product or category or 'everything'} is left alone until it is taken back")


def unmute(context: typer.Context, customer: Who, product: Product = None, category: Category = None) -> None:
    """Take back what was muted: a product, a category, or all of it."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        n_taken_back = shop.peace.unmute(customer, product, category)
    say(f"taken back: {n_taken_back}")
