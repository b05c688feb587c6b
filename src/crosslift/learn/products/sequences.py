"""Which products follow which: bought A, later B, more often than chance explains and not the other way round as well.

Two things must hold. *More than chance*: more customers bought A and later B than if everybody bought at random, as
often, as much and at the same times (`sequence_chance`), by the Poisson upper tail, Benjamini-Hochberg over all ordered
pairs of products sold. *Directed*: A then B beats B then A. Taste alone brings people who like coffee to both, in either
order; it passes the first test and fails the second, which is binomial given how many went either way. Where products
come and go chance is not even between the directions, so its share is that of popularity over time, not one half.

A million pairs are bought either way by a few; to ask each of them for its direction would cost the pairs that matter.
So half of the false-discovery rate is spent on pairs that meet more than chance in both directions taken together, half
on the rest (weighted Benjamini-Hochberg). That is fair, for the total says nothing about direction. The q-value of a
sequence is the larger of its two.

The lag runs from a customer's first A to the next B. Customers who bought A lately have not had the time: they are
censored at the day of the newest fact. Many never come, so median and quartiles are of those who come within the window.

Among these are some who would have come for B anyway, at any time; their lags say how long the window is. So the lag is told
twice. `lag_*` are of all who came back. `excess_*` are of those beyond what A's buyers would have bought had they bought like
the others (`stats.lag_background`, in the cells of `sequence_chance`): after how long A brings people back for B. They are
unknown where nobody came beyond that.

References: Benjamini & Hochberg (1995); Genovese, Roeder & Wasserman (2006) for the weights; Hallas (1996), prescription
sequence symmetry analysis, for judging a sequence by its reverse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaincinv

from crosslift.errors import BadUsage
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import sequence_chance
from crosslift.learn.products.links import Links
from crosslift.learn.products.sequence_chance import OrderChance
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity
from crosslift.stats.excess import excess_quantiles
from crosslift.stats.lag_background import LagBackground, lag_background
from crosslift.stats.sequences import LagCounts, SequenceCounts, Visits, lag_edges
from crosslift.stats.survival import quantiles_from_bins

Floats = npt.NDArray[np.float64]
Items = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

KIND = "sequence"
COLUMNS = (
    "n_both", "n_back", "n_a", "expected", "lift", "lift_low", "lift_high", "q_value",
    "lag_median", "lag_q1", "lag_q3", "median_low", "median_high",
    "n_excess", "excess_median", "excess_q1", "excess_q3", "excess_low", "excess_high", "strength",
)  # fmt: skip
PAIRS_AT_ONCE = 1_000_000
"""Pairs whose chance is computed at a time."""

SEED = 20_250_501
"""Where nobody hands in a seed: the same data give the same snapshot."""


def find_sequences(baskets: Baskets, catalog: Catalog, settings: Settings, as_of: int, *, seed: int = SEED) -> Links:
    """Find what customers come back for after a product, with the lag.

    Parameters
    ----------
    baskets : Baskets
        Orders, or contracts by their start; those of unknown customers tell nothing and are left out, as are those
        with more than `learn.max_basket_items` products.
    catalog : Catalog
        Numbered as the baskets.
    as_of : int
        The newest fact, microseconds; watching ends here, later orders are not looked at.
    seed : int
        For the shuffles of narrow tables.

    Returns
    -------
    Links
        Kind "sequence"; columns n_both (customers who bought A, later B), n_back (B, later A), n_a (customers who
        bought A and could be watched), expected, lift, lift_low, lift_high, q_value, lag_median, lag_q1, lag_q3,
        median_low, median_high (days, of all who came back), n_excess (those beyond who would have come anyway),
        excess_median, excess_q1, excess_q3, excess_low, excess_high (days, of these; nan where there are none), strength
        (0 early, 1 fair, 2 clear, 3 strong). The score is the share of A's buyers who surely (lower bound of the lift) come
        back for B beyond chance.

    Raises
    ------
    BadUsage
        If baskets and catalog number their products differently.
    """
    if list(baskets.products) != list(catalog.products):
        raise BadUsage("baskets and catalog number their products differently; renumber the baskets first")
    visits = sequence_chance.visits_of(baskets, settings, as_of)
    counts = visits.count(settings["learn.min_customers"])
    if not len(counts):
        return Links.none(KIND, COLUMNS)
    cells = sequence_chance.cells_of(visits, baskets)
    pairs = _hopeful(visits, baskets, cells, counts, settings, seed)
    rare = np.flatnonzero(pairs.holds() & (pairs.n_back == 0))  # a way back of fewer than min_customers is not listed
    pairs.n_back[rare] = visits.lags(pairs.second[rare], pairs.first[rare], as_of).n_customers
    q_values = pairs.q_values()
    found = np.flatnonzero(pairs.holds())
    lags = visits.lags(pairs.first[found], pairs.second[found], as_of)
    evidence = {
        "n_both": pairs.n_both[found], "n_back": pairs.n_back[found], "n_a": lags.n_watched,
        "expected": pairs.expected[found], "lift": pairs.n_both[found] / pairs.expected[found], "q_value": q_values[found],
    }  # fmt: skip
    background = lag_background(visits, cells, pairs.first[found], pairs.second[found])
    return _links(pairs.first[found], pairs.second[found], evidence, lags, background, visits.max_days)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Ordered pairs that meet too often for chance at the loosest level at which any could hold; shape (pairs,).

    `expected_both` counts both directions, `p_forward` is the share of them that popularity over time sends forward.
    `n_tests` counts all ordered pairs of products sold, `n_meeting` (at most) those that meet more than chance both
    directions taken together, which they do from `loosest` on.
    """

    first: Items
    second: Items
    n_both: Ints
    n_back: Ints
    expected: Floats
    expected_both: Floats
    p_forward: Floats
    n_tests: int
    n_meeting: int
    loosest: float
    settings: Settings

    def holds(self) -> npt.NDArray[np.bool_]:
        """Mark the sequences."""
        is_sure = self.q_values() <= self.settings["learn.max_q_value"]
        return np.asarray(is_sure & (self.n_both >= self.settings["learn.min_lift"] * self.expected))

    def q_values(self) -> Floats:
        """Give the larger of both adjusted p-values.

        Who went both ways stands on both sides and makes them more alike than the binomial assumes: it errs to
        caution. So does a way back that is not listed, which makes the total smaller, never larger.
        """
        meets = chance.poisson_tail(self.n_both + self.n_back, self.expected_both) <= self.loosest
        share = np.where(meets, self.n_meeting, self.n_tests - self.n_meeting) / self.n_tests
        p_direction = np.minimum(2 * share * betainc(self.n_both, self.n_back + 1.0, self.p_forward), 1)
        p_chance = chance.poisson_tail(self.n_both, self.expected)
        one, other = (multiplicity.adjust(p, "bh", n_tests=self.n_tests) for p in (p_chance, p_direction))
        return np.maximum(one, other)


