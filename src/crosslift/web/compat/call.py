"""One request of a foreign client, and what it is answered."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from crosslift.web.problems import Problem
from crosslift.web.security import Key
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

_any = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Call:
    """What a client sent.

    Attributes
    ----------
    path : str
        Within the door, beginning with a slash, undecoded escapes resolved.
    query : mapping of str to tuple of str
        Every value of each parameter.
    headers : mapping of str to str
        By lower-case name, the last value of each.
    body : bytes
        Unpacked, where it came packed.
    """

    served: ServedShop
    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Any:
        """Read the body as JSON; an empty one is an empty object.

        Raises
        ------
        Problem
            400 when it is none.
        """
        return decode(_any, self.body) if self.body else {}

    def object(self) -> dict[str, Any]:
        """Read the body as a JSON object.

        Raises
        ------
        Problem
            400 when it is no JSON, 422 when it is no object.
        """
        found = self.json()
        if not isinstance(found, dict):
            raise Problem(422, "bad_input", "the body must be a JSON object")
        return found

    def parameter(self, name: str, default: str = "") -> str:
        """Give one parameter of the query."""
        values = self.query.get(name)
        return values[-1] if values else default

    def number(self, name: str, default: int, most: int) -> int:
        """Give a parameter that counts something, at most `most`.

        Raises
        ------
        Problem
            422 for anything but a whole number of 0 or more.
        """
        text = self.parameter(name) or str(default)
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            raise Problem(422, "bad_input", f"{name} must be a whole number of 0 or more")
        return min(int(text), most)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client is answered: a value written as JSON, or text."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    def encoded(self) -> bytes:
        """Write the content."""
        return self.content.encode() if isinstance(self.content, str) else msgspec.json.encode(self.content)


Answer = Callable[[Call, Key], Awaitable[Reply]]


class Door(Protocol):
    """One vendor's API; `is_for_browsers` where pages of any site may ask, with a publishable key."""

    is_for_browsers: bool

    def key_of(self, call: Call) -> str | None:
        """Find our key where the vendor's clients put theirs."""

    def find(self, call: Call) -> Answer:
        """Name what answers a call.

        Raises
        ------
        Problem
            404 or 405.
        """

    def wrong(self, problem: Problem) -> Reply:
        """Say what is wrong, in the vendor's shape."""


def not_here(method: str, path: str) -> Problem:
    """Say that a door has no such operation."""
    return Problem(
        404, "not_found", f"this door does not answer {method} {path}; its page in the docs lists what it does"
    )


def basic_name(header: str) -> str | None:
    """Give the user name of HTTP basic authentication, None where it is none.

    Examples
    --------
    >>> basic_name("Basic c2tfMTo="), basic_name("Bearer x")
    ('sk_1', None)
    """
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(packed.strip(), validate=True).decode().partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError):
        return None
