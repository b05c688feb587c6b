"""The part of the records port that knows who may come in: keys, users with their sessions and links, deliveries."""

from collections.abc import Mapping
from typing import Any, Protocol

from crosslift.domain.audit import Entry


class AccessRecords(Protocol):
    """Secrets are kept as hashes; whatever changes who may do what is written with its entry of the audit."""

    def add_key(self, row: Mapping[str, Any], *entries: Entry) -> None:
        """Store a hashed API key, or what became of it."""

    def replace_key(self, old: Mapping[str, Any], new: Mapping[str, Any], entry: Entry) -> None:
        """Store a key and what became of the one it replaces, together."""

    def api_key(self, key_hash: str) -> dict[str, Any] | None:
        """Give the key of a hash, whatever became of it: one read by an index."""

    def api_keys(self) -> list[Mapping[str, Any]]:
        """List API keys, revoked ones included."""

    def note_keys_used(self, used: Mapping[str, int]) -> None:
        """Keep when keys were last used, by id; never earlier than what is kept."""

    def save_user(self, row: Mapping[str, Any], entry: Entry, *, ends_sessions: bool = False) -> None:
        """Store somebody of the back office; Conflict if the login is another's."""

    def users(self) -> list[dict[str, Any]]:
        """List the people of the back office by login."""

    def save_link(self, row: Mapping[str, Any], entry: Entry) -> None:
        """Store a link by which somebody chooses a password; earlier ones of theirs stop working."""

    def user_link(self, link_hash: str) -> dict[str, Any] | None:
        """Give a link, used or not, with `login`."""

    def use_link(self, link_hash: str, password: str, now: int, action: str) -> str | None:
        """Set the password by a link that is open; gives the user. The link and every session of theirs end.

        None if the link is unknown, used, too old, or of somebody who is not active any more.
        """

    def open_session(self, row: Mapping[str, Any], entry: Entry) -> None:
        """Remember who is signed in; sessions that ended go."""

    def session(self, session_hash: str) -> dict[str, Any] | None:
        """Give a session with `login`, `roles` and `is_active` of its user."""

    def touch_session(self, session_hash: str, idle_until: int) -> None:
        """Move on the instant until which a session may rest."""

    def close_session(self, session_hash: str, entry: Entry) -> None:
        """Sign somebody out."""

    def visitor_of(self, decision_id: str) -> str | None:
        """Give the identity a decision was made for; None where it was nobody's, or there is none."""

    def is_delivered(self, delivery_hash: str) -> bool:
        """Tell whether a signed delivery was taken in before."""

    def note_delivery(self, delivery_hash: str, at: int, keep_since: int) -> None:
        """Remember a delivery; those before an instant are forgotten."""
