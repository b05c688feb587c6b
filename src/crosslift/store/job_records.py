"""The part of the records port that keeps what runs by itself."""

from collections.abc import Mapping
from typing import Any, Protocol


class JobRecords(Protocol):
    """Where jobs stand, and what became of their runs. Who runs one holds `alone` meanwhile."""

    def jobs(self) -> list[dict[str, Any]]:
        """Give where each job stands, by name."""

    def change_job(self, name: str, changes: Mapping[str, Any], now: int) -> None:
        """Set columns of a job; one that nobody saw before begins now."""

    def start_job_run(self, row: Mapping[str, Any], changes: Mapping[str, Any]) -> int:
        """Write down that a run began, or was left out, with what that changes of its job; gives its id.

        A run of the same job that still seems to go on died: whoever starts one holds what the other held.
        """

    def end_job_run(
        self, run_id: int, state: str, ended_at: int, said: str, changes: Mapping[str, Any], keep: int
    ) -> None:
        """Write down how a run ended, with what that changes of its job; of older runs the newest `keep` stay."""

    def job_runs(self, job: str | None = None, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Give runs of a job or of all, newest first; given `before`, those with a smaller id."""
