"""What passes between a shop and the people it serves, besides buying: activities, cases, feedback."""

from enum import StrEnum


class ActivityKind(StrEnum):
    """What staff did with a customer or an account."""

    CALL = "call"
    VISIT = "visit"
    MAIL = "mail"
    NOTE = "note"
    MEETING = "meeting"
    CHAT = "chat"
    QUOTE = "quote"
    DEMO = "demo"


class Direction(StrEnum):
    """Who began: `in` the customer, `out` the shop."""

    IN = "in"
    OUT = "out"


class CaseStatus(StrEnum):
    """How far a case is."""

    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"
    CLOSED = "closed"


UNSETTLED = frozenset({CaseStatus.OPEN, CaseStatus.WAITING})
"""States in which somebody still waits for an answer."""


class CaseSeverity(StrEnum):
    """How bad a case is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class FeedbackKind(StrEnum):
    """How a customer came to say it."""

    REVIEW = "review"
    NPS = "nps"
    CSAT = "csat"
    SURVEY = "survey"
    MENTION = "mention"
