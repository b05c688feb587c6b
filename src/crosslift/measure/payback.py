"""What came back of what was spent: the return of a campaign, and after how many days it had paid for itself."""

from typing import NamedTuple

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadInput


class Bounds(NamedTuple):
    """A figure with its interval; a bound of None is never reached."""

    value: float | None
    low: float | None
    high: float | None


class Payback(NamedTuple):
    """The return of a campaign.

    Attributes
    ----------
    ratio : Bounds
        Earned for each unit spent: 13 where 13 came back for 1.
    net : Bounds
        Earned less spent, over spent (return on investment): 12 where 13 came back for 1.
    days : Bounds
        Until what was earned makes up for what was spent, if it goes on coming evenly; `low` is the earliest. None where
        nothing, or less than nothing, is earned.
    """

    ratio: Bounds
    net: Bounds
    days: Bounds


def returned(spent: float, earned: tuple[float, float, float], days: float) -> Payback | NotEstimable:
    """Hold what was earned against what was spent.

    Parameters
    ----------
    spent : float
        What the campaign cost, in the currency of what it earned.
    earned : (float, float, float)
        What would not have been earned without it, with the bounds of its interval.
    days : float
        Over which it was earned.

    Returns
    -------
    Payback
        `NotEstimable` where nothing was spent: nothing can be a return on nothing.

    Raises
    ------
    BadInput
        For a cost below 0 or no days.

    Examples
    --------
    13,000 came of 1,000 in 26 days, and surely between 8,000 and 18,000:

    >>> found = returned(1000.0, (13_000.0, 8_000.0, 18_000.0), 26)
    >>> found.ratio, found.net.value, found.days.value
    (Bounds(value=13.0, low=8.0, high=18.0), 12.0, 2.0)
    """
    if spent < 0 or days <= 0:
        raise BadInput(f"a cost of {spent} over {days} days; the cost is 0 or more, and there is some time")
    if spent == 0:
        return NotEstimable("no cost is on record for it; collect `campaign_costs`")
    value, low, high = earned
    return Payback(
        Bounds(value / spent, low / spent, high / spent),
        Bounds(value / spent - 1, low / spent - 1, high / spent - 1),
        Bounds(_days(spent, value, days), _days(spent, high, days), _days(spent, low, days)),
    )


def _days(spent: float, earned: float, days: float) -> float | None:
    return days * spent / earned if earned > 0 else None
