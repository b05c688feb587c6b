"""How markets differ: pairs of categories that belong together in one market more, or less, than in the others.

In Europe a scarf goes with the coat, in Singapore sunglasses with the jacket. A pair is reported for a market when its lift
there differs from its lift in all other markets together, with the false-discovery rate held over all pairs and markets. Lift
is measured within each market, against that market's own popularity and basket sizes, so a market that buys more of
everything differs in nothing. A customer's baskets count for what independent ones are worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.customers.market_baskets import MarketBaskets
from crosslift.learn.products.by_chance import MIN_STRATUM
from crosslift.learn.products.conditions import Markets
from crosslift.settings import Settings
from crosslift.stats.chance import lift_interval, poisson_tail
from crosslift.stats.margins import fit_margins
from crosslift.stats.multiplicity import adjust
from crosslift.stats.rates import difference_p, effective

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MIN_MEETINGS = 10.0
"""Independent meetings of a pair, here and elsewhere together, below which no difference could be told."""
MIN_EXPECTED = 1.0
"""Independent meetings that chance promises on a side; below, the side has not had the occasion to differ."""
MOST_UNSURE = 5
"""Pairs a market that look different and may be chance which are named."""


class PatternKind(StrEnum):
    """How a pair stands in a market beside the others."""

    STRONGER = "stronger"
    WEAKER = "weaker"
    ONLY_HERE = "only_here"
    """A relation here; elsewhere the two had hardly an occasion to meet."""


class TooEarly(StrEnum):
    """Why nothing is said."""

    ONE_MARKET = "one_market"
    """Evidence: `n_markets` with enough baskets."""
    FEW_BASKETS = "few_baskets"
    """Evidence: `n_baskets`, `needed`."""
    FEW_MEETINGS = "few_meetings"
    """Evidence: `n_pairs` that meet in the market, too seldom to compare."""
    MAY_BE_CHANCE = "may_be_chance"
    """Evidence: `category`, `other_category`, `lift`, `lift_elsewhere`, `n_both`, `q_value`."""


@dataclass(frozen=True, slots=True)
class MarketPattern:
    """Two categories in one market, the one in more of its baskets first.

    Attributes
    ----------
    support : float
        Share of the market's baskets with both, 0..1.
    confidence : float
        Share of the market's baskets with the first that hold the second too.
    n_both, n_customers : int
        The market's baskets and customers with both.
    lift, lift_low, lift_high : float
        Baskets with both over what chance would bring, and its 95% interval.
    lift_elsewhere, elsewhere_low, elsewhere_high : float or None
        The same for all other markets together; None where chance brings nothing there.
    q_value : float
        Of the difference; of the relation itself where the kind is `only_here`.
    """

    market: str
    category: str
    other_category: str
    kind: PatternKind
    support: float
    confidence: float
    n_both: int
    n_customers: int
    lift: float
    lift_low: float
    lift_high: float
    lift_elsewhere: float | None
    elsewhere_low: float | None
    elsewhere_high: float | None
    q_value: float


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What cannot be said yet of a market (None: of all), and the evidence that wording needs."""

    market: str | None
    why: TooEarly
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MarketReport:
    """Patterns, surest first, and what it is too early to say; `n_tests` differences were tested."""

    patterns: tuple[MarketPattern, ...]
    too_early: tuple[Unsaid, ...]
    n_tests: int


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Baskets and customers with both, the variance of the former, and chance's baskets; arrays of shape (markets, pairs)."""

    n: Floats
    customers: Floats
    variance: Floats
    expected: Floats

    @property
    def effective(self) -> Floats:
        """Independent meetings that the baskets are worth: as many as vary as much beside their number."""
        return effective(self.n, self.variance)

    def elsewhere(self) -> "_Meetings":
        """Add up, for each market, all others."""
        return _Meetings(
            *(every.sum(axis=0) - every for every in (self.n, self.customers, self.variance, self.expected))
        )


