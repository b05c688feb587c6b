"""Two arms drawn at random: the difference of their means, with less noise, and whether the draw was as planned."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, stdtr, stdtrit

from crosslift.errors import BadInput, CountsDisagree


class Arm(NamedTuple):
    """One arm in sums: units, the sum of their values and of the squares."""

    n: int
    total: float
    total_sq: float

    @classmethod
    def of(cls, values: npt.ArrayLike) -> "Arm":
        """Add up the values of the units of an arm."""
        value = np.asarray(values, np.float64)
        return cls(value.size, float(value.sum()), float(value @ value))

    @property
    def mean(self) -> float:
        """Mean value of a unit."""
        return self.total / self.n

    @property
    def unit_variance(self) -> float:
        """Variance of the units' values."""
        return _variance(self)


class Covariate(NamedTuple):
    """What was known of an arm's units before, in sums: the values, their squares, and their products with the outcome."""

    total: float
    total_sq: float
    total_product: float


class Difference(NamedTuple):
    """Treated less control: the value, its bounds, its standard error, and P(so far from 0 by chance)."""

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float


class SampleRatio(NamedTuple):
    """How far the sizes of the arms are from plan; a p-value below .001 says the assignment is broken."""

    chi_square: float
    p_value: float


def mean_difference(treated: Arm, control: Arm, level: float = 0.95) -> Difference:
    """Compare two means by Welch's t: the arms may differ in size and spread.

    Parameters
    ----------
    treated, control : Arm
        At least 2 units each.
    level : float
        Confidence in 0..1.

    Raises
    ------
    BadInput
        If an arm has fewer than two units.
    CountsDisagree
        If squares are too small for their sum.

    References
    ----------
    Welch (1947), The generalization of Student's problem when several different population variances are involved.

    Examples
    --------
    >>> found = mean_difference(Arm.of([3, 5, 7, 9]), Arm.of([1, 2, 3, 2]))
    >>> [round(figure, 3) for figure in found]
    [4.0, 0.067, 7.933, 1.354, 0.048]
    """
    one, other = (_variance(arm) / arm.n for arm in (treated, control))
    spread = one**2 / (treated.n - 1) + other**2 / (control.n - 1)
    freedom = (one + other) ** 2 / spread if spread > 0 else 1.0
    return student(treated.mean - control.mean, float(np.sqrt(one + other)), freedom, level)


def adjusted_difference(
    treated: Arm, control: Arm, before_treated: Covariate, before_control: Covariate, level: float = 0.95
) -> tuple[Difference, float]:
    """Compare two means after taking off what was known before the trial (CUPED).

    Parameters
    ----------
    treated, control : Arm
        Outcomes, at least 2 units each.
    before_treated, before_control : Covariate
        A covariate of the same units that the treatment cannot have touched.
    level : float
        Confidence in 0..1.

    Returns
    -------
    difference : Difference
        Of ``outcome − theta · covariate``.
    theta : float
        Slope of the outcome on the covariate over both arms together; 0 where the covariate never varies.

    References
    ----------
    Deng, Xu, Kohavi & Walker (2013), Improving the sensitivity of online controlled experiments by utilizing pre-experiment
    data. A covariate that tells little takes off little: variance falls by the share r².
    """
    arms = (treated, before_treated), (control, before_control)
    theta = slope(arms)
    adjusted = [
        Arm(
            arm.n,
            arm.total - theta * before.total,
            arm.total_sq - 2 * theta * before.total_product + theta**2 * before.total_sq,
        )
        for arm, before in arms
    ]
    return mean_difference(adjusted[0], adjusted[1], level), theta


def slope(arms: Iterable[tuple[Arm, Covariate]]) -> float:
    """Give the slope of the outcome on a covariate over all arms together; 0 where the covariate never varies."""
    pairs = list(arms)
    n = sum(arm.n for arm, _ in pairs)
    known, outcome = sum(before.total for _, before in pairs), sum(arm.total for arm, _ in pairs)
    spread = sum(before.total_sq for _, before in pairs) - known**2 / n
    common = sum(before.total_product for _, before in pairs) - known * outcome / n
    return float(common / spread) if spread > 0 else 0.0


def sample_ratio(counts: npt.ArrayLike, shares: npt.ArrayLike) -> SampleRatio:
    """Test whether arms are as large as planned.

    Parameters
    ----------
    counts : array of int, shape (arms,)
        Units of each arm.
    shares : array of float, shape (arms,)
        Planned sizes, in any unit: (1, 1, 2) is a quarter, a quarter, a half.

    Raises
    ------
    BadInput
        If there are fewer than two arms, shapes differ, no unit at all, or a share is not above 0.

    References
    ----------
    Kohavi, Tang & Xu (2020), Trustworthy Online Controlled Experiments, chapter 21: alarm below .001.

    Examples
    --------
    >>> [round(figure, 4) for figure in sample_ratio([5000, 5200], [1, 1])]
    [3.9216, 0.0477]
    """
    seen, planned = np.asarray(counts, np.float64), np.asarray(shares, np.float64)
    if seen.shape != planned.shape or seen.ndim != 1 or seen.size < 2:
        raise BadInput(f"{seen.shape} counts for {planned.shape} shares; give one of each for at least two arms")
    if not (seen >= 0).all() or seen.sum() < 1 or not (planned > 0).all():
        raise BadInput("counts are 0 or more, some unit was assigned, and every planned share is above 0")
    expected = seen.sum() * planned / planned.sum()
    chi_square = float(((seen - expected) ** 2 / expected).sum())
    return SampleRatio(chi_square, float(chdtrc(seen.size - 1, chi_square)))


def student(value: float, standard_error: float, freedom: float, level: float = 0.95) -> Difference:
    """Bound a figure by Student's t with so many degrees of freedom."""
    if standard_error == 0:
        return Difference(value, value, value, 0.0, float(value == 0))
    reach = float(stdtrit(freedom, (1 + level) / 2)) * standard_error
    p_value = float(2 * stdtr(freedom, -abs(value) / standard_error))
    return Difference(value, value - reach, value + reach, standard_error, p_value)


def _variance(arm: Arm) -> float:
    if arm.n < 2:
        raise BadInput(f"an arm of {arm.n} units; a comparison needs at least two in each")
    squares = arm.total_sq - arm.total**2 / arm.n
    if squares < -1e-9 * arm.total_sq:
        raise CountsDisagree(f"squares add up to {arm.total_sq}, too little for {arm.n} values of sum {arm.total}")
    return max(squares, 0.0) / (arm.n - 1)
