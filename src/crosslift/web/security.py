"""Who is asking: a secret key speaks for the merchant as its roles allow, a publishable one for nobody in particular."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from crosslift.domain.access import ALLOWED, Permission, Role
from crosslift.domain.audit import act_as
from crosslift.errors import Refused
from crosslift.shop import Shop
from crosslift.web.problems import Problem

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="crosslift"'}
TOKEN_HEADER = b"x-crosslift-customer"
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
    """

    kind: str
    name: str = ""
    roles: tuple[Role, ...] = ()
    customer: str | None = None

    @property
    def is_secret(self) -> bool:
        """Whether it speaks for the merchant: names customers, reads decisions, changes products, as its roles allow."""
        return self.kind != "publishable"

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


def check(shop: Shop, headers: Iterable[tuple[bytes, bytes]]) -> Key:
    """Find out whose key came with a request; read from the store each time, so that a revoked key stops at once.

    Raises
    ------
    Problem
        401 without a key, with an unknown, revoked or expired one, or with a customer token that is not good.
    """
    presented, token = presented_by(headers)
    if not presented:
        raise Problem(401, "key_needed", NEEDED, headers=CHALLENGE)
    try:
        found = shop.keys.find(presented)
    except Refused as error:
        raise Problem(401, "key_unknown", str(error), headers=CHALLENGE) from None
    customer = None
    if token and found.kind == "publishable":
        try:
            customer = shop.keys.customer_of(token)
        except Refused as error:
            raise Problem(401, "token_wrong", str(error), headers=CHALLENGE) from None
    name = f"key:{found.key_id}"
    act_as(name)
    return Key(found.kind, name, found.roles, customer)


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


@cache
def _allowed(roles: tuple[Role, ...]) -> frozenset[Permission]:
    return frozenset(one for role in roles for one in ALLOWED[role])
