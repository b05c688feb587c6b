"""Buy till you die: what is known of each customer, and what every model of purchases says of them.

A customer buys at their own rate until they silently leave for good. Of each only three numbers are needed: x repeat
purchases, the time t_x of the last and the age T, both counted from the first purchase. Customers with the same three
numbers are one row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray

CELLS = 1_000_000  # numbers worked on at once
SCREEN_ROWS = 4_000  # the starts of a search compete on so many rows; the best one goes on to all


class PurchaseModel(Protocol):
    """What a fitted model of purchases says about customers; times in the unit it was fitted in."""

    @property
    def name(self) -> str:
        """The model as its paper calls it."""

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name, and the degree of regularity where the model has one."""

    def log_likelihood(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, log_gaps: npt.ArrayLike = 0.0
    ) -> FloatArray:
        """Give the log-likelihood of each history."""

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the probability that each customer has not left yet."""

    def p_alive_after(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the probability that each customer has not left at the end of the horizon."""

    def expected_orders(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the expected purchases of each customer within the horizon."""

    def most_orders(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> IntArray:
        """Give a number of purchases hardly any future of each customer exceeds."""

    def tails(self, horizon: float, x: int, t_x: FloatArray, age: FloatArray, n_max: int) -> FloatArray:
        """Give the probability of at least 1, 2 … n_max purchases; customers of the same x, shape (customers, n_max)."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Purchase histories, equal ones once; arrays of shape (rows,).

    Attributes
    ----------
    x : int64 array
        Repeat purchases: all but the first.
    t_x, age : float64 array
        From the first purchase to the last one and to now, in any one unit.
    log_gaps : float64 array
        Sum of the logarithms of the gaps between purchases, over all customers of the row; nan where not known.
    n : int64 array
        Customers of the row.
    row_of : int64 array, shape (customers,)
        The row of each customer, in the order handed in.
    grain : float
        Purchases closer than this count as one: 1 where times are whole days.
    """

    x: IntArray
    t_x: FloatArray
    age: FloatArray
    log_gaps: FloatArray
    n: IntArray
    row_of: IntArray
    grain: float = 0.0

    @classmethod
    def of(
        cls,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        age: npt.ArrayLike,
        log_gaps: npt.ArrayLike | None = None,
        grain: float = 0.0,
    ) -> "Histories":
        """Group customers by their history.

        Parameters
        ----------
        x, t_x, age : array, shape (customers,)
            Repeat purchases, time of the last purchase and age, both times since the first purchase.
        log_gaps : array of float, shape (customers,), optional
            Sum of `log_gap` over a customer's gaps, in the same unit; needed to compare degrees of regularity.
        grain : float
            As in `log_gap`.

        Raises
        ------
        BadInput
            Shapes that differ, nobody, or a history that cannot be: t_x above age, a repeat purchase at time 0.

        Examples
        --------
        >>> Histories.of([0, 2, 0], [0, 7.5, 0], [10, 10, 10]).n.tolist()
        [2, 1]
        """
        counts, last, watched = np.asarray(x, np.float64), np.asarray(t_x, np.float64), np.asarray(age, np.float64)
        gaps = np.full(counts.shape, np.nan) if log_gaps is None else np.asarray(log_gaps, np.float64)
        _check(counts, last, watched, gaps)
        key = np.zeros(counts.size, np.int64)
        for column in (counts, last, watched):
            levels, place = np.unique(column, return_inverse=True)
            key = np.unique(key * levels.size + place, return_inverse=True)[1]
        _, first, row_of, n = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
        sums = np.asarray(np.bincount(row_of, gaps, minlength=n.size), np.float64)
        return cls(counts[first].astype(np.int64), last[first], watched[first], sums, n, row_of, grain)

    @property
    def n_customers(self) -> int:
        """All customers."""
        return int(self.n.sum())

    def sample(self, n_rows: int) -> "Histories":
        """Take every so many-th customer, in order of history, such that about `n_rows` rows are left."""
        if self.n.size <= n_rows:
            return self
        stride = self.n_customers / n_rows
        until = np.cumsum(self.n)
        taken = (np.floor(until / stride) - np.floor((until - self.n) / stride)).astype(np.int64)
        kept = np.flatnonzero(taken)
        share = taken[kept] / self.n[kept]
        return Histories(
            self.x[kept], self.t_x[kept], self.age[kept], np.asarray(self.log_gaps[kept] * share, np.float64), taken[kept],
            np.repeat(np.arange(kept.size), taken[kept]), self.grain,
        )  # fmt: skip

    def smooth(self) -> "Histories":
        """Undo the grain: where a gap is 7 days, the next purchase came between 6 and 7 days after it could come."""
        lost = self.grain / 2 * self.x
        return replace(self, t_x=self.t_x - lost, age=self.age - lost, grain=0.0)


def log_gap(gaps: npt.ArrayLike, grain: float = 0.0) -> FloatArray:
    """Give the logarithm of each gap, or its mean over where the gap may have ended.

    Where purchases of one day are merged, gaps of random purchases are 1, 2, 3 … days with falling probability: a day more
    than a whole number of days of an exponential. Read as exact times they would look regular.

    Parameters
    ----------
    gaps : array of float
        Above 0, at least the grain.
    grain : float
        Purchases closer than this are one.

    Examples
    --------
    >>> log_gap([1.0, 30.0], grain=1.0).round(3)
    array([-1.   ,  3.384])
    """
    whole = np.asarray(gaps, np.float64)
    if grain == 0:
        return np.asarray(np.log(whole), np.float64)
    return np.asarray((xlogy(whole, whole) - xlogy(whole - grain, whole - grain)) / grain - 1, np.float64)


def discounted_orders(
    model: PurchaseModel,
    horizon: float,
    x: npt.ArrayLike,
    t_x: npt.ArrayLike,
    age: npt.ArrayLike,
    discount: float,
) -> FloatArray:
    """Give the expected purchases of each customer within the horizon, each times ``exp(-discount · its time)``.

    By parts: e^(-δh) E(h) + δ ∫ e^(-δt) E(t) dt; the integral by three Gauss-Legendre nodes, for E bends little.

    Parameters
    ----------
    discount : float
        Continuous rate per unit of time, δ; 0 gives `PurchaseModel.expected_orders`.
    """
    total: FloatArray = np.exp(-discount * horizon) * model.expected_orders(horizon, x, t_x, age)
    if discount == 0 or horizon <= 0:
        return total
    at, weights = np.polynomial.legendre.leggauss(3)
    for time, weight in zip(horizon * (1 + at) / 2, weights * horizon / 2, strict=True):
        total += discount * weight * np.exp(-discount * time) * model.expected_orders(float(time), x, t_x, age)
    return total


def in_steps(reach: FloatArray) -> IntArray:
    """Round reaches up to a number with few others near it: to whole numbers below 8, then to four in every doubling.

    So that rows fall into few blocks, and how far a row is summed does not depend on which others are asked about.

    Examples
    --------
    >>> in_steps(np.array([2.2, 8.0, 9.0, 100.0])).tolist()
    [3, 8, 10, 112]
    """
    whole = np.ceil(reach)
    step = 2.0 ** np.maximum(np.floor(np.log2(np.maximum(whole, 1))) - 2, 0)
    return np.asarray(np.ceil(whole / step) * step, np.int64)


def blocks(x: IntArray, reach: IntArray) -> Iterator[IntArray]:
    """Cut rows into parts of one x and one reach, of at most about `CELLS` numbers each."""
    order = np.lexsort((reach, x))
    begins = np.flatnonzero((np.diff(x[order]) != 0) | (np.diff(reach[order]) != 0)) + 1
    for same in np.split(order, begins):
        n = max(CELLS // int(reach[same[0]]), 1) if same.size else 1
        yield from (same[start : start + n] for start in range(0, same.size, n))


def slices(n: int, size: int = CELLS // 64) -> Iterator[slice]:
    """Cut n rows into neighbors that fit into the processor's cache."""
    yield from (slice(start, start + size) for start in range(0, n, size))


def _check(x: FloatArray, t_x: FloatArray, age: FloatArray, log_gaps: FloatArray) -> None:
    if x.ndim != 1 or not x.size or not x.shape == t_x.shape == age.shape == log_gaps.shape:
        raise BadInput(f"{x.shape} counts, {t_x.shape} last times, {age.shape} ages; give one of each, of someone")
    fits = (x >= 0) & (x == np.floor(x)) & (t_x >= 0) & (t_x <= age) & ((x > 0) == (t_x > 0)) & np.isfinite(age)
    if not fits.all():
        bad = int(np.argmin(fits))
        raise BadInput(
            f"x {x[bad]:g}, last purchase at {t_x[bad]:g}, age {age[bad]:g} is no history; "
            "x counts repeat purchases at later times, and 0 ≤ t_x ≤ age",
            where=f"customer {bad}",
        )
    if np.isinf(log_gaps).any():
        raise BadInput("a sum of log gaps is not finite; merge purchases of the same time into one")
