"""Companies and households: who belongs to them, and what each does when something is bought."""

from enum import StrEnum


class AccountKind(StrEnum):
    """What an account is."""

    COMPANY = "company"
    HOUSEHOLD = "household"


class Role(StrEnum):
    """What a member does when an account buys; other words are kept as they are."""

    BUYER = "buyer"
    APPROVER = "approver"
    USER = "user"
    DECISION_MAKER = "decision_maker"
    BILLING = "billing"
    INFLUENCER = "influencer"


def role_of(text: str) -> str:
    """Write a role as it is compared: small letters, words joined by underscores.

    Examples
    --------
    >>> role_of(" Decision Maker "), role_of("decision-maker") == Role.DECISION_MAKER
    ('decision_maker', True)
    """
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
