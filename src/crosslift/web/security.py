"""Who is asking: a secret key speaks for the merchant as its roles allow, a publishable one for nobody in particular.

A page of another site asks without a preflight: plain text, its publishable key in the address, a customer token in the body.
"""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from crosslift.domain.access import ALLOWED, Permission, Role
from crosslift.domain.audit import act_as
from crosslift.errors import Refused
from crosslift.shop import Shop
from crosslift.shop.keys import KINDS
from crosslift.web.problems import Problem
from crosslift.web.traffic import ROBOT, is_robot

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="crosslift"'}
TOKEN_HEADER = b"x-crosslift-customer"
IN_ADDRESS = b"key="
Scope = MutableMapping[str, Any]
LEAKED = (
    "a secret key stands in the address, where logs keep it; replace it now with `crosslift keys rotate --hours 0`, send the "
    "new one from your server as Authorization: Bearer, and use a publishable key in pages"
)
ALLOW_IT = "`crosslift keys create publishable --origin` makes one that does"
EXPOSED = (b"access-control-expose-headers", b"Retry-After, X-Request-Id")
ANY_ORIGIN: tuple[tuple[bytes, bytes], ...] = ((b"access-control-allow-origin", b"*"), EXPOSED)
NEEDED = "send Authorization: Bearer with a key; `crosslift keys create` makes one"


@dataclass(frozen=True, slots=True)
class Key:
    """Whoever asks, let in now: a key that was presented, or somebody signed in.

    Attributes
    ----------
    kind : str
        `secret`, `publishable`, or `session` for a person of the back office.
    name : str
        `key:` or `user:` and an id; what the audit and the limits call them.
    roles : tuple of Role
        None for a publishable key.
    customer : str or None
        The one customer a publishable key speaks for, by a token the merchant's server minted.
    origins : tuple of str
        Pages that may use a publishable key; those of any site where there are none.
    is_robot : bool
        Whether a publishable key came from a page that a machine loaded.
    """

    kind: str
    name: str = ""
    roles: tuple[Role, ...] = ()
    customer: str | None = None
    origins: tuple[str, ...] = ()
    is_robot: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether it speaks for the merchant: names customers, reads decisions, changes products, as its roles allow."""
        return self.kind != "publishable"

    def not_counted(self, traffic: str | None) -> str | None:
        """Say what kind of visit it is that does not count, as the caller says or as its user agent does; None for a shopper."""
        return traffic or (ROBOT if self.is_robot else None)

    def may(self, permission: Permission) -> bool:
        """Tell whether one of its roles allows something."""
        return permission in _allowed(self.roles)

    def needs(self, permission: Permission, what: str) -> None:
        """Refuse a publishable key, and whoever has no role that may.

        Raises
        ------
        Refused
            Naming what was asked for and the roles that may.
        """
        secret_only(self, what)
        if not self.may(permission):
            able = ", ".join(role for role in Role if permission in ALLOWED[role])
            raise Refused(f"{what} needs one of the roles {able}; this caller is {', '.join(self.roles)}")


def check(shop: Shop, scope: Scope) -> Key:
    """Find out whose key came with a request; read from the store each time, so that a revoked key stops at once.

    Raises
    ------
    Problem
        401 without a key, with an unknown, revoked or expired one, or with a customer token that is not good; 403 for a
        secret key in the address, or a page of an origin the key does not name.
    """
    presented, token = presented_by(scope["headers"])
    if not presented:
        presented = in_address(scope)
        if presented and presented.startswith(KINDS["secret"]):
            raise Problem(403, "key_in_address", LEAKED)
    if not presented:
        raise Problem(401, "key_needed", NEEDED, headers=CHALLENGE)
    try:
        found = shop.keys.find(presented)
    except Refused as error:
        raise Problem(401, "key_unknown", str(error), headers=CHALLENGE) from None
    if found.origins:
        _check_origin(scope, found.origins)
    name = f"key:{found.key_id}"
    act_as(name)
    key = Key(found.kind, name, found.roles, origins=found.origins)
    if not key.is_secret and is_robot(scope["headers"]):
        key = replace(key, is_robot=True)
    return speaking_for(shop, key, token)


def speaking_for(shop: Shop, key: Key, token: str | None) -> Key:
    """Give a publishable key with the customer its token names; a secret key names whom it likes and needs none.

    Raises
    ------
    Problem
        401 for a token that is not good.
    """
    if not token or key.is_secret:
        return key
    try:
        return replace(key, customer=shop.keys.customer_of(token))
    except Refused as error:
        raise Problem(401, "token_wrong", str(error), headers=CHALLENGE) from None


def secret_only(key: Key, what: str) -> None:
    """Refuse a publishable key.

    Raises
    ------
    Refused
        Naming what it asked for.
    """
    if not key.is_secret:
        raise Refused(f"{what} needs a secret key; a publishable key is for anonymous visitors only")


def presented_by(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str | None, str | None]:
    """Give the key and the customer token a request brings, if any."""
    own = bearer = token = None
    for name, value in headers:
        if name == b"authorization":
            scheme, _, text = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer":
                bearer = text.strip()
        elif name == b"x-crosslift-key":
            own = value.decode("latin-1").strip()
        elif name == TOKEN_HEADER:
            token = value.decode("latin-1").strip()
    return (bearer if bearer is not None else own), token


def in_address(scope: Scope) -> str | None:
    """Give the key that stands in the address, if any: pages of other sites ask so, without a preflight."""
    query: bytes = scope.get("query_string", b"")
    if IN_ADDRESS not in query:
        return None
    found = next((one for one in query.split(b"&") if one.startswith(IN_ADDRESS)), None)
    return None if found is None else unquote_plus(found[len(IN_ADDRESS) :].decode("latin-1"))


def presented_in(scope: Scope) -> str | None:
    """Give the key a request brings, in a header or in the address."""
    return presented_by(scope["headers"])[0] or in_address(scope)


def crossing(scope: Scope, key: Key | None = None) -> tuple[tuple[bytes, bytes], ...]:
    """Give what lets the page that asked read the answer: the origin its key names, any where it names none; no credentials."""
    origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
    if key is None or not key.origins or origin is None:
        return ANY_ORIGIN
    return ((b"access-control-allow-origin", origin), (b"vary", b"Origin"), EXPOSED)


def _check_origin(scope: Scope, origins: tuple[str, ...]) -> None:
    """Refuse pages of origins a key does not name; our own pages, and whoever is no page, may."""
    given = dict(reversed(scope["headers"]))
    origin = given.get(b"origin", b"").decode("latin-1")
    host = given.get(b"host", b"").decode("latin-1").lower()
    if origin and origin not in origins and origin.partition("://")[2] != host:
        raise Problem(403, "origin_refused", f"this key does not answer pages of {origin[:200]!r}; {ALLOW_IT}")


@cache
def _allowed(roles: tuple[Role, ...]) -> frozenset[Permission]:
    return frozenset(one for role in roles for one in ALLOWED[role])
