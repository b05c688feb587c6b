"""How often products would share a basket by chance: one question, answered in the way that suits the table.

Narrow tables (fewer than `learn.narrow_items` products that were sold) are shuffled: kappa·n_a·n_b/N forgets that a basket
holds a product once, and where few products fill most lines it names pairs that are chance. In wide tables kappa is right,
but for strata with a product in more than `learn.narrow_share` of the baskets: there all pairs, also those of rare
products, take the two-margin fit of `stats.margins`, the mean of the same shuffles in a fraction of their time.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.settings import Settings
from crosslift.stats.chance import StrataCounts, expected_pairs
from crosslift.stats.margins import fit_margins
from crosslift.stats.shuffle import expected_by_shuffles

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Expected = Callable[[Items, Items], Floats]

MIN_STRATUM = 500
"""Markets and channels with fewer baskets are pooled: their own chance could not be told from noise."""

MAX_LINES = 1_000_000
"""A narrow table with more lines is shuffled on a random part of its baskets of this size; shuffling all of 32 million
lines would take a quarter of an hour."""

SEED = 20_110_604


class Chance:
    """Chance meetings of one set of baskets, asked again and again: what is drawn or fitted is kept.

    Meetings are expected within market and channel, where these are large enough for a chance of their own.

    Parameters
    ----------
    counted : Baskets
        The baskets that pairs were counted over.
    seed : int
        Of the shuffles in a narrow table.
    max_lines : int
        Lines that are shuffled at most.
    """

    def __init__(self, counted: Baskets, settings: Settings, *, seed: int = SEED, max_lines: int = MAX_LINES) -> None:
        self._counted, self._settings, self._seed, self._max_lines = counted, settings, seed, max_lines
        self._strata = pooled_strata(counted.strata, MIN_STRATUM)
        self._is_narrow = is_narrow(counted, settings)
        self._sold = np.flatnonzero(counted.item_counts())
        self._table: Floats | None = None
        self._parts: list[Expected] | None = None

    def expected(self, first: Items, second: Items) -> Floats:
        """Give the baskets with both that chance alone would bring, shape (pairs,); the order of a pair does not matter."""
        if self._is_narrow:
            return self._looked_up(first, second)
        if self._parts is None:
            self._parts = self._fitted()
        total = np.zeros(np.shape(first))
        for part in self._parts:
            total += part(first, second)
        return total

    def _looked_up(self, first: Items, second: Items) -> Floats:
        """Read pairs from the square of sold products, drawn when first asked; what was never sold meets nothing."""
        if self._table is None:
            self._table = self._drawn()
        is_sold = np.isin(first, self._sold) & np.isin(second, self._sold)
        expected = np.zeros(np.shape(first))
        one, two = (np.searchsorted(self._sold, side[is_sold]) for side in (np.asarray(first), np.asarray(second)))
        expected[is_sold] = self._table[one, two]
        return expected

    def _drawn(self) -> Floats:
        """Shuffle the table, or a random part of it, whose result then grows as kappa's does from the part to the whole."""
        one, two = np.triu_indices(len(self._sold), 1)
        first, second = self._sold[one], self._sold[two]
        whole, part, strata = self._counted, self._counted, self._strata
        if len(whole.items) > self._max_lines:
            order = np.random.default_rng(self._seed).permutation(whole.n_baskets)
            chosen = np.sort(order[: np.searchsorted(np.cumsum(whole.sizes[order]), self._max_lines)])
            part, strata = whole.take(chosen), strata[chosen]
        drawn = expected_by_shuffles(
            part.items,
            part.offsets,
            part.n_items,
            first=first,
            second=second,
            strata=strata,
            n_draws=self._settings["learn.narrow_draws"],
            seed=self._seed,
        )
        if part is not whole:
            of_whole, of_part = (
                StrataCounts.of(some.items, some.offsets, some.n_items, numbers).expected(first, second)
                for some, numbers in ((whole, self._strata), (part, strata))
            )
            grown = np.full(len(first), whole.n_baskets / part.n_baskets)
            drawn = drawn * np.divide(of_whole, of_part, out=grown, where=of_part > 0)
        table = np.zeros((len(self._sold), len(self._sold)))
        table[one, two] = table[two, one] = drawn
        return table

    def _fitted(self) -> list[Expected]:
        """Give kappa's chance of each stratum, or the fit of margins where a product is common in it."""
        counted, share = self._counted, self._settings["learn.narrow_share"]
        counts = StrataCounts.of(counted.items, counted.offsets, counted.n_items, self._strata)
        return [
            fit_margins(of_items, counted.sizes[self._strata == number]).expected
            if of_items.max(initial=0) > share * n_baskets
            else partial(_by_kappa, of_items, int(n_baskets), float(kappa))
            for number, (of_items, n_baskets, kappa) in enumerate(
                zip(counts.item_counts, counts.n_baskets, counts.kappas, strict=True)
            )
        ]


def _by_kappa(item_counts: Ints, n_baskets: int, kappa: float, first: Items, second: Items) -> Floats:
    if not n_baskets:
        return np.zeros(np.shape(first))
    return expected_pairs(item_counts[first], item_counts[second], n_baskets, kappa)


def expected_counts(
    counted: Baskets, first: Items, second: Items, settings: Settings, *, seed: int = SEED, max_lines: int = MAX_LINES
) -> Floats:
    """Give the baskets with both that chance alone would bring, shape (pairs,); where asked again, keep a `Chance`."""
    return Chance(counted, settings, seed=seed, max_lines=max_lines).expected(first, second)


def is_narrow(counted: Baskets, settings: Settings) -> bool:
    """Tell whether so few products were sold that chance is drawn by shuffling."""
    return bool((counted.item_counts() > 0).sum() < settings["learn.narrow_items"])


def pooled_strata(strata: Ints, least: int) -> Ints:
    """Number the strata that are large enough for a chance of their own; the others (and −1, unnamed) form one.

    Examples
    --------
    >>> pooled_strata(np.array([-1, 4, 4, 4, 9, 9]), least=3).tolist()
    [0, 1, 1, 1, 0, 0]
    """
    values, inverse, counts = np.unique(strata, return_inverse=True, return_counts=True)
    large = np.flatnonzero((counts >= least) & (values >= 0))
    number = np.zeros(len(values), dtype=np.int64)
    number[large] = np.arange(len(large)) + (len(large) < len(values))
    return number[inverse]
