"""Triples of products that are bought as a whole, not only two by two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import comb
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.learn.baskets import Baskets
from crosslift.learn.products.by_chance import MIN_STRATUM, pooled_strata
from crosslift.learn.products.complements import BASKETS_PER_CUSTOMER
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity
from crosslift.stats.chance import StrataCounts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_CANDIDATES = 5_000
"""Pairs that triples grow from, and triples that are counted: in each case those that could be worth most."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of one size and the evidence that they are bought as a whole.

    Attributes
    ----------
    members : int64 array, shape (sets, size)
        Items, ascending.
    n_both, n_customers : int64 array, shape (sets,)
        Baskets with the whole set, and distinct customers among them.
    expected, q_value : float64 array, shape (sets,)
        Such baskets by size-aware chance; of a triple those in which the third product joins the other two by chance, the
        largest of the three ways to see it. Adjusted upper tail.
    """

    members: Ints
    n_both: Ints
    n_customers: Ints
    expected: Floats
    q_value: Floats

    def take(self, chosen: Array) -> "Sets":
        """Keep some sets (a mask or places), in the given order."""
        return Sets(
            self.members[chosen],
            self.n_both[chosen],
            self.n_customers[chosen],
            self.expected[chosen],
            self.q_value[chosen],
        )

    def worth(self, earns: Floats) -> Floats:
        """Give baskets with the whole set × what a set earns."""
        return np.asarray(self.n_both * earns[self.members].sum(axis=1))


def find_triples(counted: Baskets, twos: Sets, earns: Floats, settings: Settings) -> Sets:
    """Find the triples of which all three pairs are given and that are bought as a whole more than chance explains.

    The lift of three products over chance is high as soon as two of them go together, whatever the third is. So a triple is
    held against the baskets of each of its pairs: the third product must be in them more often than chance, with baskets of
    that size, puts it there. The Poisson upper tail must survive Benjamini-Hochberg over all possible triples.
    """
    members = _cliques(twos.members, counted.n_items)
    least_pair = _lookup(twos, members, counted.n_items).min(axis=1) if len(members) else np.zeros(0)
    most_worth = least_pair * earns[members].sum(axis=1)
    members = members[np.lexsort((*members.T[::-1], -most_worth))[:MAX_CANDIDATES]]
    if not len(members):
        return Sets(members, *(np.zeros(0, np.int64),) * 2, *(np.zeros(0),) * 2)
    held = _held(counted, members)
    n_both = np.array([len(baskets) for baskets in held.wholes], dtype=np.int64)
    n_customers, effective = _customers(counted, held.wholes)
    expected = _expected(held, members)
    n_sold = int((counted.item_counts() > 0).sum())
    q_value = multiplicity.adjust(chance.poisson_tail(effective, expected), "bh", n_tests=comb(n_sold, 3))
    holds = (
        (q_value <= settings["learn.max_q_value"])
        & (effective >= settings["learn.min_lift"] * expected)
        & (n_both >= settings["learn.min_baskets"])
        & (n_customers >= settings["learn.min_customers"])
    )
    return Sets(members, n_both, n_customers, expected, q_value).take(holds)


def _cliques(pairs: Ints, n_items: int) -> Ints:
    """List the triples a < b < c of which every pair is given."""
    ones = np.ones(len(pairs), dtype=np.int8)
    above = sparse.csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n_items, n_items))
    shared = above[pairs[:, 0]].multiply(above[pairs[:, 1]]).tocoo()
    found: Ints = np.column_stack([pairs[shared.row], shared.col]).astype(np.int64)
    return found


def _lookup(twos: Sets, triples: Ints, n_items: int) -> Ints:
    """Give the counts of the three pairs of each triple; shape (triples, 3)."""
    keys = twos.members[:, 0] * n_items + twos.members[:, 1]
    order = np.argsort(keys)
    wanted = np.column_stack([triples[:, a] * n_items + triples[:, b] for a, b in ((0, 1), (0, 2), (1, 2))])
    counts: Ints = twos.n_both[order[np.searchsorted(keys[order], wanted)]]
    return counts


@dataclass(frozen=True, slots=True)
class _Held:
    """The baskets of each triple; and, pair by pair, how many more products their baskets hold, by stratum."""

    wholes: list[Ints]
    room: Mapping[tuple[int, int], Floats]
    strata: StrataCounts


def _held(counted: Baskets, triples: Ints) -> _Held:
    """Look the baskets up pair by pair: of two products, those of the second are asked whether the first marked them."""
    strata = pooled_strata(counted.strata, MIN_STRATUM)
    counts = StrataCounts.of(counted.items, counted.offsets, counted.n_items, strata)
    order = np.argsort(counted.items, kind="stable")
    basket = np.repeat(np.arange(counted.n_baskets), counted.sizes)[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(counted.items, minlength=counted.n_items))])
    thirds: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, (a, b, c) in enumerate(triples.tolist()):
        thirds.setdefault((a, b), []).append((row, c))
        thirds.setdefault((a, c), [])
        thirds.setdefault((b, c), [])
    has_first, has_both = (np.zeros(counted.n_baskets, dtype=np.bool_) for _ in range(2))
    wholes: list[Ints] = [np.zeros(0, np.int64)] * len(triples)
    room: dict[tuple[int, int], Floats] = {}
    for first, pairs in groupby(sorted(thirds), key=itemgetter(0)):
        own = basket[starts[first] : starts[first + 1]]
        has_first[own] = True
        for pair in pairs:
            others = basket[starts[pair[1]] : starts[pair[1] + 1]]
            both = others[has_first[others]]
            open_places = np.bincount(strata[both], counted.sizes[both] - 2.0, minlength=len(counts.n_baskets))
            room[pair] = open_places.astype(np.float64)
            has_both[both] = True
            for row, third in thirds[pair]:
                others = basket[starts[third] : starts[third + 1]]
                wholes[row] = others[has_both[others]]
            has_both[both] = False
        has_first[own] = False
    return _Held(wholes, room, counts)


def _customers(counted: Baskets, wholes: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Count the customers of each set, and its baskets of which a customer counts for a few at most."""
    each = [np.unique(counted.customers[baskets], return_counts=True)[1] for baskets in wholes]
    capped = [np.minimum(times, BASKETS_PER_CUSTOMER).sum() for times in each]
    return np.array([len(times) for times in each], dtype=np.int64), np.array(capped, dtype=np.int64)


def _expected(held: _Held, triples: Ints) -> Floats:
    """Let the third product join the baskets of the other two by chance, within market and channel; the largest of three."""
    shares = held.strata.item_counts / np.maximum(held.strata.item_counts.sum(axis=1, keepdims=True), 1)
    joined = [
        max(held.room[a, b] @ shares[:, c], held.room[a, c] @ shares[:, b], held.room[b, c] @ shares[:, a])
        for a, b, c in triples.tolist()
    ]
    return np.array(joined, dtype=np.float64)
