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


def reason_for(knowledge: Knowledge, source: str, item: int, cart: Array) -> Reason | None:
    """Find the true reason of an offer: the strongest evidence towards something in the cart.

    None where the data hold no evidence that could be told: such an offer is not made.
    """
    if source != "bestseller":
        tested = _tested(knowledge, item, cart)
        if tested is not None:
            return tested
        return _counted(knowledge, item, cart) or _bestseller(knowledge, item)
    return _bestseller(knowledge, item)


def _tested(knowledge: Knowledge, item: int, cart: Array) -> Reason | None:
    """The tested relation with the highest lower bound of its lift."""
    best: tuple[float, int, int] | None = None
    low = knowledge.arrays["pair_lift_low"]
    for anchor in cart.tolist():
        others, rows = knowledge.edges_of(anchor)
        at = np.flatnonzero(others == item)
        if len(at) and (best is None or float(low[rows[at[0]]]) > best[0]):
            best = (float(low[rows[at[0]]]), anchor, int(rows[at[0]]))
    if best is None:
        return None
    return Reason(
        ReasonCode.BOUGHT_TOGETHER,
        {**pair_evidence(knowledge, best[2], best[1]), **_named(knowledge, best[1])},
    )


def pair_evidence(knowledge: Knowledge, row: int, anchor: int) -> dict[str, Any]:
    """Give the evidence of a tested pair, seen from one of its products."""
    a = knowledge.arrays
    first = int(a["pair_first"][row])
    other = int(a["pair_second"][row]) if first == anchor else first
    return {
        "pair": row,
        "n_both": int(a["pair_n_both"][row]),
        "n_a": int(a["item_counts"][anchor]),
        "n_b": int(a["item_counts"][other]),
        "n_baskets": knowledge.n_baskets,
        "expected": round(float(a["pair_expected"][row]), 4),
        "lift": round(float(a["pair_lift"][row]), 4),
        "lift_low": round(float(a["pair_lift_low"][row]), 4),
        "lift_high": round(float(a["pair_lift_high"][row]), 4),
        "q_value": float(a["pair_q_value"][row]),
        "npmi": round(float(a["pair_npmi"][row]), 4),
        "llr": round(float(a["pair_llr"][row]), 2),
        "n_customers": int(a["pair_n_customers"][row]),
        "strength": knowledge.strengths[int(a["pair_strength"][row])],
    }


def _counted(knowledge: Knowledge, item: int, cart: Array) -> Reason | None:
    """The anchor with the highest share of baskets that also hold the item; only counts, no claim beyond them."""
    best: tuple[float, int, int] | None = None
    offsets, ids = knowledge.neighbors.offsets, knowledge.neighbors.ids
    both = knowledge.arrays["neighbor_n_both"]
    for anchor in cart.tolist():
        begin, end = int(offsets[anchor]), int(offsets[anchor + 1])
        at = np.flatnonzero(ids[begin:end] == item)
        if len(at) and (n := int(both[begin + at[0]])) > 0:
            share = n / int(knowledge.popularity[anchor])
            if best is None or share > best[0]:
                best = (share, anchor, n)
    if best is None:
        return None
    evidence = {"n_both": best[2], "n_a": int(knowledge.popularity[best[1]]), **_named(knowledge, best[1])}
    return Reason(ReasonCode.OFTEN_IN_SUCH_BASKETS, evidence)


def _bestseller(knowledge: Knowledge, item: int) -> Reason | None:
    n_orders = int(knowledge.arrays["recent_counts"][item])
    if n_orders == 0:
        return None
    to_on = datetime.fromtimestamp(knowledge.as_of / 1e6, UTC).date().isoformat()
    return Reason(ReasonCode.BESTSELLER, {"n_orders": n_orders, "window_days": knowledge.window_days, "to_on": to_on})


def _named(knowledge: Knowledge, anchor: int) -> dict[str, Any]:
    titles = knowledge.titles[anchor]
    named = {language: text for language, text in titles.items() if language}
    return {"anchor": knowledge.products[anchor], "anchor_title": titles[""], "anchor_titles": named}


def trace(knowledge: Knowledge, candidates: Candidates, verdict: Array, chosen: list[int], full: list[int]) -> Trace:
    """Tell what happened to every candidate, best scores first."""
    place_of = {place: i for i, place in enumerate(chosen)}
    over = set(full)
    order = np.lexsort((candidates.items, -candidates.scores, candidates.rank))
    rows = []
    for place in order.tolist():
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
