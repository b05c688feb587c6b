"""Too late: a need that was met not long ago is closed, until the person comes back to it (rows J05, J10).

Who bought a camera last week has decided: no other camera and no better one is offered for a while, though what goes with
it may be. Two visits or more to its category since then say that they look again (`learn.customers.intent`): that opens
it, and puts what is in it forward.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.condition import is_within
from crosslift.domain.policy import Policy
from crosslift.domain.profile import ReturnVisits

Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]
DAY = 86_400_000_000
ALTERNATIVES = frozenset({"substitute", "alike", "upgrade"})
"""Sources that offer something for the same need."""
MIN_VISITS = 2
FORWARD = 1.5
"""What is in a category the person comes back to counts for so much more among offers of its source."""


@fixed
class Needs:
    """What of a person's purchases and visits counts among some candidates.

    Attributes
    ----------
    closed : bool array, shape (candidates,)
        Alternatives for what was bought not long ago.
    returned_to : bool array, shape (candidates,)
        What is in a category the person comes back to.
    lately, returning : tuples
        What these rest on.
    """

    closed: Mask
    returned_to: Mask
    lately: tuple[tuple[str, int], ...] = ()
    returning: tuple[ReturnVisits, ...] = ()


def needs_of(
    knowledge: Knowledge, found: Candidates, context: Context, policy: Policy, lately: Iterable[tuple[str, int]],
    returning: Iterable[ReturnVisits],
) -> Needs:  # fmt: skip
    """Find what is closed and what is open again.

    Parameters
    ----------
    lately : iterable of (str, int)
        Products bought, variants by the name of their product, and when (microseconds UTC).
    """
    n, now = len(found.items), context.now
    closed, returned_to = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    met: list[tuple[str, int]] = []
    visits: list[ReturnVisits] = []
    bought = [(name, at) for name, at in lately if name in knowledge.index and at <= now]
    for visit in returning:
        if visit.n_visits < MIN_VISITS or now - visit.last_at > policy.returning_days * DAY:
            continue
        since = [one for one in bought if one[1] > visit.last_at and _is_in(knowledge, one[0], visit.category)]
        met += since  # bought again since: the visits led to it
        inside = np.zeros(n, dtype=np.bool_) if since else _inside(knowledge, found.items, visit.category)
        returned_to |= inside
        if since or inside.any():
            visits.append(visit)
    is_alternative = found.from_sources(ALTERNATIVES) & ~knowledge.is_consumable[found.items]
    if is_alternative.any():
        for name, at in bought:
            item = knowledge.index[name]
            of_need = is_alternative & (knowledge.categories[found.items] == knowledge.categories[item])
            if now - at < policy.closed_days * DAY and not knowledge.is_consumable[item] and of_need.any():
                closed |= of_need
                met.append((name, at))
    return Needs(closed & ~returned_to, returned_to, tuple(sorted(set(met))), tuple(visits))


def _is_in(knowledge: Knowledge, name: str, category: str) -> bool:
    return is_within(knowledge.category_names[knowledge.index[name]], category)


def _inside(knowledge: Knowledge, items: Array, category: str) -> Mask:
    mask: Mask = knowledge.mask_named((), (category,))[items]
    return mask
