"""Recency, frequency, monetary value: five classes each, cut where a fifth of the shop's buyers ends, and what they make.

Monetary is margin where the shop knows its costs, else revenue; the cuts say which. People with the same figure are always
in the same class, so a class may hold more or fewer than a fifth: where most ordered once, all of these are in class 1.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.domain.profile import ClvBasis
from crosslift.domain.profile_codes import RfmSegment

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

FIFTHS = (0.2, 0.4, 0.6, 0.8)
MIN_BUYERS = 5

_S = RfmSegment
SEGMENTS: tuple[tuple[RfmSegment, ...], ...] = (
    (_S.LOST, _S.HIBERNATING, _S.AT_RISK, _S.CANNOT_LOSE, _S.CANNOT_LOSE),
    (_S.HIBERNATING, _S.HIBERNATING, _S.AT_RISK, _S.AT_RISK, _S.AT_RISK),
    (_S.ABOUT_TO_SLEEP, _S.NEEDS_ATTENTION, _S.NEEDS_ATTENTION, _S.LOYAL, _S.LOYAL),
    (_S.PROMISING, _S.POTENTIAL_LOYAL, _S.LOYAL, _S.LOYAL, _S.CHAMPIONS),
    (_S.NEW, _S.POTENTIAL_LOYAL, _S.POTENTIAL_LOYAL, _S.CHAMPIONS, _S.CHAMPIONS),
)
"""By recency 1..5 (rows) and the mean of frequency and monetary, rounded, halves up (columns)."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where the classes end: four figures each, rising, none where nothing is known; `monetary_is` says what money counts."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]
    monetary_is: ClvBasis

    @classmethod
    def of(cls, recency_days: Floats, n_orders: Floats, money: Floats, monetary_is: ClvBasis) -> "Cuts | None":
        """Cut the shop's buyers; None where there are hardly any.

        Parameters
        ----------
        recency_days, n_orders, money : float64 array, shape (buyers,)
            nan where unknown.
        """
        if len(n_orders) < MIN_BUYERS:
            return None
        return cls(_fifths(recency_days), _fifths(n_orders), _fifths(money), monetary_is)


@dataclass(frozen=True, slots=True)
class Rfm:
    """Classes 1..5, 5 the best, 0 where unknown; arrays of shape (people,)."""

    recency: Codes
    frequency: Codes
    monetary: Codes

    @classmethod
    def of(cls, cuts: Cuts, recency_days: Floats, n_orders: Floats, money: Floats) -> "Rfm":
        """Class people by the shop's cuts; nan is unknown.

        Examples
        --------
        >>> cuts = Cuts((10, 20, 30, 40), (1, 1, 1, 2), (5, 10, 15, 20), ClvBasis.REVENUE)
        >>> some = Rfm.of(cuts, np.array([3.0, 40.0]), np.array([3.0, 1.0]), np.array([12.0, np.nan]))
        >>> some.recency.tolist(), some.frequency.tolist(), some.monetary.tolist()
        ([5, 2], [5, 1], [3, 0])
        """
        sooner = tuple(-cut for cut in reversed(cuts.recency))
        return cls(
            _classes(sooner, -recency_days, is_open_above=True),
            _classes(cuts.frequency, n_orders),
            _classes(cuts.monetary, money),
        )

    @property
    def segment(self) -> npt.NDArray[np.int64]:
        """Place of each person in `NAMES`, −1 where a class is unknown."""
        known = (self.recency > 0) & (self.frequency > 0) & (self.monetary > 0)
        both = (self.frequency.astype(np.int64) + self.monetary + 1) // 2
        return np.where(known, _PLACES[self.recency.astype(np.int64) - 1, both - 1], -1)


NAMES = tuple(RfmSegment)
"""Codes of the segments."""
_PLACES = np.array([[NAMES.index(name) for name in row] for row in SEGMENTS])


def _fifths(values: Floats) -> tuple[float, ...]:
    known = values[~np.isnan(values)]
    return tuple(np.quantile(known, FIFTHS).tolist()) if len(known) else ()


def _classes(cuts: tuple[float, ...], values: Floats, *, is_open_above: bool = False) -> Codes:
    found = 1 + np.searchsorted(np.array(cuts), values, side="right" if is_open_above else "left")
    return np.where(np.isnan(values) | (len(cuts) == 0), 0, np.minimum(found, 5)).astype(np.int8)