def _hopeful(
    visits: Visits, baskets: Baskets, cells: Ints, counts: SequenceCounts, settings: Settings, seed: int
) -> _Pairs:
    """Keep the pairs that Benjamini-Hochberg could still let pass, some at a time: p ≤ level · listed / tests.

    P(X ≥ n) ≤ p where the mean is at most the p-quantile of a gamma distribution of shape n, so a table of means, one
    for each n, stands in for a test of each of many million pairs.
    """
    n_sold = np.unique(visits.items).size
    n_tests = n_sold * (n_sold - 1)
    loosest = settings["learn.max_q_value"] * min(len(counts) / n_tests, 1.0)
    largest_mean = np.append(0.0, gammaincinv(np.arange(1, 2 * int(counts.n_customers.max()) + 1), loosest))
    by_size = OrderChance.of(visits, cells, settings)
    is_narrow = sequence_chance.is_narrow(visits, settings)
    at_once = len(counts) if is_narrow else PAIRS_AT_ONCE
    kept, means, close = [], [], []
    for low in range(0, len(counts), at_once):
        first, second, n_both = (
            column[low : low + at_once] for column in (counts.first, counts.second, counts.n_customers)
        )
        if is_narrow:
            expected, both = sequence_chance.drawn(visits, cells, first, second, settings["learn.narrow_draws"], seed)
        else:
            expected, both = by_size.expected(first, second), by_size.both_ways(first, second)
        near = np.flatnonzero(both <= largest_mean[2 * n_both])  # the larger direction is at least half the total
        close.append((low + near, both[near]))
        hopeful = np.flatnonzero(expected <= largest_mean[n_both])
        kept.append(low + hopeful)
        means.append((expected[hopeful], both[hopeful]))
    n_meeting = _n_meeting(counts, _joined(close, 0), _joined(close, 1), largest_mean, settings)
    place, expected, both = np.concatenate(kept), _joined(means, 0), _joined(means, 1)
    first, second = counts.first[place], counts.second[place]
    by_time = OrderChance.of(visits, sequence_chance.moments_of(visits, baskets), settings)
    forward, either = by_time.expected(first, second), by_time.both_ways(first, second)
    return _Pairs(
        first, second, counts.n_customers[place].astype(np.int64), counts.of(second, first).astype(np.int64), expected, both,
        np.divide(forward, either, out=np.full(place.size, 0.5), where=either > 0),
        n_tests, min(n_meeting, n_tests), loosest, settings,
    )  # fmt: skip


