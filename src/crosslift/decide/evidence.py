"""The true reason of each offer, as facts: the row of evidence its source rests on, at the prices of this moment."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.curation import CuratedLink, Marks
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.sources import STAND_IN_KINDS
from crosslift.decide.terms import BARE, Sold
from crosslift.domain.decision import Reason, ReasonCode
from crosslift.domain.offer import Offer

Array = npt.NDArray[Any]
PriceOf = Callable[[int], int | None]
DAY = 86_400_000_000


def reasons_for(
    knowledge: Knowledge, found: Candidates, places: list[int], context: Context, marks: Marks, price_of: PriceOf,
    sold: Sold = BARE,
) -> list[Reason | None]:  # fmt: skip
    """Find the true reason of each offer: the evidence its source rests on, or the strongest towards the cart.

    None where the data hold no evidence that could be told: such an offer is not made.
    """
    asked = _Asked(knowledge, context, marks, price_of, sold)
    anchors = context.anchors
    sources = [found.sources[rank] for rank in found.rank[places].tolist()]
    items, rows, starts = (column[places].tolist() for column in (found.items, found.rows, found.anchors))
    asking = [item for item, source in zip(items, sources, strict=True) if not _says_itself(source)]
    tested = _tested(knowledge, np.array(asking, dtype=np.int32), context) if asking else {}
    reasons: list[Reason | None] = []
    for source, item, row, anchor in zip(sources, items, rows, starts, strict=True):
        if source in LINKED:
            reasons.append(_of_link(asked, source, item, row, anchor))
        elif source in TOLD:
            reasons.append(TOLD[source](asked, item, row, anchor))
        elif source == "bestseller":
            reasons.append(_bestseller(knowledge, item))
        else:
            reasons.append(tested.get(item) or _counted(knowledge, item, anchors) or _bestseller(knowledge, item))
    return reasons


@fixed
class _Asked:
    """What a reason may be made from."""

    knowledge: Knowledge
    context: Context
    marks: Marks
    catalog: PriceOf
    sold: Sold

    def price_of(self, item: int) -> int | None:
        """Give what an item costs here, in millionths: what its offer says, else the catalog."""
        offer = self.sold.offer_of(item)
        paid = self.knowledge.library.price_of(offer) if offer is not None else None
        return self.catalog(item) if paid is None else paid.to_micros()

    def told(self, row: int, first: int) -> CuratedLink | None:
        """Give the merchant's link of a row, None for one of a table that ends before `first`."""
        return self.marks.linked[row - first][1] if row >= first else None


LINKED = {
    "sequence": ReasonCode.BOUGHT_LATER,
    "held": ReasonCode.OWNED_TOGETHER,
    "required": ReasonCode.NEEDED,
    "substitute": ReasonCode.INSTEAD_OF,
    "alike": ReasonCode.ALIKE,
    "category_companion": ReasonCode.CATEGORY_COMPANION,
    "own_list": ReasonCode.OWN_LIST,
}
"""Sources whose reason is the evidence of the link itself."""


def _of_link(asked: _Asked, source: str, item: int, row: int, anchor: int) -> Reason | None:
    link = asked.told(row, len(asked.knowledge.links(source)))
    if link is not None:
        offer = asked.sold.offer_of(item)
        told = {"basis": "curated", "reason": link.reason, "offer": offer and offer.offer_id}
        return Reason(LINKED[source], {**told, **asked.knowledge.named(anchor)})
    evidence = asked.knowledge.links(source).evidence(row)
    if "alike" in (source, evidence.get("basis")) and not (evidence.get("shared") or evidence.get("words")):
        return None  # alike, but in nothing that has a name
    if "strength" in evidence:
        evidence["strength"] = asked.knowledge.strengths[int(evidence["strength"])]
    return Reason(LINKED[source], {"link": row, **evidence, **asked.knowledge.named(anchor)})


def _step_up(asked: _Asked, item: int, row: int, anchor: int) -> Reason | None:
    """Say what more it gives and what more it costs, at the prices of this moment."""
    if asked.told(row, len(asked.knowledge.links("upgrade"))) is not None:
        return _merchant_offer(asked, item, row, anchor)
    evidence = asked.knowledge.links("upgrade").evidence(row)
    own, other = asked.price_of(anchor), asked.price_of(item)
    if own is None or other is None or not evidence.get("benefits"):
        return None
    prices = {"price_from": own / 1e6, "price_to": other / 1e6, "delta_price": (other - own) / 1e6}
    return Reason(ReasonCode.STEP_UP, {"link": row, **evidence, **prices, **asked.knowledge.named(anchor)})


