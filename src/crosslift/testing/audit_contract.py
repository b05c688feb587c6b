"""What every store of records owes to the audit: one entry for each change, in its transaction, in one chain for all.

`other` is a second instance over the same data, as another process has it.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from crosslift.collect.rows import CONSENT_COLUMNS
from crosslift.domain import audit
from crosslift.domain.audit import Entry, Verdict
from crosslift.domain.identity import Split
from crosslift.errors import NotFound
from crosslift.store.ports import Records
from crosslift.testing.records_rows import DAY, MONDAY, bring, row

NOW = MONDAY + 10 * DAY
DRAFT = {
    "name": "ours", "text": "t", "resolved": "r", "hash": "h", "author": "mina", "reason": "why", "created_at": NOW,
}  # fmt: skip
KEY: Mapping[str, Any] = {
    "key_id": "k1", "kind": "secret", "key_hash": "h1", "label": "till", "created_at": 1, "revoked_at": None,
    "roles": '["admin"]', "expires_at": None, "used_at": None, "replaces": None,
}  # fmt: skip


def told(records: Records) -> list[tuple[str, str]]:
    """Give action and object of every entry, oldest first."""
    return [(one["action"], one["object"]) for one in reversed(records.audit())]


def walked(records: Records) -> Verdict:
    """Walk the chain."""
    return audit.verify(records.audit_chain(), records.audit_head())


class AuditContract:
    """Cases for any engine; `records` is an empty one."""

    def test_nothing_was_done_in_an_empty_shop(self, records: Records) -> None:
        assert (records.audit(), records.audit_head(), walked(records).is_whole) == ([], None, True)

    def test_what_the_merchant_decides_is_told_by_author_and_reason(self, records: Records) -> None:
        version = records.save_policy(DRAFT)
        change = {
            "at": NOW, "action": "publish", "name": "ours", "version": version, "author": "jun", "approved_by": "mina",
            "reason": "why",
        }  # fmt: skip
        assert records.publish_policy(change, None)
        stop = {**change, "action": "stop", "name": None, "version": None, "approved_by": None}
        assert records.switch_policies(stop)
        assert not records.switch_policies(stop)
        assert told(records) == [("policy.draft", "ours"), ("policy.publish", "ours"), ("policy.stop", "the shop")]
        published = records.audit(action="policy.publish")[0]["details"]
        assert published == {"version": 1, "author": "jun", "approved_by": "mina", "reason": "why"}

    def test_a_publication_that_met_another_leaves_no_entry(self, records: Records) -> None:
        records.save_policy(DRAFT)
        change = {"at": NOW, "action": "publish", "name": "ours", "version": 1, "author": "jun", "approved_by": None}
        assert not records.publish_policy({**change, "reason": "why"}, 7)
        assert told(records) == [("policy.draft", "ours")]

    def test_each_consent_is_told_of_somebody_who_is_not_named(self, records: Records) -> None:
        given = [row("consents"), row("consents", customer_id="c2", status="withdrawn", at=MONDAY + 1)]
        records.put_rows("consents", CONSENT_COLUMNS, given, NOW)
        records.put_rows("consents", CONSENT_COLUMNS, given, NOW)
        assert [action for action, _ in told(records)] == ["consent.granted", "consent.withdrawn"]
        first, second = reversed(records.audit())
        assert first["subject"] != second["subject"]
        assert "c1" not in str({**first, "subject": "", "hash": ""})
        assert [one["action"] for one in records.audit(people=["customer:c2"])] == ["consent.withdrawn"]
        assert records.audit(people=["customer:c3"]) == []

    def test_a_file_is_told_as_a_whole_and_so_is_its_undoing(self, records: Records) -> None:
        bring(records, "consents", (row("consents"), row("consents", customer_id="c2")))
        [imported] = records.imports()
        assert told(records) == [("import.commit", f"import {imported.import_id}")]
        assert records.audit()[0]["details"]["n_rows"] == 2
        records.undo_import(imported.import_id, [], NOW)
        assert told(records)[1:] == [("import.undo", f"import {imported.import_id}")]

    def test_a_write_that_fails_leaves_no_entry(self, records: Records) -> None:
        with pytest.raises(NotFound):
            records.undo_import(99, [], NOW)
        assert told(records) == []

    def test_who_was_split_muted_and_let_in_is_told(self, records: Records) -> None:
        records.split(Split("customer:c1", "customer:c2", "mina", "sisters", NOW))
        assert records.unsplit("customer:c1", "customer:c2", NOW)
        assert not records.unsplit("customer:c1", "customer:c2", NOW)
        records.mute("customer:c1", "A", "", "web", NOW)
        assert records.unmute("customer:c1", "A", None, NOW) == 1
        records.add_key(KEY, Entry(NOW, "key.create", "key k1"))
        assert [action for action, _ in told(records)] == [
            "identity.split", "identity.split", "identity.unsplit", "identity.unsplit", "attention.mute",
            "attention.unmute", "key.create",
        ]  # fmt: skip

    def test_erasing_destroys_the_key_and_the_chain_still_verifies(self, records: Records) -> None:
        records.put_rows("consents", CONSENT_COLUMNS, [row("consents"), row("consents", customer_id="c2")], NOW)
        subject = records.audit(people=["customer:c1"])[0]["subject"]
        records.erase({"erased:x": ["customer:c1"]}, NOW)
        assert records.audit(people=["customer:c1"]) == []
        assert len(records.audit(people=["customer:c2"])) == 1
        assert subject in {one["subject"] for one in records.audit()}
        assert told(records)[-1] == ("people.erase", "customers")
        assert walked(records) == Verdict(3, ())
        records.mute("customer:c1", "A", "", "web", NOW + 1)  # somebody who is nobody to us any more
        assert records.audit()[0]["subject"] is None

    def test_several_processes_write_one_chain(self, records: Records, other: Records) -> None:
        def write(number: int) -> None:
            (records, other)[number % 2].append_audit(Entry(NOW + number, "test.write", str(number)))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(40)))
        assert walked(other) == Verdict(40, ())
        assert {one["object"] for one in records.audit(limit=40)} == {str(n) for n in range(40)}

    def test_whoever_acts_is_named(self, records: Records) -> None:
        def act() -> None:
            audit.act_as("user:u1")
            records.append_audit(Entry(NOW, "test.write", "x"))

        copy_context().run(act)
        records.append_audit(Entry(NOW, "test.write", "y"))
        assert [one["actor"] for one in records.audit()] == [audit.acting(), "user:u1"]

    def test_entries_are_paged_from_the_newest_and_found_by_what_was_done(self, records: Records) -> None:
        for number in range(5):
            records.append_audit(Entry(NOW, f"test.{'even' if number % 2 == 0 else 'odd'}", str(number)))
        assert [one["seq"] for one in records.audit(limit=2)] == [5, 4]
        assert [one["seq"] for one in records.audit(before=4, limit=2)] == [3, 2]
        assert [one["object"] for one in records.audit(action="test.odd")] == ["3", "1"]
        assert records.audit(action="%") == []
