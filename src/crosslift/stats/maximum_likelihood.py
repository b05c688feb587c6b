"""Models fitted by maximum likelihood: where the search ended, how sure the parameters are, and models as plausible.

The search goes over the logarithms of positive parameters, from several starts, by Newton steps that are kept uphill
and inside limits. Whether it ended, ran into its limits or left a parameter open is part of the answer. (Optimizers of
scipy hand a problem of four parameters to threads of BLAS, which wait for each other on a busy machine.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from crosslift.stats.arrays import BoolArray, FloatArray

LIMIT = 9.0  # logarithms of parameters stay within ±9 of the first start: 8,000 times less to 8,000 times more
ENDED = 1e-3  # an optimum is reached when a Newton step would win less log-likelihood than this
MOST_STEPS, LONGEST_STEP, DIFFERENCE = 200, 1.5, 1e-4
OPEN_SD = 1.5  # a parameter whose logarithm has a larger standard error is said to be open
PRIOR_SD = 3.0  # a weak prior on the logarithms keeps draws off the far ends of a ridge
PROPOSALS, PROPOSAL_DF = 400, 5.0
MANY_ROWS = 20_000  # above it the likelihood is a normal density for all that matters

Likelihood = Callable[[FloatArray], tuple[float, FloatArray]]
"""From log parameters to the log-likelihood of all data and its gradient."""

Model = TypeVar("Model")
Model_co = TypeVar("Model_co", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Fit(Generic[Model_co]):
    """A fitted model and how far it can be trusted.

    Attributes
    ----------
    model
        With the parameters of highest likelihood.
    log_likelihood : float
        As in the model's paper: of all customers, in the units handed in.
    n_parameters, n_customers : int
    is_converged : bool
        False where the search gave up: do not use the model then.
    problems : tuple of str
        Codes: ``not_converged``; ``a_at_limit``, parameter a ran to the end of its range (nobody leaves, all buy at
        one rate …); ``a_open``, the data leave it open. Forecasts can be good with the last two.
    log_parameters, covariance : float64 array, shapes (parameters,) and (parameters, parameters)
        The optimum and its covariance on the scale of logarithms (inverse information, weak prior added).
    likelihood, build : callable
        Of log parameters: log-likelihood with gradient; the model.
    n_rows : int
        Rows the likelihood works through.
    """

    model: Model_co
    log_likelihood: float
    n_parameters: int
    n_customers: int
    is_converged: bool
    problems: tuple[str, ...]
    log_parameters: FloatArray
    covariance: FloatArray
    likelihood: Likelihood = field(repr=False)
    build: Callable[[FloatArray], Model_co] = field(repr=False)
    n_rows: int

    @property
    def aic(self) -> float:
        """Akaike's information criterion; a difference below 2 means little."""
        return 2 * self.n_parameters - 2 * self.log_likelihood

    def draw(self, n_draws: int, random: np.random.Generator) -> list[Model_co]:
        """Draw models as plausible as the data leave them: sampling importance resampling from a wide t density.

        With more than `MANY_ROWS` rows the likelihood is normal around its maximum, and no weights are needed.

        References
        ----------
        Rubin (1987), A noniterative sampling/importance resampling alternative; Gelman et al., BDA3, 10.4.
        """
        root, center = np.linalg.cholesky(self.covariance), self.log_parameters
        if self.n_rows > MANY_ROWS:
            return [self.build(center + root @ random.standard_normal(center.size)) for _ in range(n_draws)]
        steps = random.standard_normal((PROPOSALS, center.size))
        steps /= np.sqrt(random.chisquare(PROPOSAL_DF, PROPOSALS) / PROPOSAL_DF)[:, None]
        places = center + np.clip(steps @ root.T, -LIMIT, LIMIT)
        proposed = -(PROPOSAL_DF + center.size) / 2 * np.log1p((steps**2).sum(axis=1) / PROPOSAL_DF)
        prior = -(((places - center) / PRIOR_SD) ** 2).sum(axis=1) / 2
        weight = np.array([self.likelihood(place)[0] for place in places]) + prior - proposed
        share = np.exp(weight - weight.max())
        marks = (np.arange(n_draws) + random.random()) / n_draws
        chosen = np.searchsorted(np.cumsum(share / share.sum()), marks).clip(max=PROPOSALS - 1)
        return [self.build(places[place]) for place in chosen]


