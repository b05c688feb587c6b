"""What people hold: contracts, plans and services that run, and the meters read on what they own."""

import re
from datetime import datetime
from enum import StrEnum


class SubscriptionStatus(StrEnum):
    """What became of a contract; a cancelled one is held until its `ended_at`."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ENDED = "ended"


HELD = frozenset({
    SubscriptionStatus.TRIAL, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE, SubscriptionStatus.PAUSED,
})  # fmt: skip
"""States in which the product is held: offering it once more would be wrong."""

_DAYS = {"day": 1, "week": 7, "d": 1, "w": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "m": 1, "q": 3, "y": 12}
_NAMED = {
    "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year", "annual": "year",
    "annually": "year",
}  # fmt: skip
MONTH_DAYS = 30.4375
"""Days of a mean month."""
_WRITTEN = re.compile(r"(?:every )?(\d{0,4}) ?(day|week|month|quarter|year)s?|p(\d{1,4})([dwmy])")


def times_due(period: str | None, started_at: datetime, until: datetime) -> int | None:
    """Count how often a recurring price was due, in advance of each period: at the start, and whenever one more had passed.

    Parameters
    ----------
    period : str or None
        As sources write it: `month`, `30 days`, `every 2 weeks`, `yearly`, `P1M`.

    Returns
    -------
    int or None
        0 before the start; None where the period cannot be read.

    Examples
    --------
    >>> begun, later = datetime(2026, 1, 31), datetime(2026, 3, 1)
    >>> times_due("month", begun, later), times_due("30 days", begun, later), times_due("now and then", begun, later)
    (2, 1, None)
    """
    read = _read(period)
    if read is None:
        return None
    number, unit = read
    if until < started_at:
        return 0
    if number == 0:
        return None
    if unit in _DAYS:
        return (until - started_at).days // (_DAYS[unit] * number) + 1
    months = (until.year - started_at.year) * 12 + until.month - started_at.month
    is_short = until.day < started_at.day or (until.day == started_at.day and until.time() < started_at.time())
    return (months - is_short) // (_MONTHS[unit] * number) + 1


def months_of(period: str | None) -> float | None:
    """Give how many months a recurring price pays for; a month of days has 30.4375. None where it cannot be read.

    Examples
    --------
    >>> months_of("yearly"), months_of("quarter"), round(months_of("30 days"), 3), months_of("now and then")
    (12.0, 3.0, 0.986, None)
    """
    read = _read(period)
    if read is None or read[0] == 0:
        return None
    number, unit = read
    return number * _DAYS[unit] / MONTH_DAYS if unit in _DAYS else float(number * _MONTHS[unit])


def _read(period: str | None) -> tuple[int, str] | None:
    """Read a number and its unit."""
    text = (period or "").strip().lower()
    found = _WRITTEN.fullmatch(_NAMED.get(text, text))
    return None if found is None else (int(found[1] or found[3] or 1), found[2] or found[4])
