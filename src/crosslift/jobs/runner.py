"""Runs what is due in one shop: one process a job at a time, retried when it failed, told when it does not work."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from traceback import extract_tb
from typing import Any

import msgspec
import structlog

from crosslift.domain.schedule import LATE
from crosslift.errors import BadInput, Busy, CrossliftError, TryAgain, WillNotWork
from crosslift.jobs.timetable import Entry, Timetable, read_timetable
from crosslift.jobs.work import WORK, Done
from crosslift.shop import Shop

log = structlog.get_logger()
Tell = Callable[[str, Mapping[str, Any]], None]
"""Tells somebody: what kind of news, and its facts. Raises where that did not work; it is told again then."""
KEEP = 200
"""Runs of each job that are remembered."""
TRIES = 5
"""A job that failed so often in a row waits for its next time."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
TELL_AGAIN = timedelta(minutes=5)
FRAMES = 6
_MICRO = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stopped(BaseException):
    """Whoever runs the jobs was asked to stop; nothing that a job catches."""


@dataclass(frozen=True, slots=True)
class Due:
    """Why a job is run now; `at` is when it should have been."""

    cause: str
    at: int
    is_skipped: bool = False


class Runner:
    """The jobs of one shop.

    Parameters
    ----------
    shop : Shop
        Opened; its clock is the one that counts.
    tell : callable
        Told of jobs that do not work, that work again, and of what they found.
    work : mapping, optional
        Job to what it does.
    """

    def __init__(self, shop: Shop, tell: Tell, work: Mapping[str, Callable[[Shop], Done]] = WORK) -> None:
        self._shop = shop
        self._records = shop.records
        self._tell = tell
        self._work = work
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._tell_after = 0
        self.timetable: Timetable = read_timetable(shop.settings)

    def tick(self) -> int:
        """Run everything that is due, one after the other; gives how many were run."""
        standing = self._standing()
        n_run = 0
        for entry in self.timetable.entries:
            row = standing.get(entry.name)
            if row is None:
                self._records.change_job(entry.name, {}, self._now())
            elif self._due(entry, row) is not None and self._take(entry) is not None:
                n_run += 1
        self._tell_news()
        return n_run

    def run(self, name: str) -> dict[str, Any]:
        """Run a job now, paused or not; gives the run.

        Raises
        ------
        NotFound
            If there is no such job.
        Busy
            If another process runs it.
        """
        entry = self.timetable[name]
        self._records.change_job(name, {}, self._now())
        with self._alone(entry):
            self._perform(entry, self._standing()[name], Due("asked", self._now()))
        return self._records.job_runs(name, limit=1)[0]

    # when ------------------------------------------------------------------------------------------------------------

    def _due(self, entry: Entry, row: Mapping[str, Any]) -> Due | None:
        """Tell why a job is due now, if it is."""
        now = self._now()
        if row["asked_at"] is not None:
            return Due("asked", row["asked_at"])
        if self._seems_to_run(entry.name):
            return Due("died", row["due_until"])
        if row["paused_at"] is not None:
            return None
        if row["retry_at"] is not None:
            is_time = row["retry_at"] <= now or row["retry_at"] > now + LONGEST_PAUSE // _MICRO  # the clock went back
            return Due("retry", row["retry_at"]) if is_time else None
        if row["due_until"] > now:
            log.warning("clock_went_back", job=entry.name)
            self._records.change_job(entry.name, {"due_until": now}, now)
            return None
        at = entry.schedule.last(self._shop.clock(), self.timetable.zone)
        if at is None or _micros(at) <= row["due_until"]:
            return None
        is_missed = now - _micros(at) > LATE // _MICRO
        return Due("missed" if is_missed else "timetable", _micros(at), is_missed and entry.schedule.skips_missed)

    def _seems_to_run(self, name: str) -> bool:
        return any(run["state"] == "running" for run in self._records.job_runs(name, limit=1))

    # doing -----------------------------------------------------------------------------------------------------------

    def _alone(self, entry: Entry) -> Any:
        return self._records.alone(f"job-{entry.name}", f"{entry.name} is running in another process; wait for it")

    def _take(self, entry: Entry) -> str | None:
        """Run a job unless another process does, or did a moment ago; gives how it ended."""
        try:
            with self._alone(entry):
                row = self._standing()[entry.name]
                due = self._due(entry, row)
                if due is None:
                    return None
                if due.cause == "died":
                    return self._bury(entry, row)
                return self._perform(entry, row, due)
        except Busy:
            return None

    def _bury(self, entry: Entry, row: Mapping[str, Any]) -> str:
        """Write down that a run died with its process: nobody holds what it held."""
        [run] = self._records.job_runs(entry.name, limit=1)
        said = msgspec.json.encode({"why": "its process ended, or was ended for want of memory"}).decode()
        self._records.end_job_run(run["run_id"], "died", self._now(), said, self._after_failure(row), KEEP)
        log.warning("job_died", job=entry.name, run_id=run["run_id"], worker=run["worker"])
        return "died"

    def _perform(self, entry: Entry, row: Mapping[str, Any], due: Due) -> str:
        now = self._now()
        begun = {
            "job": entry.name, "cause": due.cause, "due_at": due.at, "started_at": now, "worker": self._worker,
            "state": "skipped" if due.is_skipped else "running", "ended_at": now if due.is_skipped else None,
        }  # fmt: skip
        changes: dict[str, Any] = {"asked_at": None, "asked_by": None, "retry_at": None}
        if due.cause in ("timetable", "missed"):
            changes |= {"due_until": due.at, "n_failed": 0}
        run_id = self._records.start_job_run(begun, changes)
        if due.is_skipped:
            return "skipped"
        counted = {**row, **changes}
        log.info("job_started", job=entry.name, run_id=run_id, cause=due.cause)
        began = time.perf_counter()
        state, said, after = self._outcome(entry, counted)
        told = msgspec.json.encode(said, enc_hook=str).decode()
        self._records.end_job_run(run_id, state, self._now(), told, after, KEEP)
        log.info("job_ended", job=entry.name, run_id=run_id, state=state, seconds=round(time.perf_counter() - began, 3))
        if said.get("attention"):
            self._try_to_tell("job.attention", {"job": entry.name, "run_id": run_id, "attention": said["attention"]})
        return state

    def _outcome(self, entry: Entry, row: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Do it; gives how it ended, what is said of it, and what that changes of the job."""
        try:
            done = self._work[entry.name](self._shop)
        except Stopped:
            return "stopped", {"why": "the server stopped"}, {"retry_at": self._now()}
        except MemoryError:
            why = "it needed more memory than jobs.memory_mb allows; allow more, or give the machine more"
            return "failed", {"why": why}, self._after_failure(row, is_final=True)
        except TryAgain as error:
            return "failed", {"why": str(error)}, self._after_failure(row)
        except WillNotWork as error:
            problems = {"problems": error.problems} if isinstance(error, BadInput) and error.problems else {}
            return "refused", {"why": str(error), **problems}, self._after_failure(row, is_final=True)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a job: logged, and tried again
            places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
            log.error("job_failed", job=entry.name, error=type(error).__name__, places=places[-FRAMES:])
            why = str(error) if isinstance(error, CrossliftError) else f"{type(error).__name__}; see the log"
            return "failed", {"why": why}, self._after_failure(row)
        attention = {"attention": done.attention} if done.attention else {}
        return "done", {**done.said, **attention}, {"n_failed": 0, "retry_at": None}

    def _after_failure(self, row: Mapping[str, Any], *, is_final: bool = False) -> dict[str, Any]:
        """Give when it is tried again: after a minute, two, four, at most an hour; not at all after five times."""
        n_failed = row["n_failed"] + 1
        if is_final or n_failed >= TRIES:
            return {"n_failed": n_failed, "retry_at": None}
        pause = min(FIRST_PAUSE * 2 ** (n_failed - 1), LONGEST_PAUSE)
        return {"n_failed": n_failed, "retry_at": self._now() + pause // _MICRO}

    # telling ---------------------------------------------------------------------------------------------------------

    def _tell_news(self) -> None:
        """Tell of jobs that were given up and of those that work again, once each, however often we stop in between."""
        for name, row in self._standing().items():
            is_given_up = row["n_failed"] > 0 and row["retry_at"] is None
            if is_given_up != bool(row["is_troubled"]) and self._now() >= self._tell_after:
                run = next(iter(self._records.job_runs(name, limit=1)), None)
                if run is None or run["state"] == "running" or row["retry_at"] is not None:
                    continue
                kind = "job.failed" if is_given_up else "job.recovered"
                facts = {
                    "job": name,
                    "run_id": run["run_id"],
                    "state": run["state"],
                    **msgspec.json.decode(run["said"]),
                }
                if self._try_to_tell(kind, facts):
                    self._records.change_job(name, {"is_troubled": is_given_up}, self._now())

    def _try_to_tell(self, kind: str, facts: Mapping[str, Any]) -> bool:
        try:
            self._tell(kind, {"shop": self._shop.settings["shop.name"], **facts})
        except (CrossliftError, OSError) as error:
            self._tell_after = self._now() + TELL_AGAIN // _MICRO
            log.error("job_news_not_told", kind=kind, job=facts["job"], why=str(error))
            return False
        return True

    def _standing(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self._records.jobs()}

    def _now(self) -> int:
        return _micros(self._shop.clock())


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICRO
