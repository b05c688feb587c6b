"""What is held together: pairs of running subscriptions, against what holding so many things of such popularity gives.

Chance keeps how many products every holder holds and how many hold every product, and is exact: among all sets of a
size, a set's chance is the product of its members' weights, and the weights are those that give each product its
holders (what swap shuffles tend to). With a dozen products all sets can be written down. From 1.3 times as many
holders as by chance a pair is *planted*, from 1.1 *induced*, by taste. Units are people who hold anything on the last
day; findable is what the exact Poisson test at .001 sees among the holders of one demo shop with power .95.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.counted.together import INDUCED, PLANTED, is_seen
from crosslift.testing.demo.holdings import HOLDABLE, Holdings

N = len(HOLDABLE)
ROUNDS = 2_000
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class TrueHeld:
    """Two products held by one person more often than chance; `n_shop` holders of both in one demo shop."""

    first: str
    second: str
    kind: str
    lift: float
    n_shop: float

    @property
    def is_findable(self) -> bool:
        """Whether one demo shop shows it almost surely."""
        return self.kind == "planted" and is_seen(self.n_shop, self.n_shop / self.lift)


class HeldCounts:
    """Additive counts over sister shops: how many people hold exactly which set, a bit a product."""

    def __init__(self) -> None:
        self.sets = np.zeros(1 << N)
        self.n_shops = 0

    def add(self, holdings: Holdings) -> None:
        """Count one sister shop."""
        running = holdings.is_active
        holder, row = np.unique(holdings.person[running], return_inverse=True)
        held = np.bincount(row, weights=2.0 ** holdings.held[running], minlength=len(holder)).astype(np.int64)
        self.sets += np.bincount(held, minlength=1 << N)
        self.n_shops += 1

    def held(self) -> tuple[TrueHeld, ...]:
        """Name the pairs that are held together."""
        members = (np.arange(1 << N)[:, None] >> np.arange(N) & 1).astype(np.float64)
        both, chance = _pairs(members, self.sets), _pairs(members, _by_chance(members, self.sets))
        lift, found = both / chance, []
        for one, other in np.argwhere(np.triu(lift >= INDUCED, 1)).tolist():
            strength = round(float(lift[one, other]), 3)
            names = (HOLDABLE[one].product_id, HOLDABLE[other].product_id)
            kind = "planted" if strength >= PLANTED else "induced"
            found.append(TrueHeld(*names, kind, strength, round(float(both[one, other] / self.n_shops), 2)))
        return tuple(found)


def _pairs(members: NDArray[np.float64], sets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how many people hold each pair, shape (products, products)."""
    pairs: NDArray[np.float64] = (members * sets[:, None]).T @ members
    return pairs


def _by_chance(members: NDArray[np.float64], sets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how many people would hold each set by chance, sizes and holders kept."""
    size = members.sum(axis=1).astype(np.int64)
    n_of_size, holders = np.bincount(size, weights=sets), sets @ members
    weight = np.log(holders)
    expected = np.zeros_like(sets)
    for _ in range(ROUNDS):
        odds = np.exp(members @ weight)
        expected = odds * (n_of_size / np.bincount(size, weights=odds))[size]
        ratio = holders / (expected @ members)
        if np.abs(ratio - 1).max() < CLOSE:
            break
        weight += np.log(ratio)
    return expected
