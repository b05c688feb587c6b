"""Fragments: one placement as HTML without any script, and `/fragment/answer`, which hears their forms."""

import json
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import msgspec
from fastapi import FastAPI
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crosslift.deliver.channels.noes import NOES
from crosslift.domain.placement import NEEDS
from crosslift.errors import BadInput
from crosslift.web.api import respond
from crosslift.web.api.fragment import OPERATION
from crosslift.web.api.widget import AskWidget, Widget
from crosslift.web.pages import rendering, widget
from crosslift.web.pages.addresses import is_web
from crosslift.web.pages.doors import SCRIPT, Doors
from crosslift.web.pages.forms import MAX_FORM, MOST_FIELDS
from crosslift.web.permissions import needed
from crosslift.web.security import Key, crossing, presented_in
from crosslift.web.served import ServedShop
from crosslift.web.sessions import keyed
from crosslift.web.wire import read_body
from crosslift.wording.messages import language_of
from crosslift.wording.storefront import labels
from crosslift.wording.widget import words

ANSWER = "/fragment/answer"
"""Where the forms of a fragment say no."""
LISTS = frozenset({"cart", "exclude", "kinds", "viewed", "holdings", "goals"})
SPOT = frozenset({"placement", "block", "k", "product", "query", "content"})
PLAIN = frozenset({
    "language", "market", "customer", "anonymous", "session", "device", "cart_value", "policy", "purpose", "store", "base",
    "link",
})  # fmt: skip
OWN = frozenset({"key", "add", "field", "back"})


async def get(served: ServedShop, request: Request) -> Response:
    """Render one placement.

    Raises
    ------
    Problem
        401, 403 or 429, as for every key.
    BadInput
        For a parameter nobody knows, or one that says nothing a placement can be asked with.
    """
    key = keyed(served, request.scope)
    if key.is_secret:
        key.needs(needed(OPERATION.name), f"GET {OPERATION.path}")
    ask, doors = _asked(served, request, key)
    found = await widget.dressed(served, key, ask, doors)
    shown = found.placements[0]
    page = rendering.written(
        "widget/fragment.html", language=found.language, shown=shown, html=Markup(shown.html or ""),  # noqa: S704 - filled by our template, which escapes
        facts=_facts(found, ask.page[0].product or ask.product),
    )  # fmt: skip
    crosses = {name.decode(): value.decode() for name, value in crossing(request.scope, key)}
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **crosses}
    return Response(page, headers=headers, media_type=OPERATION.media_type)


def _asked(served: ServedShop, request: Request, key: Key) -> tuple[AskWidget, Doors]:
    given = request.query_params
    for name in given:
        if name not in LISTS | SPOT | PLAIN | OWN:
            raise BadInput(
                f"no parameter {name!r}; there are {', '.join(sorted(LISTS | SPOT | PLAIN | OWN))}", where=name
            )
    spot: dict[str, Any] = {name: given[name] for name in SPOT if given.get(name)}
    if "k" in spot:
        spot["k"] = int(spot["k"]) if spot["k"].isdecimal() and len(spot["k"]) < 4 else spot["k"]
    lists = {
        name: [part for value in given.getlist(name) for part in value.split(",") if part]
        for name in LISTS
        if name in given
    }
    plain = {name: given[name] for name in PLAIN if given.get(name)}
    scheme = "https" if served.limits.is_tls(request.scope) else "http"
    base = plain.get("base") or f"{scheme}://{request.headers.get('host', '')}"
    try:
        found = msgspec.convert(
            {**lists, **plain, "base": base, "page": [{"placement": "", **spot}], "cards": True}, AskWidget
        )
    except msgspec.ValidationError as error:
        raise BadInput(str(error), where="query") from None
    for name in ("add", "back"):
        if given.get(name) and not is_web(given[name]):
            raise BadInput(f"{given[name]!r} is no address a form may post to; begin with https:// or /", where=name)
    hidden = {name: value for name in ("anonymous", "session", "back") if (value := given.get(name))}
    presented = presented_in(request.scope) if not key.is_secret else None
    no = f"{base.rstrip('/')}{ANSWER}" + (f"?key={quote(presented, safe='')}" if presented else "")
    doors = Doors(given.get("add"), no if presented else "", hidden, given.get("field"))
    return found, doors


def _facts(found: Widget, anchor: str | None) -> Markup | None:
    """Say in schema.org's words how what is offered relates to the product of the page; None where nothing does."""
    named = []
    for slot in found.placements[0].slots or ():
        for card in slot["cards"]:
            one = {"@type": "Product", "name": card["goods"]["title"], "sku": card["goods"]["product_id"]}
            if card["goods"]["href"]:
                one["url"] = card["goods"]["href"]
            if card["kind"] != "bestseller":
                named.append((card["kind"], one))
    if not named or anchor is None:
        return None
    page = {"@type": "Product", "sku": anchor}
    graph: list[dict[str, Any]] = [
        {**one, "isAccessoryOrSparePartFor": page} for kind, one in named if kind in NEEDS and kind != "stand_in"
    ]
    related = [one for kind, one in named if kind not in NEEDS]
    if related:
        graph.append({**page, "isRelatedTo": related})
    if not graph:
        return None
    said = msgspec.json.encode({"@context": "https://schema.org", "@graph": graph}).decode()
    return Markup(said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - no < is left


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve it; the templates are read before the first page waits for them."""
    rendering.written("widget/shown.html", slots=(), sets=(), bar=None, t=words("en"), doors=SCRIPT)

    async def answer(request: Request) -> Response:
        key = keyed(served, request.scope)
        said = _fields(await read_body(request.scope, request.receive, MAX_FORM))
        action, reason = NOES.get(said.get("answer", ""), (None, None))
        if action is None or not said.get("from"):
            raise BadInput(
                f"answer is one of {', '.join(NOES)}, from names the decision; send the form as it came", where="answer"
            )
        told = {"decision_id": said["from"], "action": action, "product": said.get("product"), "reason": reason,
                "anonymous": said.get("anonymous"), "session": said.get("session")}  # fmt: skip
        body = json.dumps({name: value for name, value in told.items() if value}).encode()
        await respond.respond(served, key, body)
        back = said.get("back", "")
        if _is_of(back, request.headers.get("origin")):
            return RedirectResponse(back, 303, headers={"Cache-Control": "no-store"})
        language = language_of(request.headers.get("accept-language", "")[:2] or served.shop.settings["shop.language"])
        return rendering.page("widget/noted.html", language=language, said=labels(language)["thanks_noted"])

    app.add_route(ANSWER, answer, methods=["POST"])


def _fields(body: bytes) -> dict[str, str]:
    try:
        given = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadInput(f"a form has at most {MOST_FIELDS} fields") from error
    return {name: values[-1] for name, values in given.items()}


def _is_of(address: str, origin: str | None) -> bool:
    """Tell whether an address is on the site the form came from: nobody is sent anywhere else."""
    if not origin or origin == "null" or not address.isprintable():
        return False
    try:
        found = urlsplit(address)
    except ValueError:
        return False
    return found.scheme in ("https", "http") and f"{found.scheme}://{found.netloc}" == origin
