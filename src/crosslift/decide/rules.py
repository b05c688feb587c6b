"""A policy's rules made ready: where and for whom each holds, and which candidates it stops, as masks over the items.

Compiled once for a policy and a snapshot. A decision asks each rule's moment (plain comparisons), of those that fit the
condition on the person, and of those that held their masks: rules that do not fit here cost next to nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.causes import silent_over
from crosslift.decide.facets import Wanted
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.library import Library
from crosslift.decide.moments import Check, Situation, checks_of, checks_of_place
from crosslift.decide.sources import sources_of
from crosslift.decide.terms import reached
from crosslift.decide.verdicts import RULE_BASE
from crosslift.decide.who import Answers
from crosslift.domain.condition import NOTHING_NEEDED, needs, needs_of_all
from crosslift.domain.membership import PersonFacts, Predicate, predicate
from crosslift.domain.offer import Offer, OfferKind
from crosslift.domain.placement import PLACEMENTS, Placement
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Gate, Moment, Rule, Selector
from crosslift.domain.trait import AGE_TRAITS

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
SPARED = frozenset({"required", "stand_in"})
"""Sources that tell a need or stand in for what cannot be had: they pass rules that spare needs."""
_WITH_STEPS = frozenset(name for name, placement in PLACEMENTS.items() if "upgrade" in placement.sources)
KEPT = 16
"""So many policies are kept ready for one snapshot."""
MOST_ASKED = 1_000
"""So many selections of kinds are remembered with their sources; callers may name any."""


@fixed
class Asked:
    """What rules are asked about beside the candidates.

    Attributes
    ----------
    carries : callable
        Tells of which items the catalog of this moment says what is wanted.
    dearer : callable
        Marks the candidates whose live price is at least so many times that of the dearest thing in sight.
    goals : frozenset of str
        Goals that the person declared or confirmed.
    licences : frozenset of str
        Licences that agent and firm both hold.
    """

    carries: Callable[[Wanted, Array], Mask]
    dearer: Callable[[float], Mask]
    goals: frozenset[str] = frozenset()
    licences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Ready:
    """One rule: when it holds, and which items it selects; `fixed` is what never changes over a snapshot."""

    place: int
    rule: Rule
    checks: tuple[Check, ...]
    who: Predicate | None
    fixed: Mask | None
    wanted: Wanted | None

    @classmethod
    def of(cls, place: int, rule: Rule, knowledge: Knowledge) -> "_Ready":
        """Compile a rule."""
        fixed, wanted = _items_of(rule.stops, knowledge)
        return cls(place, rule, checks_of(rule.moment), people_of(rule), fixed, wanted)

    @property
    def is_idle(self) -> bool:
        """Whether it can stop nothing over this snapshot."""
        return self.fixed is not None and not self.fixed.any()

    def fits(self, here: Situation) -> bool:
        """Tell whether the moment holds."""
        return all(check(here) for check in self.checks)


class RuleSet:
    """The rules of one policy over one snapshot; never changed, shared by all threads.

    Attributes
    ----------
    needs : Needs
        What rules and offers read of a person, goals and repeated visits included.
    names : frozenset of str or None
        Attributes of products it asks the catalog for; None where it asks the catalog nothing.
    asks_goals : bool
        Whether it asks which goals a person has.
    """

    def __init__(self, policy: Policy, knowledge: Knowledge) -> None:
        ready = (_Ready.of(place, rule, knowledge) for place, rule in enumerate(policy.rules))
        self._rules = {one.place: one for one in ready if not one.is_idle}
        rules = self._rules.values()
        self._of_gate = {gate: frozenset(one.place for one in rules if one.rule.gate is gate) for gate in Gate}
        library = knowledge.library
        self._has_offers = len(library) > 0
        self._has_goals = bool(policy.goals) or any(offer.goals for offer in library.offers)
        self._is_closing = policy.closed_days > 0
        self._has_steps = "upgrade" in policy.candidates and _has_steps(knowledge)
        self.needs = needs_of_all([
            needs([one.rule.condition for one in rules if one.rule.condition is not None]),
            library.needs,
            replace(NOTHING_NEEDED, columns=frozenset(self._columns(library)), traits=self._ages()),
        ])  # fmt: skip
        wanted = [one.wanted for one in rules if one.wanted is not None]
        self.names = frozenset[str]().union(*(one.names for one in wanted)) if wanted else None
        self.asks_sight = any(one.rule.moment.cart_has or one.rule.moment.cart_lacks for one in rules)
        self.asks_goals = any(one.rule.stops.lacks_goal for one in rules)
        self._serving = _serving(policy, knowledge) if self.asks_goals else {}
        self._licenced = _licenced(knowledge) if any(one.rule.stops.lacks_licence for one in rules) else []
        self._policy = policy
        self._silent = silent_over(knowledge)
        self._may_fit: dict[str, bool] = {}
        self._sources: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def sources(self, placement: Placement, kinds: tuple[str, ...], *, is_linked: bool = False) -> list[str]:
        """Name the sources a placement asks, in order; see `sources.sources_of`. Nobody changes the list.

        Those that can name nothing over this snapshot are left out, unless what is in sight `is_linked` to offers.
        """
        asked = placement.name, kinds, is_linked
        names = self._sources.get(asked)
        if names is None:
            names = sources_of(self._policy, placement, kinds)
            names = names if is_linked else [name for name in names if name not in self._silent]
            if len(self._sources) < MOST_ASKED:
                self._sources[asked] = names
        return names

    def _columns(self, library: Library) -> list[str]:
        """Name the columns of the profile that are asked for without a condition, or by a built-in one."""
        asked = {
            "goals": self._has_goals, "returning_intent": self._is_closing,
            "price_sensitivity": self._has_steps,
            "contribution_class": bool(library.of_kinds((OfferKind.COUPON,)).any()),
        }  # fmt: skip
        return [name for name, is_asked in asked.items() if is_asked]

    def _ages(self) -> frozenset[str]:
        """Name the traits an age is read from, where a rule asks for one."""
        return AGE_TRAITS if any(one.rule.younger_than for one in self._rules.values()) else frozenset()

    def asks_person(self, here: Situation) -> bool:
        """Tell whether anything may be asked of a person at this placement, market, device and agent."""
        if self._has_offers or self._has_goals or self._is_closing:
            return True
        if self._has_steps and here.placement in _WITH_STEPS:
            return True
        asking = (one for one in self._rules.values() if one.who is not None)
        return any(all(check(here) for check in checks_of_place(one.rule.moment)) for one in asking)

    def may_fit(self, placement: Placement) -> bool:
        """Tell whether any rule can hold at a placement at all."""
        found = self._may_fit.get(placement.name)
        if found is None:
            moments = (one.rule.moment for one in self._rules.values())
            found = self._may_fit[placement.name] = any(_may_hold(moment, placement) for moment in moments)
        return found

    def fitting(self, here: Situation, answers: Answers) -> tuple[int, ...]:
        """Give the places in the policy of the rules that hold here and for this person, in order."""
        return tuple(
            place for place, one in self._rules.items()
            if one.fits(here) and (one.who is None or answers.hold(f"rule:{one.rule.rule_id}", one.who))
        )  # fmt: skip

    def judge(self, gate: Gate, fitting: Sequence[int], found: Candidates, asked: Asked, verdict: Array) -> None:
        """Write what the rules of a gate stop into `verdict`, where nothing stopped it before.

        Parameters
        ----------
        fitting : sequence of int
            As `fitting` gave it; the first rule that selects a candidate is its verdict.
        verdict : uint16 array, shape (candidates,)
            0 passed; rule i of the policy is `RULE_BASE + i`.
        """
        of_gate = self._of_gate[gate]
        for place in fitting:
            if place in of_gate:
                selected = self._selected(self._rules[place], found, asked)
                if selected is None:
                    verdict[verdict == 0] = RULE_BASE + place
                else:
                    verdict[selected & (verdict == 0)] = RULE_BASE + place

    def _selected(self, one: _Ready, found: Candidates, asked: Asked) -> Mask | None:
        """Mark the candidates a rule selects; None for all of them."""
        stops, parts = one.rule.stops, list[Mask]()
        if one.fixed is not None:
            parts.append(one.fixed[found.items])
        if one.wanted is not None:
            parts.append(asked.carries(one.wanted, found.items))
        if stops.kinds:
            parts.append(found.from_sources(frozenset(stops.kinds)))
        if one.rule.spares_needs and not SPARED.isdisjoint(found.sources):
            parts.append(~found.from_sources(SPARED))
        if stops.min_price_ratio is not None:
            parts.append(asked.dearer(stops.min_price_ratio))
        if stops.lacks_goal:
            parts.append(~_any(self._serving, asked.goals, len(self._serving[""]))[found.items])
        if stops.lacks_licence:
            missing = [mask for needed, mask in self._licenced if not needed <= asked.licences]
            parts.append(np.any([mask[found.items] for mask in missing], axis=0) if missing else _none(found))
        return np.logical_and.reduce(parts) if parts else None


def _may_hold(moment: Moment, placement: Placement) -> bool:
    """Tell whether a moment can be met at a placement, whenever and by whomever."""
    is_named = not moment.placements or placement.name in moment.placements
    is_on = not moment.channels or placement.channel in moment.channels
    return is_named and is_on and moment.interrupts in (None, placement.interrupts)


def people_of(rule: Rule) -> Predicate | None:
    """Give the question whether somebody is among the people a rule is for; None where it is for everybody."""
    who = None if rule.condition is None else predicate(rule.condition)
    if rule.younger_than is None:
        return who
    is_old_enough = reached(rule.younger_than)

    def holds(facts: PersonFacts, now: int) -> bool:
        return not is_old_enough(facts, now) and (who is None or who(facts, now))

    return holds


def _none(found: Candidates) -> Mask:
    return np.zeros(len(found.items), dtype=np.bool_)


def _any(masks: dict[str, Mask], names: Iterable[str], n_items: int) -> Mask:
    chosen = [masks[name] for name in names if name in masks]
    return np.logical_or.reduce(chosen) if chosen else np.zeros(n_items, dtype=np.bool_)


def _items_of(stops: Selector, knowledge: Knowledge) -> tuple[Mask | None, Wanted | None]:
    """Split a selector into what holds as long as the snapshot does and what the catalog of the moment answers."""
    library, masks = knowledge.library, list[Mask]()
    if stops.offer_kinds:
        masks.append(library.of_kinds(stops.offer_kinds))
    if stops.goals:
        masks.append(library.serving(stops.goals))
    if stops.is_paid_incentive is not None:
        masks.append(library.of_kinds((OfferKind.COUPON,)) == stops.is_paid_incentive)
    return (np.logical_and.reduce(masks) if masks else None), Wanted.of(stops)


def _has_steps(knowledge: Knowledge) -> bool:
    """Tell whether there is any step up here, learned or an offer's."""
    return len(knowledge.links("upgrade")) > 0 or any(one.step_of for one in knowledge.library.offers)


