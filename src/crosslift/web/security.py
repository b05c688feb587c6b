"""Who is asking: a secret key speaks for the merchant, a publishable one for nobody in particular."""

from collections.abc import Iterable
from dataclasses import dataclass

from crosslift.errors import Refused
from crosslift.shop import Shop
from crosslift.web.problems import Problem

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="crosslift"'}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was presented and is valid now."""

    kind: str

    @property
    def is_secret(self) -> bool:
        """Whether it may name customers, read decisions and change products."""
        return self.kind == "secret"


def check(shop: Shop, headers: Iterable[tuple[bytes, bytes]]) -> Key:
    """Find out whose key came with a request; read from the store each time, so that a revoked key stops at once.

    Raises
    ------
    Problem
        401 without a key, with an unknown or a revoked one.
    """
    presented = _presented(headers)
    if not presented:
        raise Problem(
            401, "key_needed", "send Authorization: Bearer with a key; `crosslift keys create` makes one",
            headers=CHALLENGE,
        )  # fmt: skip
    try:
        return Key(shop.kind_of_key(presented))
    except Refused as error:
        raise Problem(401, "key_unknown", str(error), headers=CHALLENGE) from None


def secret_only(key: Key, what: str) -> None:
    """Refuse a publishable key.

    Raises
    ------
    Refused
        Naming what it asked for.
    """
    if not key.is_secret:
        raise Refused(f"{what} needs a secret key; a publishable key is for anonymous visitors only")


def _presented(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    own = None
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer":
                return token.strip()
        elif name == b"x-crosslift-key":
            own = value.decode("latin-1").strip()
    return own
