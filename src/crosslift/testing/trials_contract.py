"""What every store of records owes to experiments: versions that are never lost, an arm written once, whoever asks at once.

`other` is a second instance over the same data, as another process has it.
"""
# ruff: noqa: D102 - a test's name is its sentence

from dataclasses import replace
from datetime import timedelta

from crosslift.domain.experiment import Assigned, Experiment, TrialKind, UnitKind
from crosslift.store.offer_rows import EPOCH
from crosslift.store.ports import Records
from crosslift.store.trial_records import FirstArm
from crosslift.store.trial_rows import experiment_of, experiment_row
from crosslift.testing.identity_contract import join
from crosslift.testing.records_rows import DAY, MONDAY, slim

NOW = MONDAY + 10 * DAY
AT = EPOCH + timedelta(microseconds=NOW)
HOLDOUT = Experiment(
    "standing-holdout", 0, TrialKind.HOLDOUT, {"held": 0.1, "treated": 0.9}, "mina", "what do offers bring", AT
)
FULL = Experiment(
    "two-ways", 0, TrialKind.POLICY, {"one": 0.5, "two": 0.5}, "mina", "which is better", AT, AT + timedelta(days=9),
    UnitKind.ACCOUNT, ("cart", "product"), ("complement",), "policies", {"one": "helpful", "two": "bold"}, "nothing", True,
    {"revenue": 500.0}, {"KR": "two"},
)  # fmt: skip


def save(records: Records, trial: Experiment = HOLDOUT, standing: int | None = None) -> int | None:
    """Write an experiment as the shop does."""
    return records.save_experiment(experiment_row(trial, NOW), standing)


def given(
    records: Records, decision_id: str, unit_id: str = "c1", arm: str = "held", *, kind: UnitKind = UnitKind.CUSTOMER,
    identities: tuple[str, ...] = ("customer:c1",), at: int = NOW,
) -> bool:  # fmt: skip
    """Record a decision that is the first of a unit in an arm; tell whether it was kept."""
    assigned = Assigned("standing-holdout", kind, unit_id, arm, at)
    return not records.record_decisions([slim(decision_id, None)], [], [], [FirstArm(0, assigned, identities)])


def arms(records: Records, *units: str) -> list[tuple[str, str]]:
    """Give id and arm of what units were first assigned to."""
    return [(one.unit_id, one.arm) for one in records.first_arms(units)]