def _stand_in(asked: _Asked, item: int, row: int, anchor: int) -> Reason | None:
    """Say that the page's product is out of stock, and what this one costs against it."""
    page = int(asked.context.page[0])
    own, other = asked.price_of(page), asked.price_of(item)
    if other is None:
        return None
    kind = STAND_IN_KINDS[anchor]
    evidence = asked.knowledge.links(kind).evidence(row)
    prices = {"price_from": None if own is None else own / 1e6, "price_to": other / 1e6}
    currency = {"currency": asked.knowledge.currencies[page]}
    return Reason(
        ReasonCode.STAND_IN,
        {"link": row, "kind": kind, **evidence, **prices, **currency, **asked.knowledge.named(page)},
    )


def _pinned(asked: _Asked, _item: int, row: int, anchor: int) -> Reason:
    link = asked.marks.pinned[row][1]
    named = asked.knowledge.named(anchor) if anchor >= 0 else {}
    return Reason(
        ReasonCode.RECOMMENDED,
        {"reason": link.reason, "author": link.author, "kind": link.kind, "from_id": link.from_id, **named},
    )


def _due(asked: _Asked, item: int, _row: int, _anchor: int) -> Reason | None:
    """Say when it was last bought and how long it lasts, or at which reading of which meter it falls due."""
    due = (asked.context.dues or {}).get(item)
    if due is None:
        return None
    facts = {"due_on": _day(due.due_at), "interval_days": round(due.interval_days, 1), "basis": due.basis}
    if due.basis == "meter":
        return _service_due(asked.knowledge, item, facts)
    if due.last_at:
        facts["last_on"] = _day(due.last_at)
    return Reason(ReasonCode.REFILL_DUE, {**facts, "n_gaps": due.n_gaps})


def _service_due(knowledge: Knowledge, item: int, facts: dict[str, Any]) -> Reason | None:
    """Name what the service is for, and how often: the link from the product to its service says so."""
    table = knowledge.links("refill")
    for row in np.flatnonzero(table.ids == item).tolist():
        evidence = table.evidence(row)
        if evidence.get("unit") not in (None, "days"):
            source = int(np.searchsorted(table.offsets, row, side="right")) - 1
            told = {"meter": evidence["unit"], "link": row, **evidence, **knowledge.named(source)}
            return Reason(ReasonCode.SERVICE_DUE, {**facts, **told, "basis": "meter"})
    return None


def _searched(asked: _Asked, _item: int, row: int, _anchor: int) -> Reason:
    evidence = asked.knowledge.links("searched").evidence(row)
    return Reason(ReasonCode.SEARCHED, {"link": row, "query": asked.context.query, **evidence})


def _for_readers(asked: _Asked, _item: int, row: int, _anchor: int) -> Reason:
    evidence = asked.knowledge.links("content").evidence(row)
    about = asked.knowledge.index.get(str(evidence.get("product")))
    named = asked.knowledge.named(about) if about is not None else {}
    return Reason(ReasonCode.FOR_READERS, {"link": row, "content": asked.context.content, **evidence, **named})


def _merchant_offer(asked: _Asked, item: int, _row: int, anchor: int) -> Reason | None:
    """Give what the merchant says of it; where its audience asks for a used share, that this share is reached."""
    offer = asked.sold.offer_of(item)
    if offer is None:
        return None
    named = asked.knowledge.named(anchor) if anchor >= 0 else {}
    used = asked.sold.used_share(item)
    if used is not None:
        meter = {"meter": used[0], "used_share": used[1]}
        return Reason(ReasonCode.PLAN_NEARLY_USED, {**_benefit(offer), **meter, **named})
    own, other = (asked.price_of(anchor) if anchor >= 0 else None), asked.price_of(item)
    prices = {} if own is None or other is None else {"price_from": own / 1e6, "price_to": other / 1e6}
    return Reason(ReasonCode.MERCHANT_OFFER, {**_benefit(offer), **prices, **named})


def _plugged(asked: _Asked, _item: int, row: int, _anchor: int) -> Reason:
    """Name the plugin, what it knows, and what is said of that in each language."""
    _, named = asked.marks.plugged[row]
    told = dict(sorted(named.told.items()))
    facts = dict(sorted(named.facts.items()))
    return Reason(ReasonCode.PLUGIN, {"plugin": named.plugin, "version": named.version, "facts": facts, "told": told})


