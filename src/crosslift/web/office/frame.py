"""What stands around every page of the back office: who is signed in, where they may go, languages, notices, refusals."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from structlog.contextvars import get_contextvars

from crosslift.domain.access import Permission
from crosslift.domain.audit import act_as
from crosslift.web import problems, sessions
from crosslift.web.office.charts import chart
from crosslift.web.pages import forms, rendering
from crosslift.web.pages.visit import LANGUAGE, Visit
from crosslift.web.security import Key, presented_by
from crosslift.web.served import ServedShop
from crosslift.web.wire import ClientGone
from crosslift.wording import formats, office
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.reasons import KINDS, kind_word

ROOT = "/app"
SIGN_IN = f"{ROOT}/sign-in"
HTMX = "vendor/htmx-2.0.11.min.js"
PAGES = (
    (ROOT, "home", Permission.LOOK),
    (f"{ROOT}/imports", "imports", Permission.LOOK),
    (f"{ROOT}/quality", "quality", Permission.LOOK),
    (f"{ROOT}/products", "products", Permission.LOOK),
    (f"{ROOT}/decisions", "decisions", Permission.ASK),
    (f"{ROOT}/results", "results", Permission.LOOK),
    (f"{ROOT}/opportunities", "opportunities", Permission.LOOK),
    (f"{ROOT}/experiments", "experiments", Permission.LOOK),
    (f"{ROOT}/sentences", "sentences", Permission.LOOK),
    (f"{ROOT}/audit", "audit", Permission.AUDIT),
)
"""Path, name and what it takes to see it; the first part of the path names the page in the rail."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who looks at a page, in which language.

    Attributes
    ----------
    key : Key
        What they may do.
    login : str
        What they are called; the author of what they write.
    form : Form
        What they sent, empty for a page that is only looked at.
    """

    key: Key
    login: str
    language: str
    form: forms.Form = field(default_factory=lambda: forms.Form({}, {}))

    def may(self, permission: Permission) -> bool:
        """Tell whether one of their roles allows something."""
        return self.key.may(permission)


Handler = Callable[[Request, Caller], Awaitable[Response]]


class Frame:
    """Renders the pages of one back office.

    Parameters
    ----------
    served : ServedShop
        The shop behind them.
    """

    def __init__(self, served: ServedShop) -> None:
        self.served = served
        self._settings = served.shop.settings

    def add(
        self, app: FastAPI, path: str, permission: Permission, handler: Handler, *, changes: bool = False,
        most: int = forms.MAX_FORM,
    ) -> None:  # fmt: skip
        """Serve a page to whoever may see it; one that changes something is posted to, by a form of ours.

        Parameters
        ----------
        most : int
            Bytes its form may have.
        """

        async def answer(request: Request) -> Response:
            language = self.language(request)
            try:
                caller = self._caller(request, permission, language)
                if caller is None:
                    return self._to_sign_in(request)
                if changes:
                    caller = await self._with_form(request, caller, permission, most)
                return self.keep_language(request, await handler(request, caller))
            except ClientGone:
                raise
            except Exception as error:  # noqa: BLE001 - the outermost loop of a request: logged whole where it is our fault
                return self.refusal(request, language, error, caller=self._signed_in(request, language))

        app.add_route(path, answer, methods=["POST"] if changes else ["GET"])

    def add_open(self, app: FastAPI, path: str, handler: Callable[[Request, str], Awaitable[Response]]) -> None:
        """Serve a page to anybody: those by which one gets in and out."""

        async def answer(request: Request) -> Response:
            language = self.language(request)
            act_as("web")
            try:
                return self.keep_language(request, await handler(request, language))
            except ClientGone:
                raise
            except Exception as error:  # noqa: BLE001 - the outermost loop of a request: logged whole where it is our fault
                return self.refusal(request, language, error)

        app.add_route(path, answer, methods=["GET", "POST"])

    def page(
        self, template: str, request: Request, language: str, caller: Caller | None = None, status: int = 200,
        /, **values: Any,
    ) -> Response:  # fmt: skip
        """Render one page."""
        here = request.url.path
        return rendering.page(
            f"office/{template}", status, t=office.teller(language), language=language, languages=_languages(request),
            shop_name=self.shop_name(language), is_demo=self.served.demo is not None, htmx=HTMX, root=ROOT, caller=caller,
            rail=[(path, name, _is_on(here, path)) for path, name, needed in PAGES if caller and caller.may(needed)],
            csrf=sessions.csrf_token(self.served, request.scope) if caller else "", notice=_notice(request, language),
            back=_local(request.url.remove_query_params(["done", "lang"])), Permission=Permission,
            number=lambda value, digits=0: formats.number(value, language, digits),
            percent=lambda rate, digits=0: formats.percent(rate, language, digits),
            moment=lambda at: self.moment(at, language), ago=lambda at: self.ago(at, language),
            iso_day=lambda on: formats.day(date.fromisoformat(on), language), has=lambda key: key in office.KEYS,
            kind_of=lambda kind: kind_word(kind, language) if kind in KINDS else kind, chart=chart, quote=_quoted, **values,
        )  # fmt: skip

    def refusal(self, request: Request, language: str, error: Exception, *, caller: Caller | None = None) -> Response:
        """Say on a page what did not work, what that means and what to do."""
        problem = problems.of(error)
        request_id = get_contextvars().get("request_id", "")
        response = self.page(
            "refused.html", request, language, caller, problem.status, code=problem.code, detail=problem.detail,
            status=problem.status, request_id=request_id,
        )  # fmt: skip
        for name, value in problem.headers.items():
            if name.lower() == "retry-after":
                response.headers[name] = value
        return response

    def to(self, path: str, done: str | None = None) -> Response:
        """Lead on to a page after something was done, with a notice."""
        between = "&" if "?" in path else "?"
        return RedirectResponse(f"{path}{between}done={done}" if done else path, 303, headers=rendering.HEADERS)

    def language(self, request: Request) -> str:
        """Find out which language the page is to speak."""
        return Visit.of(request, self._settings["shop.language"]).language

    def keep_language(self, request: Request, response: Response) -> Response:
        """Remember a language that was chosen."""
        if request.query_params.get("lang") in LANGUAGES:
            Visit.of(request, self._settings["shop.language"]).keep(response, LANGUAGE)
        return response

    def shop_name(self, language: str) -> str:
        """Name the shop."""
        names = self.served.demo.shop_name if self.served.demo else {}
        return str(names.get(language) or names.get("en") or self._settings["shop.name"])

    def moment(self, at: int, language: str) -> str:
        """Write an instant in the shop's own time."""
        return formats.moment(self._local_time(at), language)

    def day_of(self, at: int) -> str:
        """Give the ISO date of an instant in the shop's own time."""
        return self._local_time(at).date().isoformat()

    def ago(self, at: int, language: str) -> str:
        """Say how long ago an instant is."""
        return office.ago(self.served.shop.clock().timestamp() - at / 1e6, language)

    def _local_time(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1e6, UTC).astimezone(ZoneInfo(self._settings["shop.time_zone"]))

    def _caller(self, request: Request, permission: Permission, language: str) -> Caller | None:
        """Find out who asks; None where nobody is signed in."""
        found = self._signed_in(request, language)
        if found is None and not presented_by(request.scope["headers"])[0]:
            return None
        if request.method in sessions.SAFE:
            key = sessions.require(self.served, request.scope, permission)
        else:  # the token of a form is read with its body, and that only of those who may send it
            key = sessions.asking(self.served, request.scope)
            key.needs(permission, f"POST {request.url.path}")
        return Caller(key, found.login if found else key.name, language)

    async def _with_form(self, request: Request, caller: Caller, permission: Permission, most: int) -> Caller:
        form = await forms.form(request, most)
        if caller.key.kind == "session":
            sessions.require(self.served, request.scope, permission, csrf=form.fields.get("csrf", ""))
        return Caller(caller.key, caller.login, caller.language, form)

    def _signed_in(self, request: Request, language: str) -> Caller | None:
        token = sessions.session_of(request.scope)
        found = self.served.shop.users.session(token) if token else None
        if found is None:
            return None
        return Caller(Key("session", f"user:{found.user_id}", found.roles), found.login, language)

    def _to_sign_in(self, request: Request) -> Response:
        """Lead to the door, and from there back to what was asked for."""
        wanted = _local(request.url) if request.method == "GET" else ROOT
        door = f"{SIGN_IN}?next={quote(wanted, safe='')}"
        if request.headers.get("hx-request"):  # a part of a page cannot show the door: the whole page goes there
            return Response(status_code=401, headers={**rendering.HEADERS, "HX-Redirect": door})
        return RedirectResponse(door, 303, headers=rendering.HEADERS)


