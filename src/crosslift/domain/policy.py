"""How a decision is made for a placement: which candidates, how many, how varied."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """

    name: str
    version: int
    candidates: tuple[str, ...]
    default_offers: int = 3
    max_offers: int | None = None
    max_per_category: int | None = None
    max_per_kind: Mapping[str, int] = field(default_factory=dict)
    reserved: Mapping[str, int] = field(default_factory=dict)
    excludes_owned: bool = True
    gates_evaluation: bool = True
    prefers_slow_stock: bool = False
    slow_floor: float = 0.2
    near_date_days: int = 30
    offers_sets: bool = False
    max_sets: int = 2
    is_holdout_exempt: bool = False


HELPFUL = Policy(
    name="helpful",
    version=2,
    candidates=(
        "stand_in", "pinned", "required", "refill", "searched", "content", "complement", "held", "sequence",
        "category_companion", "substitute", "alike", "upgrade", "bestseller",
    ),
    max_offers=12,
    max_per_category=2,
    max_per_kind={"upgrade": 1, "stand_in": 3},
    reserved={"upgrade": 1},
    prefers_slow_stock=True,
    offers_sets=True,
)  # fmt: skip
"""The default: needs told first, tested companions, a step up, labeled bestsellers to fill an empty page, varied."""

RELEVANCE = Policy(
    name="relevance",
    version=1,
    candidates=("completion", "bestseller"),
    excludes_owned=False,
    gates_evaluation=False,
    is_holdout_exempt=True,
)
"""For evaluation and for use behind a merchant's own rules: rank by `p_basket`, nothing else."""

BUILT_IN = {HELPFUL.name: HELPFUL, RELEVANCE.name: RELEVANCE}
