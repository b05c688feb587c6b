"""When many hypotheses are tested at once: adjusted p-values."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.arrays import FloatArray

Method = Literal["bh", "by", "bonferroni", "holm"]

ROUNDING = 1e-12  # p-values this close, relatively, are one


def adjust(p: npt.ArrayLike, method: Method, n_tests: int | None = None) -> FloatArray:
    """Adjust p-values for the number of tests; reject where the result is at or below the wanted level.

    Parameters
    ----------
    p : array of float, shape (tests,)
        In 0..1, in any order.
    method : {"bh", "by", "bonferroni", "holm"}
        "bh" and "by" bound the share of false ones among the rejected (q-values), "by" under any dependence;
        "bonferroni" and "holm" bound the chance of even one.
    n_tests : int, optional
        All hypotheses there are, if more than were handed in; the others count as p = 1.

    Returns
    -------
    float64 array, shape (tests,)
        In the order of `p`, in 0..1.

    Raises
    ------
    BadInput
        If a p is nan or outside 0..1, or there are more p-values than tests.
    BadUsage
        If the method is unknown.

    References
    ----------
    Benjamini & Hochberg (1995); Benjamini & Yekutieli (2001); Holm (1979).

    Examples
    --------
    The third is 3/3 of the way, so it needs no help; the first pays for three tests:

    >>> adjust([0.01, 0.04, 0.03], "bh").round(3).tolist()
    [0.03, 0.04, 0.04]
    >>> adjust([0.01, 0.04, 0.03], "holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, np.float64)
    if values.ndim != 1 or not np.all((values >= 0) & (values <= 1)):
        raise BadInput("p-values must be a flat array of numbers in 0..1; leave out pairs that have none")
    total = values.size if n_tests is None else n_tests
    if total < values.size:
        raise BadInput(f"{values.size} p-values for {total} tests; n_tests counts every test, also those left out")
    order = np.argsort(values, kind="stable")
    rising, rank = values[order], np.arange(1, values.size + 1)
    if method == "bonferroni":
        adjusted = rising * total
    elif method == "holm":
        adjusted = np.maximum.accumulate(rising * (total - rank + 1))
    elif method in ("bh", "by"):
        # 1 + 1/2 + ... + 1/total, without adding up millions of terms
        penalty = digamma(total + 1) + np.euler_gamma if method == "by" else 1.0
        adjusted = np.minimum.accumulate((rising * (penalty * total) / rank)[::-1])[::-1]
    else:
        raise BadUsage(f"method {method!r} is unknown; use bh, by, bonferroni or holm")
    result = np.empty_like(values)
    result[order] = np.minimum(adjusted, 1.0)
    return result


def adjust_discrete(p: npt.ArrayLike, attainable: npt.ArrayLike, offsets: npt.ArrayLike, level: float) -> FloatArray:
    """Adjust p-values that can take few values only, as those of small counts do: what cannot be small costs nothing.

    Benjamini-Hochberg charges each test with p, as if every p-value were possible. A test whose smallest p-value is .3
    can never be among those at .01; here each is charged with its chance of a p-value so small, F_i(p) ≤ p. The result is
    (1 + level) · Σ F_i(p) / rank, made monotone, and 1 above level / (1 + level): there no F_i / (1 − F_i) exceeds `level`,
    so that it rejects no more than the procedure HSU of the first reference, which holds the level of independent tests.

    Parameters
    ----------
    p : array of float, shape (tests,)
        Each one of the attainable values of its test.
    attainable : array of float, shape (values,)
        Test after test, ascending within each, what its p-value can be; P(p ≤ value) = value under its hypothesis.
    offsets : array of int, shape (tests + 1,)
        Where the values of each test begin.
    level : float
        The false-discovery rate that is wanted; compare the result with this level and no other.

    Returns
    -------
    float64 array, shape (tests,)

    Raises
    ------
    BadInput
        If values are not in 0..1 and ascending within each test, or offsets do not fit.

    References
    ----------
    Döhler, Durand & Roquain (2018), New FDR bounds for discrete and heterogeneous tests; Heyse (2011).

    Examples
    --------
    One test of small p, and nine others that cannot go below .2: they cost it only its 1 + level.

    >>> values = np.concatenate([[0.01, 1.0], np.tile([0.2, 1.0], 9)])
    >>> adjust_discrete([0.01] + [1.0] * 9, values, np.arange(0, 21, 2), level=0.05)[0].round(4)
    np.float64(0.0105)
    >>> adjust([0.01] + [1.0] * 9, "bh")[0].round(4)
    np.float64(0.1)
    """
    values, points, starts = (
        np.asarray(p, np.float64),
        np.asarray(attainable, np.float64),
        np.asarray(offsets, np.int64),
    )
    if values.shape != (starts.size - 1,) or (points.size and not (points.min() >= 0 and points.max() <= 1)):
        raise BadInput(
            f"{values.size} p-values for {starts.size - 1} tests, attainable ones in 0..1; give one for each test"
        )
    rises = np.diff(points, prepend=0.0)
    first = starts[:-1][np.diff(starts) > 0]
    rises[first] = points[first]
    if np.any(rises < 0):
        raise BadInput("attainable p-values do not ascend within each test; sort them")
    order, by_size = np.argsort(values, kind="stable"), np.argsort(points, kind="stable")
    charged = np.concatenate([[0.0], np.cumsum(rises[by_size])])
    charged = charged[np.searchsorted(points[by_size], values[order] * (1 + ROUNDING), side="right")]
    raw = (1 + level) * charged / np.arange(1, values.size + 1)
    raw[values[order] > level / (1 + level)] = 1.0
    result = np.empty_like(values)
    result[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return result
