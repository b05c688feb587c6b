"""Conditions asked of the person of one decision, and which of them held: all that is needed to decide again."""

from collections.abc import Iterable

from crosslift.domain.membership import PersonFacts, Predicate
from crosslift.domain.profile import Profile

NOBODY = PersonFacts(Profile("", 0))
"""Whom nobody knows, or who did not allow to be known: the blank profile."""


class Answers:
    """Asks each condition once.

    Parameters
    ----------
    facts : PersonFacts
        What is known of the person; of one who did not allow it `NOBODY`.
    now : int
        Microseconds UTC.
    kept : iterable of str, optional
        Names of what held when the decision was made; then facts are not asked.
    """

    def __init__(self, facts: PersonFacts, now: int, kept: Iterable[str] | None = None) -> None:
        self._facts = facts
        self._now = now
        self._kept = None if kept is None else frozenset(kept)
        self._said: dict[str, bool] = {}

    def hold(self, name: str, asked: Predicate) -> bool:
        """Tell whether a condition holds of the person."""
        said = self._said.get(name)
        if said is None:
            said = asked(self._facts, self._now) if self._kept is None else name in self._kept
            self._said[name] = said
        return said

    @property
    def held(self) -> tuple[str, ...]:
        """Names of what was asked and holds."""
        return tuple(sorted(name for name, said in self._said.items() if said))
