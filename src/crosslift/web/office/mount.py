"""Every page of the back office, under `/app`."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.web import problems
from crosslift.web.office import (
    audit,
    decisions,
    door,
    experiments,
    home,
    imports,
    opportunities,
    products,
    quality,
    results,
    sentences,
    single_sign_on,
)
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.served import ServedShop


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve them."""
    frame = Frame(served)
    for pages in (
        door,
        single_sign_on,
        home,
        imports,
        quality,
        products,
        decisions,
        results,
        opportunities,
        experiments,
        sentences,
        audit,
    ):
        pages.mount(app, frame)

    async def nowhere(request: Request, caller: Caller) -> Response:
        if not request.path_params["rest"]:
            return frame.to(ROOT)
        raise problems.not_found()

    frame.add(app, f"{ROOT}/{{rest:path}}", Permission.LOOK, nowhere)
