"""Bodies in, answers out: the few lines of ASGI that hot and cold routes share."""

import asyncio
import io
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeVar

import msgspec

from crosslift.web.problems import Problem, wrong_body

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
T = TypeVar("T")

BODY_SECONDS = 30
"""A body that is not complete by then is given up."""

LONGEST_LENGTH = 15
JSON = b"application/json"
PROBLEM = b"application/problem+json"
_GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
)
"""What every answer tells browsers and caches, unless it says otherwise itself."""


class ClientGone(Exception):
    """The caller hung up before the body was complete; nobody is left to answer."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read a request body of at most `limit` bytes, unpacked where it came packed.

    Raises
    ------
    Problem
        413 when it is larger, 408 when it takes too long, 400 when it is packed and cannot be unpacked.
    ClientGone
        When the caller hung up.
    """
    encoding = b""
    for name, value in scope["headers"]:
        if name == b"content-length" and not _fits(value, limit):
            raise _too_large(limit)
        if name == b"content-encoding":
            encoding = value
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                parts.append(_part(message, limit - size))
                if not message.get("more_body"):
                    break
                size += len(parts[-1])
    except TimeoutError:
        raise Problem(408, "body_too_slow", f"the body was not complete after {BODY_SECONDS} seconds") from None
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    return unpacked(body, encoding.decode("latin-1"), limit) if encoding else body


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Unpack a gzip body of at most `limit` bytes.

    Raises
    ------
    Problem
        400 for a damaged one or another encoding, 413 for one that grows beyond the limit.
    """
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        return body
    if kind != "gzip":
        raise Problem(400, "bad_usage", f"content-encoding {encoding[:40]!r} is not read; send gzip or plain")
    unpack, found = zlib.decompressobj(31), io.BytesIO()
    try:
        found.write(unpack.decompress(body, limit + 1))
    except zlib.error:
        raise Problem(400, "bad_usage", "the body is no gzip") from None
    if found.tell() > limit:
        raise Problem(413, "body_too_large", f"the body unpacks to more than {limit} bytes")
    if not unpack.eof:
        raise Problem(400, "bad_usage", "the gzip body is cut off")
    return found.getvalue()


def _fits(length: bytes, limit: int) -> bool:
    """Tell whether a declared length is a number within the limit; absurdly long ones are not even read as numbers."""
    return length.isdigit() and len(length) <= LONGEST_LENGTH and int(length) <= limit


def _part(message: Message, room: int) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGone
    part: bytes = message.get("body", b"")
    if len(part) > room:
        raise _too_large(None)
    return part


def _too_large(limit: int | None) -> Problem:
    allowed = f" of at most {limit} bytes" if limit is not None else ""
    return Problem(413, "body_too_large", f"send a smaller body{allowed}; serve.max_body_bytes is the limit")


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Read a JSON body.

    Raises
    ------
    Problem
        400 when it is no JSON, 422 naming the place when it is JSON but wrong.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        _check_json(body)
        raise wrong_body(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        _check_json(body)
        raise


def _check_json(body: bytes) -> None:
    """Refuse what is no JSON at all, before anything is said of its fields: then every route says the same."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem(400, "malformed_json", f"the body must be JSON in UTF-8: {what}") from None


async def answer(
    send: Send,
    status: int,
    body: bytes,
    media_type: bytes = JSON,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send a whole answer."""
    fixed = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *_GUARDS, *headers]
    await send({"type": "http.response.start", "status": status, "headers": fixed})
    await send({"type": "http.response.body", "body": body})


def guarded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Add what every answer tells browsers, where it does not say so itself; caches it may use."""
    given = list(headers)
    named = {name.lower() for name, _ in given}
    return [*given, *(one for one in _GUARDS if one[0] not in named and one[0] != b"cache-control")]


def as_bytes(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Write headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
