"""What a trial changed: an effect with its standard error, and the ways to judge it.

`of_means`, `of_ratios` and `adjusted` give an `Effect` from sums, absolute or relative. `at_horizon` bounds it by
Student's t and holds for one look, at a size fixed beforehand; `at_any_time` and `by_mixture` hold at every look together;
`believed` is the Bayesian view under a flat prior.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from crosslift.errors import BadInput, CountsDisagree
from crosslift.stats.trials import Arm, Covariate, Difference, slope, student

POINTS, REACH = 20_001, 9.0
"""Points of a quadrature, over so many standard errors beside the outermost arms."""


class Effect(NamedTuple):
    """Treated less control, or that over control.

    Attributes
    ----------
    value, standard_error : float
    freedom : float
        Degrees of freedom of the standard error (Welch and Satterthwaite).
    n : int
        Units of both arms.
    """

    value: float
    standard_error: float
    freedom: float
    n: int


class RatioArm(NamedTuple):
    """One arm of a ratio in sums over its units: numerator, denominator, their squares, and their products."""

    n: int
    total: float
    total_sq: float
    base: float
    base_sq: float
    product: float

    @property
    def ratio(self) -> float:
        """Numerators over denominators."""
        if self.n < 2 or self.base <= 0:
            raise BadInput(
                f"a ratio of {self.n} units whose denominators add up to {self.base}; give at least two, above 0"
            )
        return self.total / self.base

    @property
    def unit_variance(self) -> float:
        """Variance of the ratio times the number of units, by the delta method."""
        ratio = self.ratio
        mean = self.base / self.n
        y, x = self.total_sq - self.total**2 / self.n, self.base_sq - self.base**2 / self.n
        xy = self.product - self.total * self.base / self.n
        if xy**2 > x * y * (1 + 1e-9) + 1e-12:
            raise CountsDisagree("the sum of products does not fit the sums of squares; add all over the same units")
        spread = y - 2 * ratio * xy + ratio**2 * x
        return max(spread, 0.0) / (self.n - 1) / mean**2


class Belief(NamedTuple):
    """P(treated is better), and what is lost on average by choosing either arm where the other is better."""

    p_better: float
    loss_of_treated: float
    loss_of_control: float


def of_means(treated: Arm, control: Arm, *, is_relative: bool = False) -> Effect:
    """Compare two means; relative to the control's mean by the delta method.

    Raises
    ------
    BadInput
        If an arm has fewer than two units, or a relative effect is asked of a control whose mean is 0.
    CountsDisagree
        If squares are too small for their sum.

    Examples
    --------
    >>> found = of_means(Arm(1000, 150, 150), Arm(1000, 120, 120))
    >>> round(found.value, 4), round(found.standard_error, 6)
    (0.03, 0.015275)
    """
    return _compared(
        (treated.mean, treated.unit_variance, treated.n), (control.mean, control.unit_variance, control.n), is_relative
    )


def of_shares(treated: tuple[int, int], control: tuple[int, int], *, is_relative: bool = False) -> Effect:
    """Compare two shares, each given as successes and units.

    Raises
    ------
    BadInput
        If an arm has fewer than two units, or a relative effect is asked of a control without a success.
    CountsDisagree
        If there are more successes than units.
    """
    sides = []
    for k, n in (treated, control):
        if n < 2:
            raise BadInput(f"an arm of {n} units; a comparison needs at least two in each")
        if not 0 <= k <= n:
            raise CountsDisagree(f"{k} successes among {n} units cannot be; count both over the same units")
        sides.append((k / n, k / n * (1 - k / n), n))
    return _compared(sides[0], sides[1], is_relative)


def of_ratios(treated: RatioArm, control: RatioArm, *, is_relative: bool = False) -> Effect:
    """Compare two ratios of sums, such as revenue per order where customers were assigned, by the delta method.

    Raises
    ------
    BadInput
        If an arm has fewer than two units or no denominator.
    CountsDisagree
        If the sums cannot belong to real values.

    References
    ----------
    Deng, Knoblich & Lu (2018), Applying the Delta Method in Metric Analytics.
    """
    return _compared(
        (treated.ratio, treated.unit_variance, treated.n),
        (control.ratio, control.unit_variance, control.n),
        is_relative,
    )


def adjusted(
    treated: Arm, control: Arm, before_treated: Covariate, before_control: Covariate, *, is_relative: bool = False
) -> tuple[Effect, float]:
    """Compare two means after taking off what was known before the trial (CUPED), with the slope that was taken.

    A covariate changes the noise and not the unit: a relative effect is over the control's mean after both arms were set to
    the same mean of the covariate.

    References
    ----------
    Deng, Xu, Kohavi & Walker (2013), Improving the sensitivity of online controlled experiments by utilizing pre-experiment
    data.
    """
    arms = (treated, before_treated), (control, before_control)
    theta = slope(arms)
    n = treated.n + control.n
    middle = (before_treated.total + before_control.total) / n
    sides = [_without(arm, before, theta, middle) for arm, before in arms]
    return _compared(sides[0], sides[1], is_relative), theta


def at_horizon(effect: Effect, level: float = 0.95) -> Difference:
    """Bound an effect at a size that was fixed beforehand; looking earlier and stopping then makes it wrong."""
    return student(effect.value, effect.standard_error, effect.freedom, level)


def at_any_time(effect: Effect, level: float = 0.95, tuned_for: int = 5000) -> Difference:
    """Bound an effect so that all bounds of all looks hold together with confidence `level`.

    Parameters
    ----------
    tuned_for : int
        Units of both arms at which the interval is narrowest; it holds everywhere, and is chosen beforehand.

    Returns
    -------
    Difference
        The p-value is the smallest risk at which the interval of this look leaves out 0.

    Raises
    ------
    BadInput
        If no unit is named, or fewer than two were seen.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2021), Time-uniform central limit theory and asymptotic confidence
    sequences, theorem 2.2. Asymptotic: an outcome with a heavy tail needs many units before it holds.
    """
    if tuned_for < 1 or effect.n < 2:
        raise BadInput(f"an interval tuned for {tuned_for} units, of {effect.n}; at least 1 and 2 are needed")
    if effect.standard_error == 0:
        return student(effect.value, 0.0, effect.freedom, level)
    risk = 1 - level
    rho_sq = (-2 * np.log(risk) + np.log(-2 * np.log(risk) + 1)) / tuned_for
    spread = effect.n * rho_sq + 1
    shrink = effect.n * rho_sq / (2 * spread)
    reach = effect.standard_error * np.sqrt(np.log(np.sqrt(spread) / risk) / shrink)
    p_value = np.exp(np.log(spread) / 2 - shrink * (effect.value / effect.standard_error) ** 2)
    return Difference(
        effect.value, float(effect.value - reach), float(effect.value + reach), effect.standard_error,
        float(min(p_value, 1.0)),
    )  # fmt: skip


def by_mixture(effect: Effect, prior_variance: float, level: float = 0.95) -> Difference:
    """Bound an effect at every look by the mixture sequential probability ratio test.

    Parameters
    ----------
    prior_variance : float
        Of the effects that are thought possible, in the effect's own unit squared; chosen beforehand.

    Returns
    -------
    Difference
        The p-value is one over the likelihood ratio of this look; of several looks the smallest counts.

    Raises
    ------
    BadInput
        If the variance is not above 0.

    References
    ----------
    Johari, Koomen, Pekelis & Walsh (2017), Peeking at A/B tests; Robbins (1970).
    """
    if not prior_variance > 0:
        raise BadInput(f"a prior variance of {prior_variance}; give one above 0, of the effects you think possible")
    if effect.standard_error == 0:
        return student(effect.value, 0.0, effect.freedom, level)
    noise = effect.standard_error**2
    both = noise + prior_variance
    log_ratio = np.log(noise / both) / 2 + prior_variance * effect.value**2 / (2 * noise * both)
    reach = np.sqrt(noise * both / prior_variance * (np.log(both / noise) - 2 * np.log(1 - level)))
    return Difference(
        effect.value, float(effect.value - reach), float(effect.value + reach), effect.standard_error,
        float(min(np.exp(-log_ratio), 1.0)),
    )  # fmt: skip


def believed(effect: Effect) -> Belief:
    """Say what to believe of an effect under a flat prior: P(better), and the average loss of either choice.

    Examples
    --------
    >>> [round(figure, 4) for figure in believed(Effect(0.04, 0.02, 1000, 1002))]
    [0.9772, 0.0002, 0.0402]
    """
    if effect.standard_error == 0:
        return Belief(float(effect.value > 0) + 0.5 * (effect.value == 0), max(-effect.value, 0), max(effect.value, 0))
    z = effect.value / effect.standard_error
    lost = effect.standard_error * (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - z * ndtr(-z))
    return Belief(float(ndtr(z)), float(lost), float(lost + effect.value))


class Chance(NamedTuple):
    """Of one of several arms: P(it is the best), and what is lost on average by choosing it where another one is better."""

    p_best: float
    loss: float


def best_of(means: Sequence[float], errors: Sequence[float]) -> tuple[Chance, ...]:
    """Say of each of several arms how probably it is the best, under flat priors.

    Parameters
    ----------
    means, errors : sequence of float, shape (arms,)
        A unit's mean in each arm and its standard error, above 0.

    Raises
    ------
    BadInput
        If shapes differ, an arm stands alone, or an error is not above 0.

    References
    ----------
    Chapelle & Li (2011), An empirical evaluation of Thompson sampling; by quadrature, so that no draw decides.

    Examples
    --------
    Of two alike each is the best as often; a third that is far behind never is.

    >>> [round(one.p_best, 3) for one in best_of([5.0, 5.0, 1.0], [0.1, 0.1, 0.1])]
    [0.5, 0.5, 0.0]
    """
    mean, error = np.asarray(means, np.float64), np.asarray(errors, np.float64)
    if mean.shape != error.shape or mean.ndim != 1 or mean.size < 2 or not (error > 0).all():
        raise BadInput(f"{mean.shape} means with {error.shape} errors above 0; give one of each for at least two arms")
    grid = np.linspace((mean - REACH * error).min(), (mean + REACH * error).max(), POINTS)
    below = ndtr((grid[:, None] - mean) / error)
    density = np.exp(-(((grid[:, None] - mean) / error) ** 2) / 2) / error / np.sqrt(2 * np.pi)
    step = float(grid[1] - grid[0])
    highest = float(grid[-1]) - (float(below.prod(axis=1).sum()) - 0.5) * step  # 0 on the left, 1 on the right
    others = [np.delete(below, arm, axis=1).prod(axis=1) for arm in range(mean.size)]
    return tuple(
        Chance(float(density[:, arm] @ others[arm]) * step, max(highest - float(mean[arm]), 0.0))
        for arm in range(mean.size)
    )


def _without(arm: Arm, before: Covariate, theta: float, middle: float) -> tuple[float, float, int]:
    """Give mean, variance and units of an arm after its covariate is taken off around the mean of both arms."""
    squares = arm.total_sq - 2 * theta * before.total_product + theta**2 * before.total_sq
    rest = Arm(arm.n, arm.total - theta * before.total, squares)
    return rest.mean + theta * middle, rest.unit_variance, arm.n


def _compared(treated: tuple[float, float, int], control: tuple[float, float, int], is_relative: bool) -> Effect:
    (mean, spread, n), (base, base_spread, n_base) = treated, control
    one, other = spread / n, base_spread / n_base
    squares = one**2 / (n - 1) + other**2 / (n_base - 1)
    freedom = (one + other) ** 2 / squares if squares > 0 else float(n + n_base - 2)
    value = mean - base
    if is_relative:
        if base == 0:
            raise BadInput("the control's mean is 0; an effect relative to it does not exist, ask for the absolute one")
        one, other, value = one / base**2, other * mean**2 / base**4, value / base
    return Effect(float(value), float(np.sqrt(one + other)), float(freedom), n + n_base)
