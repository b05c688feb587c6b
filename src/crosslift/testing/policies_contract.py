"""What every store of records keeps of policies: each version for good, one of a name in force, the stop switch, each step.

    class TestSqlite(PoliciesContract):
        @pytest.fixture
        def records(self, tmp_path): ...
        @pytest.fixture
        def other(self, records, tmp_path): ...

`other` is a second instance over the same data, as another process has it. A gap is declared in `gaps` as
`{"test_name": "notyet: reason"}`; a gap that closes fails until its entry goes.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from crosslift.store.ports import Records
from crosslift.testing.records_rows import MONDAY

NOW = MONDAY


def draft(name: str = "ours", text: str = 'name = "ours"', at: int = NOW) -> dict[str, Any]:
    """Build a draft as `shop` hands it in."""
    return {
        "name": name, "text": text, "resolved": f"# whole\n{text}", "hash": f"h{len(text)}", "author": "mina",
        "reason": "because", "created_at": at,
    }  # fmt: skip


def step(action: str, name: str | None = "ours", version: int | None = 1, **more: Any) -> dict[str, Any]:
    """Build a step as `shop` hands it in."""
    return {
        "at": NOW, "action": action, "name": name, "version": version, "author": "jun", "approved_by": None, "reason": "so",
        **more,
    }  # fmt: skip


def in_force(records: Records) -> dict[str, int]:
    """Read which version of each policy is in force."""
    return {row["name"]: row["version"] for row in records.policies_in_force().published}


class PoliciesContract:
    """The suite; `records` and `other` come from the subclass."""

    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def records(self) -> Iterator[Records]:
        """Give an empty store."""
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Iterator[Records]:
        """Give a second instance over the data of `records`, as another process has it."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _declared_gap(self, request: pytest.FixtureRequest) -> None:
        reason = self.gaps.get(request.function.__name__)
        if reason is not None:
            assert reason.split(":")[0] in ("notimpl", "notyet", "never")
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))

    def test_each_draft_is_a_version_of_its_own(self, records: Records, other: Records) -> None:
        assert [records.save_policy(draft()), other.save_policy(draft()), records.save_policy(draft("theirs"))] == [
            1,
            2,
            1,
        ]
        assert [(row["name"], row["version"], row["state"]) for row in other.policies()] == [
            ("ours", 2, "draft"), ("ours", 1, "draft"), ("theirs", 1, "draft"),
        ]  # fmt: skip
        assert [row["version"] for row in records.policies("theirs")] == [1]

    def test_versions_may_begin_above_a_number(self, records: Records) -> None:
        assert [records.save_policy(draft(), 1000), records.save_policy(draft(), 1000), records.save_policy(draft())] == [
            1001, 1002, 1003,
        ]  # fmt: skip

    def test_a_version_keeps_every_word(self, records: Records, other: Records) -> None:
        text = 'name = "ours"\n# 메모 メモ \\ " \'\n'
        records.save_policy(draft(text=text))
        found = other.policy("ours", 1)
        assert found == {**draft(text=text), "version": 1, "state": "draft", "approved_by": None, "published_at": None}
        assert other.policy("ours", 2) is None
        assert other.policy("theirs", 1) is None

    def test_a_draft_changes_nothing_that_decisions_read(self, records: Records, other: Records) -> None:
        before = other.person(None).change_number
        records.save_policy(draft())
        assert other.person(None).change_number == before
        assert not other.policies_changed_since(before)
        assert in_force(other) == {}

    def test_publishing_moves_the_change_number_of_its_own_commit(self, records: Records, other: Records) -> None:
        records.save_policy(draft())
        before = other.person(None).change_number
        assert records.publish_policy(step("publish", approved_by="lee"), None)
        read = other.policies_in_force()
        assert read.change_number == other.person(None).change_number > before
        assert other.policies_changed_since(before)
        assert not other.policies_changed_since(read.change_number)
        [row] = read.published
        assert (row["version"], row["state"], row["approved_by"], row["published_at"]) == (1, "published", "lee", NOW)

    def test_one_version_of_a_name_is_in_force_and_the_others_stay(self, records: Records) -> None:
        for name in ("ours", "ours", "theirs"):
            records.save_policy(draft(name))
        records.publish_policy(step("publish", "theirs"), None)
        records.publish_policy(step("publish"), None)
        records.publish_policy(step("publish", version=2), 1)
        assert in_force(records) == {"ours": 2, "theirs": 1}
        assert [row["state"] for row in records.policies("ours")] == ["published", "retired"]
        records.publish_policy(step("rollback"), 2)
        assert in_force(records) == {"ours": 1, "theirs": 1}

    def test_whoever_looked_at_another_version_publishes_nothing(self, records: Records, other: Records) -> None:
        for _ in range(3):
            records.save_policy(draft())
        assert records.publish_policy(step("publish"), None)
        before = records.person(None).change_number
        assert not other.publish_policy(step("publish", version=2), None)
        assert not other.publish_policy(step("publish", version=2), 3)
        assert (in_force(records), records.person(None).change_number) == ({"ours": 1}, before)
        assert other.publish_policy(step("publish", version=2), 1)
        assert not records.publish_policy(step("publish", version=3), 1)

    def test_a_version_that_is_not_kept_here_leaves_none_published(self, records: Records) -> None:
        records.save_policy(draft("helpful"), 1000)
        records.publish_policy(step("publish", "helpful", 1001), None)
        assert records.publish_policy(step("rollback", "helpful", 3), 1001)
        assert in_force(records) == {}
        assert [row["state"] for row in records.policies("helpful")] == ["retired"]

    def test_the_stop_switch_holds_everywhere_until_it_is_taken_back(self, records: Records, other: Records) -> None:
        before = records.person(None).change_number
        assert records.policies_in_force().stop is None
        assert records.switch_policies(step("stop", None, None))
        stop = other.policies_in_force().stop
        assert stop is not None
        assert (stop["author"], stop["reason"], stop["at"]) == ("jun", "so", NOW)
        assert other.policies_changed_since(before)
        between = other.person(None).change_number
        assert other.switch_policies(step("resume", None, None))
        assert records.policies_in_force().stop is None
        assert records.person(None).change_number > between > before

    def test_switching_to_what_is_so_already_changes_nothing(self, records: Records) -> None:
        before = records.person(None).change_number
        assert not records.switch_policies(step("resume", None, None))
        records.switch_policies(step("stop", None, None))
        stopped = records.policies_in_force()
        assert not records.switch_policies(step("stop", None, None, author="somebody else"))
        assert records.policies_in_force() == stopped
        assert stopped.change_number == before + 1

    def test_every_step_is_kept_newest_first(self, records: Records, other: Records) -> None:
        records.save_policy(draft())
        other.publish_policy(step("publish", approved_by="lee"), None)
        records.switch_policies(step("stop", None, None))
        told = [(one["action"], one["name"], one["author"], one["approved_by"]) for one in other.policy_changes()]
        assert told == [("stop", None, "jun", None), ("publish", "ours", "jun", "lee"), ("draft", "ours", "mina", None)]
        assert [one["action"] for one in other.policy_changes(1)] == ["stop"]
