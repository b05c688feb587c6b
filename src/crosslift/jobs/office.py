"""What people ask of the jobs: the timetable with how it goes, the history, one now, a pause."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from crosslift.errors import BadUsage
from crosslift.jobs.news import News
from crosslift.jobs.runner import Runner
from crosslift.jobs.timetable import plain, read_timetable
from crosslift.shop import Shop

MOST = 1000


class Office:
    """The jobs of one shop, for people.

    Raises
    ------
    BadInput
        If the timetable in the settings cannot be read.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._records = shop.records
        self._timetable = read_timetable(shop.settings)

    def jobs(self) -> list[dict[str, Any]]:
        """Give every job: name, about, schedule, aloud, state, next_at, last_run_at, last_state, paused_by, n_failed.

        `state` is running, paused, asked, retry, troubled (given up until its next time), waiting or never.
        """
        standing = {row["name"]: row for row in self._records.jobs()}
        return [self._told(entry.name, standing.get(entry.name)) for entry in self._timetable.entries]

    def history(self, name: str | None = None, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Give runs, newest first; given `before`, those with a smaller id.

        Raises
        ------
        NotFound
            If there is no such job.
        BadUsage
            For a limit outside 1..1000.
        """
        if name is not None:
            self._timetable[name]
        if not 1 <= limit <= MOST:
            raise BadUsage(f"limit = {limit} must be between 1 and {MOST}")
        return [_run(row) for row in self._records.job_runs(name, before, limit)]

    def run(self, name: str) -> dict[str, Any]:
        """Run a job in this process; gives the run. NotFound and Busy as the runner has them."""
        return _run(Runner(self._shop, News(self._shop)).run(name))

    def ask(self, name: str, who: str) -> dict[str, Any]:
        """Let the process of the jobs run one as soon as it looks; gives the job."""
        return self._changed(name, {"asked_at": self._now(), "asked_by": who})

    def pause(self, name: str, who: str, *, is_paused: bool) -> dict[str, Any]:
        """Let a job not run by itself, or let it again; gives the job. NotFound if there is none."""
        paused = {"paused_at": self._now(), "paused_by": who} if is_paused else {"paused_at": None, "paused_by": None}
        return self._changed(name, paused)

    def _changed(self, name: str, changes: dict[str, Any]) -> dict[str, Any]:
        self._timetable[name]
        self._records.change_job(name, changes, self._now())
        return next(row for row in self.jobs() if row["name"] == name)

    def _told(self, name: str, row: dict[str, Any] | None) -> dict[str, Any]:
        entry = self._timetable[name]
        last = next(iter(self._records.job_runs(name, limit=1)), None)
        due = self._timetable.next(name, self._shop.clock())
        return {
            "name": name, "about": entry.about, "schedule": entry.schedule.said, "aloud": entry.aloud(),
            "state": _state(entry.schedule.is_never, row, last), "next_at": plain(due),
            "last_run_at": None if last is None else _instant(last["started_at"]),
            "last_state": None if last is None else last["state"],
            "paused_by": None if row is None else row["paused_by"], "n_failed": 0 if row is None else row["n_failed"],
        }  # fmt: skip

    def _now(self) -> int:
        return int(self._shop.clock().timestamp() * 1_000_000)


def _state(is_never: bool, row: dict[str, Any] | None, last: dict[str, Any] | None) -> str:
    if last is not None and last["state"] == "running":
        return "running"
    if row is not None:
        if row["asked_at"] is not None:
            return "asked"
        if row["paused_at"] is not None:
            return "paused"
        if row["retry_at"] is not None:
            return "retry"
        if row["n_failed"]:
            return "troubled"
    return "never" if is_never else "waiting"


def _run(row: dict[str, Any]) -> dict[str, Any]:
    ended = row["ended_at"]
    return {
        "run_id": row["run_id"], "job": row["job"], "cause": row["cause"], "state": row["state"],
        "due_at": _instant(row["due_at"]), "started_at": _instant(row["started_at"]),
        "seconds": None if ended is None else round((ended - row["started_at"]) / 1e6, 3), "worker": row["worker"],
        "said": msgspec.json.decode(row["said"]),
    }  # fmt: skip


def _instant(micros: int) -> Any:
    return plain(datetime.fromtimestamp(micros / 1e6, UTC))
