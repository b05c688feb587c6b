"""One door for every request: the hot verbs straight from ASGI, everything else through FastAPI."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from structlog.contextvars import bound_contextvars

from crosslift.web import cold, problems
from crosslift.web.api import chat, collect, decide, explain, page, respond, widget
from crosslift.web.api.operation import Operation
from crosslift.web.asked import NAME_HEADER, Asked
from crosslift.web.lines import KINDS
from crosslift.web.manners import MINDED, Manners
from crosslift.web.pages import widget as pages
from crosslift.web.permissions import needed
from crosslift.web.security import ANY_ORIGIN, Key, crossing, presented_in
from crosslift.web.served import ServedShop
from crosslift.web.sessions import keyed
from crosslift.web.wire import (
    PROBLEM,
    ClientGone,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    as_bytes,
    guarded,
    read_body,
)

Verb = Callable[[ServedShop, Key, bytes], Awaitable[Any]]

HOT: dict[str, tuple[Operation, Verb]] = {
    decide.OPERATION.path: (decide.OPERATION, decide.decide),
    page.OPERATION.path: (page.OPERATION, page.page),
    widget.OPERATION.path: (widget.OPERATION, pages.widget),
    collect.OPERATION.path: (collect.OPERATION, collect.collect),
    respond.OPERATION.path: (respond.OPERATION, respond.respond),
    explain.OPERATION.path: (explain.OPERATION, explain.explain),
    chat.OPERATION.path: (chat.OPERATION, chat.chat),
}
"""What is asked thousands of times a second, or may be asked from any web page."""

PREFLIGHT = (
    *ANY_ORIGIN,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Content-Encoding, Idempotency-Key, X-Crosslift-Key, X-Crosslift-Customer",
    ),
    (b"access-control-max-age", b"86400"),
)
ALLOWED = "POST, OPTIONS"
ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered however much is under way: who runs the server asks."""


class Router:
    """The ASGI application.

    Parameters
    ----------
    served : ServedShop
        The shop behind the door.
    """

    def __init__(self, served: ServedShop) -> None:
        self.served = served
        self.on_first_look: Callable[[], None] = lambda: None
        self._cold = cold.build(served)
        self._manners = Manners(served)
        self._limit: int = served.shop.settings["serve.max_body_bytes"]
        self._most_under_way: int = served.shop.settings["serve.max_in_flight"]
        self._n_under_way = 0
        self._encoder = msgspec.json.Encoder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            with bound_contextvars(shop=self.served.watch.shop_name):
                await self._live(receive, send)
        elif scope["type"] == "http":
            with self.served.watch.request(scope) as asked:
                await self._answer(asked, scope, receive, send)
                if asked.status:
                    self.served.figures.answered(asked.route, asked.status)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        if self._n_under_way >= self._most_under_way and scope["path"] not in ALWAYS:
            await self._refuse(asked, scope, send)
            return
        self._n_under_way += 1
        try:
            hot = HOT.get(scope["path"])
            if hot is not None and not _is_minded(scope):
                await self._answer_hot(*hot, asked, scope, receive, send)
            else:
                await self._answer_politely(asked, scope, receive, send)
        finally:
            self._n_under_way -= 1

    async def _refuse(self, asked: Asked, scope: Scope, send: Send) -> None:
        """Say at once that too much is under way: whoever waits in a queue of ours asks again and makes it longer."""
        problem = problems.Problem(
            503, "overloaded", f"{self._most_under_way} requests are under way already; come back in a moment",
            headers={"Retry-After": "1"},
        )  # fmt: skip
        asked.route, asked.status = "overloaded", problem.status
        headers = (*ANY_ORIGIN, asked.header, *as_bytes(problem.headers))
        await answer(send, problem.status, problem.body(scope["path"]), PROBLEM, headers)

    async def _answer_hot(
        self, operation: Operation, verb: Verb, asked: Asked, scope: Scope, receive: Receive, send: Send
    ) -> None:  # fmt: skip
        name, status, permission = operation.path, 200, needed(operation.name)
        asked.route, crosses = f"{operation.method} {name}", ANY_ORIGIN
        try:
            if scope["method"] == "OPTIONS":
                status = 204
                await answer(send, status, b"", headers=(*PREFLIGHT, asked.header))
            elif scope["method"] != "POST":
                raise problems.method_not_allowed(ALLOWED)
            else:
                key = keyed(self.served, scope)
                crosses = crossing(scope, key)
                if key.is_secret and not key.may(permission):
                    key.needs(permission, f"POST {name}")
                body = await read_body(scope, receive, self._limit)
                said = self._encoder.encode(await verb(self.served, key, body))
                await answer(send, status, said, headers=(*crosses, asked.header))
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            problem = problems.of(error)
            status = problem.status
            headers = (*crosses, asked.header, *as_bytes(problem.headers))
            await answer(send, status, problem.body(scope["path"]), PROBLEM, headers)
        asked.status = status

    async def _answer_politely(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the manners that hold of every request, whatever it asks."""
        status, hot = 0, HOT.get(scope["path"])

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = [one for one in message.get("headers", ()) if one[0] != NAME_HEADER]
                message = {**message, "headers": [*guarded(given), asked.header]}
            await send(message)

        async def plainly(scope: Scope, receive: Receive, send: Send) -> None:
            if hot is not None and scope["path"] in HOT:
                await self._answer_hot(*hot, asked, scope, receive, send)
            else:
                await self._answer_cold(asked, scope, receive, send)

        try:
            await self._manners.answer(plainly, scope, receive, counted)
        except ClientGone:
            return
        except problems.Problem as problem:
            headers = (*(ANY_ORIGIN if hot is not None else ()), *as_bytes(problem.headers))
            await answer(counted, problem.status, problem.body(scope["path"]), PROBLEM, headers)
        asked.status = status

    async def _answer_cold(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            if not self._is_told_by_key(scope):
                self.served.limits.address(scope)
            await self._cold(scope, receive, noted)
        except problems.Problem as problem:
            await answer(noted, problem.status, problem.body(scope["path"]), PROBLEM, as_bytes(problem.headers))
        except Exception:  # logged and answered already by the handler of FastAPI, which raises it again
            if not status:
                raise
        route = scope.get("route")
        if route is not None and status != 405:
            asked.route = f"{scope['method']} {route.path}"

    def drain(self) -> None:
        """Let `/readyz` say no from now on: a stop was asked for, others take over."""
        self.served.is_draining = True

    def _is_told_by_key(self, scope: Scope) -> bool:
        """Whether who asks is counted where their key is read; doors of other vendors have it elsewhere."""
        path = scope["path"]
        return path in ALWAYS or path.startswith("/compat/") or bool(presented_in(scope))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Follow the shop from start to shutdown."""
        following: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                following = asyncio.create_task(self.served.follow(self.on_first_look))
                await send({"type": "lifespan.startup.complete"})
            else:
                if following is not None:
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)
                self.served.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _is_minded(scope: Scope) -> bool:
    """Whether a hot call asks for more than its answer."""
    for name, value in scope["headers"]:
        if name in MINDED or (name == b"content-type" and value.partition(b";")[0].strip().lower() in KINDS):
            return True
    return False
