"""What is looked at instead: viewed together in a visit, of one need or one shelf, and not bought together.

A visit is one visitor's views without a pause of half an hour. Chance is size-aware as for baskets, over the distinct
products of visits. A pair is a *substitute* when it is viewed together at least 1.3 times as often as chance, bought
together less often than chance (`counted.together`), and its products

- share a need by design (`item.need`; basis ``need``), or
- stand on the same shelf, which is the leaf of the category (basis ``shelf``): beans are looked at side by side and
  taken one at a time, without anybody having designed it;

but never where the size differs that something else needs them for (`facts.REQUIRES_BY_NEED`): filters 01 do not stand
in for filters 02, however often both are looked at.

Findable is what exact Poisson tests at .001 see with power .95 in one demo shop, both among its visits (so many) and
among its baskets (so few): where little is sold, nobody can tell that two things are kept apart.
"""

from dataclasses import dataclass

import numpy as np

from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.counted.together import PairCounts, count_baskets, is_missed, is_seen, sellable
from crosslift.testing.demo.facts import REQUIRES_BY_NEED
from crosslift.testing.demo.item import Item
from crosslift.testing.demo.views import Views

VIEWED = 1.3
PAUSE_SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class TrueSubstitute:
    """Two products viewed together, not bought together.

    `n_shop` visits of one demo shop see both; `n_bought_by_chance` of its baskets would hold both by chance.
    """

    first: str
    second: str
    basis: str
    viewed_lift: float
    bought_lift: float
    n_shop: float
    n_bought_by_chance: float

    @property
    def is_findable(self) -> bool:
        """Whether visits and baskets of one demo shop show it almost surely."""
        n_bought = self.bought_lift * self.n_bought_by_chance
        return is_seen(self.n_shop, self.n_shop / self.viewed_lift) and is_missed(n_bought, self.n_bought_by_chance)


def count_visits(views: Views, into: PairCounts) -> None:
    """Add the visits of one sister shop."""
    kept = np.flatnonzero(sellable()[views.product])
    kept = kept[np.lexsort((views.at[kept], views.device[kept]))]
    device, at = views.device[kept], views.at[kept]
    opens = (np.diff(device, prepend=-1) != 0) | (np.diff(at, prepend=at[:1]) > PAUSE_SECONDS)
    visit = np.cumsum(opens) - 1
    cell = np.unique(visit * len(CATALOG) + views.product[kept])
    row, product = np.divmod(cell, len(CATALOG))
    size = count_baskets(into.both, row, product, int(visit[-1]) + 1)
    into.n_orders += len(size)
    into.sum_sizes += int(size.sum())
    into.sum_size_pairs += int((size * (size - 1)).sum())


def substitutes_of(visits: PairCounts, baskets: PairCounts, n_shops: int) -> tuple[TrueSubstitute, ...]:
    """Name the substitutes, given visits and baskets of as many shops."""
    viewed, bought, by_chance, found = visits.lift(), baskets.lift(), baskets.expected() / n_shops, []
    for one, other in np.argwhere(np.triu((viewed >= VIEWED) & (bought < 1), 1)).tolist():
        first, second = CATALOG[one], CATALOG[other]
        is_need, is_shelf = first.need and first.need == second.need, first.category == second.category
        if (is_need or is_shelf) and can_stand_in(first, second):
            lifts = (round(float(viewed[one, other]), 3), round(float(bought[one, other]), 3))
            n_shop = round(int(visits.both[one, other]) / n_shops, 2)
            basis = "need" if is_need else "shelf"
            found.append(
                TrueSubstitute(
                    first.product_id, second.product_id, basis, *lifts, n_shop, round(float(by_chance[one, other]), 2)
                )
            )
    return tuple(found)


def can_stand_in(first: Item, second: Item) -> bool:
    """Tell whether what needs the one is served by the other: no rule asks for both by a value in which they differ.

    Examples
    --------
    >>> from crosslift.testing.demo.catalog import get_item
    >>> can_stand_in(get_item("FLT-02"), get_item("FLT-02-N")), can_stand_in(get_item("FLT-02"), get_item("FLT-01"))
    (True, False)
    """
    sizes = [(rule.size_of(first), rule.size_of(second)) for rule in REQUIRES_BY_NEED.values()]
    return all(one == other for one, other in sizes if one is not None and other is not None)
