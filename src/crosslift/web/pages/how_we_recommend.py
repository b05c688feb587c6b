"""`/how-we-recommend`: how offers are chosen, for shoppers; written anew from the policy and the settings in force."""

from hashlib import blake2b

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.policy import HELPFUL
from crosslift.shop.how_we_recommend import page
from crosslift.web.pages.frame import Frame
from crosslift.web.served import ServedShop

PATH = "/how-we-recommend"


def mount(app: FastAPI, served: ServedShop, root: str) -> None:
    """Serve the page; `root` is where the storefront lives that it leads back to."""
    frame = Frame(served, root)

    async def how(request: Request) -> Response:
        visit = frame.visit(request)
        policy = request.query_params.get("policy", HELPFUL.name)
        told = await served.in_thread(lambda: page(served.shop, visit.language, policy))
        return tagged(request, frame.page("how.html", request, visit, told=told))

    app.add_route(PATH, how, methods=["GET"])


def tagged(request: Request, response: Response) -> Response:
    """Name what was answered by its content, and answer 304 to whoever has it already.

    The content names policy and version, and changes with any setting or trial that is told.
    """
    tag = f'"{blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    known = (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(","))
    if tag in known:
        kept = {
            name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")
        }
        response = Response(status_code=304, headers=kept)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"
    return response
