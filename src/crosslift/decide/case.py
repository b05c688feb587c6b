"""One decision's inputs, each looked up once, as the gates and the list ask them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy.typing as npt

from crosslift.decide import pressure
from crosslift.decide.assignment import Lot
from crosslift.decide.consent import Ground
from crosslift.decide.context import Context, categories_in_sight, context_of, places
from crosslift.decide.curation import Marks
from crosslift.decide.fixed import fixed_with_memory
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.moments import Situation
from crosslift.decide.once import Once
from crosslift.decide.page import Page
from crosslift.decide.pressure import Attention
from crosslift.decide.reading import Live, Noted
from crosslift.decide.rules import RuleSet, rules_of
from crosslift.decide.variants import draw
from crosslift.decide.who import NOBODY, Answers
from crosslift.decide.withholding import is_exempt
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.membership import PersonFacts
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Goal, Policy
from crosslift.domain.value import Objective
from crosslift.domain.variant import Drawn

Array = npt.NDArray[Any]


@fixed_with_memory
class Case:
    """What one decision is made from.

    Attributes
    ----------
    asks_all : bool
        Whether all gates are asked; where the past is completed only cart, exclusions and bans count.
    bought : mapping of int to sequence of str
        With consent what the person owns, by place in the snapshot.
    excluded : int32 array
        What the request leaves out.
    answers : Answers
        What holds of the person.
    licences : frozenset of str
        Licences that agent and firm both hold.
    lot : Lot
        What chance and trials say of it.
    page : Page
        What the decisions of one page remember together.
    """

    request: Request
    knowledge: Knowledge
    live: Noted
    person: Person
    policy: Policy
    placement: Placement
    ground: Ground
    asks_all: bool
    context: Context
    bought: Mapping[int, Sequence[str]]
    excluded: Array
    marks: Marks
    attention: Attention
    answers: Answers
    licences: frozenset[str]
    lot: Lot
    page: Page

    @classmethod
    def of(
        cls, request: Request, knowledge: Knowledge, live: Live, person: Person, policy: Policy, placement: Placement,
        ground: Ground, warnings: list[str], licences: frozenset[str], lot: Lot,
        page: Page,
    ) -> "Case":  # fmt: skip
        """Look everything up; products nobody knows are named in the warnings."""
        noted = Noted(live)
        attention = pressure.attention(request, placement, person, policy.timezones)
        asks_all = ground.purpose is not Purpose.EVALUATION or policy.gates_evaluation
        context, bought = context_of(
            request, knowledge, noted, person, placement, warnings, ground.may_use_history,
            _goals(request, person, policy, ground.may_use_history), attention.local.month if asks_all else None,
            policy.value.bars, page,
        )  # fmt: skip
        return cls(
            request, knowledge, noted, person, policy, placement, ground, asks_all, context, bought,
            places(knowledge, noted, request.exclude), noted.marks(context.anchors.tolist(), context.now, request.market),
            attention, answers_of(person, context.now, ground.may_use_history), licences, lot, page,
        )  # fmt: skip

    @Once
    def rules(self) -> RuleSet:
        """The rules of the policy over this snapshot."""
        return rules_of(self.policy, self.knowledge)

    @Once
    def on_page(self) -> Array:
        """What other placements of the same page show already."""
        return places(self.knowledge, self.live, self.request.on_page)

    @Once
    def beside(self) -> tuple[bytes, bytes]:
        """What offers are made for, and what they stand beside, to tell placements of a page apart."""
        return self.context.anchors.tobytes(), self.context.in_sight.tobytes()

    @property
    def may_explore(self) -> bool:
        """Whether a slot may be drawn anew: not for strangers, nor where relevance alone counts."""
        return not is_exempt(self.request, self.policy, self.ground.purpose)

    @Once
    def variants(self) -> tuple[Drawn, ...]:
        """The option drawn of each small set of the policy; the default wherever nothing may be explored."""
        if not self.policy.variants:
            return ()
        log = self.knowledge.logged.variants.get(self.policy.name, {})
        chance = self.lot.chance if self.may_explore else None
        return draw(self.policy.variants, self.placement.name, log, chance)

    @property
    def asks_money(self) -> bool:
        """Whether what an offer is worth is asked in money."""
        return self.policy.value.objective(self.placement.name) not in (Objective.RELEVANCE, Objective.CONVERSION)

    @property
    def n_extras(self) -> int | None:
        """How many offers beside what is needed there may be here; None where the policy names no limit for the placement."""
        return self.policy.max_extras.get(self.placement.name)

    @property
    def asks_goals(self) -> bool:
        """Whether anything here asks which goals the person has."""
        return self.rules.asks_goals or bool(self.context.goals)

    @Once
    def goals(self) -> frozenset[str]:
        """Goals confirmed in this conversation, and with consent those declared before."""
        return frozenset(goal.goal_id for goal in self.context.goals)

    @Once
    def situation(self) -> Situation:
        """Where and when the rules are asked."""
        named = (self.request.product, *self.request.cart) if self.rules.asks_sight else ()
        sight = frozenset(known for name in named if name for known in (name, self.live.parent_of(name)))
        categories = categories_in_sight(self.knowledge, self.context) if named else frozenset[str]()
        return situation_of(self.request, self.placement, self.attention, sight, categories)


def situation_of(
    request: Request, placement: Placement, attention: Attention, products: frozenset[str] = frozenset(),
    categories: frozenset[str] = frozenset(),
) -> Situation:  # fmt: skip
    """Say where and when a request is asked, and what is in sight as far as anybody asks."""
    return Situation(
        placement.name, placement.channel, placement.interrupts, attention.is_spoken, request.market, request.device,
        attention.local, request.dwell_seconds, products, categories,
    )  # fmt: skip


def _goals(request: Request, person: Person, policy: Policy, may_use_history: bool) -> tuple[Goal, ...]:
    """Give the goals of the person, each with what the policy maps to it."""
    named = {*request.goals, *(person.goals if may_use_history else ())}
    if not named:
        return ()
    mapped = {goal.goal_id: goal for goal in policy.goals}
    return tuple(mapped.get(name) or Goal(name, {}) for name in sorted(named))


def answers_of(person: Person, now: int, may_use_history: bool) -> Answers:
    """Ask of the facts; without consent of nobody's, but for consents and what is open with this person: these protect them."""
    if person.held is not None:
        return Answers(NOBODY, now, person.held)
    facts = person.facts if may_use_history else None
    if facts is None:
        facts = PersonFacts(NOBODY.profile, person.consents) if person.consents else NOBODY
    if person.open_cases > facts.profile.open_cases:
        facts = replace(facts, profile=replace(facts.profile, open_cases=person.open_cases))
    return Answers(facts, now)
