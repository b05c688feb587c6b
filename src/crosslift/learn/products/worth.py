"""What selling a product brings and costs beside its margin: returns, service, repeats. A decision weighs offers by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog

Floats = npt.NDArray[np.float64]
DAY = 86_400_000_000
YEAR_DAYS = 365
PRIOR_UNITS, PRIOR_BUYERS = 20.0, 20.0
"""Pieces, and buyers, that the shop's own rate is worth beside a product's: thin data are drawn toward the shop."""


@dataclass(frozen=True, slots=True)
class ItemWorth:
    """Item by item, arrays of shape (items,).

    Attributes
    ----------
    return_rates : float64 array
        0..1, pieces that come back of those sold, drawn toward the shop's rate.
    service_costs : float64 array
        Cost of service cases about the product, a piece sold, in the product's currency; 0 where none is written down.
    repeats : float64 array
        Further orders of the product within a year of a buyer's first, drawn toward the shop's mean; 0 where no buyer's
        first order is a year old.
    usual_margin : float
        Median margin, as a share of the price, of products whose cost is known; nan where none is.
    """

    return_rates: Floats
    service_costs: Floats
    repeats: Floats
    usual_margin: float

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give the columns of the snapshot."""
        return {
            "return_rates": self.return_rates, "service_costs": self.service_costs, "repeats": self.repeats,
            "usual_margin": np.array([self.usual_margin]),
        }  # fmt: skip


def item_worth(
    catalog: Catalog, baskets: Baskets, lines: pa.Table, returns: pa.Table, cases: pa.Table, as_of: int
) -> ItemWorth:
    """Work it out.

    Parameters
    ----------
    baskets : Baskets
        All orders, numbered as the catalog.
    lines, returns : pa.Table
        Cleaned order lines, of which what came back is taken off; what came back. Columns product_id, quantity.
    cases : pa.Table
        Service cases: product_id, cost_micros, currency; those without product or cost say nothing here.
    as_of : int
        The newest fact, microseconds.
    """
    index = catalog.index
    kept, back = _units(lines, index, catalog.n_items), _units(returns, index, catalog.n_items)
    sold = kept + back
    usual = back.sum() / sold.sum() if sold.sum() else 0.0
    rates = (back + PRIOR_UNITS * usual) / (sold + PRIOR_UNITS)
    known = ~np.isnan(catalog.costs) & (catalog.prices > 0)
    margin = float(np.median(1 - catalog.costs[known] / catalog.prices[known])) if known.any() else float("nan")
    return ItemWorth(rates, _service(catalog, cases, sold), _repeats(baskets, as_of), margin)


def _units(table: pa.Table, index: Mapping[str, int], n_items: int) -> Floats:
    """Sum pieces by item; what the catalog does not know is left out."""
    summed = table.group_by("product_id").aggregate([("quantity", "sum")])
    units = np.zeros(n_items)
    for name, n in zip(summed.column("product_id").to_pylist(), summed.column("quantity_sum").to_pylist(), strict=True):
        if name in index and n:
            units[index[name]] += max(n, 0)
    return units


def _service(catalog: Catalog, cases: pa.Table, sold: Floats) -> Floats:
    """Spread the cost of a product's cases over its pieces; a case in another currency than the product's says nothing."""
    costs = np.zeros(catalog.n_items)
    index = catalog.index
    told = cases.filter(pc.and_(pc.is_valid(cases.column("product_id")), pc.is_valid(cases.column("cost_micros"))))
    columns = (told.column(name).to_pylist() for name in ("product_id", "cost_micros", "currency"))
    for name, micros, currency in zip(*columns, strict=True):
        item = index.get(name)
        if item is not None and currency in (None, catalog.currencies[item]):
            costs[item] += micros / 1e6
    return np.where(sold > 0, costs / np.maximum(sold + PRIOR_UNITS, 1.0), 0.0)


def _repeats(baskets: Baskets, as_of: int) -> Floats:
    """Count a buyer's further orders of an item within a year of the first, over buyers seen for a whole year."""
    of = np.repeat(np.arange(baskets.n_baskets), baskets.sizes)
    is_known = baskets.known[of]
    item, who, at = baskets.items[is_known].astype(np.int64), baskets.customers[of][is_known], baskets.at[of][is_known]
    if not len(item):
        return np.zeros(baskets.n_items)
    order = np.lexsort((at, who, item))
    item, who, at = item[order], who[order], at[order]
    is_first = np.ones(len(item), dtype=np.bool_)
    is_first[1:] = (item[1:] != item[:-1]) | (who[1:] != who[:-1])
    began = at[is_first][np.cumsum(is_first) - 1]
    is_seen = began <= as_of - YEAR_DAYS * DAY
    is_again = ~is_first & is_seen & (at - began <= YEAR_DAYS * DAY)
    buyers = np.bincount(item[is_first & is_seen], minlength=baskets.n_items)
    again = np.bincount(item[is_again], minlength=baskets.n_items)
    if not buyers.sum():
        return np.zeros(baskets.n_items)
    usual = again.sum() / buyers.sum()
    return np.asarray((again + PRIOR_BUYERS * usual) / (buyers + PRIOR_BUYERS))
