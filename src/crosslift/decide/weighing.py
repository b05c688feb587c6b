"""From what passed the gates to a list: weighed, ordered, chosen, and now and then one slot drawn anew."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide import arbitration, evidence, scoring
from crosslift.decide.arbitration import Order
from crosslift.decide.candidates import Candidates
from crosslift.decide.case import Case
from crosslift.decide.exploration import LARGEST_POOL, explore
from crosslift.decide.fixed import fixed
from crosslift.decide.gates import Judged
from crosslift.decide.lateness import FORWARD
from crosslift.decide.scoring import Scored
from crosslift.decide.variants import levers_on
from crosslift.decide.verdicts import stop
from crosslift.domain.decision import DropCode, Reason
from crosslift.domain.offer import OfferKind
from crosslift.domain.value import Objective

Array = npt.NDArray[Any]
DAY = 86_400_000_000
_PLAIN = scoring.MANDATORY


@fixed
class Chosen:
    """A list with everything that made it.

    Attributes
    ----------
    places : list of int
        Places in the candidate arrays, best first.
    passed_over : list of int
        What would have stood here but for a full category or kind.
    reasons : list of Reason
        One for each place.
    probabilities : list of float
        Marginal probability of each slot to hold what it holds.
    levers : list of str
        For each place the levers without which it would not be in the list, joined by commas; mostly empty.
    """

    found: Candidates
    passed: Array
    scored: Scored
    places: list[int]
    passed_over: list[int]
    reasons: list[Reason]
    probabilities: list[float] = field(default_factory=list)
    levers: list[str] = field(default_factory=list)


def choose(case: Case, found: Candidates, judged: Judged) -> Chosen:
    """Weigh what passed, stop what is worth less than its pressure (noted in the verdict), choose and explore."""
    found = _put_forward(case, found, judged)
    scored = _scored(case, found, judged)
    cost = case.policy.pressure.costs.get(case.placement.channel, 0.0)
    is_speaking = case.placement.interrupts or case.placement.is_message
    if case.asks_all and case.asks_money:
        low = scoring.below_worth(scored, case.policy.value, cost if is_speaking else 0.0, found)
        stop(judged.verdict, low, DropCode.BELOW_THRESHOLD)
    passed = judged.verdict == 0
    order = Order(scored.tiers, scored.priority)
    chosen = _listed(case, judged, Chosen(found, passed, scored, [], [], []), order)
    if scored.levers:
        chosen = replace(chosen, levers=_won_by(case, chosen))
    return _explored(case, judged, chosen, order)


def _put_forward(case: Case, found: Candidates, judged: Judged) -> Candidates:
    """Put forward what the person comes back to, and one slow or near-date product."""
    if judged.needs.returning:
        found = found.with_weights(found.weights * np.where(judged.needs.returned_to, FORWARD, 1.0))
    policy = case.policy
    if not (case.knowledge.has_slow or case.knowledge.has_dates):
        return found
    is_relevance = policy.value.objective(case.placement.name) is Objective.RELEVANCE
    if not (policy.prefers_slow_stock and case.asks_all and is_relevance):
        return found
    today = case.context.now // DAY
    return arbitration.prefer_slow(
        case.knowledge, found, judged.verdict == 0, today, policy.near_date_days, policy.slow_floor
    )


def _scored(case: Case, found: Candidates, judged: Judged) -> Scored:
    """Score; prices and costs are read only where the objective asks for money."""
    terms, name = case.policy.value, case.placement.name
    if case.policy.variants:
        terms = replace(terms, levers=levers_on(case.policy, case.variants))
    if terms.objective(name) in (Objective.RELEVANCE, Objective.CONVERSION):
        none = np.zeros(0)
        live = scoring.Live(none, none, none, none)
    else:
        amounts = judged.amounts
        live = scoring.Live(amounts.prices, amounts.net, amounts.costs, _discounts(case, found))
    logged = case.knowledge.logged
    return scoring.score(
        case.knowledge, found, terms, name, case.request.at, live, logged.accepted.get(name, {}), logged.lever_shares
    )


def _discounts(case: Case, found: Candidates) -> Array:
    """Give what each candidate gives away: a coupon its cost to us; nothing else is a discount of its own."""
    discounts = np.zeros(len(found.items))
    library = case.knowledge.library
    if len(library):
        for place in np.flatnonzero(library.of_kinds((OfferKind.COUPON,))[found.items]).tolist():
            offer = library.offer_at(int(found.items[place]))
            if offer is not None and offer.cost is not None:
                discounts[place] = float(offer.cost.amount)
    return discounts


def _listed(case: Case, judged: Judged, chosen: Chosen, order: Order) -> Chosen:
    """Choose the list and its reasons; what nothing true can be said about is taken out of `passed` and never offered."""
    n_offers, passed = _count(case), chosen.passed
    while True:
        places, full = arbitration.choose(
            case.knowledge, chosen.found, passed, n_offers, case.policy, order, case.n_extras
        )
        reasons = _reasons(case, judged, chosen.found, places)
        silent = [place for place, reason in zip(places, reasons, strict=True) if reason is None]
        if not silent:
            told = [reason for reason in reasons if reason is not None]
            n = len(places)
            return Chosen(chosen.found, passed, chosen.scored, places, full, told, [1.0] * n, [""] * n)
        passed[silent] = False


def _reasons(case: Case, judged: Judged, found: Candidates, places: Sequence[int]) -> list[Reason | None]:
    if not places:
        return []
    return evidence.reasons_for(
        case.knowledge, found, list(places), case.context, case.marks, case.live.price_of, judged.sold
    )


def _count(case: Case) -> int:
    wanted = case.request.k if case.request.k is not None else case.policy.default_offers
    return wanted if case.policy.max_offers is None else min(wanted, case.policy.max_offers)


def _won_by(case: Case, chosen: Chosen) -> list[str]:
    """Name for each place the levers it owes its slot to: those on it, where the list without any would not hold it."""
    scored = chosen.scored
    if not chosen.places:
        return []
    without = scored.propensity * scored.context * scored.value * chosen.found.weights  # a factor of 0 divides nothing
    plain, _ = arbitration.choose(
        case.knowledge,
        chosen.found,
        chosen.passed,
        _count(case),
        case.policy,
        Order(scored.tiers, np.round(without, 6)),
        case.n_extras,
    )
    return [
        ""
        if place in plain
        else ",".join(name for name, factor in sorted(scored.levers.items()) if factor[place] != 1.0)
        for place in chosen.places
    ]


def _explored(case: Case, judged: Judged, chosen: Chosen, order: Order) -> Chosen:
    """Draw one slot anew with the policy's ε, from survivors that have a true reason; never a need, a pin, a stranger's."""
    epsilon = case.policy.epsilon
    if epsilon <= 0 or not chosen.places or not case.may_explore:
        return chosen
    found = chosen.found
    explorable = ~found.from_sources(_PLAIN)
    pools = arbitration.pools(
        case.knowledge, found, chosen.passed, chosen.places, case.policy, order, explorable, LARGEST_POOL
    )
    asked = sorted({place for pool in pools for place in pool})
    told = {
        place: reason
        for place, reason in zip(asked, _reasons(case, judged, found, asked), strict=True)
        if reason is not None
    }
    drawn = explore(
        chosen.places, [[place for place in pool if place in told] for pool in pools], epsilon, case.lot.chance
    )
    reasons, levers = list(chosen.reasons), list(chosen.levers)
    if drawn.slot is not None:
        reasons[drawn.slot], levers[drawn.slot] = told[drawn.chosen[drawn.slot]], ""
    return replace(
        chosen, places=list(drawn.chosen), reasons=reasons, levers=levers, probabilities=list(drawn.probabilities)
    )
