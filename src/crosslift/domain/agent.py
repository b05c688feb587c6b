"""Who sells with the customer before them: what they may advise on, and how a customer confirms what was sold."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ConfirmationMethod(StrEnum):
    """How a customer said yes to a sale."""

    LINK = "link"
    CODE = "code"
    SIGNATURE = "signature"
    RECORDING = "recording"


class ConfirmationAnswer(StrEnum):
    """What the customer said: that they want it, or that they do not."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who sells at a desk, at a till or by telephone."""

    agent_id: str
    name: str
    team: str | None
    licences: frozenset[str]
    is_active: bool

    def held_with(self, firm: Iterable[str]) -> frozenset[str]:
        """Give the licences that this agent and the firm both hold; who is not active holds none.

        Examples
        --------
        >>> mina = Agent("mina", "Mina", None, frozenset({"insurance", "tax"}), is_active=True)
        >>> sorted(mina.held_with(["tax", "funds"]))
        ['tax']
        """
        return self.licences.intersection(firm) if self.is_active else frozenset()


def listed(text: str) -> tuple[str, ...]:
    """Read several names of one text, with commas, semicolons or bars between them; each once, sorted.

    Examples
    --------
    >>> listed("tax; insurance, tax")
    ('insurance', 'tax')
    """
    return tuple(sorted({name.strip() for name in re.split(r"[,;|]", text)} - {""}))
