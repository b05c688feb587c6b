"""`crosslift measure review`: what a week was like, as one page to keep, print or send."""

from pathlib import Path
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say
from crosslift.errors import BadUsage


def review(
    context: typer.Context,
    week: Annotated[str | None, typer.Option(help="Such as 2026-W44; the last one that is over by default.")] = None,
    language: Annotated[str | None, typer.Option(help="en, ko or ja; the shop's by default.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="An .html or .pdf file; into reviews/ of the home by default.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON and nothing else; write no file.")
    ] = False,
) -> None:
    """Write the review of a week: what offers earned, figures, trials, what is odd, what was learned."""
    from crosslift.shop import Shop
    from crosslift.shop.reviewing import Reviewing
    from crosslift.web.pdf import pdf_of
    from crosslift.web.review import keep, page_of

    given: Context = context.obj
    if to is not None and to.suffix.lower() not in (".html", ".pdf"):
        raise BadUsage(f"{to.name} is neither an .html nor a .pdf file")
    with Shop(given.home) as shop:
        found = Reviewing(shop).of(week)
        if json:
            as_json(found)
            return
        tongue = language or shop.settings["shop.language"]
        page = page_of(found, tongue, shop.settings["shop.time_zone"])
    target = to or given.home / "reviews" / f"{found['week']}.{tongue}.html"
    keep(pdf_of(page) if target.suffix.lower() == ".pdf" else page.encode(), target)
    say(str(target))
