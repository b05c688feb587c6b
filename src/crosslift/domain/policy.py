"""How a decision is made for a placement: which candidates, how many, how varied."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from crosslift.domain.guardrail import Guardrail
from crosslift.domain.pressure import Cap, Cooldown, PressureLimits, QuietHours, Reaction
from crosslift.domain.rule import Gate, Moment, Rule
from crosslift.domain.value import ValueTerms
from crosslift.domain.variant import VariantSet


@dataclass(frozen=True, slots=True)
class Goal:
    """What a customer wants, and what serves it.

    Attributes
    ----------
    goal_id : str
        As profiles, requests and offers name it.
    titles : mapping of str to str
        How it is called in a sentence, by language.
    offers, categories : tuple of str
        Products or offers, and categories, that serve it.
    not_offers : tuple of str
        What is often sold instead and does not serve it.
    """

    goal_id: str
    titles: Mapping[str, str]
    offers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    not_offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A named, versioned way to decide.

    Attributes
    ----------
    candidates : tuple of str
        Sources that may be asked; the placement says in which order. `completion` alone ranks by `p_basket`.
    max_offers : int or None
        Ceiling of the list; None sets none.
    max_per_kind, max_per_category : mapping, int or None
        At most so many offers of a kind, and of a category.
    max_extras : mapping of str to int
        By placement, at most so many offers beside what is needed (`domain.placement.NEEDS`); no other limit where none is
        named.
    reserved : mapping of str to int
        Places kept for a kind where the list has three or more and the kind has something to say: a step up is not
        crowded out by companions.
    excludes_owned : bool
        The already-owned half of the eligible gate.
    gates_evaluation : bool
        Whether price, stock, activity, fit and the like are asked under purpose `evaluation` too: there the past is
        completed, whatever can be sold today. Bans hold even then.
    prefers_slow_stock : bool
        Whether one slow or near-date product goes first among what is relevant enough: `slow_floor` of the best score.
    near_date_days : int
        Best-before dates closer than this are labeled, in days.
    offers_sets : bool
        Whether sets are shown beside the single offers, at most `max_sets` of them.
    closed_days : float
        After a purchase of something that lasts, its need is closed for so long: no alternative to it and no step up from
        it is offered. 0 closes nothing.
    returning_days : float
        Repeated visits to a category after a purchase in it open it again, until so long after the last of them.
    rules : tuple of Rule
        What its gates ask beside what the engine always asks, in order.
    pressure, value : PressureLimits, ValueTerms
        Attention a person is asked for at most; what an offer is worth.
    goals : tuple of Goal
        What serves which goal.
    epsilon : float
        0..1, probability that one slot of a list is filled by a draw from the surviving candidates.
    variants : tuple of VariantSet
        Small sets of which each decision draws one option.
    guardrails : tuple of Guardrail
        Limits of bad signs; what breaches one rests until somebody lifts it.
    packs : tuple of str
        Market and sector packs whose rules it holds.
    timezones : mapping of str to str
        IANA zone of a market, where a person's own is unknown; `*` for the others.
    needs_approval : bool
        Whether somebody other than its author must approve it, and whatever takes its place, before it is published.
    """

    name: str
    version: int
    candidates: tuple[str, ...]
    default_offers: int = 3
    max_offers: int | None = None
    max_per_category: int | None = None
    max_per_kind: Mapping[str, int] = field(default_factory=dict)
    max_extras: Mapping[str, int] = field(default_factory=dict)
    reserved: Mapping[str, int] = field(default_factory=dict)
    excludes_owned: bool = True
    gates_evaluation: bool = True
    prefers_slow_stock: bool = False
    slow_floor: float = 0.2
    near_date_days: int = 30
    offers_sets: bool = False
    max_sets: int = 2
    is_holdout_exempt: bool = False
    closed_days: float = 0.0
    returning_days: float = 21.0
    rules: tuple[Rule, ...] = ()
    pressure: PressureLimits = field(default_factory=PressureLimits)
    value: ValueTerms = field(default_factory=ValueTerms)
    goals: tuple[Goal, ...] = ()
    epsilon: float = 0.0
    variants: tuple[VariantSet, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    packs: tuple[str, ...] = ()
    timezones: Mapping[str, str] = field(default_factory=dict)
    needs_approval: bool = False


GENTLE = PressureLimits(
    caps=(Cap(1, 1.0, ("web", "app")), Cap(2, 7.0, ("email",)), Cap(1, 7.0, ("sms", "push")), Cap(4, 7.0)),
    cooldowns=(
        Cooldown(Reaction.DECLINED, 90.0),
        Cooldown(Reaction.MUTED, 3650.0),
        Cooldown(Reaction.SEEN, 10.0, "product", 3, 30.0),
        Cooldown(Reaction.RETURNED, 180.0),
        Cooldown(Reaction.COMPLAINED, 14.0, "all"),
    ),
    quiet_hours=(QuietHours(time(21), time(8), ("email", "sms", "push", "phone")),),
)
"""The limits of the built-in policy: one interruption a day, two mails a week, four contacts in all, quiet at night."""

LOOK_FIRST = Rule(
    "look-first", Gate.APPLICABLE, "too_early", "crosslift",
    "Nobody is interrupted before they had ten seconds to look at the page.",
    Moment(interrupts=True, below_dwell_seconds=10.0),
)  # fmt: skip
"""Too early: interest has not formed yet."""

HELPFUL = Policy(
    name="helpful",
    version=5,
    candidates=(
        "stand_in", "pinned", "required", "refill", "searched", "content", "goal", "complement", "offer", "own_list",
        "plugin", "held", "sequence",
        "category_companion", "substitute", "alike", "upgrade", "filler", "bestseller",
    ),
    max_offers=12,
    max_per_category=2,
    max_per_kind={"upgrade": 1, "stand_in": 3, "offer": 2, "goal": 3},
    max_extras={
        "product": 10, "cart": 10, "bar": 4, "checkout": 2, "confirmation": 4, "home": 12, "category": 8, "search": 8,
        "content": 6, "comparison": 6, "plan": 4, "account": 8, "popup": 3, "setup": 3, "till": 4,
    },
    reserved={"upgrade": 1, "offer": 1},
    prefers_slow_stock=True,
    offers_sets=True,
    closed_days=30.0,
    rules=(LOOK_FIRST,),
    pressure=GENTLE,
    value=ValueTerms(max_cross_ratio=10.0),
)  # fmt: skip
"""The default: needs told first, then goals the person named, tested companions, one of the shop's own offers, a step up,
labeled bestsellers to fill an empty page, varied."""

RELEVANCE = Policy(
    name="relevance",
    version=1,
    candidates=("completion", "bestseller"),
    excludes_owned=False,
    gates_evaluation=False,
    is_holdout_exempt=True,
)
"""For evaluation and for use behind a merchant's own rules: rank by `p_basket`, nothing else."""

DOORS = Policy(
    name="doors",
    version=1,
    candidates=(
        "stand_in", "pinned", "required", "goal", "complement", "offer", "sequence", "substitute", "alike", "upgrade",
        "completion", "bestseller",
    ),
    excludes_owned=False,
    is_holdout_exempt=True,
)  # fmt: skip
"""What compatible doors decide by: bans, stock and consent hold; no holdout, no exploration, no ceiling, no contact budget."""

BUILT_IN = {policy.name: policy for policy in (HELPFUL, RELEVANCE, DOORS)}
