"""When a product is bought again: the days between a person's purchases of it, by product.

A gap counts from a purchase that could be watched for `DAYS` more days to the next purchase of the same product on a
later day within them, by the same person (households and businesses alike); none is censored. Only what is used up
(`consumable`) is asked about. Median and quartiles are of all gaps, regular buyers' and others': in between stands who
comes for a refill by design (`relations.REFILLS`, `designed_days`; none for others) and who happens to take the product
again. A product is *regular* when its middle half of gaps is narrow (upper over lower quartile at most `REGULAR`).
Findable is what one demo shop shows in at least `FINDABLE_GAPS` gaps.
"""

from dataclasses import dataclass

import numpy as np

from crosslift.testing.demo import process
from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.counted.sequences import quartiles
from crosslift.testing.demo.facts import is_consumable
from crosslift.testing.demo.relations import REFILLS
from crosslift.testing.demo.seasons import N_DAYS

DAYS, REGULAR, FINDABLE_GAPS, FEWEST_IN_SHOP = 365, 2.5, 20, 3
N = len(CATALOG)


@dataclass(frozen=True, slots=True)
class TrueRefill:
    """How many days pass until a product is bought again; `n_shop` gaps in one demo shop."""

    product: str
    median: float
    q1: float
    q3: float
    designed_days: float | None
    n_shop: float

    @property
    def is_regular(self) -> bool:
        """Whether people come back for it in much the same rhythm."""
        return self.q3 <= REGULAR * self.q1

    @property
    def is_designed(self) -> bool:
        """Whether the process lets people run out of it."""
        return self.designed_days is not None

    @property
    def is_findable(self) -> bool:
        """Whether one demo shop shows enough gaps."""
        return self.n_shop >= FINDABLE_GAPS


class GapCounts:
    """Additive counts over sister shops: gaps by product and days, and all gaps a shop shows."""

    def __init__(self) -> None:
        self.gaps = np.zeros((N, DAYS + 1), dtype=np.uint32)
        self.n_seen = np.zeros(N)
        self.n_shops = 0

    def add(self, orders: process.Orders) -> None:
        """Count one sister shop."""
        key = (orders.person[orders.order] * N + orders.product) * N_DAYS + orders.day[orders.order]
        whose, day = np.divmod(np.unique(key), N_DAYS)
        same = whose[1:] == whose[:-1]
        gap, begun, product = np.diff(day)[same], day[:-1][same], whose[1:][same] % N
        self.n_seen += np.bincount(product, minlength=N)
        kept = (begun < N_DAYS - DAYS) & (gap <= DAYS)
        cells = product[kept] * (DAYS + 1) + gap[kept]
        self.gaps += np.bincount(cells, minlength=self.gaps.size).reshape(self.gaps.shape).astype(np.uint32)
        self.n_shops += 1

    def refills(self) -> tuple[TrueRefill, ...]:
        """Name what is used up and bought again."""
        designed = {refill.product_id: refill.interval_days for refill in REFILLS}
        found = []
        for place, item in enumerate(CATALOG):
            if is_consumable(item) and self.n_seen[place] >= FEWEST_IN_SHOP * self.n_shops and self.gaps[place].any():
                q1, median, q3 = quartiles(self.gaps[place])
                n_shop = round(float(self.n_seen[place] / self.n_shops), 1)
                found.append(TrueRefill(item.product_id, median, q1, q3, designed.get(item.product_id), n_shop))
        return tuple(found)
