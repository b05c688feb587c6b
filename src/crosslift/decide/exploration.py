"""Learning while serving: at most one slot of a list, sometimes, drawn from what survived every gate.

With probability ε one slot, drawn evenly, shows a candidate drawn evenly from those that may stand in it. So every slot's
marginal probability is exact, is logged, and is never 0 for what could have been drawn.
"""

from collections.abc import Sequence

from crosslift.decide.fixed import fixed
from crosslift.domain.chance import Chance

LARGEST_POOL = 8
"""So many of the best survivors can be drawn for a slot; deeper ones would cost more than they teach."""


@fixed
class Explored:
    """A list after the draw.

    Attributes
    ----------
    chosen : tuple of int
        Places in the candidate arrays.
    probabilities : tuple of float
        Marginal probability of each slot to hold what it holds, given all that was known.
    slot : int or None
        The slot that was drawn anew.
    """

    chosen: tuple[int, ...]
    probabilities: tuple[float, ...]
    slot: int | None = None


def explore(chosen: Sequence[int], pools: Sequence[Sequence[int]], epsilon: float, chance: Chance) -> Explored:
    """Draw.

    Parameters
    ----------
    chosen : sequence of int
        The list as arbitration chose it.
    pools : sequence of sequences of int, shape (slots,)
        For each slot what may stand in its place, in a fixed order; empty for a slot that is never explored. None of
        them is in `chosen`.
    epsilon : float
        0..1.
    chance : Chance
        The decision's own draws.

    Returns
    -------
    Explored
        A slot that kept its own has probability 1 − ε/slots (1 where its pool is empty), a drawn one
        ε/(slots · size of its pool).

    Examples
    --------
    >>> explore([4, 9], [[1, 2], []], 0.1, lambda purpose: 0.5)
    Explored(chosen=(4, 9), probabilities=(0.95, 1.0), slot=None)
    >>> explore([4, 9], [[1, 2], []], 0.1, lambda purpose: {"explore": 0.01, "slot": 0.3, "candidate": 0.6}[purpose])
    Explored(chosen=(2, 9), probabilities=(0.025, 1.0), slot=0)
    """
    n = len(chosen)
    if n == 0:
        return Explored((), ())
    kept = [1.0 - epsilon / n if pool else 1.0 for pool in pools]
    if epsilon <= 0 or chance("explore") >= epsilon:
        return Explored(tuple(chosen), tuple(kept))
    slot = min(int(chance("slot") * n), n - 1)
    pool = pools[slot]
    if not pool:
        return Explored(tuple(chosen), tuple(kept))
    drawn = pool[min(int(chance("candidate") * len(pool)), len(pool) - 1)]
    kept[slot] = epsilon / (n * len(pool))
    return Explored((*chosen[:slot], drawn, *chosen[slot + 1 :]), tuple(kept), slot)
