"""How large a trial has to be, and how long a small shop would wait."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from crosslift.errors import BadInput


class Reach(NamedTuple):
    """What a trial of a size could show: the least effect, absolute, found with the power asked for."""

    n_treated: float
    n_control: float
    least_effect: float


def units_for_shares(
    base: float, hoped: float, power: float = 0.8, level: float = 0.95, share_of_control: float = 0.5
) -> float:
    """Give the units of both arms that tell two shares apart, from their variances.

    Parameters
    ----------
    base, hoped : float
        Shares in 0..1 without and with the treatment.
    share_of_control : float
        Of all units, in 0..1; a standing holdout has .05.

    Raises
    ------
    BadInput
        If a share lies outside 0..1, or both are equal.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 4, without continuity correction.

    Examples
    --------
    >>> round(units_for_shares(0.10, 0.11) / 2, 2)
    14750.79
    """
    if not (0 <= base <= 1 and 0 <= hoped <= 1) or base == hoped:
        raise BadInput(f"shares of {base} and {hoped}; give two different ones between 0 and 1")
    pooled = share_of_control * base + (1 - share_of_control) * hoped
    by_chance = np.sqrt(pooled * (1 - pooled) * (1 / share_of_control + 1 / (1 - share_of_control)))
    by_effect = np.sqrt(base * (1 - base) / share_of_control + hoped * (1 - hoped) / (1 - share_of_control))
    sigmas = ndtri((1 + level) / 2) * by_chance + ndtri(power) * by_effect
    return float((sigmas / (hoped - base)) ** 2)


def units_by_arcsine(base: float, hoped: float, power: float = 0.8, level: float = 0.95) -> float:
    """Give the units of both arms of one size that tell two shares apart, by Cohen's arcsine.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 6.

    Examples
    --------
    >>> round(units_by_arcsine(0.10, 0.11) / 2, 1)
    14744.1
    """
    effect = 2 * (np.arcsin(np.sqrt(hoped)) - np.arcsin(np.sqrt(base)))
    if effect == 0:
        raise BadInput(f"shares of {base} and {hoped}; give two different ones between 0 and 1")
    return float(4 * ((ndtri((1 + level) / 2) + ndtri(power)) / effect) ** 2)


def units_for_means(effect: float, power: float = 0.8, level: float = 0.95) -> float:
    """Give the units of both arms of one size that tell two means apart, by the noncentral t.

    Parameters
    ----------
    effect : float
        Difference of the means in standard deviations of a unit, not 0.

    Examples
    --------
    >>> round(units_for_means(0.2) / 2, 4)
    393.4057
    """
    if effect == 0:
        raise BadInput("an effect of 0 needs no trial; give the smallest that would matter")
    from scipy.optimize import brentq  # slow to import, and only plans ask
    from scipy.stats import nct, t  # half a second to import

    def lacking(n: float) -> float:
        freedom, shift = 2 * n - 2, abs(effect) * np.sqrt(n / 2)
        limit = t.ppf((1 + level) / 2, freedom)
        return float(nct.sf(limit, freedom, shift) + nct.cdf(-limit, freedom, shift)) - power

    return 2 * float(brentq(lacking, 2, 1e3 + 100 / effect**2, xtol=1e-9))


def least_effect(
    n: float, deviation: float, power: float = 0.8, level: float = 0.95, share_of_control: float = 0.5
) -> Reach:
    """Give the least difference of means that a trial of a size would probably show.

    Parameters
    ----------
    n : float
        Units of both arms.
    deviation : float
        Standard deviation of a unit's value.

    Examples
    --------
    A standing holdout of 5 % among 40,000 customers whose spend varies by 60:

    >>> round(least_effect(40_000, 60.0, share_of_control=0.05).least_effect, 2)
    3.86
    """
    held, treated = n * share_of_control, n * (1 - share_of_control)
    if held <= 0 or treated <= 0 or deviation < 0:
        raise BadInput(f"{n} units, {share_of_control:.0%} of them in the control; both arms need some")
    error = deviation * np.sqrt(1 / held + 1 / treated)
    return Reach(treated, held, float((ndtri((1 + level) / 2) + ndtri(power)) * error))


def units_for_effect(
    effect: float, deviation: float, power: float = 0.8, level: float = 0.95, share_of_control: float = 0.5
) -> float:
    """Give the units of both arms that would probably show a difference of means of a size.

    Examples
    --------
    >>> round(units_for_effect(3.857, 60.0, share_of_control=0.05), -3)
    40000.0
    """
    if effect == 0:
        raise BadInput("an effect of 0 needs no trial; give the smallest that would matter")
    sigmas = float(ndtri((1 + level) / 2) + ndtri(power)) * deviation / effect
    return float(sigmas**2 * (1 / share_of_control + 1 / (1 - share_of_control)))
