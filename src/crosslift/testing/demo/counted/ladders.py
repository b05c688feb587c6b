"""Steps up: by design from the catalog's tiers and from `relations.PATHS`, with the counted share of people who take them.

By design, a step leads from a product to one of the same need in the next higher tier that the shop has, at a higher
price (basis ``tier``), or is a path of kind ``step_up`` (basis ``path``, which may cross needs: a hand grinder, then an
electric one). Counted over sister shops is `p_follows`, the share of buyers who take the higher product on a later day
within a year (`counted.sequences`), and `lift`, how much more often than independence has it. A step is *taken* when the
lift is at least 1.3; the others are ladders of the shelf that nobody is known to climb. Findable is what the catalog
itself says (one need, the next tier, a higher price), and a step across needs that enough customers of one demo shop
are seen to take.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.counted.sequences import PLANTED, SequenceCounts
from crosslift.testing.demo.item import Item
from crosslift.testing.demo.relations import PATHS

#: A step across needs is findable where so many customers of one demo shop are seen to take it.
FINDABLE_CUSTOMERS = 20


@dataclass(frozen=True, slots=True)
class TrueUpgrade:
    """A step from one product up to another; prices in won, `n_shop` customers of one demo shop seen to take it.

    `lift` and `p_follows` are None where nobody could be watched.
    """

    first: str
    then: str
    basis: str
    tier_from: int
    tier_to: int
    delta_price: int
    lift: float | None
    p_follows: float | None
    n_shop: float

    @property
    def is_findable(self) -> bool:
        """Whether catalog or customers of one demo shop show it."""
        one_need = CATALOG[PLACE[self.first]].need == CATALOG[PLACE[self.then]].need
        return one_need or (self.is_taken and self.n_shop >= FINDABLE_CUSTOMERS)

    @property
    def is_taken(self) -> bool:
        """Whether people are known to take this step."""
        return self.lift is not None and self.lift >= PLANTED


def designed() -> Iterator[tuple[Item, Item, str]]:
    """Give every step by design: the lower, the higher, its basis; a path before a tier."""
    paths = {(path.first, path.then) for path in PATHS if path.kind == "step_up"}
    for first, then in sorted(paths):
        yield CATALOG[PLACE[first]], CATALOG[PLACE[then]], "path"
    for lower in CATALOG:
        if lower.need and "tier" in lower.attributes:
            above = [one for one in CATALOG if one.need == lower.need and _tier(one) > _tier(lower)]
            next_tier = min((_tier(one) for one in above), default=0)
            for higher in above:
                is_step = _tier(higher) == next_tier and higher.price > lower.price
                if is_step and (lower.product_id, higher.product_id) not in paths:
                    yield lower, higher, "tier"


def _tier(item: Item) -> int:
    """Give an item's tier, 0 where it has none."""
    return int(str(item.attributes.get("tier", 0)))


def upgrades_of(counts: SequenceCounts) -> tuple[TrueUpgrade, ...]:
    """Give every step by design with what was counted of it."""
    found = []
    for lower, higher, basis in designed():
        cell = PLACE[lower.product_id], PLACE[higher.product_id]
        both, expected, n_first = counts.n_both[cell], counts.expected[cell], counts.n_first[cell[0]]
        lift = round(float(both / expected), 3) if expected else None
        share = round(float(both / n_first), 5) if n_first else None
        n_shop = round(float(counts.n_seen[cell] / counts.n_shops), 2)
        ids, tiers = (lower.product_id, higher.product_id), (_tier(lower), _tier(higher))
        found.append(TrueUpgrade(*ids, basis, *tiers, higher.price - lower.price, lift, share, n_shop))
    return tuple(found)
