"""When many hypotheses are tested at once: adjusted p-values."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.arrays import FloatArray

Method = Literal["bh", "by", "bonferroni", "holm"]


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
