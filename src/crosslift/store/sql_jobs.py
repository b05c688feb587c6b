"""What runs by itself; see `job_records`."""

from collections.abc import Mapping
from typing import Any

from crosslift.store.engine import Connection, Engine
from crosslift.store.sql_steps import named_rows

Row = dict[str, Any]
LAST = 2**63 - 1


class SqlJobs(Engine):
    """The part of the port that keeps jobs."""

    def jobs(self) -> list[Row]:
        """Give where each job stands, by name."""
        return named_rows(self._reader(), "select * from jobs order by name")

    def change_job(self, name: str, changes: Mapping[str, Any], now: int) -> None:
        """Set columns of a job; one that nobody saw before begins now."""

        def change(connection: Connection) -> None:
            connection.execute(
                "insert into jobs (name, since, due_until) values (?, ?, ?) on conflict (name) do nothing",
                (name, now, now),
            )
            _change(connection, name, changes)

        self._write(change)

    def start_job_run(self, row: Mapping[str, Any], changes: Mapping[str, Any]) -> int:
        """Write down that a run began, or was left out, with what that changes of its job; gives its id."""

        def start(connection: Connection) -> int:
            connection.execute(
                "update job_runs set state = 'died', ended_at = ? where job = ? and state = 'running'",
                (row["started_at"], row["job"]),
            )
            [newest] = connection.execute("select max(run_id) from job_runs").fetchone()
            kept = {"run_id": (newest or 0) + 1, **row}
            connection.execute(
                f"insert into job_runs ({', '.join(kept)}) values ({', '.join('?' * len(kept))})", tuple(kept.values())
            )
            _change(connection, row["job"], changes)
            return int(kept["run_id"])

        return self._write(start)

    def end_job_run(
        self, run_id: int, state: str, ended_at: int, said: str, changes: Mapping[str, Any], keep: int
    ) -> None:
        """Write down how a run ended, with what that changes of its job; of older runs the newest `keep` stay."""

        def end(connection: Connection) -> None:
            [job] = connection.execute("select job from job_runs where run_id = ?", (run_id,)).fetchone()
            connection.execute(
                "update job_runs set state = ?, ended_at = ?, said = ? where run_id = ?",
                (state, ended_at, said, run_id),
            )
            _change(connection, job, changes)
            connection.execute(
                "delete from job_runs where job = ? and run_id not in "
                "(select run_id from job_runs where job = ? order by run_id desc limit ?)",
                (job, job, keep),
            )

        self._write(end)

    def job_runs(self, job: str | None = None, before: int | None = None, limit: int = 50) -> list[Row]:
        """Give runs of a job or of all, newest first; given `before`, those with a smaller id."""
        where, values = ("job = ? and ", [job]) if job is not None else ("", [])
        return named_rows(
            self._reader(),
            f"select * from job_runs where {where}run_id < ? order by run_id desc limit ?",
            (*values, LAST if before is None else before, limit),
        )


def _change(connection: Connection, name: str, changes: Mapping[str, Any]) -> None:
    if changes:
        sets = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(f"update jobs set {sets} where name = ?", (*changes.values(), name))