def fit(
    likelihood: Likelihood,
    build: Callable[[FloatArray], Model],
    starts: Sequence[Sequence[float]],
    names: Sequence[str],
    *,
    n_customers: int,
    n_rows: int,
    n_fixed: int = 0,
    screen: Likelihood | None = None,
) -> Fit[Model]:
    """Fit a model by maximum likelihood.

    Parameters
    ----------
    likelihood : callable
        Of the log parameters, of all customers.
    build : callable
        From log parameters to the model.
    starts : sequence of parameter vectors
        On the natural scale; the range of the search lies around the first one.
    names : sequence of str
        Of the parameters, for `Fit.problems`.
    n_customers, n_rows : int
        What the likelihood counts and works through.
    n_fixed : int
        Parameters chosen elsewhere that count for the AIC.
    screen : callable, optional
        The likelihood of a sample, on which the starts compete where all data are many.
    """
    center = np.log(np.asarray(starts[0], np.float64))
    ends = [_climb(screen or likelihood, np.log(np.asarray(start, np.float64)), center) for start in starts]
    place, height, gain = max(ends, key=lambda end: end[1])
    if screen is not None:
        place, height, gain = _climb(likelihood, place, center)
    information = _positive(_information(likelihood, place))
    free = np.abs(place - center) < LIMIT - 1e-6
    problems = [] if gain < ENDED else ["not_converged"]
    problems += [f"{name}_at_limit" for name, is_free in zip(names, free, strict=True) if not is_free]
    is_open = free & (np.sqrt(np.diag(np.linalg.inv(information + 1e-9 * np.eye(place.size)))) > OPEN_SD)
    problems += [f"{name}_open" for name, one in zip(names, is_open, strict=True) if one]
    covariance = np.asarray(np.linalg.inv(information + np.eye(place.size) / PRIOR_SD**2), np.float64)
    return Fit(
        build(place), height, len(names) + n_fixed, n_customers, gain < ENDED, tuple(problems),
        place, covariance, likelihood, build, n_rows,
    )  # fmt: skip


def _climb(likelihood: Likelihood, place: FloatArray, center: FloatArray) -> tuple[FloatArray, float, float]:
    """Climb to a maximum within the limits; give the place, its height and what one more step would promise."""
    height, gradient = likelihood(place)
    for _ in range(MOST_STEPS):
        outward = (np.abs(place - center) >= LIMIT - 1e-6) & (gradient * (place - center) > 0)
        step, gain = _uphill(gradient, _information(likelihood, place, gradient), ~outward)
        if gain < ENDED / 1000:
            break
        for part in 0.5 ** np.arange(30):
            tried = center + np.clip(place + part * step - center, -LIMIT, LIMIT)
            reached, slope = likelihood(tried)
            if reached > height:
                break
        else:
            break
        place, height, gradient = tried, reached, slope
    return place, height, gain


def _uphill(gradient: FloatArray, information: FloatArray, free: BoolArray) -> tuple[FloatArray, float]:
    """Give the Newton step, turned uphill where the surface is not concave, and the log-likelihood it promises."""
    step = np.zeros(gradient.size)
    values, vectors = np.linalg.eigh(information[np.ix_(free, free)])
    along = vectors.T @ gradient[free]
    pace = along / np.maximum(np.abs(values), np.maximum(np.abs(along) / LONGEST_STEP, 1e-300))
    step[free] = vectors @ pace
    return step, float(np.abs(along) @ np.abs(pace)) / 2


def _information(likelihood: Likelihood, place: FloatArray, gradient: FloatArray | None = None) -> FloatArray:
    """Give the observed information: differences of the gradient, central ones where none is handed in."""
    shifts = np.eye(place.size) * DIFFERENCE
    if gradient is not None:
        found = np.array([gradient - likelihood(place + shift)[1] for shift in shifts]) / DIFFERENCE
    else:
        found = np.array([likelihood(place - shift)[1] - likelihood(place + shift)[1] for shift in shifts])
        found /= 2 * DIFFERENCE
    return np.asarray((found + found.T) / 2, np.float64)


def _positive(information: FloatArray) -> FloatArray:
    """Give the nearest information matrix that is not negative anywhere."""
    values, vectors = np.linalg.eigh(information)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T, np.float64)
