"""Visits: what somebody looked at without a longer break."""

import numpy as np
import numpy.typing as npt

from crosslift.learn.customers.people import Numbers

Ints = npt.NDArray[np.int64]

MINUTE = 60_000_000


def begins(who: Ints | Numbers, at: Ints, minutes: float) -> Ints:
    """Find where visits begin.

    Parameters
    ----------
    who, at : int arrays, shape (acts,)
        Whose, ascending, and when, ascending within each; microseconds.
    minutes : float
        The longest break within a visit.

    Examples
    --------
    >>> begins(np.array([0, 0, 0, 1]), np.array([0, 10, 90, 95]) * MINUTE, 30).tolist()
    [0, 2, 3]
    """
    breaks = (np.diff(who, prepend=-1) != 0) | (np.diff(at, prepend=0) > minutes * MINUTE)
    return np.flatnonzero(breaks)
