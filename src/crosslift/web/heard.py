"""A request asked within another: what the answer would have been, kept instead of sent."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from crosslift.web.wire import App, Message, Scope, Send

Headers = list[tuple[bytes, bytes]]
_OF_THE_BODY = frozenset({b"content-encoding", b"content-length", b"content-type", b"transfer-encoding"})


@dataclass(slots=True)
class Heard:
    """One answer.

    Attributes
    ----------
    status : int
        0 while nothing was answered: the caller hung up.
    """

    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def header(self, name: bytes) -> bytes:
        """Give one header, empty where it is missing."""
        return next((value for one, value in self.headers if one.lower() == name), b"")

    async def say(self, send: Send, *more: tuple[bytes, bytes]) -> None:
        """Send it on."""
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, *more]})
        await send({"type": "http.response.body", "body": self.body})


async def heard(app: App, scope: Scope, body: bytes = b"") -> Heard:
    """Ask an application and keep what it answers, whole."""
    found, parts, told = Heard(), [], iter((body,))

    async def receive() -> Message:
        content = next(told, None)
        if content is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": content}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            found.status, found.headers = message["status"], list(message.get("headers", ()))
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    found.body = b"".join(parts)
    return found


def instead(scope: Scope, headers: Mapping[bytes, bytes], **changed: object) -> Scope:
    """Give a scope whose body is another: without what spoke of the body that came, with the headers given."""
    kept = [(name, value) for name, value in scope["headers"] if name not in _OF_THE_BODY and name not in headers]
    return {**scope, **changed, "headers": [*kept, *((name, value) for name, value in headers.items() if value)]}
