"""Policies and the shop's stop switch."""

from collections.abc import Mapping
from typing import Any

from crosslift.store import sql_chain, sql_curation, sql_steps
from crosslift.store.engine import ALL, Connection
from crosslift.store.policy_records import PoliciesRead
from crosslift.store.sql_customers import SqlCustomers
from crosslift.store.sql_people import marks
from crosslift.store.sql_steps import named_rows

LIVE = "policies"
"""Under this name `shop_meta` keeps the change number of the newest publication, stop, resumption or change of an experiment."""
NEWEST = (
    "select x.* from experiments x join (select experiment_id, max(version) as version from experiments group by 1) n "
    "on n.experiment_id = x.experiment_id and n.version = x.version"
)
"""The newest version of each experiment; running ones are read with the policies."""
_NEWEST_FIRST = "order by name, version desc"


class SqlPolicies(SqlCustomers):
    """The part of the port that keeps policies."""

    def save_policy(self, row: Mapping[str, Any], above: int = 0) -> int:
        """Add the next version of a policy as a draft, its number above one; gives that number."""

        def save(connection: Connection) -> int:
            [newest] = connection.execute("select max(version) from policies where name = ?", (row["name"],)).fetchone()
            version = max(newest or 0, above) + 1
            _insert(connection, "policies", {**row, "version": version, "state": "draft"})
            told = {"at": row["created_at"], "action": "draft", "name": row["name"], "version": version}
            step = {**told, "author": row["author"], "reason": row["reason"]}
            _insert(connection, "policy_changes", step)
            _audit(connection, {**step, "hash": row["hash"]})
            return version

        return self._write(save)

    def policies(self, name: str | None = None) -> list[dict[str, Any]]:
        """Give every version of every policy (of one, by `name`), by name, the newest version first."""
        where, values = ("", ()) if name is None else ("where name = ?", (name,))
        return named_rows(self._reader(), f"select * from policies {where} {_NEWEST_FIRST}", values)

    def policy(self, name: str, version: int) -> dict[str, Any] | None:
        """Give one version of a policy, whatever became of it."""
        found = named_rows(self._reader(), "select * from policies where name = ? and version = ?", (name, version))
        return found[0] if found else None

    def publish_policy(self, change: Mapping[str, Any], standing: int | None) -> bool:
        """Put the version that a change names in force in place of the one that stands; the change number moves."""
        name, version = change["name"], change["version"]

        def publish(connection: Connection) -> bool:
            published = "select version from policies where name = ? and state = 'published'"
            found = connection.execute(published, (name,)).fetchone()
            if (found[0] if found else None) != standing:
                return False
            connection.execute("update policies set state = 'retired' where name = ? and version = ?", (name, standing))
            connection.execute(
                "update policies set state = 'published', published_at = ?, approved_by = coalesce(?, approved_by) "
                "where name = ? and version = ?",
                (change["at"], change["approved_by"], name, version),
            )
            _note(connection, change)
            return True

        return self._write(publish)

    def switch_policies(self, change: Mapping[str, Any]) -> bool:
        """Stop or resume the shop; the change number moves. False if it is so already."""

        def switch(connection: Connection) -> bool:
            if (_stop(connection) is not None) == (change["action"] == "stop"):
                return False
            _note(connection, change)
            return True

        return self._write(switch)

    def policies_in_force(self) -> PoliciesRead:
        """Give what is published, the stop switch, experiments that are on or promoted, and the change number, in one reading."""
        with self._snapshot() as connection:
            published = named_rows(connection, f"select * from policies where state = 'published' {_NEWEST_FIRST}")
            running = named_rows(
                connection, f"{NEWEST} where x.is_active or x.promoted <> '{{}}' order by x.experiment_id"
            )
            return PoliciesRead(sql_steps.change_number(connection), published, _stop(connection), running)

    def policies_changed_since(self, change_number: int) -> bool:
        """Tell whether a policy, the stop switch or an experiment changed after a change number."""
        return sql_curation.changed_at(self._reader(), LIVE) > change_number

    def policy_changes(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Give what was done with policies and the stop switch, newest first."""
        most = ALL if limit is None else limit
        return named_rows(self._reader(), "select * from policy_changes order by id desc limit ?", (most,))


def _note(c: Connection, change: Mapping[str, Any]) -> None:
    """Write down a change that holds from the very next decision on."""
    _insert(c, "policy_changes", change)
    _audit(c, change)
    sql_curation.note_change(c, LIVE, sql_steps.next_change(c))


def _audit(c: Connection, change: Mapping[str, Any]) -> None:
    details = sql_chain.told(change, "version", "author", "reason", "approved_by", "hash")
    sql_chain.note(c, change["at"], f"policy.{change['action']}", change.get("name") or "the shop", details)


def _stop(c: Connection) -> Mapping[str, Any] | None:
    found = named_rows(c, "select * from policy_changes where action in ('stop', 'resume') order by id desc limit 1")
    return found[0] if found and found[0]["action"] == "stop" else None


def _insert(c: Connection, table: str, row: Mapping[str, Any]) -> None:
    c.execute(f"insert into {table} ({', '.join(row)}) values ({marks(list(row))})", tuple(row.values()))