def _serves_goal(asked: _Asked, item: int, row: int, _anchor: int) -> Reason:
    """Name the goal, and what the merchant says of the offer that serves it."""
    goal, offer = asked.context.goals[row], asked.sold.offer_of(item)
    told = _benefit(offer) if offer is not None else {}
    return Reason(ReasonCode.SERVES_GOAL, {"goal": goal.goal_id, "goal_titles": dict(goal.titles), **told})


def _benefit(offer: Offer) -> dict[str, Any]:
    """Name an offer with the first benefit of each language."""
    first = {language: some[0] for language, some in sorted(offer.benefits.items()) if some}
    return {"offer": offer.offer_id, "offer_version": offer.version, "benefit": first or None}


def _fills(asked: _Asked, item: int, _row: int, _anchor: int) -> Reason | None:
    """Say what is missing to which bar, and that this brings the cart over it."""
    gap, own = asked.context.gap, asked.price_of(item)
    if gap is None or own is None:
        return None
    amounts = {"missing": gap.missing, "price": own / 1e6, "amount": gap.bar.amount, "currency": gap.bar.currency}
    return Reason(ReasonCode.FILLS_THRESHOLD, {"bar": gap.bar.bar_id, "bar_titles": dict(gap.bar.titles), **amounts})


TOLD = {
    "filler": _fills,
    "offer": _merchant_offer,
    "goal": _serves_goal,
    "upgrade": _step_up,
    "stand_in": _stand_in,
    "pinned": _pinned,
    "refill": _due,
    "searched": _searched,
    "content": _for_readers,
    "plugin": _plugged,
}
"""Sources whose reason needs more than the link: live prices, the merchant's words, the person's own rhythm."""


def labels_for(knowledge: Knowledge, item: int, reason: Reason, now: int, near_days: int) -> tuple[Reason, ...]:
    """Give what else is true and worth saying beside the reason: a near date, that only few orders speak yet."""
    labels = []
    date = int(knowledge.best_before[item])
    if 0 <= date - now // DAY <= near_days:
        labels.append(Reason(ReasonCode.NEAR_DATE, {"best_before": _day(date * DAY)}))
    if reason.evidence.get("strength") == "early" and reason.code in EARLY:
        labels.append(Reason(ReasonCode.EARLY_DAYS, {"n_both": reason.evidence["n_both"]}))
    return tuple(labels)


EARLY = frozenset({ReasonCode.BOUGHT_TOGETHER, ReasonCode.BOUGHT_LATER, ReasonCode.OWNED_TOGETHER})


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).date().isoformat()


def _says_itself(source: str) -> bool:
    """Tell whether what a source names has a reason of its own, or none but its sales."""
    return source in LINKED or source in TOLD or source == "bestseller"


def _tested(knowledge: Knowledge, items: Array, context: Context) -> dict[int, Reason]:
    """For each item the tested relation to the cart, one that holds here and now, whose lift has the highest lower bound."""
    stopped = knowledge.conditions.stopped(context.market, context.month)
    rows, anchors = knowledge.companions.strongest(items, context.anchors, stopped)
    return {
        item: _together(knowledge, row, anchor)
        for item, row, anchor in zip(items.tolist(), rows, anchors, strict=True)
        if row >= 0
    }


MOST_KEPT = 10_000
"""So many reasons are kept with a snapshot: what many buy is asked often."""


def _together(knowledge: Knowledge, row: int, anchor: int) -> Reason:
    """Give the reason that a tested pair is, seen from one of its products; nobody changes it."""
    kept: Reason | None = knowledge.reasons.get((row, anchor))
    if kept is None:
        evidence = pair_evidence(knowledge, row, anchor)
        evidence |= knowledge.named(anchor)
        kept = Reason(ReasonCode.BOUGHT_TOGETHER, evidence)
        if len(knowledge.reasons) >= MOST_KEPT:
            knowledge.reasons.clear()
        knowledge.reasons[row, anchor] = kept
    return kept


def pair_evidence(knowledge: Knowledge, row: int, anchor: int) -> dict[str, Any]:
    """Give the evidence of a tested pair, seen from one of its products."""
    first, second, strength, n_both, n_customers, expected, lift, low, high, q_value, npmi, llr = knowledge.pair(row)
    other = int(second) if first == anchor else int(first)
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
