"""A named group of people: the rule that says who is in, and who wrote it why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crosslift.domain.condition import Condition
from crosslift.domain.segment_grammar import parse
from crosslift.domain.segment_text import text_of
from crosslift.errors import BadInput

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    """One version of a segment; a later version takes its place, none is ever changed.

    Attributes
    ----------
    segment_id : str
        Small letters, digits, `-` and `_`, at most 60.
    titles : mapping of str to str
        What it is called, by language; at least one.
    rule : str
        The condition as one line (`domain.segment_grammar`).
    version : int
        From 1.
    author, reason : str
        Who wrote this version and why.
    created_at : int
        When, microseconds UTC.
    is_active : bool
        Whether people are put in it; an inactive one keeps its history.
    """

    segment_id: str
    titles: Mapping[str, str]
    rule: str
    version: int
    author: str
    reason: str
    created_at: int
    is_active: bool = True
    condition: Condition = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read the rule, and keep it as the line that any writing of it becomes.

        Raises
        ------
        BadInput
            If the rule cannot be read, or the id, titles, author or reason are missing or odd.
        """
        if not _ID.fullmatch(self.segment_id):
            raise BadInput(
                f"segment id {self.segment_id!r}: use small letters, digits, - and _, at most 60, such as loyal-grinders"
            )
        for name, text in (("author", self.author), ("reason", self.reason)):
            if not text.strip():
                raise BadInput(f"segment {self.segment_id} has no {name}; say who writes it and why")
        if not any(title.strip() for title in self.titles.values()):
            raise BadInput(f"segment {self.segment_id} has no title; give one in at least one language")
        condition = parse(self.rule)
        object.__setattr__(self, "condition", condition)
        object.__setattr__(self, "rule", text_of(condition))

    def title(self, language: str) -> str:
        """Give the title in a language, else in English, else in the first there is."""
        named = {code: title for code, title in self.titles.items() if title.strip()}
        return named.get(language) or named.get("en") or next(iter(named.values()))

    def revised(
        self, rule: str, author: str, reason: str, created_at: int, titles: Mapping[str, str] | None = None
    ) -> "Segment":
        """Give the next version, with another rule or other titles."""
        return replace(
            self,
            rule=rule,
            author=author,
            reason=reason,
            created_at=created_at,
            titles=self.titles if titles is None else titles,
            version=self.version + 1,
        )

    def switched(self, author: str, reason: str, created_at: int, *, is_active: bool) -> "Segment":
        """Give the next version, with the same rule, on or off."""
        revised = self.revised(self.rule, author, reason, created_at)
        return replace(revised, is_active=is_active)
