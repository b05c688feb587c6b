"""What every store of records owes to whoever guards the door: keys, users, links that work once, sessions, deliveries.

`other` is a second instance over the same data, as another process has it.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crosslift.domain.audit import Entry
from crosslift.errors import Conflict
from crosslift.store.ports import Records
from crosslift.testing.audit_contract import KEY, NOW, told

HOUR = 3_600_000_000
USER: Mapping[str, Any] = {
    "user_id": "u1", "login": "mina", "roles": '["admin"]', "password": None, "is_active": True, "created_at": NOW,
    "signed_in_at": None,
}  # fmt: skip
LINK: Mapping[str, Any] = {
    "link_hash": "l1", "user_id": "u1", "purpose": "invite", "expires_at": NOW + HOUR, "used_at": None,
}  # fmt: skip
SESSION: Mapping[str, Any] = {
    "session_hash": "s1", "user_id": "u1", "created_at": NOW, "expires_at": NOW + 12 * HOUR, "idle_until": NOW + HOUR,
}  # fmt: skip


def entry(action: str = "test.write") -> Entry:
    """Give an entry of the audit."""
    return Entry(NOW, action, "x")


class AccessContract:
    """Cases for any engine; `records` is an empty one."""

    def test_a_key_is_found_by_its_hash(self, records: Records, other: Records) -> None:
        assert records.api_key("h1") is None
        records.add_key(KEY)
        found = other.api_key("h1")
        assert found == {"key_id": "k1", "kind": "secret", "roles": '["admin"]', "revoked_at": None, "expires_at": None}

    def test_a_key_is_replaced_in_one_step_with_its_entry(self, records: Records, other: Records) -> None:
        records.add_key(KEY)
        new = {**KEY, "key_id": "k2", "key_hash": "h2", "replaces": "k1"}
        records.replace_key({**KEY, "expires_at": 9}, new, entry("key.rotate"))
        assert [(one["key_id"], one["expires_at"]) for one in other.api_keys()] == [("k1", 9), ("k2", None)]
        assert told(records) == [("key.rotate", "x")]

    def test_when_a_key_was_used_only_moves_on(self, records: Records) -> None:
        records.add_key(KEY)
        records.note_keys_used({"k1": 50, "nobody": 50})
        records.note_keys_used({"k1": 40})
        assert [one["used_at"] for one in records.api_keys()] == [50]

    def test_a_login_is_one_users(self, records: Records, other: Records) -> None:
        records.save_user(USER, entry("user.invite"))
        with pytest.raises(Conflict, match="another user's login"):
            other.save_user({**USER, "user_id": "u2"}, entry("user.invite"))
        other.save_user({**USER, "roles": "[]"}, entry("user.change"))
        assert [one["roles"] for one in records.users()] == ["[]"]
        assert [action for action, _ in told(records)] == ["user.invite", "user.change"]

    def test_a_link_works_once_whoever_uses_it_at_once(self, records: Records, other: Records) -> None:
        records.save_user(USER, entry())
        records.save_link(LINK, entry())
        with ThreadPoolExecutor(4) as pool:
            used = list(
                pool.map(lambda n: (records, other)[n % 2].use_link("l1", f"p{n}", NOW, "user.password"), range(8))
            )
        assert sorted(used, key=str) == [None] * 7 + ["u1"]
        assert records.users()[0]["password"] == f"p{used.index('u1')}"
        assert [action for action, _ in told(records)].count("user.password") == 1

    def test_a_link_that_is_old_replaced_or_of_somebody_shut_out_sets_nothing(self, records: Records) -> None:
        records.save_user(USER, entry())
        records.save_link(LINK, entry())
        assert records.use_link("l1", "p", NOW + HOUR, "user.password") is None
        records.save_link({**LINK, "link_hash": "l2"}, entry())
        assert records.use_link("l1", "p", NOW, "user.password") is None
        assert records.user_link("l1") is None
        records.save_user({**USER, "is_active": False}, entry())
        assert records.use_link("l2", "p", NOW, "user.password") is None
        assert records.users()[0]["password"] is None

    def test_a_session_is_read_with_its_user_and_ends_with_a_new_password(
        self, records: Records, other: Records
    ) -> None:
        records.save_user(USER, entry())
        records.open_session(SESSION, entry("session.open"))
        found = other.session("s1") or {}
        assert (found["login"], found["roles"], bool(found["is_active"])) == ("mina", '["admin"]', True)
        other.touch_session("s1", NOW + 5 * HOUR)
        assert (records.session("s1") or {})["idle_until"] == NOW + 5 * HOUR
        records.save_link(LINK, entry())
        records.use_link("l1", "p", NOW, "user.password")
        assert other.session("s1") is None

    def test_sessions_end_when_their_user_is_changed_and_old_ones_are_swept(self, records: Records) -> None:
        records.save_user(USER, entry())
        records.open_session(SESSION, entry())
        records.open_session({**SESSION, "session_hash": "s2", "created_at": NOW + 2 * HOUR}, entry())
        assert records.session("s1") is None
        records.save_user({**USER, "roles": "[]"}, entry(), ends_sessions=True)
        assert records.session("s2") is None

    def test_signing_out_is_told_once(self, records: Records) -> None:
        records.save_user(USER, entry())
        records.open_session(SESSION, entry())
        for _ in range(2):
            records.close_session("s1", entry("session.close"))
        assert [action for action, _ in told(records)].count("session.close") == 1

    def test_a_delivery_is_remembered_for_a_while(self, records: Records, other: Records) -> None:
        assert not records.is_delivered("d1")
        records.note_delivery("d1", NOW, NOW - HOUR)
        assert other.is_delivered("d1")
        other.note_delivery("d2", NOW + 2 * HOUR, NOW + HOUR)
        assert [records.is_delivered(one) for one in ("d1", "d2")] == [False, True]