def find_market_patterns(
    counted: Baskets, shelf: Ints, names: Sequence[str], markets: Markets, settings: Settings
) -> MarketReport:
    """Compare the markets of a shop.

    Parameters
    ----------
    counted : Baskets
        Those that pairs are counted over.
    shelf : int64 array, shape (items,)
        The place in `names` of each product's category (`likeness.leaf_numbers`), −1 for none. Chosen products are compared
        by numbering them instead.
    names : sequence of str
        The categories.
    markets : Markets
        The market of each basket; those without one are left out, and markets of fewer than 500 baskets.
    settings : Settings
        `learn.max_q_value`, and `learn.min_lift` for what is a relation.

    Returns
    -------
    MarketReport
        Of two markets each difference is told once, in the market where the pair is stronger.
    """
    n_baskets = np.bincount(markets.numbers[markets.numbers >= 0], minlength=len(markets.names))
    large = np.flatnonzero(n_baskets >= MIN_STRATUM)
    too_early = [
        Unsaid(name, TooEarly.FEW_BASKETS, {"n_baskets": int(n), "needed": MIN_STRATUM})
        for name, n in zip(markets.names, n_baskets.tolist(), strict=True)
        if n < MIN_STRATUM
    ]
    if len(large) < 2:
        return MarketReport((), (*too_early, Unsaid(None, TooEarly.ONE_MARKET, {"n_markets": len(large)})), 0)
    first, second = np.triu_indices(len(names), 1)
    of_market = [_count(counted.take(markets.numbers == number), shelf, len(names), first, second) for number in large]
    here = _Meetings(*(np.stack(column) for column in zip(*(counts[:4] for counts in of_market), strict=True)))
    n_with = np.stack([counts[4] for counts in of_market])
    judged = _judge(here, settings)
    told = _Telling(
        [markets.names[number] for number in large], names, first, second, n_baskets[large], n_with, here, judged
    )
    patterns = [told.pattern(place, pair, kind) for kind in PatternKind for place, pair in _places(judged, kind)]
    patterns.sort(key=lambda one: (one.q_value, -one.n_both, one.market, one.category, one.other_category))
    return MarketReport(tuple(patterns), (*too_early, *told.unsaid(settings)), judged.n_tests)