class TrialsContract:
    """Cases for any engine."""

    def test_every_version_comes_back_whole(self, records: Records, other: Records) -> None:
        assert (save(records), save(records, FULL), save(other, HOLDOUT, 1)) == (1, 1, 2)
        found = {row["experiment_id"]: experiment_of(row) for row in other.experiments()}
        assert (found["two-ways"].placements, found["two-ways"].policies) == (FULL.placements, FULL.policies)
        assert (found["two-ways"].ends_at, found["two-ways"].unit) == (FULL.ends_at, FULL.unit)
        assert (found["two-ways"].limits, found["two-ways"].promoted) == (FULL.limits, FULL.promoted)
        assert [row["version"] for row in records.experiment_versions("standing-holdout")] == [1, 2]

    def test_a_version_written_against_another_one_is_refused(self, records: Records, other: Records) -> None:
        assert save(records) == 1
        assert save(other) is None
        assert save(other, HOLDOUT, 2) is None
        assert len(records.experiment_versions("standing-holdout")) == 1

    def test_what_is_on_is_read_with_the_policies_and_a_change_is_seen_at_once(
        self, records: Records, other: Records
    ) -> None:
        before = other.policies_in_force().change_number
        save(records)
        assert other.policies_changed_since(before)
        assert [row["experiment_id"] for row in other.policies_in_force().experiments] == ["standing-holdout"]
        number = other.policies_in_force().change_number
        stopped = Experiment(
            "standing-holdout", 0, TrialKind.HOLDOUT, {"held": 0.1, "treated": 0.9}, "mina", "done", AT, is_active=False
        )
        save(records, stopped, 1)
        assert other.policies_changed_since(number)
        assert other.policies_in_force().experiments == []
        save(records, replace(FULL, is_active=False))
        assert [row["promoted"] for row in other.policies_in_force().experiments] == ['{"KR":"two"}'], (
            "its winner goes on"
        )

    def test_an_arm_is_written_once(self, records: Records, other: Records) -> None:
        assert given(records, "d1")
        assert given(other, "d2")
        assert arms(other, "customer:c1") == [("c1", "held")]
        assert records.count_arms("standing-holdout") == {"held": 1}

    def test_another_arm_meets_the_first_and_nothing_of_its_decision_is_kept(
        self, records: Records, other: Records
    ) -> None:
        assert given(records, "d1")
        assert not given(other, "d2", arm="treated")
        assert records.decision("d2") is None
        assert arms(records, "customer:c1") == [("c1", "held")]

    def test_an_arm_of_another_identity_of_the_person_is_met_too(self, records: Records, other: Records) -> None:
        assert given(records, "d1", "a1", kind=UnitKind.ANONYMOUS, identities=("anonymous:a1",))
        join(records, ("anonymous:a1", "customer:c1", "login", NOW))
        assert not given(other, "d2", "c1", "treated")
        assert given(other, "d3", "c1", "held", identities=("anonymous:a1", "customer:c1"))

    def test_people_who_were_in_two_arms_are_counted(self, records: Records) -> None:
        given(records, "d1", "a1", "held", kind=UnitKind.ANONYMOUS, identities=("anonymous:a1",))
        given(records, "d2", "c1", "treated", at=NOW + DAY)
        assert records.crossovers("standing-holdout") == 0
        join(records, ("anonymous:a1", "customer:c1", "login", NOW))
        assert records.crossovers("standing-holdout") == 1
        assert [one.arm for one in records.first_arms(["customer:c1", "anonymous:a1"])] == ["held", "treated"]

    def test_a_decision_that_is_not_kept_leaves_no_arm(self, records: Records) -> None:
        assert given(records, "d1")
        one = Assigned("another", UnitKind.CUSTOMER, "c1", "short", NOW)
        two = Assigned("standing-holdout", UnitKind.CUSTOMER, "c1", "treated", NOW)
        met = records.record_decisions(
            [slim("d2", None)], [], [], [FirstArm(0, one, ("customer:c1",)), FirstArm(0, two, ("customer:c1",))]
        )
        assert met == [0]
        assert records.count_arms("another") == {}

    def test_of_two_in_one_batch_the_one_that_stands_keeps_the_arm(self, records: Records) -> None:
        one = Assigned("standing-holdout", UnitKind.CUSTOMER, "c1", "held", NOW)
        other = Assigned("another", UnitKind.CUSTOMER, "c2", "short", NOW)
        given(records, "d0", "c2", "held", identities=("customer:c2",))
        clash = Assigned("standing-holdout", UnitKind.CUSTOMER, "c2", "treated", NOW)
        met = records.record_decisions(
            [slim("d1", None), slim("d2", None)], [], [],
            [FirstArm(0, one, ("customer:c1",)), FirstArm(0, clash, ("customer:c2",)), FirstArm(1, one, ("customer:c1",)),
             FirstArm(1, other, ("customer:c2",))],
        )  # fmt: skip
        assert met == [0]
        assert arms(records, "customer:c1") == [("c1", "held")]
        assert records.count_arms("another") == {"short": 1}

    def test_units_that_are_no_people_are_each_their_own(self, records: Records) -> None:
        assert given(records, "d1", "t1", "held", kind=UnitKind.STORE, identities=())
        assert given(records, "d2", "t2", "treated", kind=UnitKind.STORE, identities=())
        assert arms(records, "store:t1", "store:t2") == [("t1", "held"), ("t2", "treated")]

    def test_who_is_erased_stays_in_the_count_under_no_name(self, records: Records) -> None:
        given(records, "d1", "a1", "held", kind=UnitKind.ANONYMOUS, identities=("anonymous:a1",))
        given(records, "d2", "c1", "treated", at=NOW + DAY)
        records.erase({"erased:x": ["customer:c1", "anonymous:a1"]}, NOW)
        assert arms(records, "customer:c1", "anonymous:a1") == []
        assert records.count_arms("standing-holdout") == {"held": 1}
        assert given(records, "d3", "c1", "treated")
        assert arms(records, "customer:c1") == []
