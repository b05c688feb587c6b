"""The front page: how the house stands from collecting to measuring, and what to do next."""

import time
from datetime import date, datetime

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.jobs.office import Office
from crosslift.shop.overview import Overview, overview
from crosslift.web.office.charts import Point
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.wording import formats

KEPT_SECONDS = 60
"""Comparing those who sell takes a while in a large shop; so long one comparison is shown."""
IN_TROUBLE = frozenset({"retry", "troubled"})


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the page."""
    served, kept = frame.served, list[tuple[float, int]]()

    def n_alarms() -> int:
        if not kept or kept[0][0] < time.monotonic():
            kept[:] = [(time.monotonic() + KEPT_SECONDS, len(served.shop.guard.alarms()["alarms"]))]
        return kept[0][1]

    async def home(request: Request, caller: Caller) -> Response:
        told, jobs = await served.in_thread(lambda: (overview(served.shop), Office(served.shop).jobs()))
        n_trials = await served.in_thread(
            lambda: sum(one["state"] == "running" for one in served.shop.experiments.list())
        )
        n_unlike = await served.in_thread(n_alarms) if caller.may(Permission.AUDIT) else 0
        return frame.page(
            "home.html", request, caller.language, caller, told=told, jobs=jobs, is_ready=served.is_ready, n_unlike=n_unlike,
            troubled=[job for job in jobs if job["state"] in IN_TROUBLE], days=points(told, caller.language),
            when=lambda iso: frame.moment(_micros(iso), caller.language),
            n_decided=sum(one.n for one in told.days), n_trials=n_trials, learned=_learned(frame, told, caller.language),
        )  # fmt: skip

    frame.add(app, ROOT, Permission.LOOK, home)


def points(told: Overview, language: str) -> list[Point]:
    """Give the decisions of each day for a chart."""
    return [Point(short_day(one.on), one.n, formats.number(one.n, language)) for one in told.days]


def _learned(frame: Frame, told: Overview, language: str) -> list[Point]:
    """Give how well each snapshot foretold the orders it had not seen, where that was measured."""
    return [
        Point(short_day(frame.day_of(row["created_at"])), row["ndcg"], formats.number(row["ndcg"], language, 3))
        for row in told.snapshots[-12:]
        if row["ndcg"] is not None
    ]


def _micros(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp() * 1e6)


def short_day(on: str) -> str:
    """Write month and day as they stand under a chart, in every language the same.

    Examples
    --------
    >>> short_day("2026-03-05")
    '3/5'
    """
    day = date.fromisoformat(on)
    return f"{day.month}/{day.day}"
