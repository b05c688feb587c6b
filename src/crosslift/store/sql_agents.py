"""Who sells: one as they stand at this moment."""

from typing import Any

from crosslift.store.sql_customers import SqlCustomers
from crosslift.store.sql_steps import named_rows

COLUMNS = ("agent_id", "name", "team", "licences", "is_active")


class SqlAgents(SqlCustomers):
    """The part of the port that an assisted decision asks."""

    def agent(self, agent_id: str) -> dict[str, Any] | None:
        """Give an agent as they stand now; None where nobody told of one."""
        found = named_rows(
            self._reader(),
            f"select {', '.join(f'a.{name}' for name in COLUMNS)} from agents a join imports i on i.id = a.import_id "
            "where a.agent_id = ? and a.superseded_by is null and i.state = 'committed' order by a.id desc limit 1",
            (agent_id,),
        )
        return found[0] if found else None
