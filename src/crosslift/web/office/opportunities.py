"""Opportunities: what could be earned and is not, and the journey people walked, as a chart and a table."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.errors import NotReady
from crosslift.shop.credited import USUAL_DAYS
from crosslift.web.office.charts import Point
from crosslift.web.office.figures import Figures
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.office.kept import Kept
from crosslift.wording import formats
from crosslift.wording.office import teller

PATH = f"{ROOT}/opportunities"
MOST = 8
"""Rows of each list."""
Row = dict[str, Any]


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the page."""
    served = frame.served
    kept = Kept[Row](served.shop)

    def work_out() -> Row:
        shop = served.shop
        try:
            found = shop.opportunities.found(most=MOST)
        except NotReady:
            found = None
        return {"found": found, "map": shop.journeys.map()}

    async def show(request: Request, caller: Caller) -> Response:
        told, at = await served.in_thread(lambda: kept.get("opportunities", work_out))
        found, language = told["found"], caller.language
        figures = Figures(language, found["currency"]) if found else None
        tell = teller(language)
        stages = [
            Point(tell(f"journey.stage.{stage}"), n, formats.number(n, language))
            for stage, n in told["map"]["stages"].items()
        ]
        return frame.page(
            "opportunities.html", request, language, caller, found=found, figures=figures, map=told["map"], stages=stages,
            days=USUAL_DAYS, at=at, because=lambda row: because(row, language),
        )  # fmt: skip

    frame.add(app, PATH, Permission.LOOK, show)


def because(row: Row, language: str) -> str:
    """Say in one line what a size rests on."""
    facts, tell = row["facts"], teller(language)

    def told(value: float, digits: int = 0) -> str:
        return formats.number(value, language, digits)

    match row["kind"]:
        case "rule":
            said = tell("chances.because.rule", n=told(facts["empty"]), all=told(facts["decisions"]))
            return f"{said}; {tell('chances.protects')}" if facts["protects"] else said
        case "underserved":
            share, whole = (formats.percent(facts[name], language) for name in ("share", "share_of_all"))
            return tell("chances.because.underserved", share=share, all=whole)
        case "restock" if facts["stock"] is None:
            return tell("chances.because.restock_unknown", n=told(facts["sold_a_week"], 1))
        case "restock":
            pieces = {"all": told(facts["stock"]), "value": told(facts["reorder"])}
            return tell("chances.because.restock", n=told(facts["sold_a_week"], 1), **pieces)
        case "search":
            return tell("chances.because.search", n=told(facts["searches"]), all=told(facts["people"]))
        case "required":
            return tell("chances.because.required", n=told(facts["orders"]), all=", ".join(facts["needs"]))
        case kind:
            return tell(f"chances.because.{kind}", n=told(facts["orders"]))
