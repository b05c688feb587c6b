"""Data quality: what can be learned now, and what is odd, worst first, with its effect on offers and what to do."""

import time
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.collect.quality import QualityReport
from crosslift.domain.access import Permission
from crosslift.web.office.findings import told
from crosslift.web.office.frame import ROOT, Caller, Frame

PATH = f"{ROOT}/quality"
KEPT_SECONDS = 300
"""Looking at everything takes seconds; so long one look is shown, unless something was collected since."""


@dataclass(frozen=True, slots=True)
class _Look:
    of: tuple[int, int]
    until: float
    at: int
    report: QualityReport


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the page."""
    served, kept = frame.served, list[_Look]()

    def look() -> _Look:
        shop = served.shop
        of = (len(shop.records.imports()), shop.records.person(None).change_number)
        if not kept or kept[0].of != of or kept[0].until < time.monotonic():
            now = int(shop.clock().timestamp() * 1e6)
            kept[:] = [_Look(of, time.monotonic() + KEPT_SECONDS, now, shop.quality())]
        return kept[0]

    async def quality(request: Request, caller: Caller) -> Response:
        seen = await served.in_thread(look)
        return frame.page(
            "quality.html", request, caller.language, caller, ready=seen.report.readiness, at=seen.at,
            findings=told(seen.report.findings, caller.language),
        )  # fmt: skip

    frame.add(app, PATH, Permission.LOOK, quality)
