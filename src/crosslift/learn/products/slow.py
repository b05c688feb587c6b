"""Slow stock: what lies in stock and is hardly bought, how long the stock would last, and best-before dates."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadUsage
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.settings import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY = 86_400_000_000
FAR_LONGER = 5.0
"""Stock that lasts so many times as long as the shop's median is slow, though it sells now and then."""


@dataclass(frozen=True, slots=True)
class SlowStock:
    """Age of the stock, item by item; arrays of shape (items,).

    Attributes
    ----------
    is_slow : bool array
        In stock, and either idle for `learn.slow_days` or lasting far longer than the shop's median and than
        `learn.slow_days`. Unknown stock is not slow, nor is what may have come in yesterday for all we know.
    days_since_sale : float64 array
        Since the last order, or since it came into stock where that was later or nobody bought it; nan where neither
        is known.
    days_of_stock : float64 array
        Stock over orders a day of the last `learn.slow_days` (or since it came in). An order counts as one piece, so
        this is an upper bound. inf where nobody ordered meanwhile, nan where stock is unknown or the product too new.
    best_before : int64 array
        Days since 1970; −1 where no date is given.
    """

    is_slow: npt.NDArray[np.bool_]
    days_since_sale: Floats
    days_of_stock: Floats
    best_before: Ints


def find_slow(catalog: Catalog, baskets: Baskets, settings: Settings, as_of: int) -> SlowStock:
    """Tell which stock is slow.

    Parameters
    ----------
    catalog : Catalog
        Stock, and the attributes `best_before` and `in_stock_since`.
    baskets : Baskets
        All orders, of unknown customers too; numbered as the catalog.
    as_of : int
        The newest fact, microseconds; later orders are not looked at.

    Raises
    ------
    BadUsage
        If baskets and catalog number their products differently.
    """
    if list(baskets.products) != list(catalog.products):
        raise BadUsage("baskets and catalog number their products differently; renumber the baskets first")
    slow_days, now = settings["learn.slow_days"], as_of / DAY
    at = np.repeat(baskets.at, baskets.sizes) / DAY
    seen = at <= now
    item, at = baskets.items[seen], at[seen]
    last = np.full(catalog.n_items, -np.inf)
    np.maximum.at(last, item, at)
    arrived = np.array([_day(catalog.day_of(i, "in_stock_since"), -np.inf) for i in range(catalog.n_items)])
    since = np.fmax(last, np.where(arrived <= now, arrived, -np.inf))
    idle = np.where(np.isfinite(since), now - since, np.nan)

    oldest = now - (at.min() if at.size else now)
    watched = np.clip(np.where(np.isfinite(arrived), now - arrived, oldest), 0, min(slow_days, oldest))
    recent = np.bincount(item[at > now - slow_days], minlength=catalog.n_items)
    has_stock = catalog.stock > 0
    known = has_stock & (watched > 0) & ((recent > 0) | np.isfinite(since))
    lasts = np.full(catalog.n_items, np.nan)
    lasts[known & (recent == 0)] = np.inf
    sold = known & (recent > 0)
    lasts[sold] = catalog.stock[sold] * watched[sold] / recent[sold]
    typical = float(np.median(lasts[sold])) if sold.any() else np.inf
    lies_long = sold & (lasts > max(FAR_LONGER * typical, slow_days)) & (watched >= min(slow_days, oldest))
    best_before = np.array([_day(catalog.day_of(i, "best_before"), -1) for i in range(catalog.n_items)], np.int64)
    return SlowStock(has_stock & ((idle >= slow_days) | lies_long), idle, lasts, best_before)


def _day(day: date | None, missing: float) -> float:
    """Count days since 1970."""
    return missing if day is None else (day - date(1970, 1, 1)).days
