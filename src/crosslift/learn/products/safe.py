"""The safe list: what can still be offered when nothing can be looked up any more."""

import numpy as np
import numpy.typing as npt

from crosslift.learn.catalog import Catalog

GOOD_STOCK = 5
"""Fewer pieces may be gone by the time somebody asks."""
ASKS = frozenset({"min_age", "age", "licence", "licences", "license", "restricted", "tags"})
"""Attributes that may stand for a rule about who may buy: with one of them a product is not offered blindly."""


def find_safe(catalog: Catalog) -> npt.NDArray[np.bool_]:
    """Mark products with a price, in good or unknown stock, that no attribute restricts; shape (items,)."""
    is_free = np.array([ASKS.isdisjoint(attributes) for attributes in catalog.attributes], dtype=np.bool_)
    is_stocked = np.isnan(catalog.stock) | (catalog.stock >= GOOD_STOCK)
    return np.asarray(~np.isnan(catalog.prices) & is_stocked & is_free)