def _serving(policy: Policy, knowledge: Knowledge) -> dict[str, Mask]:
    """Mark what serves each goal that the policy or an offer knows; nothing serves the goal without a name."""
    masks = {"": np.zeros(knowledge.n_items, dtype=np.bool_)}
    goals = {goal for offer in knowledge.library.offers for goal in offer.goals}
    for goal in sorted(goals):
        masks[goal] = knowledge.library.serving((goal,))
    for told in policy.goals:
        mask = masks.get(told.goal_id, masks[""]) | knowledge.mask_named(told.offers, told.categories)
        masks[told.goal_id] = mask & ~knowledge.mask_named(told.not_offers, ())
    return masks


def _licenced(knowledge: Knowledge) -> list[tuple[frozenset[str], Mask]]:
    """Mark what needs each set of licences."""
    sets = {frozenset(offer.licences) for offer in knowledge.library.offers if offer.licences}
    return [(needed, knowledge.library.mask(partial(_needs_licences, needed))) for needed in sorted(sets, key=sorted)]


def _needs_licences(needed: frozenset[str], offer: Offer) -> bool:
    return frozenset(offer.licences) == needed


_lock = threading.Lock()
_compiled: WeakKeyDictionary[Knowledge, OrderedDict[int, tuple[Policy, RuleSet]]] = WeakKeyDictionary()


def rules_of(policy: Policy, knowledge: Knowledge) -> RuleSet:
    """Give the rules of a policy ready for a snapshot; compiled at the first call, kept as long as the snapshot is."""
    kept = _compiled.get(knowledge)
    found = kept.get(id(policy)) if kept is not None else None
    if found is not None and found[0] is policy:
        return found[1]
    made = RuleSet(policy, knowledge)
    with _lock:
        kept = _compiled.setdefault(knowledge, OrderedDict())
        kept[id(policy)] = (policy, made)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return made