def _joined(parts: Sequence[tuple[npt.NDArray[Any], ...]], column: int) -> npt.NDArray[Any]:
    return np.concatenate([part[column] for part in parts])


def _n_meeting(counts: SequenceCounts, place: Ints, both: Floats, largest_mean: Floats, settings: Settings) -> int:
    """Count the ordered pairs that meet more than chance both directions taken together; too many rather than too few."""
    back = counts.of(counts.second[place], counts.first[place])
    total = counts.n_customers[place] + np.maximum(back, settings["learn.min_customers"] - 1)
    meets = both <= largest_mean[np.minimum(total, largest_mean.size - 1)]
    return int(meets.sum()) + int((meets & (back == 0)).sum())


def _links(
    first: Items, second: Items, evidence: Mapping[str, npt.NDArray[Any]], lags: LagCounts, background: LagBackground,
    days: float,
) -> Links:  # fmt: skip
    n_both, expected = evidence["n_both"].astype(np.float64), evidence["expected"].astype(np.float64)
    low, high = chance.lift_interval(n_both, expected)
    edges = lag_edges(days)
    lag = quantiles_from_bins(lags.events, lags.censored, edges)
    excess = excess_quantiles(lags.events, lags.censored, background.expected, edges, background.error)
    columns = {
        **evidence,
        "lift_low": low, "lift_high": high,
        "lag_q1": lag.values[:, 0], "lag_median": lag.values[:, 1], "lag_q3": lag.values[:, 2],
        "median_low": lag.low[:, 1], "median_high": lag.high[:, 1],
        "n_excess": np.maximum(excess.n_excess, 0.0), "excess_median": excess.values[:, 1],
        "excess_q1": excess.values[:, 0], "excess_q3": excess.values[:, 2],
        "excess_low": excess.low[:, 1], "excess_high": excess.high[:, 1],
        "strength": _strengths(low, n_both),
    }  # fmt: skip
    scores = np.clip((low - 1) * expected / np.maximum(lags.n_watched, 1), 0, 1)
    return Links(KIND, first, second, scores, {name: columns[name] for name in COLUMNS})


def _strengths(low: Floats, n_both: Floats) -> npt.NDArray[np.int8]:
    """Say in words how sure we are: 0 early, 1 fair, 2 clear, 3 strong; each count is a customer."""
    strength = np.full(low.size, 1, dtype=np.int8)
    strength[n_both < 10] = 0
    strength[(n_both >= 20) & (low >= 1.2)] = 2
    strength[(n_both >= 50) & (low >= 1.5)] = 3
    return strength
