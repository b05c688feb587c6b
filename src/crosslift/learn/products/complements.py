"""Which products go with which: bought in one basket more often than size-aware chance explains (DESIGN 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.learn.baskets import Baskets
from crosslift.learn.counts import counted_pairs
from crosslift.learn.material import Material
from crosslift.learn.products import by_chance, promotions, thin
from crosslift.settings import Settings
from crosslift.stats import association, chance, multiplicity
from crosslift.stats.pairs import PairCounts, baskets_of, count_pairs

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ExpectedOf = Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], Floats]

BASKETS_PER_CUSTOMER = 3
"""In a test, a customer counts for at most this many baskets of a pair: one mega-buyer who repeats the same two
products sixty times is one customer's habit, not a relation."""

STRENGTHS = ("early", "fair", "clear", "strong")


@dataclass(frozen=True, slots=True)
class Complements:
    """Tested pairs, first < second, with their evidence; all arrays of shape (pairs,).

    Attributes
    ----------
    n_both, n_customers, n_effective : int64 array
        Baskets with both, distinct customers among them, and baskets of which a customer counts for three at most: those are
        tested.
    expected, lift, lift_low, lift_high, q_value : float64 array
        Meetings by size-aware chance, observed over expected with its exact 95 % interval, adjusted upper tail.
    shrunk_lift, shrunk_low : float64 array
        Lift drawn toward that of the pair's categories as far as data are thin, and the bound it exceeds with 95 %: the order
        of pairs that only a few baskets speak for. The more baskets, the closer to `lift` and `lift_low`.
    weight : float64 array
        Sum of 1/(size − 1) over baskets with both: a wholesale order spreads its say over all it holds.
    n_returned_together : int64 array
        Orders in which both came back; −1 where no returns are known.
    strength : int8 array
        Place in `STRENGTHS`.
    is_relation : bool array
        Marks complements; the rest were counted and tested but do not hold.
    item_counts : int64 array, shape (items,)
        Baskets that hold each product.
    kappa : float
        Size factor of all baskets.
    n_tests : int
        Possible pairs of products that were sold: what the false-discovery rate was controlled over.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    n_both: Ints
    n_customers: Ints
    n_effective: Ints
    expected: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats
    q_value: Floats
    shrunk_lift: Floats
    shrunk_low: Floats
    npmi: Floats
    llr: Floats
    weight: Floats
    n_returned_together: Ints
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


def count(baskets: Baskets, settings: Settings, cache: Path | None = None) -> tuple[Baskets, PairCounts]:
    """Count pairs over the baskets that are counted: those of at most `learn.max_basket_items` products.

    Parameters
    ----------
    cache : Path, optional
        Where the counts of the last run are kept, so that only what changed is counted again.
    """
    counted = baskets.take(baskets.sizes <= settings["learn.max_basket_items"])
    return counted, counted_pairs(counted, cache, BASKETS_PER_CUSTOMER)


def find_complements(
    counted: Baskets,
    pairs: PairCounts,
    settings: Settings,
    categories: Sequence[str | None] | None = None,
    material: Material | None = None,
    *,
    seed: int = by_chance.SEED,
    expected_of: ExpectedOf | None = None,
) -> Complements:
    """Test every pair and name those that hold.

    A pair is a complement when its Poisson upper tail survives Benjamini-Hochberg at `learn.max_q_value` over all
    possible pairs of products that were sold, its corrected lift reaches `learn.min_lift`, enough distinct customers
    bought both, and it does not rest on a few days of a promotion alone (`promotions`).

    Parameters
    ----------
    counted, pairs : Baskets, PairCounts
        As `count` gives them.
    categories : sequence of str or None, length n_items, optional
        Paths with slashes, toward which thin data are shrunk; without them it is the shop as a whole.
    material : Material, optional
        Where returns are read from.
    seed : int
        Of the shuffles that chance is drawn from in a narrow table.
    expected_of : callable, optional
        Chance that was worked out already, see `by_chance.Chance`.
    """
    n_baskets, counts = counted.n_baskets, counted.item_counts()
    kept = pairs.n_both >= settings["learn.min_baskets"]
    first, second = pairs.first[kept], pairs.second[kept]
    n_both, n_customers = pairs.n_both[kept].astype(np.int64), pairs.n_groups[kept].astype(np.int64)
    effective = n_both if pairs.n_effective is None else pairs.n_effective[kept].astype(np.int64)
    others = thin.reference_pairs(counts, seed)
    expected, of_others = np.split(
        (expected_of or by_chance.Chance(counted, settings, seed=seed).expected)(
            np.concatenate([first, others[0]]), np.concatenate([second, others[1]])
        ),
        [len(first)],
    )
    shrunk, shrunk_low = thin.shrink(first, second, n_both, expected, thin.met(pairs, others, of_others), categories)
    n_sold = int((counts > 0).sum())
    n_tests = n_sold * (n_sold - 1) // 2
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
    held = np.flatnonzero(is_relation)
    is_relation[held] = ~promotions.find_promoted(
        counted, first[held], second[held], n_customers[held], expected[held], settings, cap=BASKETS_PER_CUSTOMER
    )
    n_a, n_b = counts[first], counts[second]
    return Complements(
        first, second, n_both, n_customers, effective, expected, lift, low, high, q_value, shrunk, shrunk_low,
        association.npmi(n_both, n_a, n_b, n_baskets), association.signed_llr(n_both, n_a, n_b, n_baskets),
        np.full(len(first), np.nan) if pairs.weight is None else pairs.weight[kept].round(9),  # in whatever order summed
        _returned_together(counted.products, first, second, material.returns if material else None),
        strengths(low, n_both, n_customers), is_relation, counts, n_baskets,
        chance.kappa(counted.sizes) if len(counted.items) else 1.0, n_tests,
    )  # fmt: skip


def strengths(low: Floats, n_both: Ints, n_customers: Ints) -> npt.NDArray[np.int8]:
    """Say in words how sure we are: 0 early, 1 fair, 2 clear, 3 strong."""
    strength = np.full(len(low), 1, dtype=np.int8)
    strength[n_both < 10] = 0
    strength[(n_both >= 20) & (low >= 1.2)] = 2
    strength[(n_both >= 50) & (n_customers >= 20) & (low >= 1.5)] = 3
    return strength


def _returned_together(
    products: Sequence[str], first: npt.NDArray[np.int32], second: npt.NDArray[np.int32], returns: pa.Table | None
) -> Ints:
    """Count orders in which both products of a pair came back; −1 where the shop has told of no returns at all.

    From the returns as they were told: `counted` no longer holds what went back.
    """
    if returns is None or returns.num_rows == 0:
        return np.full(len(first), -1, dtype=np.int64)
    place = {name: number for number, name in enumerate(products)}
    rows = zip(*(returns.column(name).to_pylist() for name in ("source", "order_id", "product_id")), strict=True)
    orders: dict[tuple[str, str], int] = {}
    told = [
        (orders.setdefault((source, order), len(orders)), place[name]) for source, order, name in rows if name in place
    ]
    order, item = np.array(told, dtype=np.int64).reshape(-1, 2).T
    items, offsets, _ = baskets_of(order, item)
    return thin.look_up(count_pairs(items, offsets, len(products)), first, second)
