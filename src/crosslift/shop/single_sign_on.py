"""Signing in by an OpenID provider: authorization code with PKCE (RFC 7636), and who somebody is to the shop then.

The provider says who somebody is and which groups they are in; settings say which roles a group stands for. Nobody becomes an
admin by a group: an admin makes admins. Whoever was invited by their address keeps the roles they were given.
"""

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from crosslift.domain.access import Role, roles_of
from crosslift.errors import BadUsage, CrossliftError, NotFound, Refused
from crosslift.settings import Settings
from crosslift.shop.openid_provider import Ask, OpenIDProvider
from crosslift.shop.users import SignedIn, Users
from crosslift.store.ports import Records

CALLBACK = "/sign-in/oidc/callback"
MINUTES = 10
"""So long somebody may take at the provider."""
KEEP_DAYS = 30
_MINUTE = 60_000_000
_DAY = 1_440 * _MINUTE
_LONGEST = 4_000


class Ticket(msgspec.Struct):
    """What the browser keeps while its person is at the provider, signed."""

    state: str
    nonce: str
    verifier: str
    until: int
    to: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that began: where to go, and the ticket to come back with."""

    address: str
    state: str
    ticket: str


class SingleSignOn:
    """The provider of one shop.

    Parameters
    ----------
    users : Users
        Who is let in.
    records : Records
        Where it is remembered who is who, and which sign-ins were used.
    settings : Settings
        Those under `oidc`.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's secret, which signs tickets.
    """

    def __init__(
        self, users: Users, records: Records, settings: Settings, clock: Callable[[], datetime], key: bytes,
        ask: Ask | None = None,
    ) -> None:  # fmt: skip
        self._users, self._records, self._settings, self._clock, self._key = users, records, settings, clock, key
        self._provider = OpenIDProvider(settings, clock, ask)

    @property
    def is_offered(self) -> bool:
        """Whether a provider is set."""
        return bool(self._settings["oidc.issuer"])

    @property
    def name(self) -> str:
        """What people know the provider by."""
        return self._settings["oidc.name"] or urlsplit(self._settings["oidc.issuer"]).hostname or ""

    # going and coming back -------------------------------------------------------------------------------------------

    def begin(self, to: str) -> Begun:
        """Begin a sign-in that leads to a page of ours in the end.

        Raises
        ------
        NotFound
            If no provider is set.
        BadUsage
            If a setting is missing or wrong.
        TryAgain
            If the provider does not answer.
        """
        self._check_settings()
        provider = self._provider.said()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        ticket = Ticket(state, nonce, verifier, self._now() + MINUTES * _MINUTE, to)
        query = {
            "response_type": "code", "client_id": self._settings["oidc.client_id"], "redirect_uri": self._callback,
            "scope": self._settings["oidc.scopes"], "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        return Begun(_with(provider.authorization_endpoint, query), state, self._signed(ticket))

    def finish(self, ticket: str, query: Mapping[str, str]) -> tuple[str, SignedIn, str]:
        """Take somebody who came back; gives the secret of their session, who it is, and where they wanted to go.

        Parameters
        ----------
        ticket : str
            As the browser kept it.
        query : mapping of str to str
            What the provider sent them back with.

        Raises
        ------
        Refused
            If anything is not as it must be, or they may not come in.
        TryAgain
            If the provider does not answer.
        """
        self._check_settings()
        kept = self._read(ticket)
        if kept is None or kept.until <= self._now():
            raise Refused("this sign-in was not begun here, or took too long; begin again")
        if not compare_digest(query.get("state", "").encode(errors="replace"), kept.state.encode()):
            raise Refused("this is not the sign-in that was begun; begin again")
        self._use(kept.state)
        provider = self._provider.said()
        is_other = query.get("iss", provider.issuer) != provider.issuer
        if is_other or (provider.authorization_response_iss_parameter_supported and "iss" not in query):
            raise Refused("this answer is of another provider")
        if query.get("error"):
            raise Refused(f"{self.name} says {_word(query['error'])}")
        claims = self._provider.claims_of(query.get("code", ""), kept.verifier, kept.nonce, self._callback)
        token, who = self._users.open(self._user_of(claims), "oidc")
        return token, who, kept.to

    def ended_at(self, to: str) -> str | None:
        """Give where a browser ends its session at the provider as well, None where there is no such place."""
        if not self.is_offered:
            return None
        try:
            place = self._provider.said().end_session_endpoint
        except CrossliftError:
            return None
        query = {"client_id": self._settings["oidc.client_id"], "post_logout_redirect_uri": self._at(to)}
        return _with(place, query) if place else None

    # who they are to us ----------------------------------------------------------------------------------------------

    def _user_of(self, claims: Mapping[str, Any]) -> str:
        """Give the user somebody is, made or given other roles where their groups say so."""
        who = blake2b(f"{claims['iss']}\0{claims['sub']}".encode(), digest_size=16).hexdigest()
        roles = self._roles_of(claims)
        known = {row["user_id"]: row for row in self._users.known()}
        bound = self._records.meta(f"oidc.{who}")
        if bound not in known:
            bound = self._met(who, claims, roles, {row["login"]: row for row in known.values()})
            known = {row["user_id"]: row for row in self._users.known()}
        row = known[bound]
        if not row["is_active"]:
            raise Refused(f"{row['login']} was shut out; an admin lets them in again")
        wanted = {*roles, *({Role.ADMIN} & set(row["roles"]))}
        if roles and wanted != set(row["roles"]):
            self._users.change(bound, [*wanted])
        return bound

    def _met(
        self, who: str, claims: Mapping[str, Any], roles: Sequence[Role], by_login: Mapping[str, Mapping[str, Any]]
    ) -> str:
        """Find or make the user of somebody who comes for the first time, by an address the provider has verified."""
        address = claims.get("email")
        if not isinstance(address, str) or not 3 <= len(address) <= 200 or claims.get("email_verified") is not True:
            raise Refused("the provider has not verified your address; ask whoever runs it")
        row = by_login.get(address.strip().lower())
        if row is None:
            if not roles:
                raise Refused("none of your groups may come in, and nobody invited your address; ask an admin")
            row = self._users.welcome(address, roles)
        taken = self._records.meta(f"oidc.of.{row['user_id']}")
        if taken and taken != who:
            raise Refused("your address belongs to another account of the provider here; ask an admin")
        user_id: str = row["user_id"]
        self._records.set_meta(f"oidc.of.{user_id}", who)
        self._records.set_meta(f"oidc.{who}", user_id)
        return user_id

    def _roles_of(self, claims: Mapping[str, Any]) -> tuple[Role, ...]:
        told = _claim(claims, self._settings["oidc.roles_claim"])
        groups = {told} if isinstance(told, str) else {one for one in told or () if isinstance(one, str)}
        found = {
            role
            for group, roles in mapping_of(self._settings["oidc.roles"]).items()
            if group in groups
            for role in roles
        }
        return roles_of(found) if found else ()

    # small parts -----------------------------------------------------------------------------------------------------

    def _check_settings(self) -> None:
        if not self.is_offered:
            raise NotFound("nobody signs in by a provider here; oidc.issuer names one")
        for name in ("oidc.client_id", "oidc.public_address"):
            if not self._settings[name]:
                raise BadUsage(f"signing in by a provider needs {name}")
        mapping_of(self._settings["oidc.roles"])
        try:
            import joserfc  # noqa: F401 - asked for before somebody is sent away
        except ImportError as error:
            raise BadUsage("signing in by a provider needs pip install 'crosslift[oidc]'") from error

    @property
    def _callback(self) -> str:
        return self._at(CALLBACK)

    def _at(self, path: str) -> str:
        address: str = self._settings["oidc.public_address"]
        return address.rstrip("/") + path

    def _use(self, state: str) -> None:
        """Let a sign-in be used once, in every process."""
        mark = blake2b(b"oidc\0" + state.encode(), digest_size=16).hexdigest()
        if self._records.is_delivered(mark):
            raise Refused("this sign-in was used already; begin again")
        self._records.note_delivery(mark, self._now(), self._now() - KEEP_DAYS * _DAY)

    def _signed(self, ticket: Ticket) -> str:
        text = base64.urlsafe_b64encode(msgspec.json.encode(ticket)).decode().rstrip("=")
        return f"{text}.{self._stamp(text)}"

    def _read(self, ticket: str) -> Ticket | None:
        text, _, stamp = ticket[:_LONGEST].partition(".")
        if not compare_digest(stamp.encode(errors="replace"), self._stamp(text).encode()):
            return None
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Ticket)

    def _stamp(self, text: str) -> str:
        return blake2b(text.encode(errors="replace"), digest_size=24, key=self._key, person=b"oidc").hexdigest()

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def mapping_of(text: str) -> dict[str, tuple[Role, ...]]:
    """Read which roles a group stands for.

    Raises
    ------
    BadUsage
        If it cannot be read, names no role of ours, or would make admins.

    Examples
    --------
    >>> {group: [role.value for role in roles] for group, roles in mapping_of("team = viewer + marketer, desk=agent").items()}
    {'team': ['viewer', 'marketer'], 'desk': ['agent']}
    """
    found = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        group, _, roles = part.rpartition("=")
        if not group.strip():
            raise BadUsage(f"oidc.roles: {part[:80]!r} is not group = role + role")
        given = roles_of(one.strip() for one in roles.split("+"))
        if Role.ADMIN in given:
            raise BadUsage("oidc.roles: no group makes an admin; `crosslift users roles` does")
        found[group.strip()] = given
    return found


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Give a claim, of the name as it stands or step by step at its dots."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str | list) else None


def _with(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _word(text: str) -> str:
    """Give an error code of a provider (RFC 6749), and nothing that is none."""
    return text if text.replace("_", "").isalnum() and text.isascii() and len(text) <= 60 else "no"
