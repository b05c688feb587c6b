"""What each candidate is worth here: priority = P × C × V × L, as columns over the candidates.

P is the probability that it is accepted because it is shown, C the weight of its source in this placement, V what an
acceptance is worth under the placement's objective, L the merchant's levers. Under objective `relevance` V is 1 and the
order of the kinds stays that of the placement.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.fixed import fixed
from crosslift.decide.found import are_ones, ones
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.value import Lever, Objective, ValueTerms

Array = npt.NDArray[Any]
MANDATORY = frozenset({"required", "stand_in", "pinned"})
"""Sources that go before what is weighed: disclosures of a need, what stands in, what the merchant pinned."""
SCORED_BY_BASKETS = frozenset({"complement", "completion"})
"""Sources whose score was calibrated against later baskets; the others' scores order and mean nothing more."""
START_ACCEPT: Mapping[str, float] = {"complement": 0.3, "completion": 0.3, "*": 0.02}
"""Starting evidence, until decisions are logged.

For sources calibrated against baskets the share of `p_basket` that showing adds; for the others P(accepted because shown)
of their best candidate, which is also taken where `p_basket` cannot be estimated. All are guesses, capped by
`ValueTerms.max_accept` and labeled `starting`.
"""
ASSUMED_MARGIN = 0.3
"""Share of the net price taken as margin where the shop knows no cost at all; every such offer says that its cost is
unknown."""


class Basis(StrEnum):
    """Where a `p_accept` comes from."""

    STARTING = "starting"
    LEARNED = "learned"


Accepted = Mapping[str, tuple[int, int]]
"""Logged outcomes by source: how many offers of it were seen, how many accepted."""


@fixed
class Live:
    """Live amounts of the candidates, in one currency and per unit; nan where nobody knows.

    Attributes
    ----------
    prices : float64 array, shape (candidates,)
        What a customer pays.
    net : float64 array, shape (candidates,)
        Without tax.
    costs : float64 array, shape (candidates,)
        What a piece costs us.
    discounts : float64 array, shape (candidates,)
        What the offer gives away; 0 for none.
    """

    prices: Array
    net: Array
    costs: Array
    discounts: Array


@fixed
class Scored:
    """Every factor of every candidate, so that the trace can show the multiplication.

    `tiers` order before priorities do: under `relevance` the rank of the source, else what is mandatory first.
    """

    objective: Objective
    propensity: Array
    context: Array
    value: Array
    lever: Array
    priority: Array
    tiers: Array
    margins: Array
    is_learned: Array
    levers: Mapping[str, Array] = field(default_factory=dict)

    def factors(self, place: int) -> dict[str, float]:
        """Give the factors of one candidate as they are shown."""
        named = (
            ("p", self.propensity), ("c", self.context), ("v", self.value), ("l", self.lever), ("priority", self.priority),
        )  # fmt: skip
        return {name: round(float(column[place]), 6) for name, column in named}


def score(
    knowledge: Knowledge,
    found: Candidates,
    terms: ValueTerms,
    placement: str,
    now: datetime,
    live: Live,
    accepted: Accepted,
    lever_shares: Mapping[str, float],
) -> Scored:
    """Work out the priority of every candidate.

    Parameters
    ----------
    accepted : mapping of source to (seen, accepted)
        What the log says of this placement; a source with fewer than `MIN_SHOWN` exposures keeps its starting evidence
        as the prior it is.
    lever_shares : mapping of lever id to float
        Share of recent offers that a lever won; one at its `max_share` does not count now.

    Returns
    -------
    Scored
        Priorities in the currency of `live` for money objectives, plain numbers for `relevance` and `conversion`;
        rounded to 1e-6.
    """
    objective = terms.objective(placement)
    n_sources, c = max(len(found.sources), 1), ones(len(found.items))
    if terms.context_weights:
        named = ((f"{placement}:{source}", source) for source in found.sources)
        of_source = [
            terms.context_weights.get(here, terms.context_weights.get(all_over, 1.0)) for here, all_over in named
        ]
        c = np.array(of_source)[found.rank]
    levers = _levers(knowledge, found, terms.levers, now, lever_shares)
    lever = found.weights
    if levers:
        lever = lever.copy()
        for factor in levers.values():
            lever *= factor
    margins = live.net - live.costs - live.discounts if len(live.net) else live.net
    if objective is Objective.RELEVANCE:
        p, is_learned = found.scores, np.zeros(len(found.items), dtype=np.bool_)
        v = ones(len(found.items))
        tiers = found.rank
    else:
        p, is_learned = accept(knowledge, found, terms, accepted)
        v = _value(knowledge, found, objective, live, margins)
        tiers = (~found.from_sources(MANDATORY)).astype(np.int8) * n_sources
        tiers = np.where(tiers == 0, found.rank, tiers).astype(np.int8)
    if objective is Objective.RELEVANCE and not terms.context_weights:
        priority = p if are_ones(lever) else (p * lever).round(6)  # C and V are 1, scores are rounded
    else:
        priority = np.round(p * c * v * lever, 6)
    return Scored(objective, p, c, v, lever, priority, tiers, margins, is_learned, levers)


