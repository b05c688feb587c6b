"""In and out: signing in and out, and choosing a password by the link of an invitation, of a reset, or of the first admin."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.errors import BadInput, Refused
from crosslift.shop.users import LEAST_PASSWORD
from crosslift.web import sessions
from crosslift.web.office.frame import ROOT, SIGN_IN, Frame, local_path
from crosslift.web.office.single_sign_on import link_of
from crosslift.web.pages import forms
from crosslift.web.problems import Problem

SIGN_OUT, PASSWORD = f"{ROOT}/sign-out", f"{ROOT}/password"


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the door."""
    door = Door(frame)
    frame.add_open(app, SIGN_IN, door.sign_in)
    frame.add_open(app, SIGN_OUT, door.sign_out)
    frame.add_open(app, PASSWORD, door.password)


class Door:
    """Lets people in and out.

    Parameters
    ----------
    frame : Frame
        Renders its pages.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame, self._served = frame, frame.served

    async def sign_in(self, request: Request, language: str) -> Response:
        """Ask who it is, and open a session."""
        wanted = local_path(request.query_params.get("next", ROOT))
        if request.method != "POST":
            if sessions.who(self._served, request.scope) is not None:
                return self._frame.to(wanted)
            return self._ask(request, language, wanted)
        sent = await forms.fields(request)
        wanted, login, password = local_path(sent.get("next", ROOT)), sent.get("login", ""), sent.get("password", "")
        self._served.limits.sign_in(request.scope, login)
        try:
            token, _ = await self._served.in_thread(
                lambda: sessions.sign_in(self._served, request.scope, login, password)
            )
        except Problem:
            return self._ask(request, language, wanted, 401, login=login, wrong="sign_in.wrong")
        response = self._frame.to(wanted)
        response.headers["Set-Cookie"] = sessions.cookie(self._served, request.scope, token)
        return response

    async def sign_out(self, request: Request, language: str) -> Response:
        """End the session; asked for by a form of ours, so that no link of another site ends it."""
        if request.method != "POST":
            return self._frame.to(ROOT)
        forms.same_origin(request)
        token = sessions.session_of(request.scope)
        if token:
            await self._served.in_thread(lambda: self._served.shop.users.sign_out(token))
        response = self._frame.to(SIGN_IN, "signed_out")
        response.headers["Set-Cookie"] = sessions.cookie(self._served, request.scope, "")
        return response

    async def password(self, request: Request, language: str) -> Response:
        """Let somebody choose a password by a link; it works once."""
        if request.method != "POST":
            return self._choose(request, language, request.query_params.get("token", ""))
        sent = await forms.fields(request)
        token, password = sent.get("token", ""), sent.get("password", "")
        if password != sent.get("again"):
            return self._choose(request, language, token, 422, wrong="password.differ")
        self._served.limits.sign_in(request.scope, token)
        try:
            await self._served.in_thread(lambda: self._served.shop.users.choose_password(token, password))
        except BadInput:
            return self._choose(request, language, token, 422, wrong="password.poor")
        except Refused:
            return self._choose(request, language, "", 403, wrong="password.old")
        return self._frame.to(SIGN_IN, "password")

    def _ask(
        self, request: Request, language: str, wanted: str, status: int = 200, login: str = "", wrong: str | None = None
    ) -> Response:
        return self._frame.page(
            "sign_in.html", request, language, None, status, next=wanted, login=login, wrong=wrong,
            provider=link_of(self._served, wanted),
        )  # fmt: skip

    def _choose(
        self, request: Request, language: str, token: str, status: int = 200, wrong: str | None = None
    ) -> Response:
        return self._frame.page(
            "password.html", request, language, None, status, token=token, wrong=wrong, least=LEAST_PASSWORD
        )
