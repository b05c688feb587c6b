"""Who may do what: roles, what each allows, and whoever it is that asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crosslift.errors import BadUsage, Refused


class Role(StrEnum):
    """What somebody is to the shop; a key has roles as well, as its scopes."""

    VIEWER = "viewer"
    MERCHANDISER = "merchandiser"
    MARKETER = "marketer"
    AGENT = "agent"
    ANALYST = "analyst"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


class Permission(StrEnum):
    """What an endpoint asks for."""

    LOOK = "look"
    """At what the shop decided and learned, nobody named."""
    ASK = "ask"
    """For decisions, and tell what became of them."""
    CURATE = "curate"
    """Products, links, bundles, offers, policies."""
    CAMPAIGN = "campaign"
    """Segments, coupons, experiments."""
    SERVE = "serve"
    """A customer at the desk: whole view, consents, promises, codes."""
    PUBLISH = "publish"
    """Put policies in force, roll back, stop and resume."""
    FEED = "feed"
    """Facts and identities in bulk."""
    RIGHTS = "rights"
    """Copies and erasure of a person, consents."""
    AUDIT = "audit"
    """Who did what."""
    MANAGE = "manage"
    """Keys, users, everything without a permission of its own."""


_LOOK = frozenset({Permission.LOOK})
ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _LOOK,
    Role.MERCHANDISER: _LOOK | {Permission.ASK, Permission.CURATE, Permission.PUBLISH},
    Role.MARKETER: _LOOK | {Permission.ASK, Permission.CAMPAIGN, Permission.CURATE},
    Role.AGENT: _LOOK | {Permission.ASK, Permission.SERVE},
    Role.ANALYST: _LOOK | {Permission.ASK, Permission.CAMPAIGN},
    Role.COMPLIANCE: _LOOK | {Permission.SERVE, Permission.RIGHTS, Permission.AUDIT, Permission.PUBLISH},
    Role.ADMIN: frozenset(Permission),
}
"""What each role may do; who has several may do what any of them may."""


def roles_of(given: Iterable[str]) -> tuple[Role, ...]:
    """Read roles, each once, in the order of `Role`.

    Raises
    ------
    BadUsage
        For none, or one there is not.
    """
    named = set(given)
    strange = sorted(named - set(Role))
    if strange or not named:
        wrong = f"{strange[0]!r} is no role" if strange else "no role is given"
        raise BadUsage(f"{wrong}; choose of {', '.join(Role)}")
    return tuple(role for role in Role if role in named)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: a key, or somebody signed in.

    Attributes
    ----------
    name : str
        `key:` or `user:` and an id; what the audit calls them.
    is_secret : bool
        Whether they speak for the merchant; a publishable key does not.
    roles : tuple of Role
        None for a publishable key.
    customer : str or None
        With a customer token, the one customer a publishable key speaks for.
    """

    name: str
    is_secret: bool
    roles: tuple[Role, ...] = ()
    customer: str | None = None

    def may(self, permission: Permission) -> bool:
        """Tell whether one of the roles allows something."""
        return any(permission in ALLOWED[role] for role in self.roles)

    def needs(self, permission: Permission, what: str) -> None:
        """Refuse whoever may not.

        Raises
        ------
        Refused
            Naming what was asked for and the roles that may.
        """
        if not self.is_secret:
            raise Refused(f"{what} needs a secret key; a publishable key is for anonymous visitors only")
        if not self.may(permission):
            able = ", ".join(role for role in Role if permission in ALLOWED[role])
            raise Refused(f"{what} needs one of the roles {able}; this caller is {', '.join(self.roles)}")
