"""The part of the records port that an assisted decision asks: who sells, and what they may advise on."""

from typing import Any, Protocol


class AgentRecords(Protocol):
    """Agents as they stand at this moment."""

    def agent(self, agent_id: str) -> dict[str, Any] | None:
        """Give who sells under an id: name, team, licences (JSON), is_active; None where nobody told of one."""
