"""The story on one page: consent → gather → gates → score → arbitrate → explain.

`decide` is handed everything it needs and opens nothing, so that a decision can be replayed from its record.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from crosslift.decide import arbitration, candidates, consent, eligibility, explain
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, NoOffer, Offered, Reason, Request
from crosslift.domain.offer import Placement
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]


class Live(Protocol):
    """Live values as a decision reads them: an overlay, or what a record kept of one."""

    change_number: int

    def codes(self, items: Array) -> npt.NDArray[np.uint8]:
        """Give the live flag of each item."""

    def offered_as(self, item: int) -> str:
        """Name the sellable variant of an item."""

    def parent_of(self, product_id: str) -> str:
        """Map a variant to its parent."""

    def is_known(self, product_id: str) -> bool:
        """Tell whether the catalog or the snapshot knows a product."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one decision read of the live values, for the record.

    `flags` of its candidates in their order, products `owned` by its history that stand among these, `variants` it
    offered, `parents` of the variants it met, and the products nobody knew. No history is here that was not used.
    """

    flags: bytes = b""
    owned: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


def decide(
    request: Request,
    decision_id: str,
    knowledge: Knowledge,
    live: Live,
    person: Person,
    policy: Policy,
    placement: Placement,
    *,
    with_trace: bool = False,
) -> tuple[Decision, Read]:
    """Answer one request.

    Parameters
    ----------
    request : Request
        What is asked; unknown products and customers are named in the warnings, never an error.
    decision_id : str
        The golden thread; also the only chance a decision has.
    live : Live
        Price, stock and activity now.
    person : Person
        What is known of the person; used only as consent allows.

    Returns
    -------
    Decision, Read
        The answer, and the live values it rests on.
    """
    warnings: list[str] = []
    ground = consent.evaluate(request, person, placement)
    if request.customer_id is not None and not person.is_known:
        warnings.append(f"unknown_customer:{request.customer_id}")
    base = Decision(
        decision_id=decision_id,
        at=request.at,
        placement=request.placement,
        purpose=ground.purpose or Purpose.MARKETING,
        policy=policy.name,
        policy_version=policy.version,
        snapshot_id=knowledge.snapshot_id,
        change_number=live.change_number,
        offers=(),
        no_offer=None,
        dropped={},
        consent_id=person.consent_id,
        mapping_version=person.mapping_version,
    )
    if ground.purpose is None:
        return replace(base, no_offer=NoOffer.NO_CONSENT, warnings=tuple(warnings)), Read()
    if ground.note:
        warnings.append(ground.note)

    in_cart = _places(knowledge, live, request.cart, warnings)
    held = _places(knowledge, live, request.holdings, warnings)
    excluded = _places(knowledge, live, request.exclude, [])
    context = in_cart if len(in_cart) else held

    found = candidates.gather(knowledge, context, policy, placement.shows_bestsellers)
    flags = live.codes(found.items)
    if ground.purpose is Purpose.EVALUATION and not policy.gates_evaluation:
        flags = np.zeros_like(flags)
    bought = _bought(knowledge, live, person, found) if ground.may_use_history and policy.excludes_owned else {}
    owned = np.array([*held, *(i for places in bought.values() for i in places)], dtype=np.int32)
    verdict = eligibility.judge(
        knowledge, found.items, flags, in_cart, excluded, owned if policy.excludes_owned else None
    )
    passed = verdict == 0
    chosen, full, reasons = _chosen(knowledge, found, passed, _count(request, policy), policy.max_per_category, context)
    offers = _offers(knowledge, live, found, chosen, reasons)
    no_offer = None
    if not offers:
        no_offer = NoOffer.ALL_EXCLUDED if verdict.any() else NoOffer.NO_CANDIDATES
    decision = replace(
        base,
        offers=offers,
        no_offer=no_offer,
        dropped=_dropped(verdict),
        warnings=tuple(dict.fromkeys(warnings)),
        trace=explain.trace(knowledge, found, verdict, passed, chosen, full) if with_trace else None,
    )
    return decision, Read(
        flags.tobytes(),
        tuple(bought),
        tuple(offer.product_id for offer in offers),
        _parents(live, (*request.cart, *request.holdings, *request.exclude, *bought)),
        tuple(w.partition(":")[2] for w in decision.warnings if w.startswith("unknown_product:")),
    )


def _parents(live: Live, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = {name: live.parent_of(name) for name in names}
    return tuple(sorted((name, parent) for name, parent in found.items() if parent != name))


def _places(knowledge: Knowledge, live: Live, names: tuple[str, ...], warnings: list[str]) -> Array:
    """Find products by id, variants by their parent; unknown ones are named, the rest is decided.

    A variant that the snapshot still knows as a product of its own is found as both.
    """
    places: list[int] = []
    for name in dict.fromkeys(names):
        found = _found(knowledge, live, name)
        places.extend(found)
        if not found and not live.is_known(name):
            warnings.append(f"unknown_product:{name}")
    return np.unique(np.array(places, dtype=np.int32))


def _found(knowledge: Knowledge, live: Live, name: str) -> set[int]:
    index = knowledge.index
    return {index[known] for known in (name, live.parent_of(name)) if known in index}


def _bought(knowledge: Knowledge, live: Live, person: Person, found: candidates.Candidates) -> dict[str, list[int]]:
    """Products of the person's history that stand among the candidates, with their places: nothing else of it is read."""
    is_candidate = knowledge.mask_of(found.items)
    places = {name: [i for i in _found(knowledge, live, name) if is_candidate[i]] for name in sorted(person.owned)}
    return {name: at for name, at in places.items() if at}


def _count(request: Request, policy: Policy) -> int:
    wanted = request.k if request.k is not None else policy.default_offers
    return wanted if policy.max_offers is None else min(wanted, policy.max_offers)


def _chosen(
    knowledge: Knowledge, found: candidates.Candidates, passed: Array, n_offers: int, max_per_category: int | None,
    context: Array,
) -> tuple[list[int], list[int], list[Reason]]:  # fmt: skip
    """Choose the list and its reasons; what nothing true can be said about is taken out of `passed` and never offered."""
    while True:
        chosen, full = arbitration.choose(knowledge, found, passed, n_offers, max_per_category)
        sources = [found.sources[rank] for rank in found.rank[chosen].tolist()]
        reasons = explain.reasons_for(knowledge, sources, found.items[chosen].tolist(), context) if chosen else []
        silent = [place for place, reason in zip(chosen, reasons, strict=True) if reason is None]
        if not silent:
            return chosen, full, [reason for reason in reasons if reason is not None]
        passed[silent] = False


def _offers(
    knowledge: Knowledge, live: Live, found: candidates.Candidates, chosen: list[int], reasons: list[Reason]
) -> tuple[Offered, ...]:
    if not chosen:
        return ()
    items = found.items[chosen].tolist()
    sources = [found.sources[rank] for rank in found.rank[chosen].tolist()]
    scores = found.scores[chosen]
    p_basket = knowledge.calibration.predict(scores).tolist() if knowledge.calibration else [None] * len(chosen)
    return tuple(
        Offered(
            product_id=live.offered_as(item),
            kind=source,
            p=round(p, 6) if source != "bestseller" and p is not None else None,
            priority=round(score, 6),
            reason=reason,
        )
        for item, source, score, p, reason in zip(items, sources, scores.tolist(), p_basket, reasons, strict=True)
    )


def _dropped(verdict: Array) -> dict[str, int]:
    counts = np.bincount(verdict, minlength=len(eligibility.CODES) + 1)
    return {code.value: int(n) for code, n in zip(eligibility.CODES, counts[1:], strict=True) if n}