MIN_SHOWN = 100
"""Exposures of a source in a placement before its log says more than starting evidence."""


def accept(knowledge: Knowledge, found: Candidates, terms: ValueTerms, accepted: Accepted) -> tuple[Array, Array]:
    """Give P(accepted because shown) of each candidate, and whether the log or starting evidence says so.

    Within a source candidates keep the proportions of their `p_basket`, or of their scores where that cannot be
    estimated; the log moves the level of the source, by a Beta posterior whose prior is the starting level with the
    weight of `MIN_SHOWN` exposures.
    """
    p = np.zeros(len(found.items))
    is_learned = np.zeros(len(found.items), dtype=np.bool_)
    for place, source in enumerate(found.sources):
        of = np.flatnonzero(found.rank == place)
        if len(of) == 0:
            continue
        start = terms.start_accept.get(source, START_ACCEPT.get(source, terms.start_accept.get("*", START_ACCEPT["*"])))
        scores = found.scores[of]
        if source in SCORED_BY_BASKETS and knowledge.calibration is not None:
            shown = np.minimum(start * knowledge.calibration.predict(scores), terms.max_accept)
        else:
            best = scores.max()
            level = min(START_ACCEPT["*"] if source in SCORED_BY_BASKETS else start, terms.max_accept)
            shown = level * (scores / best if best > 0 else np.ones(len(of)))
        n_shown, n_accepted = accepted.get(source, (0, 0))
        if n_shown >= MIN_SHOWN:
            level = float(shown.max())
            posterior = (level * MIN_SHOWN + n_accepted) / (MIN_SHOWN + n_shown)
            shown = np.minimum(shown * (posterior / level if level > 0 else 0.0), 1.0)
            is_learned[of] = True
        p[of] = shown
    return p, is_learned


def _value(knowledge: Knowledge, found: Candidates, objective: Objective, live: Live, margins: Array) -> Array:
    """Give what an acceptance is worth: after expected returns, and with the shop's usual margin where cost is unknown."""
    n = len(found.items)
    if objective is Objective.CONVERSION:
        return np.ones(n)
    worth = knowledge.worth
    rate = worth.return_rates[found.items]
    net = np.nan_to_num(live.net, nan=0.0)
    if objective is Objective.REVENUE:
        return np.asarray((net - live.discounts) * (1.0 - rate))
    usual = ASSUMED_MARGIN if np.isnan(worth.usual_margin) else worth.usual_margin
    margin = np.where(np.isnan(margins), net * usual - live.discounts, margins)
    value = margin * (1.0 - rate) - rate * net * worth.return_cost_share - worth.service_costs[found.items]
    if objective is Objective.CLV:
        value = value * (1.0 + worth.repeats[found.items])
    if objective is Objective.STOCK:
        value = np.where(knowledge.is_slow[found.items], value + np.nan_to_num(live.costs, nan=0.0), value)
    return np.asarray(value)


def _levers(
    knowledge: Knowledge, found: Candidates, levers: tuple[Lever, ...], now: datetime, shares: Mapping[str, float]
) -> dict[str, Array]:
    """Give the factor of each lever in force on each candidate; what has ended, not begun or won its share does nothing."""
    factors: dict[str, Array] = {}
    for lever in levers:
        is_on = now < lever.ends_at and (lever.starts_at is None or lever.starts_at <= now)
        if not is_on or (lever.max_share is not None and shares.get(lever.lever_id, 0.0) >= lever.max_share):
            continue
        mask = _reached_by(knowledge, found, lever)
        if mask.any():
            factors[lever.lever_id] = np.where(mask, lever.factor, 1.0)
    return factors


def _reached_by(knowledge: Knowledge, found: Candidates, lever: Lever) -> npt.NDArray[np.bool_]:
    """Mark the candidates a lever is on: what it names, of that the slow where it says so, and relevant enough."""
    mask = knowledge.mask_named(lever.products, lever.categories)[found.items]
    if lever.slow_stock:
        is_named = mask if lever.products or lever.categories else np.ones(len(mask), dtype=np.bool_)
        mask = is_named & knowledge.is_slow[found.items]
    if lever.min_relevance > 0 and mask.any():
        best = np.zeros(max(len(found.sources), 1))
        np.maximum.at(best, found.rank, found.scores)
        mask = mask & (found.scores >= lever.min_relevance * best[found.rank])
    return mask


def below_worth(scored: Scored, terms: ValueTerms, contact_cost: float, found: Candidates) -> Array:
    """Mark what is worth less than its pressure; asked of money objectives only, never of what is mandatory."""
    if scored.objective in (Objective.RELEVANCE, Objective.CONVERSION):
        return np.zeros(len(found.items), dtype=np.bool_)
    least = max(terms.min_worth, contact_cost)
    return np.asarray((scored.priority < least) | (scored.priority <= 0)) & ~found.from_sources(MANDATORY)
