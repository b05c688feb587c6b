"""People of the back office: invited and let back in by links that work once, signed in by sessions the server keeps."""

import base64
import json
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, scrypt
from hmac import compare_digest
from typing import Any

from crosslift.domain.access import Role, roles_of
from crosslift.domain.audit import Entry
from crosslift.errors import BadInput, BadUsage, Conflict, NotFound, Refused
from crosslift.shop.keys import hash_of
from crosslift.store.ports import Records

FIRST_ADMIN = "admin"
"""The login of the first user, made by the first `serve`."""
INVITE, RESET = "invite", "reset"
LINK_HOURS = {INVITE: 72, RESET: 2}
"""How long a link works."""
SESSION_HOURS = 12
"""How long somebody stays signed in, however busy."""
IDLE_MINUTES = 60
"""How long a session may rest."""
LEAST_PASSWORD, MOST_PASSWORD = 12, 200
_COST, _BLOCK, _LANES = 2**15, 8, 1
_MEMORY = 64 * 1024 * 1024
_MINUTE = 60_000_000
_WRONG = "login and password do not belong together; whoever forgot the password asks an admin for a link"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whose session is open.

    Attributes
    ----------
    expires_at : int
        Microseconds UTC; the session ends then, or earlier when it rests.
    """

    user_id: str
    login: str
    roles: tuple[Role, ...]
    expires_at: int


class Users:
    """The people of one shop's back office.

    Parameters
    ----------
    records : Records
        Where they are kept; passwords, links and sessions as hashes.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's secret, which CSRF tokens are made with.
    """

    def __init__(self, records: Records, clock: Callable[[], datetime], key: bytes) -> None:
        self._records = records
        self._clock = clock
        self._key = key

    # who they are ------------------------------------------------------------------------------------------------

    def known(self) -> list[dict[str, Any]]:
        """List everybody by login: user_id, login, roles, is_active, `has_password`, created_at, signed_in_at."""
        return [_shown(row) for row in self._records.users()]

    def invite(self, login: str, roles: Iterable[str]) -> dict[str, Any]:
        """Add somebody; gives them, and the token of a link by which they choose a password.

        Raises
        ------
        BadUsage
            For a login that cannot be used, or a role there is not.
        Conflict
            If the login is taken.
        """
        row = self._add("user.invite", login, roles)
        return {**_shown(row), "token": self._link(row, INVITE)}

    def welcome(self, login: str, roles: Iterable[str]) -> dict[str, Any]:
        """Add somebody whom another service vouches for; they have no password, and no link to choose one.

        Raises
        ------
        BadUsage
            For a login that cannot be used, or a role there is not.
        Conflict
            If the login is taken.
        """
        return _shown(self._add("user.welcome", login, roles))

    def _add(self, action: str, login: str, roles: Iterable[str]) -> dict[str, Any]:
        name = _login(login)
        scopes = roles_of(roles)
        if any(row["login"] == name for row in self._records.users()):
            raise Conflict(f"{name!r} is a user already; `crosslift users link` makes a new link")
        row: dict[str, Any] = {
            "user_id": secrets.token_hex(8), "login": name, "roles": json.dumps([*scopes]), "password": None,
            "is_active": True, "created_at": self._now(), "signed_in_at": None,
        }  # fmt: skip
        self._records.save_user(row, self._entry(action, row["user_id"], roles=[*scopes]))
        return row

    def first_admin(self) -> str | None:
        """Make the first user, `admin`, and give the token of the link; None if there is any user."""
        return None if self._records.users() else str(self.invite(FIRST_ADMIN, (Role.ADMIN,))["token"])

    def link(self, user: str) -> str:
        """Give the token of a link by which somebody chooses a new password; earlier ones stop working.

        Raises
        ------
        NotFound
            If there is nobody of that id or login.
        BadUsage
            If they are not active any more.
        """
        row = self._row(user)
        if not row["is_active"]:
            raise BadUsage(f"{row['login']} is not active; let them in again first")
        return self._link(row, INVITE if row["password"] is None else RESET)

    def change(self, user: str, roles: Iterable[str] | None = None, *, is_active: bool | None = None) -> dict[str, Any]:
        """Give somebody other roles, or shut them out or let them in again; their sessions end.

        Raises
        ------
        NotFound
            If there is nobody of that id or login.
        Conflict
            If no active admin would be left.
        """
        row = self._row(user)
        after = dict(row)
        if roles is not None:
            after["roles"] = json.dumps([*roles_of(roles)])
        if is_active is not None:
            after["is_active"] = is_active
        others = [one for one in self._records.users() if one["user_id"] != row["user_id"]]
        if _is_admin(row) and not any(map(_is_admin, [*others, after])):
            raise Conflict(f"{row['login']} is the last active admin; make another one first")
        told = {"roles": json.loads(after["roles"]), "is_active": bool(after["is_active"])}
        self._records.save_user(after, self._entry("user.change", row["user_id"], **told), ends_sessions=True)
        return _shown(after)

    # coming in ---------------------------------------------------------------------------------------------------

    def choose_password(self, token: str, password: str) -> str:
        """Set a password by a link; gives who it is. Every session of theirs ends, and the link works no more.

        Raises
        ------
        Refused
            If the link is unknown, was used or is too old.
        BadInput
            For a password that is short, or holds the login.
        """
        given = hash_of(token)
        found = self._records.user_link(given)
        if found is None or found["used_at"] is not None or found["expires_at"] <= self._now():
            raise Refused("this link was used or is too old; ask an admin for a new one")
        _check_password(password, found["login"])
        user = self._records.use_link(given, hashed(password), self._now(), "user.password")
        if user is None:
            raise Refused("this link was used or is too old; ask an admin for a new one")
        return user

    def sign_in(self, login: str, password: str) -> tuple[str, SignedIn]:
        """Open a session; gives its secret, for the cookie, and who it is.

        Raises
        ------
        Refused
            If login and password do not belong together; which of the two is wrong takes no less time to find out.
        """
        name = unicodedata.normalize("NFC", login).strip().lower()
        row = next((one for one in self._records.users() if one["login"] == name), None)
        is_right = matches(password, (row and row["password"]) or _NOBODYS)
        if row is None or not is_right or row["password"] is None or not row["is_active"]:
            raise Refused(_WRONG)
        return self._open(row)

    def open(self, user: str, how: str) -> tuple[str, SignedIn]:
        """Open a session for somebody whom another service vouches for; gives its secret and who it is.

        Raises
        ------
        NotFound
            If there is nobody of that id or login.
        Refused
            If they are not active any more.
        """
        row = self._row(user)
        if not row["is_active"]:
            raise Refused(f"{row['login']} was shut out; an admin lets them in again")
        return self._open(row, how=how)

    def _open(self, row: dict[str, Any], **told: Any) -> tuple[str, SignedIn]:
        token, now = secrets.token_urlsafe(32), self._now()
        session = {
            "session_hash": hash_of(token), "user_id": row["user_id"], "created_at": now,
            "expires_at": now + SESSION_HOURS * 60 * _MINUTE, "idle_until": now + IDLE_MINUTES * _MINUTE,
        }  # fmt: skip
        self._records.open_session(session, self._entry("session.open", row["user_id"], **told))
        return token, SignedIn(row["user_id"], row["login"], _roles(row), session["expires_at"])

    def session(self, token: str) -> SignedIn | None:
        """Give who is signed in by a session; None where it ended, rested too long, or its user is shut out."""
        row = self._records.session(hash_of(token))
        now = self._now()
        if row is None or not row["is_active"] or now >= min(row["expires_at"], row["idle_until"]):
            return None
        until = now + IDLE_MINUTES * _MINUTE
        if until - row["idle_until"] > IDLE_MINUTES * _MINUTE // 4:  # not a write for every page
            self._records.touch_session(row["session_hash"], until)
        return SignedIn(row["user_id"], row["login"], _roles(row), row["expires_at"])

    def sign_out(self, token: str) -> None:
        """End a session; one that ended already is no fault."""
        given = hash_of(token)
        row = self._records.session(given)
        if row is not None:
            self._records.close_session(given, self._entry("session.close", row["user_id"]))

    def csrf_of(self, token: str) -> str:
        """Give what a page of this session has to send with whatever it changes: another site cannot know it."""
        return blake2b(token.encode(), digest_size=24, key=self._key, person=b"csrf").hexdigest()

    def _link(self, row: dict[str, Any], purpose: str) -> str:
        token = secrets.token_urlsafe(32)
        expires_at = self._now() + LINK_HOURS[purpose] * 60 * _MINUTE
        kept = {
            "link_hash": hash_of(token), "user_id": row["user_id"], "purpose": purpose, "expires_at": expires_at,
            "used_at": None,
        }  # fmt: skip
        self._records.save_link(kept, self._entry(f"user.{purpose}_link", row["user_id"], expires_at=expires_at))
        return token

    def _row(self, user: str) -> dict[str, Any]:
        name = user.strip().lower()
        found = next((one for one in self._records.users() if user == one["user_id"] or name == one["login"]), None)
        if found is None:
            raise NotFound(f"no user {user!r}; `crosslift users list` shows them")
        return found

    def _entry(self, action: str, user_id: str, **told: Any) -> Entry:
        return Entry(self._now(), action, f"user {user_id}", told)

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def hashed(password: str) -> str:
    """Hash a password with scrypt (RFC 7914), its costs and a random salt beside it."""
    salt = secrets.token_bytes(16)
    parts = (salt, _scrypt(password, salt, _COST, _BLOCK, _LANES))
    return "$".join(
        ("scrypt", str(_COST), str(_BLOCK), str(_LANES), *(base64.b64encode(one).decode() for one in parts))
    )


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one of a hash."""
    _, cost, block, lanes, salt, digest = kept.split("$")
    found = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(lanes))
    return compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    text = unicodedata.normalize("NFKC", password[:MOST_PASSWORD]).encode(errors="replace")
    return scrypt(text, salt=salt, n=cost, r=block, p=lanes, maxmem=_MEMORY, dklen=32)