def _count(some: Baskets, shelf: Ints, n_shelves: int, first: Ints, second: Ints) -> tuple[Floats, ...]:
    """Count the pairs of categories of one market (the columns of `_Meetings`), and baskets with each category."""
    basket = np.repeat(np.arange(some.n_baskets), some.sizes)
    of_line = shelf[some.items]
    keys = np.unique(basket[of_line >= 0] * n_shelves + of_line[of_line >= 0])
    sizes = np.bincount(keys // n_shelves, minlength=some.n_baskets)
    _, customer = np.unique(some.customers, return_inverse=True)
    shelves = MarketBaskets(keys % n_shelves, sizes, customer.astype(np.int64), n_shelves)
    n, customers, squares = shelves.meetings(first, second)
    margins = fit_margins(shelves.n_with, sizes)
    spread = shelves.spread(margins, first, second)
    return n, customers, np.where(np.isnan(spread), squares, spread), margins.expected(first, second), shelves.n_with


@dataclass(frozen=True, slots=True)
class _Judged:
    """Verdicts, arrays of shape (markets, pairs); q is 1 where nothing was tested."""

    lift: Floats
    low: Floats
    high: Floats
    lift_elsewhere: Floats
    elsewhere_low: Floats
    elsewhere_high: Floats
    is_tested: npt.NDArray[np.bool_]
    p: Floats
    q: Floats
    q_relation: Floats
    is_pattern: Mapping[PatternKind, npt.NDArray[np.bool_]]
    n_tests: int


def _judge(here: _Meetings, settings: Settings) -> _Judged:
    """Test each market against the others, and each relation against chance."""
    level, least = settings["learn.max_q_value"], settings["learn.min_lift"]
    away = here.elsewhere()
    n, n_away = here.effective, away.effective
    own, foreign = (np.divide(m, k.n, out=np.ones(m.shape), where=k.n > 0) for m, k in ((n, here), (n_away, away)))
    # a side where the pair never met has no clumps of its own to learn from
    worth, worth_away = np.where(here.n > 0, own, foreign), np.where(away.n > 0, foreign, own)
    expected, expected_away = here.expected * worth, away.expected * worth_away
    has_occasion, have_occasion = expected >= MIN_EXPECTED, expected_away >= MIN_EXPECTED
    is_tested = has_occasion & have_occasion & (n + n_away >= MIN_MEETINGS)
    if len(n) == 2:
        is_tested[1] = False  # the same question as of the first
    p, q, q_relation = np.ones(n.shape), np.ones(n.shape), np.ones(n.shape)
    p[is_tested] = difference_p(*(side[is_tested] for side in (n, expected, n_away, expected_away)))
    q[is_tested] = adjust(p[is_tested], "bh")
    n_tests = int(is_tested.sum())
    if len(n) == 2:
        is_tested[1], p[1], q[1] = is_tested[0], p[0], q[0]
    is_met = has_occasion & (n > 0)
    q_relation[is_met] = adjust(poisson_tail(n[is_met], expected[is_met]), "bh")
    low, high = lift_interval(n, expected)
    low_away, high_away = lift_interval(n_away, expected_away)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift, lift_away = here.n / here.expected, away.n / away.expected
    is_relation = (q_relation <= level) & (lift >= least)
    is_stronger, differs = lift > lift_away, is_tested & (q <= level)
    kinds = {
        PatternKind.STRONGER: differs & is_stronger & is_relation,
        PatternKind.WEAKER: differs & ~is_stronger & (lift_away >= least) & (low_away > 1) & (len(n) > 2),
        PatternKind.ONLY_HERE: is_relation & ~have_occasion,
    }
    return _Judged(lift, low, high, lift_away, low_away, high_away, is_tested, p, q, q_relation, kinds, n_tests)


def _places(judged: _Judged, kind: PatternKind) -> list[tuple[int, int]]:
    market, pair = np.nonzero(judged.is_pattern[kind])
    return list(zip(market.tolist(), pair.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Telling:
    """What it takes to write rows of the report; arrays by market and pair as in `_Meetings`."""

    markets: Sequence[str]
    names: Sequence[str]
    first: Ints
    second: Ints
    n_baskets: Ints
    n_with: Floats
    here: _Meetings
    judged: _Judged

    def pattern(self, place: int, pair: int, kind: PatternKind) -> MarketPattern:
        """Write one row."""
        judged, at = self.judged, (place, pair)
        anchor, attached = self._ordered(place, pair)
        n_both, q = int(self.here.n[at]), judged.q_relation if kind is PatternKind.ONLY_HERE else judged.q
        return MarketPattern(
            market=self.markets[place],
            category=self.names[anchor],
            other_category=self.names[attached],
            kind=kind,
            support=n_both / int(self.n_baskets[place]),
            confidence=n_both / float(self.n_with[place, anchor]),
            n_both=n_both,
            n_customers=int(self.here.customers[at]),
            lift=float(judged.lift[at]),
            lift_low=float(judged.low[at]),
            lift_high=float(judged.high[at]),
            lift_elsewhere=_finite(judged.lift_elsewhere[at]),
            elsewhere_low=_finite(judged.elsewhere_low[at]),
            elsewhere_high=_finite(judged.elsewhere_high[at]),
            q_value=float(q[at]),
        )

    def unsaid(self, settings: Settings) -> list[Unsaid]:
        """Say of each market which pairs look different and may be chance, and how many met too seldom to compare."""
        judged, found = self.judged, []
        is_unsure = (
            judged.is_tested & (judged.p <= 0.05) & (judged.q > settings["learn.max_q_value"])
            & (judged.lift > judged.lift_elsewhere) & (judged.lift >= settings["learn.min_lift"])
        )  # fmt: skip
        is_only_here = judged.is_pattern[PatternKind.ONLY_HERE]
        for place, market in enumerate(self.markets):
            unsure = np.flatnonzero(is_unsure[place])
            for pair in unsure[np.argsort(judged.p[place, unsure], kind="stable")][:MOST_UNSURE].tolist():
                found.append(Unsaid(market, TooEarly.MAY_BE_CHANCE, self._evidence(place, pair)))
            n_few = int(((self.here.n[place] > 0) & ~judged.is_tested[place] & ~is_only_here[place]).sum())
            if n_few:
                found.append(Unsaid(market, TooEarly.FEW_MEETINGS, {"n_pairs": n_few}))
        return found

    def _evidence(self, place: int, pair: int) -> dict[str, object]:
        judged, at = self.judged, (place, pair)
        anchor, attached = self._ordered(place, pair)
        return {
            "category": self.names[anchor], "other_category": self.names[attached], "n_both": int(self.here.n[at]),
            "lift": float(judged.lift[at]), "lift_elsewhere": float(judged.lift_elsewhere[at]), "q_value": float(judged.q[at]),
        }  # fmt: skip

    def _ordered(self, place: int, pair: int) -> tuple[int, int]:
        """Put the category first that is in more baskets of the market."""
        one, other = int(self.first[pair]), int(self.second[pair])
        return (one, other) if self.n_with[place, one] >= self.n_with[place, other] else (other, one)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
