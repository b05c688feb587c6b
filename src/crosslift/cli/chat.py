"""`crosslift chat`: ask as a customer would, and see what waits for an answer."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, shorten
from crosslift.errors import BadUsage


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("chat")(chat)


def chat(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What the customer writes, in Korean, Japanese or English.")] = "",
    language: Annotated[str | None, typer.Option(help="Of the page: en, ko or ja.")] = None,
    product: Annotated[str | None, typer.Option(help="The product the page is about.")] = None,
    customer: Annotated[str | None, typer.Option(help="Customer id.")] = None,
    decision: Annotated[str | None, typer.Option(help="The decision whose offer is asked about.")] = None,
    conversation: Annotated[str | None, typer.Option(help="As the last answer gave it, with --json.")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="List what the chat handed over and nobody answered.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Answer a question from catalog, relations and pages; what nobody wrote down is handed to people."""
    from crosslift.shop import Shop
    from crosslift.shop.chat import Said

    given: Context = context.obj
    if not question and not waiting:
        raise BadUsage("write a question, or --waiting for what waits for an answer")
    with Shop(given.home) as shop:
        if waiting:
            _print_waiting(shop.chats.waiting(), json)
            return
        told = shop.chats.ask(Said(
            question, language, product, customer=customer, decision=decision, conversation=conversation, is_trusted=True,
        ))  # fmt: skip
    if json:
        as_json(told)
        return
    say(told["answer"])
    for offer in told["offers"]:
        total = offer["total"]
        say(f"  {offer['product']}  {offer['title']}" + (f"  {total['amount']} {total['currency']}" if total else ""))
        say(f"    {offer['reason']}")
    say(
        f"[{told['kind']}, {told['confidence']:.2f}] "
        + ", ".join(f"{one['kind']} {one['id']}" for one in told["sources"])
    )
    if told["handover"]:
        say(f"Handed over as {told['handover']['id']}")


def _print_waiting(found: list[dict[str, object]], json: bool) -> None:
    if json:
        as_json({"waiting": found})
        return
    for one in found:
        at = datetime.fromtimestamp(int(str(one["at"])) / 1_000_000, UTC)
        who = one.get("customer_id") or "somebody unknown"
        say(f"{at:%Y-%m-%d %H:%M} UTC  {one['what']}  {who}  {one['id']}")
        say(f"  {shorten(' '.join(str(one['text']).split()), 110)}")
    say(f"{len(found)} waiting")
