"""`crosslift wording`: every sentence customers may read, for review; and what in offers is not as the brand speaks."""

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crosslift.cli.output import Context, as_json, say
from crosslift.errors import BadUsage

if TYPE_CHECKING:
    from crosslift.wording.sentences import Sentence


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("wording")(wording)


def wording(
    context: typer.Context,
    where: Annotated[
        str, typer.Option(help="Only of one place: offers, card, widget, text, chat, storefront ...")
    ] = "",
    register: Annotated[
        str, typer.Option(help="Only one register: formal, polite, honorific, mixed, plain, label.")
    ] = "",
    words: Annotated[str, typer.Option(help="Only those that hold these words.")] = "",
    csv: Annotated[
        bool, typer.Option("--csv", help="Print a table for spreadsheets: three languages side by side.")
    ] = False,
    lint: Annotated[
        bool, typer.Option("--lint", help="Hold offers, pictures and theme against the brand's settings.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """List every sentence customers may read, in three languages side by side, with its register and where it is shown."""
    from crosslift.wording.sentences import WHERE, Register, sentences

    given: Context = context.obj
    if lint:
        _lint(given, json)
        return
    for value, known in ((where, WHERE), (register, tuple(Register))):
        if value and value not in known:
            raise BadUsage(f"{value!r} is none of {', '.join(known)}")
    found = sentences(where, register, words)
    if csv:
        _print_csv(found)
    elif json:
        as_json([{"key": one.key, "where": one.where, "texts": one.texts, "registers": one.registers} for one in found])
    else:
        for one in found:
            say(f"{one.key}  [{one.where}]")
            for language, text in one.texts.items():
                say(f"  {language}  {' / '.join(text.splitlines())}  ({one.registers[language]})")
        say(f"{len(found)} sentences")


def _print_csv(found: "Sequence[Sentence]") -> None:
    from crosslift.wording.sentences import rows

    csv.writer(sys.stdout, lineterminator="\n").writerows(rows(found))


def _lint(given: Context, json: bool) -> None:
    from crosslift.shop import Shop

    with Shop(given.home) as shop:
        found = shop.brands.findings()
    if json:
        as_json(
            [{"rule": one.rule_id, "where": one.where, "words": one.words, "instead": one.instead} for one in found]
        )
    else:
        for one in found:
            say(str(one))
        say(f"{len(found)} findings")
    if found:
        raise typer.Exit(1)
