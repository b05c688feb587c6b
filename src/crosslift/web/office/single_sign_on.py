"""In by an OpenID provider: sent there, taken back, and shown out there as well. Links lead here, not forms."""

from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crosslift.shop.single_sign_on import CALLBACK, MINUTES, SingleSignOn
from crosslift.web import problems, sessions
from crosslift.web.office.frame import ROOT, SIGN_IN, Frame, local_path
from crosslift.web.served import ServedShop

PLACE = CALLBACK.rpartition("/")[0]
START, OUT = f"{PLACE}/start", f"{PLACE}/out"
COOKIE = "crosslift_oidc_"
"""Begins the name of the ticket's cookie; the state ends it, so that two tabs do not take each other's."""


def link_of(served: ServedShop, to: str = ROOT) -> tuple[str, str] | None:
    """Give where the button of the sign-in page leads and what it calls the provider, None where none is set."""
    provider = _provider_of(served)
    return (f"{START}?next={quote(local_path(to), safe='')}", provider.name) if provider.is_offered else None


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the ways in and out."""
    door = Door(frame)
    frame.add_open(app, START, door.start)
    frame.add_open(app, CALLBACK, door.callback)
    frame.add_open(app, OUT, door.out)


class Door:
    """Lets people in whom a provider knows.

    Parameters
    ----------
    frame : Frame
        Says in a page what went wrong.
    """

    def __init__(self, frame: Frame) -> None:
        self._served = frame.served
        self._provider = _provider_of(frame.served)

    async def start(self, request: Request, language: str) -> Response:
        """Send somebody to the provider."""
        _only_read(request)
        to = local_path(request.query_params.get("next", ROOT))
        begun = await self._served.in_thread(lambda: self._provider.begin(to))
        response = _to(begun.address)
        response.headers["Set-Cookie"] = self._cookie(request, begun.state, begun.ticket)
        return response

    async def callback(self, request: Request, language: str) -> Response:
        """Take somebody back and open their session."""
        _only_read(request)
        query = dict(request.query_params)
        state = query.get("state", "")
        self._served.limits.sign_in(request.scope, state)
        ticket = request.cookies.get(COOKIE + _short(state), "")
        token, _, to = await self._served.in_thread(lambda: self._provider.finish(ticket, query))
        response = _to(to)
        response.headers.append("Set-Cookie", sessions.cookie(self._served, request.scope, token))
        response.headers.append("Set-Cookie", self._cookie(request, state, ""))
        return response

    async def out(self, request: Request, language: str) -> Response:
        """Lead to where the provider's own session ends; ours is ended by the form of the back office."""
        _only_read(request)
        place = await self._served.in_thread(lambda: self._provider.ended_at(SIGN_IN))
        return _to(place or SIGN_IN)

    def _cookie(self, request: Request, state: str, ticket: str) -> str:
        is_tls = self._served.limits.is_tls(request.scope)
        age = MINUTES * 60 if ticket else 0
        secure = "; Secure" if is_tls else ""
        return f"{COOKIE}{_short(state)}={ticket}; Path={PLACE}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def _provider_of(served: ServedShop) -> SingleSignOn:
    shop = served.shop
    return SingleSignOn(shop.users, shop.records, shop.settings, shop.clock, shop.key)


def _short(state: str) -> str:
    return "".join(one for one in state[:12] if one.isascii() and one.isalnum())


def _only_read(request: Request) -> None:
    if request.method != "GET":
        raise problems.method_not_allowed("GET")


def _to(address: str) -> Response:
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
