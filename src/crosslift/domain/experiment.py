"""Trials: what is assigned to an arm."""

from enum import StrEnum


class UnitKind(StrEnum):
    """What was assigned to an arm."""

    CUSTOMER = "customer"
    ANONYMOUS = "anonymous"
    SESSION = "session"
    HOUSEHOLD = "household"
    ACCOUNT = "account"
