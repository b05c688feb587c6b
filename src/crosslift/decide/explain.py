"""Why, as facts: the reason behind an offer with its evidence, and what happened to every candidate."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.eligibility import CODES
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.decision import DropCode, Reason, ReasonCode, Trace, Traced

Array = npt.NDArray[Any]
GATES = ("eligible", "applicable", "suitable", "allowed")


def reasons_for(knowledge: Knowledge, sources: list[str], items: list[int], cart: Array) -> list[Reason | None]:
    """Find the true reason of each offer: the strongest evidence towards something in the cart.

    None where the data hold no evidence that could be told: such an offer is not made.
    """
    tested = _tested(knowledge, items, cart)
    found: list[Reason | None] = []
    for source, item in zip(sources, items, strict=True):
        reason = None
        if source != "bestseller":
            reason = tested.get(item) or _counted(knowledge, item, cart)
        found.append(reason or _bestseller(knowledge, item))
    return found


def _tested(knowledge: Knowledge, items: list[int], cart: Array) -> dict[int, Reason]:
    """For each item the tested relation to the cart whose lift has the highest lower bound."""
    is_wanted = knowledge.mask_of(items)
    edges = [knowledge.edges_of(anchor) for anchor in cart.tolist()]
    if not edges:
        return {}
    others, rows = (np.concatenate(columns) for columns in zip(*edges, strict=True))
    anchors = np.repeat(cart, [len(ids) for ids, _ in edges])
    places = is_wanted[others].nonzero()[0]
    lows = knowledge.pair_lows[rows[places]].tolist()
    best: dict[int, tuple[float, int, int]] = {}
    for item, row, low, anchor in zip(
        others[places].tolist(), rows[places].tolist(), lows, anchors[places].tolist(), strict=True
    ):
        if item not in best or low > best[item][0]:
            best[item] = (low, anchor, row)
    return {
        item: Reason(ReasonCode.BOUGHT_TOGETHER, {**pair_evidence(knowledge, row, anchor), **knowledge.named(anchor)})
        for item, (_, anchor, row) in best.items()
    }


def pair_evidence(knowledge: Knowledge, row: int, anchor: int) -> dict[str, Any]:
    """Give the evidence of a tested pair, seen from one of its products."""
    first, second, strength, n_both, n_customers, expected, lift, low, high, q_value, npmi, llr = knowledge.pair(row)
    other = int(second) if int(first) == anchor else int(first)
    return {
        "pair": row,
        "n_both": int(n_both),
        "n_a": int(knowledge.popularity[anchor]),
        "n_b": int(knowledge.popularity[other]),
        "n_baskets": knowledge.n_baskets,
        "expected": expected,
        "lift": lift,
        "lift_low": low,
        "lift_high": high,
        "q_value": q_value,
        "npmi": npmi,
        "llr": llr,
        "n_customers": int(n_customers),
        "strength": knowledge.strengths[int(strength)],
    }


def _counted(knowledge: Knowledge, item: int, cart: Array) -> Reason | None:
    """The anchor with the highest share of baskets that also hold the item; only counts, no claim beyond them."""
    best: tuple[float, int, int] | None = None
    offsets, ids, both = knowledge.neighbors.offsets, knowledge.neighbors.ids, knowledge.neighbor_n_both
    for anchor in cart.tolist():
        begin, end = int(offsets[anchor]), int(offsets[anchor + 1])
        at = (ids[begin:end] == item).nonzero()[0]
        if len(at) and (n := int(both[begin + at[0]])) > 0:
            share = n / int(knowledge.popularity[anchor])
            if best is None or share > best[0]:
                best = (share, anchor, n)
    if best is None:
        return None
    evidence = {"n_both": best[2], "n_a": int(knowledge.popularity[best[1]]), **knowledge.named(best[1])}
    return Reason(ReasonCode.OFTEN_IN_SUCH_BASKETS, evidence)


def _bestseller(knowledge: Knowledge, item: int) -> Reason | None:
    n_orders = int(knowledge.recent_counts[item])
    if n_orders == 0:
        return None
    to_on = datetime.fromtimestamp(knowledge.as_of / 1e6, UTC).date().isoformat()
    return Reason(ReasonCode.BESTSELLER, {"n_orders": n_orders, "window_days": knowledge.window_days, "to_on": to_on})


def trace(
    knowledge: Knowledge, candidates: Candidates, verdict: Array, passed: Array, chosen: list[int], full: list[int]
) -> Trace:
    """Tell what happened to every candidate, best scores first.

    What no gate stopped and still is not in `passed` had no evidence that could be told: it was never a candidate.
    """
    place_of = {place: i for i, place in enumerate(chosen)}
    over = set(full)
    order = np.lexsort((candidates.items, -candidates.scores, candidates.rank))
    rows = []
    for place in order[(verdict[order] > 0) | passed[order]].tolist():
        dropped: DropCode | None = None
        if verdict[place]:
            dropped = CODES[int(verdict[place]) - 1]
        elif place in over:
            dropped = DropCode.CATEGORY_FULL
        elif place not in place_of:
            dropped = DropCode.BEYOND_COUNT
        name = knowledge.products[int(candidates.items[place])]
        source = candidates.sources[int(candidates.rank[place])]
        rows.append(Traced(name, source, float(candidates.scores[place]), dropped, place_of.get(place)))
    return Trace(tuple(rows), GATES)
