"""What holds of every request, whatever it asks: versions, pages of lists, packed answers, requests sent again, rows by line."""

import asyncio
from collections.abc import Mapping

from crosslift.web import conditional, lines, packing, paging
from crosslift.web.again import HEADER, Again, names_caller
from crosslift.web.heard import Heard, heard
from crosslift.web.openapi import find
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop
from crosslift.web.sessions import asking
from crosslift.web.wire import App, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = b"application/json"
MINDED = frozenset({HEADER, b"if-match"})
"""Headers that a hot call is looked at for as well."""


class Manners:
    """How requests are taken and answers given, around an application that does the work.

    Parameters
    ----------
    served : ServedShop
        The shop it is asked of.
    """

    def __init__(self, served: ServedShop) -> None:
        self._served = served
        self._again = Again(served)
        self._one_change = asyncio.Lock()
        self._most_bytes: int = served.shop.settings["serve.max_body_bytes"]

    async def answer(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the application.

        Raises
        ------
        Problem
            400, 408, 409, 412, 413 or 422: what this layer itself refuses.
        """
        _check_address(scope)
        given = dict(reversed(scope["headers"]))
        if scope["path"].startswith("/v1/") and scope["method"] not in SAFE:
            await self._change(app, given, scope, receive, _packing(given, send))
        elif scope["method"] == "GET" and not scope["path"].startswith("/compat/"):
            await self._read(app, given, scope, receive, send)
        else:
            await app(scope, receive, send)

    async def _change(self, app: App, given: Mapping[bytes, bytes], scope: Scope, receive: Receive, send: Send) -> None:
        kind = given.get(b"content-type", b"").partition(b";")[0].strip().lower()
        name = lines.list_of(scope["method"], scope["path"]) if kind in lines.KINDS else None
        if name is not None:
            asking(self._served, scope)  # nobody unknown keeps us reading
            taken = await lines.take(app, scope, receive, given.get(b"content-encoding", b""), name, self._most_bytes)
            await taken.say(send)
        elif HEADER in given and names_caller(given):
            await self._again.answer(self._guarded(app, given), given, scope, receive, send)
        else:
            await self._guarded(app, given)(scope, receive, send)

    def _guarded(self, app: App, given: Mapping[bytes, bytes]) -> App:
        """Let a change through where what it changes is the version the caller read; one at a time, so that it still is."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            found, wanted = find(scope["method"], scope["path"]), given.get(b"if-match")
            if found is None or (wanted is None and found[0].name not in conditional.GUARDED):
                await app(scope, receive, send)
                return
            async with self._one_change:
                if wanted is not None:
                    await conditional.check(app, scope, found[0].name, found[1], wanted)
                await app(scope, receive, send)

        return guarded

    async def _read(self, app: App, given: Mapping[bytes, bytes], scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question: whole JSON answers have a version and are cut into pages, whatever is long is packed."""
        found = find("GET", scope["path"])
        packs = _packing(given, send)
        if found is None or found[0].media_type != "application/json":
            await app(scope, receive, packs)
            return
        told = await heard(app, scope)
        if told.status == 200 and not told.header(b"etag"):
            told.headers = [*told.headers, (b"etag", conditional.tag_of(told.body))]
            if found[0].name in paging.LISTS:
                _replace(told, paging.cut(found[0].name, told.body, scope["query_string"]))
            wanted = given.get(b"if-none-match")
            if wanted is not None and conditional.names(wanted, told.header(b"etag")):
                kept = [one for one in told.headers if one[0] not in (b"content-length", b"content-type")]
                told = Heard(304, kept)
        await told.say(packs)


def _check_address(scope: Scope) -> None:
    """Refuse an address nobody behind this can read."""
    try:
        scope["query_string"].decode()
        scope["path"].encode()
    except UnicodeError:
        raise Problem(400, "bad_usage", "the address is no UTF-8; write it with percent signs") from None


def _replace(told: Heard, body: bytes) -> None:
    others = [one for one in told.headers if one[0].lower() != b"content-length"]
    told.headers, told.body = [*others, (b"content-length", str(len(body)).encode())], body


def _packing(given: Mapping[bytes, bytes], send: Send) -> Send:
    """Send answers packed where the caller takes them so; what comes in parts goes out in parts, as it is."""
    accepted = given.get(b"accept-encoding", b"")
    if b"gzip" not in accepted:
        return send
    begun: list[Message] = []

    async def packing_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
            return
        if begun:
            start = begun.pop()
            body = message.get("body", b"")
            told = Heard(start["status"], list(start.get("headers", ())), body)
            kind, is_plain = told.header(b"content-type"), not told.header(b"content-encoding")
            if not message.get("more_body") and is_plain and packing.is_wanted(accepted, kind, len(body)):
                _replace(told, await packing.packed(body))
                told.headers = [
                    (name, conditional.packed_tag(value) if name == b"etag" else value) for name, value in told.headers
                ]
                told.headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
                await told.say(send)
                return
            await send(start)
        await send(message)

    return packing_send
