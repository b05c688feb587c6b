"""What the small sets of the policies in force have shown, and with which probability each option is drawn now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosslift.decide.knowledge import Knowledge
from crosslift.decide.variants import probabilities
from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.policy import Policy
from crosslift.domain.variant import Tried, VariantSet
from crosslift.stats.compare import proportion_interval

Row = dict[str, Any]
MIN_SHOWN = 20
NOBODY = Tried(0, 0, 0.0)
UNKNOWN = (
    "this snapshot was learned before the set had these options; until the next `crosslift learn` each is drawn as often "
    "as the others"
)
UNSEEN = "no decision that drew an option and offered something was counted yet; each is drawn as often as the others"


def told(knowledge: Knowledge, policies: Sequence[Policy]) -> list[Row]:
    """Tell of each set what was counted of its options, and how they are drawn.

    Returns
    -------
    list of dict
        policy, policy_version, set, placements, floor, snapshot_id; `options`, the default first: option, n_shown,
        n_accepted, `rate` with its 95 % interval or why there is none, p_best, probability, levers; `note` where nothing is
        known.
    """
    return [_told(knowledge, policy, one) for policy in policies for one in policy.variants]


def _told(knowledge: Knowledge, policy: Policy, one: VariantSet) -> Row:
    tried = knowledge.logged.variants.get(policy.name, {}).get(one.set_id, {})
    is_known = tried.keys() == set(one.options)
    is_seen = is_known and any(of.n_shown for of in tried.values())
    return {
        "policy": policy.name, "policy_version": policy.version, "set": one.set_id, "placements": list(one.placements),
        "floor": one.floor, "snapshot_id": knowledge.snapshot_id,
        "options": list(_options(one, tried if is_known else {})),
        "note": None if is_seen else UNSEEN if is_known else UNKNOWN,
    }  # fmt: skip


def _options(one: VariantSet, tried: Mapping[str, Tried]) -> Iterator[Row]:
    for option, probability in zip(one.options, probabilities(one, tried), strict=True):
        of = tried.get(option)
        shown = of or NOBODY
        yield {
            "option": option, "n_shown": shown.n_shown, "n_accepted": shown.n_accepted, "rate": _plain(_rate(shown)),
            "p_best": of and of.p_best, "probability": probability, "levers": list(one.levers.get(option, ())),
        }  # fmt: skip


def _rate(tried: Tried) -> Figure:
    n, k = tried.n_shown, tried.n_accepted
    if n < MIN_SHOWN:
        return NotEstimable(f"{n} decisions, at least {MIN_SHOWN} needed")
    found = proportion_interval(k, n)
    return Estimate(found.value, found.low, found.high, n, "accepted a decision")


def _plain(figure: Figure) -> Row:
    if isinstance(figure, NotEstimable):
        return {"not_estimable": figure.why}
    return {"value": figure.value, "low": figure.low, "high": figure.high}
