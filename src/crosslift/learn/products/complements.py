"""Which products go with which: bought in one basket more often than size-aware chance explains (DESIGN 4)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.settings import Settings
from crosslift.stats import association, chance, multiplicity
from crosslift.stats.pairs import PairCounts, count_pairs

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BASKETS_PER_CUSTOMER = 3
"""In a test, a pair's customers count for at most this many baskets each on average: one mega-buyer who repeats the
same two products sixty times is one customer's habit, not a relation."""

MIN_STRATUM = 500
"""Markets and channels with fewer baskets are pooled: their own chance could not be told from noise."""

STRENGTHS = ("early", "fair", "clear", "strong")


@dataclass(frozen=True, slots=True)
class Complements:
    """Tested pairs, first < second, with their evidence; all arrays of shape (pairs,).

    `is_relation` marks those that are complements; the rest were counted and tested but do not hold.
    `n_tests` is the number of pairs the false-discovery rate was controlled over.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    n_both: Ints
    n_customers: Ints
    expected: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats
    q_value: Floats
    npmi: Floats
    llr: Floats
    strength: npt.NDArray[np.int8]
    is_relation: npt.NDArray[np.bool_]
    item_counts: Ints
    n_baskets: int
    kappa: float
    n_tests: int

    @property
    def n_relations(self) -> int:
        """How many pairs are complements."""
        return int(self.is_relation.sum())


def count(baskets: Baskets, settings: Settings) -> tuple[Baskets, PairCounts]:
    """Count pairs over the baskets that are counted: unweighted, of at most `learn.max_basket_items` products."""
    counted = baskets.take(baskets.sizes <= settings["learn.max_basket_items"])
    pairs = count_pairs(counted.items, counted.offsets, counted.n_items, groups=counted.customers, min_count=1)
    return counted, pairs


def find_complements(counted: Baskets, pairs: PairCounts, settings: Settings) -> Complements:
    """Test every pair and name those that hold.

    A pair is a complement when its Poisson upper tail survives Benjamini-Hochberg at `learn.max_q_value` over all
    possible pairs, its corrected lift reaches `learn.min_lift`, and enough distinct customers bought both.
    """
    n_items, n_baskets = counted.n_items, counted.n_baskets
    counts = counted.item_counts()
    kept = pairs.n_both >= settings["learn.min_baskets"]
    first, second = pairs.first[kept], pairs.second[kept]
    n_both, n_customers = pairs.n_both[kept].astype(np.int64), pairs.n_groups[kept].astype(np.int64)
    expected = expected_counts(counted, first, second)
    n_tests = n_items * (n_items - 1) // 2
    effective = np.minimum(n_both, BASKETS_PER_CUSTOMER * n_customers)
    q_value = multiplicity.adjust(chance.poisson_tail(effective, expected), "bh", n_tests=n_tests)
    low, high = chance.lift_interval(n_both, expected)
    lift = n_both / expected
    is_relation = (
        (q_value <= settings["learn.max_q_value"])
        & (lift >= settings["learn.min_lift"])
        & (effective / expected >= settings["learn.min_lift"])
        & (n_customers >= settings["learn.min_customers"])
        & (np.round(np.round(expected, 4), 1) < n_both)  # whatever the settings: a sentence must be able to say so
    )
    sizes = counted.sizes
    n_a, n_b = counts[first], counts[second]
    return Complements(
        first, second, n_both, n_customers, expected, lift, low, high, q_value,
        association.npmi(n_both, n_a, n_b, n_baskets), association.signed_llr(n_both, n_a, n_b, n_baskets),
        _strengths(low, n_both, n_customers), is_relation, counts, n_baskets,
        float(chance.kappa(sizes)) if n_baskets else 1.0, n_tests,
    )  # fmt: skip


def expected_counts(counted: Baskets, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> Floats:
    """Give the baskets with both that size-aware chance alone would bring, within market and channel where these differ."""
    strata = _strata(counted)
    n_strata = int(strata.max()) + 1 if len(strata) else 1
    sizes = counted.sizes
    basket_of = np.repeat(np.arange(counted.n_baskets), sizes)
    table = np.zeros((n_strata, counted.n_items), dtype=np.int64)
    np.add.at(table, (strata[basket_of], counted.items), 1)
    n_baskets = np.bincount(strata, minlength=n_strata)
    kappas = np.array([chance.kappa(sizes[strata == s]) for s in range(n_strata)])
    return chance.expected_in_strata(first, second, table, n_baskets, kappas)


def _strata(counted: Baskets) -> Ints:
    """Number the markets and channels that are large enough for a chance of their own; the others form one."""
    values, inverse, counts = np.unique(counted.strata, return_inverse=True, return_counts=True)
    large = np.flatnonzero((counts >= MIN_STRATUM) & (values >= 0))
    number = np.zeros(len(values), dtype=np.int64)
    rest = len(large) < len(values)
    number[large] = np.arange(len(large)) + rest
    return number[inverse]


def _strengths(low: Floats, n_both: Ints, n_customers: Ints) -> npt.NDArray[np.int8]:
    """Say in words how sure we are: 0 early, 1 fair, 2 clear, 3 strong."""
    strength = np.full(len(low), 1, dtype=np.int8)
    strength[n_both < 10] = 0
    strength[(n_both >= 20) & (low >= 1.2)] = 2
    strength[(n_both >= 50) & (n_customers >= 20) & (low >= 1.5)] = 3
    return strength
