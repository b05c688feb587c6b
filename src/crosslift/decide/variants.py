"""Learning while serving: of each small set one option a decision, drawn with the probability that it is the best.

P(best) was tabulated when the snapshot was learned (Thompson sampling, its draw replaced by its probability), so that a
decision costs one uniform number, its probability is exact and logged, and a replay draws the same.
"""

from collections.abc import Mapping, Sequence

from crosslift.domain.chance import Chance
from crosslift.domain.policy import Policy
from crosslift.domain.value import Lever
from crosslift.domain.variant import Drawn, Tried, VariantSet
from crosslift.stats.bandit import pick, with_floor

Log = Mapping[str, Mapping[str, Tried]]
"""What the snapshot knows of the sets of one policy, by set and option."""


def draw(sets: Sequence[VariantSet], placement: str, log: Log, chance: Chance | None) -> tuple[Drawn, ...]:
    """Draw one option of each set that is for a placement.

    Parameters
    ----------
    log : mapping of set to option to Tried
        Of the policy, as the snapshot holds it.
    chance : Chance or None
        The decision's own draws; None where it is exempt: then the default stands, with probability 1.

    Examples
    --------
    >>> words = VariantSet("words", ("plain", "warm"), floor=0.1)
    >>> draw([words], "cart", {}, lambda purpose: 0.7)
    (Drawn(set_id='words', option='warm', probability=0.5),)
    >>> known = {"words": {"plain": Tried(900, 45, 0.0), "warm": Tried(900, 90, 1.0)}}
    >>> draw([words], "cart", known, lambda purpose: 0.7)
    (Drawn(set_id='words', option='warm', probability=0.9),)
    """
    drawn = []
    for one in sets:
        if one.placements and placement not in one.placements:
            continue
        if chance is None:
            drawn.append(Drawn(one.set_id, one.options[0], 1.0))
            continue
        shares = probabilities(one, log.get(one.set_id, {}))
        place = pick(shares, chance(f"variant:{one.set_id}"))
        drawn.append(Drawn(one.set_id, one.options[place], shares[place]))
    return tuple(drawn)


def probabilities(one: VariantSet, tried: Mapping[str, Tried]) -> list[float]:
    """Give the probability of each option to be drawn; even where the snapshot does not know just these options."""
    n = len(one.options)
    if tried.keys() != set(one.options):
        return [1.0 / n] * n
    best = [tried[option].p_best for option in one.options]
    shares: list[float] = with_floor([p / sum(best) for p in best], one.floor).tolist()
    return shares


def levers_on(policy: Policy, drawn: Sequence[Drawn]) -> tuple[Lever, ...]:
    """Give the levers of a policy that are on: those of the options drawn, and those that stand under no option."""
    bound = frozenset[str]().union(*(one.lever_ids for one in policy.variants))
    if not bound:
        return policy.value.levers
    levers = {one.set_id: one.levers for one in policy.variants}
    on = {name for one in drawn for name in levers[one.set_id].get(one.option, ())}
    return tuple(lever for lever in policy.value.levers if lever.lever_id not in bound or lever.lever_id in on)
