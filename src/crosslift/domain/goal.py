"""What a shop wants to reach together: a figure, a target, a time. Goals belong to the shop or a team, never to a person."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crosslift.errors import BadInput

GOAL_ID = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
MOST_GOALS = 50


class GoalFigure(StrEnum):
    """What a goal is set for."""

    REVENUE = "revenue"
    MARGIN = "margin"
    INCREMENTAL = "incremental"
    """What offers earned, by the standing holdout."""
    CUSTOMERS = "customers"
    """Customers with an order."""
    REPEAT = "repeat_rate"
    CSAT = "csat"
    RETURNS = "return_rate"


LOWER_IS_BETTER = frozenset({GoalFigure.RETURNS})
SHARES = frozenset({GoalFigure.REPEAT, GoalFigure.CSAT, GoalFigure.RETURNS})
"""Figures that are shares, 0..1."""


class Team(StrEnum):
    """Who contributes."""

    SALES = "sales"
    MARKETING = "marketing"
    SERVICE = "service"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal.

    Attributes
    ----------
    title : str
        As people say it.
    target : float
        In the unit of the figure: the reporting currency, customers, or a share 0..1.
    since, until : datetime
        Its time, the second not included; with a zone.
    author : str
        Who set it.
    """

    goal_id: str
    title: str
    figure: GoalFigure
    target: float
    since: datetime
    until: datetime
    author: str

    def __post_init__(self) -> None:
        """Check it.

        Raises
        ------
        BadInput
            If it cannot be.
        """
        if not GOAL_ID.fullmatch(self.goal_id):
            raise BadInput(f"goal_id = {self.goal_id!r}: small letters, digits and -, such as autumn-margin")
        if not self.title.strip() or not self.author.strip():
            raise BadInput(f"goal {self.goal_id}: say in `title` what it is, and in `author` who sets it")
        if self.since >= self.until:
            raise BadInput(f"goal {self.goal_id}: it ends before it begins")
        if not 0 < self.target < 1e15 or (self.figure in SHARES and self.target > 1):
            unit = "a share up to 1" if self.figure in SHARES else "an amount above 0"
            raise BadInput(f"goal {self.goal_id}: target = {self.target:g}; {self.figure.value} needs {unit}")
