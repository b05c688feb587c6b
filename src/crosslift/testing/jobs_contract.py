"""What every store of records owes to jobs: where each stands, what became of its runs, and that one runs in one place."""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator
from typing import Any

import pytest

from crosslift.errors import Busy
from crosslift.store.ports import Records

HOUR = 3_600_000_000
NOW = 480_000 * HOUR


def started(records: Records, job: str = "learn", at: int = NOW, **changes: Any) -> int:
    """Begin a run."""
    row = {"job": job, "cause": "timetable", "due_at": at, "started_at": at, "state": "running", "worker": "here:1"}
    return records.start_job_run(row, changes)


class JobsContract:
    """Cases for any engine; `records` is an empty one."""

    @pytest.fixture
    def records(self) -> Iterator[Records]:
        """Give an empty store."""
        raise NotImplementedError

    def test_a_job_begins_when_it_is_first_seen(self, records: Records) -> None:
        records.change_job("learn", {}, NOW)
        records.change_job("learn", {"paused_at": NOW + 1, "paused_by": "mina"}, NOW + HOUR)
        [job] = records.jobs()
        assert (job["name"], job["since"], job["due_until"], job["paused_by"]) == ("learn", NOW, NOW, "mina")
        assert (job["n_failed"], bool(job["is_troubled"]), job["retry_at"], job["asked_at"]) == (0, False, None, None)

    def test_a_run_changes_its_job_as_it_begins_and_ends(self, records: Records) -> None:
        records.change_job("learn", {"asked_at": NOW}, NOW)
        run = started(records, due_until=NOW + 5, asked_at=None)
        assert [job["due_until"] for job in records.jobs()] == [NOW + 5]
        assert [(one["run_id"], one["state"]) for one in records.job_runs("learn")] == [(run, "running")]
        records.end_job_run(run, "failed", NOW + HOUR, '{"why":"x"}', {"n_failed": 1, "retry_at": NOW + HOUR}, 10)
        [ended] = records.job_runs("learn")
        assert (ended["state"], ended["ended_at"], ended["said"]) == ("failed", NOW + HOUR, '{"why":"x"}')
        [job] = records.jobs()
        assert (job["n_failed"], job["retry_at"], job["asked_at"]) == (1, NOW + HOUR, None)

    def test_a_run_that_seems_to_go_on_died_where_another_begins(self, records: Records) -> None:
        for job in ("learn", "quality"):
            records.change_job(job, {}, NOW)
            started(records, job)
        started(records, at=NOW + HOUR)
        states = [(one["job"], one["state"], one["ended_at"]) for one in records.job_runs()]
        assert states == [("learn", "running", None), ("quality", "running", None), ("learn", "died", NOW + HOUR)]

    def test_runs_are_read_page_by_page_and_the_oldest_are_forgotten(self, records: Records) -> None:
        records.change_job("learn", {}, NOW)
        records.change_job("quality", {}, NOW)
        kept = started(records, "quality")
        runs = [started(records, at=NOW + n) for n in range(5)]
        page = records.job_runs("learn", limit=2)
        assert [one["run_id"] for one in page] == [runs[4], runs[3]]
        assert [one["run_id"] for one in records.job_runs("learn", before=runs[3])] == [runs[2], runs[1], runs[0]]
        records.end_job_run(runs[4], "done", NOW + HOUR, "{}", {}, 2)
        assert [one["run_id"] for one in records.job_runs()] == [runs[4], runs[3], kept]

    def test_what_one_does_alone_no_other_does_meanwhile(self, records: Records) -> None:
        with records.alone("job-learn", "learn is running"):
            with pytest.raises(Busy, match="learn is running"), records.alone("job-learn", "learn is running"):
                pass
            with records.alone("job-quality", "quality is running"):
                pass
        with records.alone("job-learn", "learn is running"):
            pass
