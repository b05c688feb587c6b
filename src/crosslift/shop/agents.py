"""Who sells with the customer before them, and what they may advise on: never more than the firm may."""

from typing import Any

import msgspec

from crosslift.domain.agent import Agent, listed
from crosslift.errors import NotFound
from crosslift.settings import Settings
from crosslift.store.ports import Records

COLUMNS = ("agent_id", "name", "team", "licences", "is_active")


class Agents:
    """The agents of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept; they come in as facts, by file or API.
    settings : Settings
        Of it, the licences the firm holds.
    """

    def __init__(self, records: Records, settings: Settings) -> None:
        self._records = records
        self._firm = frozenset(listed(settings["shop.licences"]))

    def licences_of(self, agent_id: str | None) -> frozenset[str]:
        """Give the licences that agent and firm both hold, as of this moment.

        Nobody, an unknown and an inactive agent hold none: a licence that was taken away counts on the very next decision.
        """
        if agent_id is None or not self._firm:
            return frozenset()
        row = self._records.agent(agent_id)
        return frozenset() if row is None else _agent(row).held_with(self._firm)

    def get(self, agent_id: str) -> Agent:
        """Give an agent. NotFound if nobody told of one."""
        row = self._records.agent(agent_id)
        if row is None:
            raise NotFound(f"no agent {agent_id!r}; collect a file of agents, or PUT /v1/facts/agents")
        return _agent(row)

    def list(self) -> list[Agent]:
        """Give every agent by id, inactive ones included."""
        rows: list[dict[str, Any]] = self._records.table("agents", COLUMNS).to_pylist()
        return sorted((_agent(row) for row in rows), key=lambda one: one.agent_id)


def _agent(row: dict[str, Any]) -> Agent:
    licences = frozenset(msgspec.json.decode(row["licences"], type=tuple[str, ...]))
    return Agent(row["agent_id"], row["name"], row["team"], licences, bool(row["is_active"]))
