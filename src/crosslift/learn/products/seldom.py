"""What meets surely seldom though both sell often: the test behind what stays apart, of products as of groups of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.products.covisits import met
from crosslift.settings import Settings
from crosslift.stats import chance
from crosslift.stats.pairs import PairCounts
from crosslift.stats.scarcity import scarcity

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ExpectedOf = Callable[[Items, Items], Floats]
Asked = Callable[[Items, Items], Mask]

MAX_LIFT = 0.4
"""What is proposed meets at most this often, relative to chance: this is what is tested, and what the interval ends at."""

MIN_EXPECTED = 9.2
"""Baskets with both that chance must promise: below, the upper bound of the lift exceeds `MAX_LIFT` even at none."""

BASKETS_PER_CUSTOMER = 3
"""A product's customers count for at most this many baskets each: a mega-buyer's habit keeps nothing apart."""

_POOLED_SLACK = 4.0  # within markets chance may bring more than over all; candidates are listed this generously
_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Seldom:
    """Pairs, first < second, that meet in at most `MAX_LIFT` as many baskets as chance promises; shape (pairs,).

    Attributes
    ----------
    n_both : int64 array
        Baskets with both.
    expected : float64 array
        As many by chance, taken down to `BASKETS_PER_CUSTOMER`.
    """

    first: Items
    second: Items
    n_both: Ints
    expected: Floats

    @classmethod
    def among(cls, counted: Baskets, pairs: PairCounts, expected_of: ExpectedOf, is_asked: Asked) -> "Seldom":
        """List those that chance would bring together `MIN_EXPECTED` times, of the pairs that are asked for."""
        share = _spread(counted)
        parts = [(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0))]
        for first, second in _likely_pairs(counted):
            expected = expected_of(first, second) * share[first] * share[second]
            n_both, _ = met(pairs, first, second, counted.n_items)
            few = np.flatnonzero((expected >= MIN_EXPECTED) & (n_both <= MAX_LIFT * expected))
            few = few[is_asked(first[few], second[few])]
            parts.append((first[few], second[few], n_both[few], expected[few]))
        first, second, n_both, expected = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(first, second, n_both, expected)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the test says: upper bounds of the lift, q-values, and the places of those that stay apart."""

    lift_high: Floats
    q_value: Floats
    kept: Ints


def judge(found: Sequence[Seldom], settings: Settings) -> Verdict:
    """Test one after another, all of them one family: of what is kept at most `learn.max_q_value` is false on average.

    False is what meets more than `MAX_LIFT` as often as chance has it, be it less often than chance or not.
    """
    n_both, expected = (np.concatenate([getattr(one, name) for one in found]) for name in ("n_both", "expected"))
    level = settings["learn.max_q_value"]
    _, q_value = scarcity(n_both, expected, MAX_LIFT, level)
    _, high = chance.lift_interval(n_both, expected)
    return Verdict(high, q_value, np.flatnonzero((q_value <= level) & (high <= MAX_LIFT)))


def _likely_pairs(counted: Baskets) -> Iterator[tuple[Items, Items]]:
    """List pairs, first < second, that chance might bring together `MIN_EXPECTED` times, some at once.

    There are at most (all pairs met) / `MIN_EXPECTED` × slack of them, however many products there are.
    """
    counts = counted.item_counts()
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    if len(order) < 2:
        return
    factor = chance.kappa(counted.sizes) / counted.n_baskets
    falling = counts[order].astype(np.float64)
    least = MIN_EXPECTED / _POOLED_SLACK / (max(factor, 1e-300) * falling)
    n_partners = np.searchsorted(-falling, -least, side="right") - np.arange(1, len(order) + 1)
    n_partners = np.maximum(n_partners, 0)
    chunk = np.cumsum(n_partners) // _CHUNK
    for number in np.unique(chunk[n_partners > 0]).tolist():
        anchors = np.flatnonzero((chunk == number) & (n_partners > 0))
        n = n_partners[anchors]
        one = np.repeat(anchors, n)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(n) - n, n)
        a, b = order[one].astype(np.int32), order[other].astype(np.int32)
        yield np.minimum(a, b), np.maximum(a, b)


def _spread(counted: Baskets) -> Floats:
    """Give the share of each product's baskets that counts when no customer counts for more than a few of them."""
    counts = counted.item_counts()
    who = np.repeat(counted.customers, counted.sizes)
    _, number = np.unique(who, return_inverse=True)
    buyers = np.unique(number * max(counted.n_items, 1) + counted.items, return_counts=True)
    item = buyers[0] % max(counted.n_items, 1)
    told = np.bincount(item, np.minimum(buyers[1], BASKETS_PER_CUSTOMER), minlength=counted.n_items)
    return np.divide(told, counts, out=np.ones(counted.n_items), where=counts > 0)
