"""Experiments and first arms; see `trial_records`."""

from collections.abc import Mapping, Sequence
from typing import Any

from crosslift.domain.experiment import Assigned
from crosslift.store import sql_chain, sql_curation, sql_policies, sql_steps
from crosslift.store.engine import Connection
from crosslift.store.sql_customers import SqlCustomers
from crosslift.store.sql_people import marks, members
from crosslift.store.sql_steps import named_rows
from crosslift.store.trial_records import FirstArm, assigned_of, unit_of

Row = dict[str, Any]


class SqlTrials(SqlCustomers):
    """The part of the port that keeps experiments."""

    def save_experiment(self, row: Mapping[str, Any], standing: int | None) -> int | None:
        """Add the next version of an experiment; the change number moves."""

        def save(connection: Connection) -> int | None:
            [newest] = connection.execute(
                "select max(version) from experiments where experiment_id = ?", (row["experiment_id"],)
            ).fetchone()
            if newest != standing:
                return None
            kept = {**row, "version": (newest or 0) + 1}
            connection.execute(
                f"insert into experiments ({', '.join(kept)}) values ({marks(list(kept))})", tuple(kept.values())
            )
            sql_curation.note_change(connection, sql_policies.LIVE, sql_steps.next_change(connection))
            told = sql_chain.told(kept, "version", "kind", "is_active", "author", "reason")
            sql_chain.note(connection, row["created_at"], "experiment.save", row["experiment_id"], told)
            return int(kept["version"])

        return self._write(save)

    def experiments(self) -> list[Row]:
        """Give the newest version of every experiment by id, ended ones too."""
        return named_rows(self._reader(), f"{sql_policies.NEWEST} order by x.experiment_id")

    def experiment_versions(self, experiment_id: str) -> list[Row]:
        """Give every version of an experiment, oldest first."""
        statement = "select * from experiments where experiment_id = ? order by version"
        return named_rows(self._reader(), statement, (experiment_id,))

    def first_arms(self, units: Sequence[str]) -> list[Assigned]:
        """Give what units (`kind:id`) were first assigned to, in all experiments."""
        return _first_arms(self._reader(), units)

    def count_arms(self, experiment_id: str) -> dict[str, int]:
        """Count the units first assigned to each arm."""
        statement = "select arm, count(*) from experiment_arms where experiment_id = ? group by arm order by arm"
        return dict(self._reader().execute(statement, (experiment_id,)).fetchall())

    def crossovers(self, experiment_id: str) -> int:
        """Count the people whose identities were given different arms before they were known to be one."""
        [n] = (
            self._reader()
            .execute(
                "select count(*) from (select i.person_id from experiment_arms a join identities i on i.identity = a.unit "
                "where a.experiment_id = ? group by i.person_id having count(distinct a.arm) > 1) crossed",
                (experiment_id,),
            )
            .fetchone()
        )
        return int(n)


def _first_arms(c: Connection, units: Sequence[str]) -> list[Assigned]:
    rows = named_rows(
        c,
        f"select * from experiment_arms where unit in ({marks(units)}) order by at, experiment_id, unit",
        tuple(units),
    )
    return [assigned_of(row) for row in rows]


def stands(c: Connection, one: FirstArm) -> bool:
    """Tell whether nobody gave this unit, or another identity of the person, another arm meanwhile."""
    unit = unit_of(one.assigned)
    names = [name for name, _ in members(c, unit)[1]] if one.identities else [unit]
    found = (a for a in _first_arms(c, names) if a.experiment_id == one.assigned.experiment_id)
    first = min(found, key=lambda a: (a.at, a.unit_kind, a.unit_id), default=None)
    return first is None or first.arm == one.assigned.arm


def keep(c: Connection, one: FirstArm, decision_id: str) -> None:
    """Write a first arm; one that is there already stays."""
    assigned = one.assigned
    c.execute(
        "insert into experiment_arms (experiment_id, unit, arm, version, at, decision_id) values (?,?,?,?,?,?) "
        "on conflict do nothing",
        (assigned.experiment_id, unit_of(assigned), assigned.arm, assigned.version, assigned.at, decision_id),
    )
