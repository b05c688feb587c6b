"""Who is unlike the others: counts and shares of one member of a team against all other members, who differ among themselves."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincc, betaln, gammaln

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray

Places = npt.NDArray[np.int64]

LEAST_PEERS = 5
"""Fewer others say nothing about how much people of a team differ."""
SPREADS = np.logspace(-3, 0.5, 15)[:, None]
"""Squared coefficients of variation between members that are weighed against each other."""
ERRORS = np.linspace(-3, 3, 9)
"""Standard errors by which the others' mean may be off."""
PUT_ASIDE = 0.001
"""A member this unlike all others is no peer of theirs: the others are judged without."""
MANY_TRIALS = 5_000
"""From more on, a share is as good as continuous."""


def unusual_counts(counts: npt.ArrayLike, exposures: npt.ArrayLike) -> FloatArray | None:
    """Give for each member the chance of a count this high if they worked as the others do.

    Members differ: rates of a team are taken as Gamma around a common mean, so that a count is negative binomial. Mean and
    spread are not known: the chance is averaged over what the others say of both, all standard deviations between members
    being alike likely beforehand (Gelman 2006), so that few peers make few alarms. Those unlike everybody are put aside
    before the others are judged, at most a quarter of the team, so that one rogue does not hide the next.

    Parameters
    ----------
    counts : array of int, shape (members,)
        Sales, openings, cancellations.
    exposures : array of float, shape (members,)
        What a count may grow with, above 0: days worked, customers served.

    Returns
    -------
    float64 array, shape (members,), or None
        P(count or more); adjust for asking about every member before anybody is accused. None where `LEAST_PEERS` others
        are not there: too few to know how much members differ.

    Raises
    ------
    BadInput
        If shapes differ, a count is negative or an exposure not above 0.

    References
    ----------
    Gelman (2006), Prior distributions for variance parameters in hierarchical models, section 5.2.
    """
    n, e = np.asarray(counts, np.float64), np.asarray(exposures, np.float64)
    if n.shape != e.shape or n.ndim != 1 or (n < 0).any() or not (e > 0).all():
        raise BadInput("give one count of 0 or more and one exposure above 0 for each member")
    return _judged(n, e, np.arange(n.size), _count_tail)


def unusual_shares(hits: npt.ArrayLike, trials: npt.ArrayLike) -> FloatArray | None:
    """Give for each member the chance of a share of hits this high if they worked as the others do.

    As `unusual_counts`, with Beta shares and beta-binomial hits; a member without trials has probability 1.

    Raises
    ------
    BadInput
        If shapes differ or hits are not between 0 and the trials.
    """
    k, n = np.asarray(hits, np.float64), np.asarray(trials, np.float64)
    if k.shape != n.shape or k.ndim != 1 or (k < 0).any() or (k > n).any():
        raise BadInput("hits lie between 0 and the trials of their member")
    return _judged(k, n, np.flatnonzero(n > 0), _share_tail)


_Tail = Callable[[float, float, FloatArray, FloatArray], float]


def _judged(n: FloatArray, e: FloatArray, members: Places, tail: _Tail) -> FloatArray | None:
    if members.size <= LEAST_PEERS:
        return None
    p = _against(members, n, e, members, tail)
    suspects = members[np.argsort(p[members], kind="stable")][: min(members.size // 4, members.size - LEAST_PEERS)]
    peers = np.setdiff1d(members, suspects)
    for i in suspects[::-1]:  # the least unusual first: two alike would hide each other
        if tail(n[i], e[i], n[peers], e[peers]) <= PUT_ASIDE / members.size:
            return _against(members, n, e, peers, tail)
        peers = np.union1d(peers, [i])
    return p


def _against(members: Places, n: FloatArray, e: FloatArray, peers: Places, tail: _Tail) -> FloatArray:
    """Judge each member against the peers but itself; who is no member has probability 1."""
    p = np.ones(n.size)
    for i in members.tolist():
        others = peers[peers != i]
        p[i] = min(tail(n[i], e[i], n[others], e[others]), 1.0)  # weights add up to one only nearly
    return p


def _count_tail(n: float, e: float, others: FloatArray, exposures: FloatArray) -> float:
    size, rate = 1.0 / SPREADS, (others.sum() + 0.5) / exposures.sum()
    off = _error(SPREADS + 1.0 / max(rate * exposures.mean(), 0.5), others.size)
    mean = rate * np.exp(ERRORS * off) * exposures[:, None, None]
    terms = gammaln(others[:, None, None] + size) - gammaln(size) + size * np.log(size / (size + mean))
    log_p = (terms + others[:, None, None] * np.log(mean / (size + mean))).sum(0)
    expected = rate * np.exp(ERRORS * off) * e
    high = betainc(n, size, expected / (size + expected)) if n else np.ones(expected.shape)  # negative binomial
    return float((_weights(log_p, off) * high).sum())


def _share_tail(k: float, n: float, others: FloatArray, trials: FloatArray) -> float:
    share = (others.sum() + 0.5) / (trials.sum() + 1.0)
    off = _error(SPREADS + (1 - share) / (share * max(trials.mean(), 1.0)), others.size)
    odds = share / (1 - share) * np.exp(ERRORS * off)
    share_then = odds / (1 + odds)
    total = np.maximum((1 - share_then) / (share_then * SPREADS), 0.05)
    a, b = share_then * total, (1 - share_then) * total
    hits, misses = others[:, None, None], (trials - others)[:, None, None]
    log_p = (betaln(hits + a, misses + b) - betaln(a, b)).sum(0)
    return float((_weights(log_p, off) * _beta_binomial_tail(k, n, a, b)).sum())


def _error(variance: FloatArray, n_others: int) -> FloatArray:
    """Give the standard error of the others' mean, relatively, for each spread."""
    return np.asarray(np.sqrt(variance / n_others))


def _weights(log_p: FloatArray, off: FloatArray) -> FloatArray:
    """Weigh spreads and means by what the others say; beforehand every standard deviation and every mean is alike likely."""
    weighed = log_p + np.log(off) + 0.5 * np.log(SPREADS)
    weight = np.exp(weighed - weighed.max())
    return np.asarray(weight / weight.sum())


def _beta_binomial_tail(k: float, n: float, a: FloatArray, b: FloatArray) -> FloatArray:
    """Give P(k or more of n) for Beta(a, b) shares: term by term, each from the one before."""
    if k == 0:
        return np.ones(a.shape)
    if n > MANY_TRIALS:  # a Beta of the same mean and variance
        total = (n * (1 + a + b)) / (n + a + b) - 1
        share = a / (a + b)
        return np.asarray(betaincc(share * total, (1 - share) * total, (k - 0.5) / n))
    first = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + betaln(k + a, n - k + b) - betaln(a, b)
    j = np.arange(k, n)[:, None, None]
    steps = np.log((n - j) / (j + 1)) + np.log((j + a) / (n - j - 1 + b))
    return np.asarray(np.exp(first) * (1 + np.exp(np.cumsum(steps, axis=0)).sum(0)))
