"""Entries of the audit, each appended in the transaction of what it tells of, the head kept beside the chain."""

import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from crosslift.domain.audit import GENESIS, Entry, Head, acting, hash_of
from crosslift.store import sql_erase
from crosslift.store.engine import Connection, upsert
from crosslift.store.sql_people import marks

HEAD = "audit_head"
"""Under this name `shop_meta` holds the head. The next entry follows it, not the last row: a tail cut off leaves a gap."""
COLUMNS = "seq, at, actor, action, object, subject, details, hash"
_KEY_BYTES = 16


def append(c: Connection, entry: Entry) -> int:
    """Add an entry in the transaction this is called in; gives its number."""
    last = head(c) or Head(0, GENESIS)
    subject = None if entry.person is None else _subject(c, entry.person)
    details = msgspec.json.encode(entry.details, order="sorted").decode()
    said = (last.seq + 1, entry.at, acting(), entry.action, entry.object, subject, details)
    own = hash_of(last.hash, *said)
    c.execute(f"insert into audit ({COLUMNS}) values ({marks(COLUMNS.split(','))})", (*said, own))
    upsert(c, "shop_meta", {"key": HEAD, "value": str(Head(said[0], own))})
    return said[0]


def note(c: Connection, at: int | None, action: str, about: str, details: Mapping[str, Any]) -> None:
    """Add an entry about nobody in particular."""
    append(c, Entry(instant(c, at), action, about, details))


def instant(c: Connection, at: int | None) -> int:
    """Give an instant; where a caller knows none, that of the newest entry."""
    return at if at is not None else int(c.execute("select coalesce(max(at), 0) from audit").fetchone()[0])


def told(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Pick what of a record an entry tells."""
    return {name: row[name] for name in names if row.get(name) is not None}


def subjects_of(c: Connection, identities: Sequence[str]) -> list[str]:
    """Give the hashes under which identities stand in the audit; none for whom it never named, or who was erased."""
    rows = c.execute(
        f"select identity, key from audit_people where identity in ({marks(identities)})", tuple(identities)
    )
    return [_hashed(key, identity) for identity, key in rows]


def head(c: Connection) -> Head | None:
    """Give the newest entry as it is kept beside the chain; None before the first."""
    row = c.execute("select value from shop_meta where key = ?", (HEAD,)).fetchone()
    if row is None:
        return None
    seq, _, own = str(row[0]).partition(":")
    return Head(int(seq), own)


def _subject(c: Connection, identity: str) -> str | None:
    """Hash an identity by its own key, made when it is first needed; whoever was erased stays nobody."""
    row = c.execute("select key from audit_people where identity = ?", (identity,)).fetchone()
    if row is not None:
        return _hashed(row[0], identity)
    if sql_erase.stays_erased(c, [identity]):
        return None
    key = secrets.token_bytes(_KEY_BYTES)
    c.execute("insert into audit_people (identity, key) values (?, ?)", (identity, key))
    return _hashed(key, identity)


def _hashed(key: bytes, identity: str) -> str:
    return blake2b(identity.encode(), digest_size=16, key=key).hexdigest()
