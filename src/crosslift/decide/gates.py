"""The gates in their order: eligible → applicable → suitable → allowed. A candidate has one verdict, of the first it fails.

Each part is a function of its own with a code of its own; the policy's rules come last in their gate. All of them are
column operations over the candidates.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide import eligibility, ladder, prices
from crosslift.decide.amounts import Amounts
from crosslift.decide.candidates import Candidates
from crosslift.decide.case import Case
from crosslift.decide.fixed import fixed
from crosslift.decide.found import no_rows, ones
from crosslift.decide.lateness import Needs, needs_of
from crosslift.decide.pressure import LastGate
from crosslift.decide.rules import Asked
from crosslift.decide.terms import BARE, Occasion, Sold, Terms
from crosslift.decide.verdicts import stop
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import DropCode
from crosslift.domain.membership import predicate
from crosslift.domain.offer import OfferKind
from crosslift.domain.rule import Gate
from crosslift.domain.segment_grammar import parse

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
SET = "set"
"""The source under which parts of sets are judged."""

COSTLY = parse('contribution_class in ("serial_returner", "heavy_service", "defaulter", "unprofitable")')
"""People whose purchases cost more than they bring: what costs us a discount is never offered to them."""
_is_costly = predicate(COSTLY)


@fixed
class Judged:
    """What the gates said.

    Attributes
    ----------
    verdict : uint16 array, shape (candidates,)
        0 passed, else see `rules.verdict_name`.
    owned : tuple of str
        Products of the person's history that spoke here: nothing else of it is recorded.
    n_without_cost : int
        Candidates that passed the margin floor because nobody knows what they cost us.
    sold : Sold
        The offer each candidate that passed is sold under.
    """

    verdict: Array
    owned: tuple[str, ...]
    needs: Needs
    amounts: Amounts
    n_without_cost: int = 0
    sold: Sold = BARE


class Gates:
    """All gates of one decision: asked of its candidates, then of the parts of sets."""

    def __init__(self, case: Case) -> None:
        self._case = case
        is_live = case.ground.purpose is not Purpose.EVALUATION
        self.last = LastGate(
            case.knowledge,
            case.person,
            case.policy.pressure,
            case.attention,
            case.live.parent_of,
            is_asked=is_live,
            page=case.page,
        )
        rules = case.rules
        is_ruled = case.asks_all and rules.may_fit(case.placement)
        self._fitting = rules.fitting(case.situation, case.answers) if is_ruled else ()
        self._asked = eligibility.Asked(
            case.context, case.excluded, None, case.marks, asks_all=case.asks_all, on_page=case.on_page
        )

    def judge(self, found: Candidates) -> Judged:
        """Judge the candidates."""
        case = self._case
        amounts = Amounts(
            case.knowledge, case.live, found, case.context, case.policy.value.tax_rate(case.request.market)
        )
        among, owned = self._owned(found)
        self._asked = eligibility.Asked(
            case.context, case.excluded, owned, case.marks, asks_all=case.asks_all, on_page=case.on_page
        )
        flags = case.live.codes(found.items) if case.asks_all else np.zeros(len(found.items), dtype=np.uint8)
        verdict = eligibility.judge(case.knowledge, found, flags, self._asked)
        needs = self._needs(found)
        n_without_cost, terms = 0, self._terms(found)
        if case.asks_all:
            n_without_cost = self._judge_prices(found, amounts, verdict)
            asked = self._rules_asked(amounts, len(found.items)) if self._fitting else None
            terms.judge(Gate.ELIGIBLE, verdict)
            self._judge_rules(Gate.ELIGIBLE, found, asked, verdict)
            if found.stopped is not None:  # in another season or market only; their source knows
                verdict[:] = np.where(verdict == 0, found.stopped, verdict)
            stop(verdict, needs.closed, DropCode.TOO_LATE)
            terms.judge(Gate.APPLICABLE, verdict)
            self._judge_rules(Gate.APPLICABLE, found, asked, verdict)
            self._judge_incentives(found, verdict)
            terms.judge(Gate.SUITABLE, verdict)
            self._judge_rules(Gate.SUITABLE, found, asked, verdict)
            self._judge_steps(found, verdict)
            self._judge_rules(Gate.ALLOWED, found, asked, verdict)
        self.last.judge(found, verdict)
        sold = terms.sold(verdict) if case.asks_all else BARE
        return Judged(verdict, among, needs, amounts, n_without_cost, sold)

    def barred(self, items: Array) -> frozenset[int]:
        """Name those of some items that may be no part of a set here; what is on the page or in the cart may."""
        case, n = self._case, len(items)
        parts = Candidates(items, ones(n), np.zeros(n, np.int8), no_rows(n), no_rows(n), ones(n), (SET,))
        verdict = eligibility.judge(case.knowledge, parts, np.zeros(n, dtype=np.uint8), self._asked)
        if len(case.knowledge.library):
            terms = self._terms(parts)
            for gate in Gate:
                terms.judge(gate, verdict)
        if self._fitting:
            amounts = Amounts(case.knowledge, case.live, parts, case.context)
            asked = self._rules_asked(amounts, n)
            for gate in Gate:
                self._judge_rules(gate, parts, asked, verdict)
        self.last.judge(parts, verdict)
        return frozenset(items[verdict > 0].tolist()).difference(case.context.in_sight.tolist())

    def _owned(self, found: Candidates) -> tuple[tuple[str, ...], Collection[int] | None]:
        """Keep what of the history spoke here, as a candidate or as something that serves a need; give all that is owned.

        Nothing for the second where the policy does not ask.
        """
        case = self._case
        here: set[int] = set()
        if case.bought:
            if case.policy.excludes_owned:
                here |= case.page.once(_bought_among, (found, case.bought))
            here |= case.bought.keys() & self._serving_needs(found)
        among = tuple(sorted({name for item in here for name in case.bought[item]}))
        return among, ({*case.context.held.tolist(), *here} if case.policy.excludes_owned else None)

    def _serving_needs(self, found: Candidates) -> frozenset[int]:
        """Name what would serve a need that something in sight has."""
        if "required" not in found.sources or not self._case.knowledge.has_links("required"):
            return frozenset()
        return frozenset(self._case.knowledge.links("required").reached_from(self._case.context.in_sight).tolist())

    def _needs(self, found: Candidates) -> Needs:
        case = self._case
        lately = (
            [(case.live.parent_of(name), at) for name, at in case.person.lately.items()] if case.person.lately else []
        )
        if not (case.ground.may_use_history and case.asks_all and (lately or case.person.returning)):
            none = np.zeros(len(found.items), dtype=np.bool_)
            return Needs(none, none)
        return needs_of(case.knowledge, found, case.context, case.policy, lately, case.person.returning)

    def _judge_prices(self, found: Candidates, amounts: Amounts, verdict: Array) -> int:
        """Stop what is out of proportion and what earns too little; count what nobody knows the cost of."""
        terms = self._case.policy.value
        if not prices.is_asked(terms):
            return 0
        live, n, floor = self._case.live, len(found.items), terms.margin_floor
        stop(verdict, live.mask(lambda: self._too_dear(found, amounts), n), DropCode.TOO_DEAR)
        if floor is None:
            return 0
        stop(verdict, live.mask(lambda: prices.below_floor(amounts, floor), n), DropCode.BELOW_FLOOR)
        is_unknown = live.mask(lambda: prices.margin_unknown(amounts), n)
        return int(np.count_nonzero(is_unknown & (verdict == 0)))

    def _too_dear(self, found: Candidates, amounts: Amounts) -> Mask:
        case, terms = self._case, self._case.policy.value
        things = found, case.live.values, terms
        return case.page.alike("too_dear", things, case.beside, lambda: prices.too_dear(found, amounts, terms))

    def _judge_incentives(self, found: Candidates, verdict: Array) -> None:
        """Stop paid incentives for people whose purchases cost more than they bring."""
        if len(self._case.knowledge.library):
            is_paid = self._case.knowledge.library.of_kinds((OfferKind.COUPON,))[found.items]
            if is_paid.any() and self._case.answers.hold("costly", _is_costly):
                stop(verdict, is_paid, DropCode.NO_INCENTIVE)

    def _judge_steps(self, found: Candidates, verdict: Array) -> None:
        """Stop, for somebody who watches prices, all but the lowest step of each ladder."""
        if ladder.STEPS.isdisjoint(found.present):
            return
        n_steps = np.count_nonzero(found.from_sources(ladder.STEPS) & (verdict == 0))
        if n_steps > 1 and self._case.answers.hold("watches_prices", ladder.WATCHES_PRICES):
            higher = ladder.higher_steps(self._case.knowledge, found, verdict, self._case.live.price_of)
            stop(verdict, higher, DropCode.LOWER_STEP)

    def _terms(self, found: Candidates) -> Terms:
        case = self._case
        occasion = Occasion(case.request.at, case.attention.local.date(), case.request.market)
        return Terms(case.knowledge, found, occasion, case.answers)

    def _rules_asked(self, amounts: Amounts, n: int) -> Asked:
        live = self._case.live

        def dearer(times: float) -> Mask:
            return live.mask(lambda: amounts.dearer(times), n)

        return Asked(live.carries, dearer, self._case.goals, self._case.licences)

    def _judge_rules(self, gate: Gate, found: Candidates, asked: Asked | None, verdict: Array) -> None:
        if asked is not None:
            self._case.rules.judge(gate, self._fitting, found, asked, verdict)


def _bought_among(found: Candidates, bought: Mapping[int, Sequence[str]]) -> frozenset[int]:
    """Name what of a history stands among the candidates."""
    return frozenset(bought).intersection(found.listed)
