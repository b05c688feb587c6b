"""Results: what offers earned, beside it what is credited to them, and where offers get lost."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.domain.experiment import TREATED, UnitKind
from crosslift.domain.goal import SHARES, GoalFigure
from crosslift.domain.money import MICROS
from crosslift.errors import BadInput, NotFound
from crosslift.measure.funnel import STEPS
from crosslift.shop.credited import USUAL_DAYS
from crosslift.shop.experiments import MONTH, MOST_HELD, STANDING
from crosslift.shop.logged import WINDOW_DAYS, accepted_value
from crosslift.web.office.decisions import placements_in
from crosslift.web.office.figures import Figures, least_units, why_not
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.office.intervals import interval
from crosslift.web.office.kept import Kept
from crosslift.web.office.watched import Watched
from crosslift.wording import formats

PATH = f"{ROOT}/results"
USUAL_SHARES = (0.02, 0.05, 0.1)
"""Shares whose cost is told before somebody agrees."""
Row = dict[str, Any]


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the pages."""
    pages = Results(frame)
    frame.add(app, PATH, Permission.LOOK, pages.show)
    frame.add(app, f"{PATH}/hold-out", Permission.CAMPAIGN, pages.hold_out, changes=True)


class Results:
    """The pages.

    Parameters
    ----------
    frame : Frame
        Renders them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame, self._shop, self._served = frame, frame.served.shop, frame.served
        self._kept = Kept[Row](self._shop)

    async def show(self, request: Request, caller: Caller) -> Response:
        """Show what offers earned, or what it takes to know."""
        told, at = await self._served.in_thread(lambda: self._kept.get("results", self._results))
        found, trial = told["found"], told["trial"]
        figures = Figures(caller.language, found["currency"]) if found else None
        shown = Figures(caller.language, told["board"]["contribution"]["currency"])
        return self._frame.page(
            "results.html", request, caller.language, caller, **told, at=at, figures=figures, steps=STEPS,
            days=USUAL_DAYS, cost_days=WINDOW_DAYS, most=round(MOST_HELD * 100), interval=interval,
            place=placements_in(caller.language), treated=TREATED, standing=STANDING, least=least_units(caller.language),
            why=why_not(found, trial, self._shop.clock()) if found and "not_estimable" in found else None,
            headline=_headline(found, figures) if found and figures and "incremental" in found else None,
            cost=lambda share: [
                Figures(caller.language, currency).amount(micros / MICROS * MONTH / WINDOW_DAYS * share)
                for currency, micros in sorted(told["accepted"].items())
            ],
            shares=USUAL_SHARES, watched=Watched(caller.language, told["currency"]).of(told["watch"]),
            of_goal=_of_goal(shown, caller.language), amount=shown.amount,
        )  # fmt: skip

    async def hold_out(self, request: Request, caller: Caller) -> Response:
        """Keep offers from a share of the people, where somebody who may has read what it costs and agrees."""
        sent = caller.form.fields
        if not sent.get("agreed"):
            raise BadInput("nobody agreed to the holdout; read what it costs and tick that you agree")
        share, reason = _share(sent.get("share", "")), sent.get("reason", "").strip()
        await self._served.in_thread(
            lambda: self._shop.experiments.hold_out(share, caller.login, reason, has_agreed=True)
        )
        return self._frame.to(PATH, "held_out")

    def _results(self) -> Row:
        """Work out everything of the page that takes long."""
        trial = next((one for one in self._shop.experiments.list() if one["experiment_id"] == STANDING), None)
        try:
            found: Row | None = self._shop.earned.holdout(STANDING)
        except NotFound:
            found = None
        if found is not None and not any(found["units"].values()):
            found = None  # agreed to, and nobody was asked for yet
        now = int(self._shop.clock().timestamp() * 1e6)
        return {
            "trial": trial, "found": found, "funnel": self._shop.credited.funnel_of(),
            "accepted": accepted_value(self._shop.records, now), "board": self._shop.goals.board(), "felt": self._felt(trial),
            "watch": self._shop.watching.look(), "currency": self._shop.sales.currency,
        }  # fmt: skip

    def _felt(self, trial: Row | None) -> Row | None:
        """Compare how people feel, where customers are held back."""
        if trial is None or trial["unit"] != UnitKind.CUSTOMER:
            return None
        return self._shop.satisfaction.effect(STANDING)


def _of_goal(figures: Figures, language: str) -> Callable[[str, float], str]:
    """Give what writes the figure of a goal in its unit."""

    def written(figure: str, value: float) -> str:
        if figure in SHARES:
            return formats.percent(value, language, 1)
        return formats.number(value, language) if figure == GoalFigure.CUSTOMERS else figures.amount(value)

    return written


def _headline(found: Row, figures: Figures) -> Row:
    """Give the outcome that counts: its row, and the intervals of its amounts."""
    [told] = [one for one in figures.rows(found) if (one.outcome, one.arm) == (found["headline"], TREATED)]
    [raw] = [one for one in found["compared"] if (one["outcome"], one["arm"]) == (found["headline"], TREATED)]
    spans = {name: figures.span(found["incremental"][name]) for name in ("total", "per_thousand")}
    return {"told": told, "spans": spans, "people": raw["n"] + raw["n_control"]}


def _share(written: str) -> float:
    """Read a percentage."""
    try:
        return float(written.strip().removesuffix("%")) / 100
    except ValueError:
        raise BadInput(f"share = {written[:20]!r} is no percentage; such as 5") from None