def local_path(wanted: str) -> str:
    """Give a path of the back office, its front page for anything else: no link leads from the door to another site.

    Examples
    --------
    >>> local_path("/app/products?q=a"), local_path("//evil.example/app"), local_path("/app/../../x"), local_path("/apple")
    ('/app/products?q=a', '/app', '/app', '/app')
    """
    path = wanted.partition("?")[0]
    is_ours = path == ROOT or path.startswith(f"{ROOT}/")
    is_plain = wanted.isprintable() and "\\" not in wanted and ".." not in path and "//" not in path
    return wanted if is_ours and is_plain else ROOT


def _is_on(here: str, path: str) -> bool:
    return here == path or (path != ROOT and here.startswith(f"{path}/"))


def _languages(request: Request) -> list[tuple[str, str, str]]:
    here = request.url.remove_query_params(["done"])
    return [
        (one, office.teller(one)("language_name"), _local(here.include_query_params(lang=one))) for one in LANGUAGES
    ]


def _notice(request: Request, language: str) -> str | None:
    done = request.query_params.get("done", "")
    return office.teller(language)(f"done.{done}") if done in office.NOTICES else None


def _local(url: URL) -> str:
    """Write an address without its server."""
    return f"{url.path}?{url.query}" if url.query else url.path


def _quoted(text: str) -> str:
    """Write a value as one part of a path or query."""
    return quote(text, safe="")
