"""How a decision is made for a placement: which candidates, how many, how varied."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """A named, versioned way to decide.

    `max_offers is None` sets no ceiling. `candidates` name the sources, in order of preference.
    `excludes_owned` is the already-owned half of the eligible gate. `gates_evaluation` says whether price, stock and
    activity are asked under purpose `evaluation` too: there the past is completed, whatever can be sold today.
    """

    name: str
    version: int
    candidates: tuple[str, ...]
    default_offers: int = 3
    max_offers: int | None = None
    max_per_category: int | None = None
    excludes_owned: bool = True
    gates_evaluation: bool = True
    is_holdout_exempt: bool = False


HELPFUL = Policy(name="helpful", version=1, candidates=("complement", "bestseller"), max_offers=12, max_per_category=2)
"""The default: tested companions first, labeled bestsellers to fill an empty page, varied."""

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
