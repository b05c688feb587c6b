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
from crosslift.domain.decision import Decision, NoOffer, Offered, Request
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

    `flags` of its candidates in their order, `variants` it offered, `parents` of the variants it met, and the
    products nobody knew.
    """

    flags: bytes = b""
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
    owned = _owned(knowledge, live, person, ground.may_use_history, held, policy)
    context = in_cart if len(in_cart) else held

    found = candidates.gather(knowledge, context, policy, placement.shows_bestsellers)
    flags = live.codes(found.items)
    verdict = eligibility.judge(knowledge, found.items, flags, in_cart, excluded, owned)
    n_offers = _count(request, policy)
    chosen, full = arbitration.choose(knowledge, found, verdict == 0, n_offers, policy.max_per_category)
    offers = _offers(knowledge, live, found, chosen, context)
    no_offer = None
    if not offers:
        no_offer = NoOffer.NO_CANDIDATES if len(found.items) == 0 else NoOffer.ALL_EXCLUDED
    decision = replace(
        base,
        offers=offers,
        no_offer=no_offer,
        dropped=_dropped(verdict),
        warnings=tuple(dict.fromkeys(warnings)),
        trace=explain.trace(knowledge, found, verdict, chosen, full) if with_trace else None,
    )
    return decision, Read(
        flags.tobytes(),
        tuple(offer.product_id for offer in offers),
        _parents(
            live, (*request.cart, *request.holdings, *request.exclude, *(person.owned if owned is not None else ()))
        ),
        tuple(w.partition(":")[2] for w in decision.warnings if w.startswith("unknown_product:")),
    )


def _parents(live: Live, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = {name: live.parent_of(name) for name in names}
    return tuple(sorted((name, parent) for name, parent in found.items() if parent != name))


def _places(knowledge: Knowledge, live: Live, names: tuple[str, ...], warnings: list[str]) -> Array:
    """Find products by id, variants by their parent; unknown ones are named, the rest is decided.

    A variant that the snapshot still knows as a product of its own is found as both.
    """
    places = []
    for name in dict.fromkeys(names):
        found = {knowledge.index.get(name), knowledge.index.get(live.parent_of(name))} - {None}
        places.extend(found)
        if not found and not live.is_known(name):
            warnings.append(f"unknown_product:{name}")
    return np.unique(np.array(places, dtype=np.int32))


def _owned(
    knowledge: Knowledge, live: Live, person: Person, may_use_history: bool, held: Array, policy: Policy
) -> Array | None:
    """Products owned already: as the caller says, and from history where consent allows it."""
    if not policy.excludes_owned:
        return None
    if not may_use_history:
        return held
    return np.union1d(held, _places(knowledge, live, tuple(sorted(person.owned)), [])).astype(np.int32)


def _count(request: Request, policy: Policy) -> int:
    wanted = request.k if request.k is not None else policy.default_offers
    return wanted if policy.max_offers is None else min(wanted, policy.max_offers)


def _offers(
    knowledge: Knowledge, live: Live, found: candidates.Candidates, chosen: list[int], context: Array
) -> tuple[Offered, ...]:
    if not chosen:
        return ()
    items = found.items[chosen].tolist()
    sources = [found.sources[rank] for rank in found.rank[chosen].tolist()]
    scores = found.scores[chosen]
    p_basket = knowledge.calibration.predict(scores).tolist() if knowledge.calibration else [None] * len(chosen)
    reasons = explain.reasons_for(knowledge, sources, items, context)
    return tuple(
        Offered(
            product_id=live.offered_as(item),
            kind=source,
            p=round(p, 6) if source != "bestseller" and p is not None else None,
            priority=round(score, 6),
            reason=reason,
        )
        for item, source, score, p, reason in zip(items, sources, scores.tolist(), p_basket, reasons, strict=True)
        if reason is not None
    )


def _dropped(verdict: Array) -> dict[str, int]:
    counts = np.bincount(verdict, minlength=len(eligibility.CODES) + 1)
    return {code.value: int(n) for code, n in zip(eligibility.CODES, counts[1:], strict=True) if n}
