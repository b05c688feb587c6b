"""API keys: made once and shown once, scoped by roles or origins, rotated with both valid for a while; customer tokens."""

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

import msgspec

from crosslift.domain.access import Role, roles_of
from crosslift.domain.audit import Entry
from crosslift.domain.origin import origin_of
from crosslift.errors import BadUsage, NotFound, Refused
from crosslift.store.ports import Records

KINDS: Mapping[str, str] = {"secret": "sk_", "publishable": "pk_"}
"""Kinds of keys and what each begins with."""
OVERLAP_HOURS = 24.0
"""So long the key that was replaced goes on working."""
MOST_HOURS = 24.0 * 90
MOST_DAYS = 3650.0
TOKEN_MINUTES = 30.0
"""The longest a customer token holds."""
TOKEN = "ct_"  # noqa: S105 - what tokens begin with
_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_STAMP = 16
_LONGEST = 2000
_ORIGIN = "origin:"
"""Begins each scope of a publishable key that names pages it answers; the scopes stand where a secret key's roles do."""
MOST_ORIGINS = 50


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that was presented and is valid now.

    Attributes
    ----------
    roles : tuple of Role
        Of a secret key.
    origins : tuple of str
        Of a publishable key: pages of these origins may use it; of any where there are none.
    """

    key_id: str
    kind: str
    roles: tuple[Role, ...]
    origins: tuple[str, ...] = ()


class Keys:
    """The keys of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept, as hashes.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's secret, which signs customer tokens.
    """

    def __init__(self, records: Records, clock: Callable[[], datetime], key: bytes) -> None:
        self._records = records
        self._clock = clock
        self._key = key
        self._used: dict[str, int] = {}

    def create(
        self, kind: str, label: str = "", roles: Iterable[str] = (Role.ADMIN,), days: float | None = None,
        origins: Iterable[str] = (),
    ) -> str:  # fmt: skip
        """Make a key; it is given this once and kept as a hash.

        Parameters
        ----------
        kind : str
            `secret` for a server, `publishable` for a browser; the latter has no roles, whatever is given.
        roles : iterable of str
            What a secret key may do, of `domain.access.Role`.
        days : float, optional
            How long it works; for ever without.
        origins : iterable of str, optional
            Of a publishable key: the shop's addresses, as `https://shop.example`; pages of others are refused then.

        Raises
        ------
        BadUsage
            For a kind or role there is not, days that are no time, what is no origin, or origins of a secret key.
        """
        if kind not in KINDS:
            raise BadUsage(f"{kind!r} is no kind of key; choose {' or '.join(KINDS)}")
        if days is not None and not 0 < days <= MOST_DAYS:
            raise BadUsage(f"days = {days}: a key works for more than 0 and up to {MOST_DAYS:.0f} days")
        pages = list(dict.fromkeys(origin_of(one) for one in origins))
        if pages and (kind == "secret" or len(pages) > MOST_ORIGINS):
            raise BadUsage(
                f"a publishable key may name up to {MOST_ORIGINS} origins; a secret key is never in a browser"
            )
        scopes: tuple[str, ...] = tuple(f"{_ORIGIN}{one}" for one in pages)
        scopes = roles_of(roles) if kind == "secret" else scopes
        made, row = self._made(kind, label, scopes)
        row["expires_at"] = None if days is None else row["created_at"] + int(days * _DAY)
        told = {"kind": kind, "label": label, "roles": [*scopes], "expires_at": row["expires_at"]}
        self._records.add_key(row, self._entry("key.create", row["key_id"], told))
        return made

    def rotate(self, key_id: str, hours: float = OVERLAP_HOURS) -> str:
        """Make a key in place of another, with its roles, label and length of life; both work for some hours.

        Raises
        ------
        NotFound
            If there is none of that id.
        BadUsage
            If it is revoked or has expired, or for hours that are no time.
        """
        if not 0 <= hours <= MOST_HOURS:
            raise BadUsage(f"hours = {hours}: the old key goes on working for 0 to {MOST_HOURS:.0f} hours")
        old = self._row(key_id)
        now = self._now()
        if not _is_valid(old, now):
            raise BadUsage(f"key {key_id} works no more; make a new one with `crosslift keys create`")
        made, row = self._made(old["kind"], old["label"], tuple(json.loads(old["roles"])))
        row["replaces"] = key_id
        row["expires_at"] = None if old["expires_at"] is None else now + old["expires_at"] - old["created_at"]
        ends = min(now + int(hours * _HOUR), old["expires_at"] or 2**62)
        told = {"replaces": key_id, "until": ends}
        self._records.replace_key({**old, "expires_at": ends}, row, self._entry("key.rotate", row["key_id"], told))
        return made

    def revoke(self, key_id: str) -> None:
        """Revoke a key; it stops working with the next request.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        row = self._row(key_id)
        if row["revoked_at"] is None:
            entry = self._entry("key.revoke", key_id, {"label": row["label"]})
            self._records.add_key({**row, "revoked_at": self._now()}, entry)

    def known(self) -> list[dict[str, Any]]:
        """List every key by its id, revoked ones included, without the keys themselves.

        Returns
        -------
        list of dict
            key_id, kind, label, roles, origins, created_at, expires_at, used_at (to the minute), revoked_at, replaces,
            `is_valid` now.
        """
        self.keep_used()
        now = self._now()
        return [
            {
                **{name: value for name, value in row.items() if name != "key_hash"},
                "roles": [*_scopes(row["roles"])[0]], "origins": [*_scopes(row["roles"])[1]], "is_valid": _is_valid(row, now),
            }
            for row in self._records.api_keys()
        ]  # fmt: skip

    def find(self, presented: str) -> KnownKey:
        """Tell whose key was presented; one read of the store, so that a revoked key stops at once.

        Raises
        ------
        Refused
            If nobody issued it, it was revoked or has expired.
        """
        row = self._records.api_key(hash_of(presented)) if len(presented) <= _LONGEST else None
        now = self._now()
        if row is None or not _is_valid(row, now):
            raise Refused("this key is unknown or revoked, or has expired; `crosslift keys create` makes one")
        self._used[row["key_id"]] = now
        return KnownKey(row["key_id"], row["kind"], *_scopes(row["roles"]))

    def keep_used(self) -> None:
        """Write down when keys were last used, to the minute; called now and then, never while somebody waits."""
        used, self._used = self._used, {}
        if used:
            self._records.note_keys_used({key_id: at // _MINUTE * _MINUTE for key_id, at in used.items()})

    def token(self, customer: str, minutes: float = TOKEN_MINUTES) -> str:
        """Mint a customer token: with it a publishable key speaks for this one customer, for some minutes, in this shop.

        Raises
        ------
        BadUsage
            For no customer, or minutes outside 0..30.
        """
        if not customer or len(customer) > 200:
            raise BadUsage("a token names a customer by an id of 1 to 200 characters")
        if not 0 < minutes <= TOKEN_MINUTES:
            raise BadUsage(f"minutes = {minutes}: a token holds for more than 0 and up to {TOKEN_MINUTES:.0f} minutes")
        ends = self._clock() + timedelta(minutes=minutes)
        body = msgspec.msgpack.encode([customer, int(ends.timestamp() * 1_000_000)])
        return TOKEN + base64.urlsafe_b64encode(self._stamp(body) + body).decode().rstrip("=")

    def customer_of(self, token: str) -> str:
        """Give the customer a token names.

        Raises
        ------
        Refused
            If it is not ours, was altered, is of another shop or has expired.
        """
        try:
            text = token.removeprefix(TOKEN)
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(token) <= _LONGEST else b""
        except (binascii.Error, ValueError):
            raw = b""
        stamp, body = raw[:_STAMP], raw[_STAMP:]
        if not token.startswith(TOKEN) or not compare_digest(stamp, self._stamp(body)):
            raise Refused("this customer token was altered or is of another shop; mint it with this shop's secret")
        customer, ends = msgspec.msgpack.decode(body, type=tuple[str, int])
        if ends <= self._now():
            raise Refused("this customer token has expired; your server mints the next with `crosslift keys token`")
        return customer

    def _made(self, kind: str, label: str, roles: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        made = f"{KINDS[kind]}{secrets.token_urlsafe(32)}"
        row = {
            "key_id": secrets.token_hex(8), "kind": kind, "key_hash": hash_of(made), "label": label,
            "created_at": self._now(), "revoked_at": None, "roles": json.dumps([*roles]), "expires_at": None,
            "used_at": None, "replaces": None,
        }  # fmt: skip
        return made, row

    def _row(self, key_id: str) -> dict[str, Any]:
        row = next((dict(one) for one in self._records.api_keys() if one["key_id"] == key_id), None)
        if row is None:
            raise NotFound(f"no key {key_id}; `crosslift keys list` shows them")
        return row

    def _entry(self, action: str, key_id: str, told: Mapping[str, Any]) -> Entry:
        return Entry(self._now(), action, f"key {key_id}", told)

    def _stamp(self, body: bytes) -> bytes:
        return blake2b(body, digest_size=_STAMP, key=self._key, person=b"customer token").digest()

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def hash_of(secret: str) -> str:
    """Hash what was made at random and long, to be kept in its place."""
    return blake2b(secret.encode(errors="replace"), digest_size=32).hexdigest()


def _is_valid(row: Mapping[str, Any], now: int) -> bool:
    return row["revoked_at"] is None and (row["expires_at"] is None or now < row["expires_at"])


@cache
def _scopes(text: str) -> tuple[tuple[Role, ...], tuple[str, ...]]:
    """Read the roles and the origins of a key; there are few combinations, and every request asks."""
    told: list[str] = json.loads(text)
    pages = tuple(one.removeprefix(_ORIGIN) for one in told if one.startswith(_ORIGIN))
    return tuple(Role(one) for one in told if not one.startswith(_ORIGIN)), pages