_NOBODYS = (
    f"scrypt${_COST}${_BLOCK}${_LANES}${base64.b64encode(bytes(16)).decode()}${base64.b64encode(bytes(32)).decode()}"
)
"""What is compared with where nobody has the login: no password gives it."""


def _check_password(password: str, login: str) -> None:
    length = len(password)
    if not LEAST_PASSWORD <= length <= MOST_PASSWORD:
        raise BadInput(
            f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters, this one {length}; several words do well",
            where="password",
        )
    if login in password.lower() or len(set(password)) < 5:
        raise BadInput("this password can be guessed: it holds the login, or hardly any letters", where="password")


def _login(given: str) -> str:
    name = unicodedata.normalize("NFC", given).strip().lower()
    if not 1 <= len(name) <= 200 or any(unicodedata.category(one)[0] in "CZ" for one in name):
        raise BadUsage(f"{given[:80]!r} is no login; use a name or an address without spaces, up to 200 characters")
    return name


def _roles(row: dict[str, Any]) -> tuple[Role, ...]:
    return tuple(Role(one) for one in json.loads(row["roles"]))


def _is_admin(row: dict[str, Any]) -> bool:
    return bool(row["is_active"]) and Role.ADMIN in _roles(row)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": row["user_id"], "login": row["login"], "roles": json.loads(row["roles"]),
        "is_active": bool(row["is_active"]), "has_password": row["password"] is not None,
        "created_at": row["created_at"], "signed_in_at": row["signed_in_at"],
    }  # fmt: skip
