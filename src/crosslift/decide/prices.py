"""Price sanity and the margin floor: what is out of proportion here, and what would earn less than it must."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.amounts import Amounts
from crosslift.decide.candidates import Candidates
from crosslift.domain.placement import GOES_WITH
from crosslift.domain.value import ValueTerms

Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]
STEPS = frozenset({"upgrade"})


def too_dear(found: Candidates, amounts: Amounts, terms: ValueTerms) -> Mask:
    """Mark companions that cost too many times the dearest thing in sight, and steps up that are too large.

    What has no price, or nothing to be compared with, passes. A price is the catalog's or the offer's and never depends
    on who asks: nothing here reads the person.
    """
    mask: Mask = np.zeros(len(found.items), dtype=np.bool_)
    if terms.max_cross_ratio is not None:
        dearer = amounts.dearer(terms.max_cross_ratio, strictly=True)
        mask = dearer & found.from_sources(GOES_WITH) if np.count_nonzero(dearer) else mask
    if terms.max_step is not None and not STEPS.isdisjoint(found.present):
        mask |= amounts.steps_over(1.0 + terms.max_step) & found.from_sources(STEPS)
    return mask


def below_floor(amounts: Amounts, floor: float) -> Mask:
    """Mark what earns less than a share of its net price; what nobody knows the cost of passes."""
    mask: Mask = np.round((1.0 - floor) * amounts.net - amounts.costs, 6) < 0
    return mask


def margin_unknown(amounts: Amounts) -> Mask:
    """Mark what nobody knows the cost or the price of."""
    mask: Mask = np.isnan(amounts.net - amounts.costs)
    return mask


def is_asked(terms: ValueTerms) -> bool:
    """Tell whether any of this has been set."""
    return not (terms.max_cross_ratio is None and terms.max_step is None and terms.margin_floor is None)
