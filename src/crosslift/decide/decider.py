"""The story on one page: consent → gather → gates → score → arbitrate → explain.

`decide` is handed everything it needs and opens nothing, so that a decision can be replayed from its record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from crosslift.decide import arbitration, candidates, consent, eligibility, evidence, explain
from crosslift.decide.candidates import Context
from crosslift.decide.curation import CuratedLink, Marks
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.sets import LivePart, sets_for
from crosslift.domain.bundle import Bundle, SetOffer
from crosslift.domain.customer import Due, Person, Purpose
from crosslift.domain.decision import Decision, DropCode, NoOffer, Offered, Reason, Request
from crosslift.domain.event import normalized
from crosslift.domain.offer import Placement
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
DAY = 86_400_000_000
OWNED = eligibility.CODES.index(DropCode.OWNED) + 1


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

    def price_of(self, item: int) -> int | None:
        """Give the price of an item now, in millionths; None where it has none."""

    def can_offer(self, item: int) -> bool:
        """Tell whether an item can be sold now."""

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give the merchant's pins, bans and factors for what is in sight."""

    def bundles_with(self, product_ids: frozenset[str]) -> Sequence[Bundle]:
        """Give the merchant's sets that one of these products is part of."""

    def part(self, product_id: str) -> LivePart | None:
        """Give what a set needs to know of a product now."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one decision read of the live values, for the record.

    `flags` of its candidates in their order, products `owned` by its history that stand among these, `variants` it
    offered, `parents` of the variants it met, the products nobody knew, `prices` it asked, the merchant's links it met.
    `history`, `holdings` and `dues` are empty unless they were used.
    """

    flags: bytes = b""
    owned: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    prices: tuple[tuple[int, int | None], ...] = ()
    links: tuple[CuratedLink, ...] = ()
    history: tuple[str, ...] = ()
    holdings: tuple[str, ...] = ()
    dues: tuple[Due, ...] = ()
    can_offer: tuple[tuple[int, bool], ...] = ()
    bundles: tuple[Bundle, ...] = ()
    parts: tuple[tuple[str, LivePart | None], ...] = ()


class _Noted:
    """Live values that remember what was asked of them, so that the record holds no more than was read."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.prices: dict[int, int | None] = {}
        self.sellable: dict[int, bool] = {}
        self.parts: dict[str, LivePart | None] = {}

    def part(self, product_id: str) -> LivePart | None:
        if product_id not in self.parts:
            self.parts[product_id] = self._live.part(product_id)
        return self.parts[product_id]

    def price_of(self, item: int) -> int | None:
        if item not in self.prices:
            self.prices[item] = self._live.price_of(item)
        return self.prices[item]

    def can_offer(self, item: int) -> bool:
        if item not in self.sellable:
            self.sellable[item] = self._live.can_offer(item)
        return self.sellable[item]


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
        consent_id=person.entry(ground.purpose, placement.channel) if ground.purpose else 0,
        mapping_version=person.mapping_version,
    )
    if ground.purpose is None:
        return replace(base, no_offer=NoOffer.NO_CONSENT, warnings=tuple(warnings)), Read()
    if ground.note:
        warnings.append(ground.note)

    context, bought = _context(request, knowledge, live, person, placement, warnings, ground.may_use_history)
    excluded = _places(knowledge, live, request.exclude, [])
    noted = _Noted(live)
    marks = live.marks(context.anchors.tolist(), context.now, request.market)
    names = candidates.sources_of(policy, placement, request.kinds)
    if len(context.page) and "stand_in" in names and not noted.can_offer(int(context.page[0])):
        names = [name for name in names if name in INSTEAD]  # nothing goes with what cannot be had
    found = candidates.gather(knowledge, context, names, marks, noted.price_of, noted.can_offer)
    asks_all = ground.purpose is not Purpose.EVALUATION or policy.gates_evaluation
    flags = live.codes(found.items) if asks_all else np.zeros(len(found.items), dtype=np.uint8)
    owned: Array | None = None
    among: dict[str, list[int]] = {}
    if policy.excludes_owned:
        among = _among(bought, knowledge, found, context) if ground.may_use_history else {}
        owned = np.array([*context.held, *(i for places in among.values() for i in places)], dtype=np.int32)
    asked = eligibility.Asked(context, excluded, owned, marks, asks_all=asks_all)
    verdict = eligibility.judge(knowledge, found, flags, asked)
    verdict[found.from_sources(frozenset({"refill"})) & (verdict == OWNED)] = 0
    passed = verdict == 0
    if policy.prefers_slow_stock and asks_all:
        found = arbitration.prefer_slow(
            knowledge, found, passed, context.now // DAY, policy.near_date_days, policy.slow_floor
        )
    chosen, full, reasons = _chosen(
        knowledge, found, passed, _count(request, policy), policy, context, marks, noted.price_of
    )
    offers = _offers(knowledge, live, found, chosen, reasons, context.now, policy)
    merchants: tuple[Bundle, ...] = ()
    shown: tuple[SetOffer, ...] = ()
    if policy.offers_sets and placement.shows_sets and not request.kinds:
        merchants, shown = _sets(request, knowledge, live, noted, policy, asked)
    no_offer = None
    if not offers:
        no_offer = NoOffer.ALL_EXCLUDED if verdict.any() else NoOffer.NO_CANDIDATES
    decision = replace(
        base,
        offers=offers,
        sets=shown,
        no_offer=no_offer,
        dropped=_dropped(verdict),
        warnings=tuple(dict.fromkeys(warnings)),
        trace=explain.trace(knowledge, found, verdict, passed, chosen, full) if with_trace else None,
    )
    is_history_used = context.uses_history and len(context.history) > 0
    named = (*request.cart, *request.holdings, *request.exclude, *among, *person.holdings)
    return decision, Read(
        flags.tobytes(),
        tuple(among),
        tuple(offer.product_id for offer in offers),
        _parents(live, (*named, request.product or "", *(bought if is_history_used else ()))),
        tuple(w.partition(":")[2] for w in decision.warnings if w.startswith("unknown_product:")),
        tuple(sorted(noted.prices.items())),
        marks.rows,
        tuple(bought) if is_history_used else (),
        tuple(sorted(person.holdings)) if ground.may_use_history else (),
        tuple(due for due in person.dues if context.dues and due in context.dues.values()),
        tuple(sorted(noted.sellable.items())),
        merchants,
        tuple(sorted(noted.parts.items())),
    )


def _sets(
    request: Request, knowledge: Knowledge, live: Live, noted: _Noted, policy: Policy, asked: eligibility.Asked
) -> tuple[tuple[Bundle, ...], tuple[SetOffer, ...]]:
    """Find the sets that page and cart have begun; what may not be offered alone is no part of one."""
    begun = frozenset(live.parent_of(name) for name in (*request.cart, request.product) if name)
    if not begun:
        return (), ()
    merchants = tuple(live.bundles_with(begun))
    bundles = (*merchants, *knowledge.bundles_with(begun))
    if not bundles:
        return (), ()
    place_of = {
        name: knowledge.index[name] for bundle in bundles for name in bundle.product_ids if name in knowledge.index
    }
    barred = eligibility.barred(knowledge, asked, np.array(sorted(set(place_of.values())), dtype=np.int32))

    def is_barred(product_id: str) -> bool:
        return product_id in request.exclude or place_of.get(product_id) in barred

    shown = sets_for(begun, bundles, noted.part, is_barred, policy.max_sets, request.at, knowledge.min_margin)
    in_cart = {live.parent_of(name) for name in request.cart}
    return merchants, tuple(
        replace(one, evidence={**one.evidence, "begun_by": _begun_by(one, in_cart)}) for one in shown
    )


def _begun_by(offer: SetOffer, in_cart: set[str]) -> str:
    """Tell whether the cart holds part of a set, or only the page shows one: the sentence must not claim more."""
    return "cart" if any(part.product_id in in_cart for part in offer.parts) else "page"


def _context(
    request: Request, knowledge: Knowledge, live: Live, person: Person, placement: Placement, warnings: list[str],
    may_use_history: bool,
) -> tuple[Context, dict[str, list[int]]]:  # fmt: skip
    """Find what the request and, with consent, the person's history name; also where each owned product stands."""
    owned = sorted(person.owned) if may_use_history else []
    bought = {name: sorted(_found(knowledge, live, name)) for name in owned}
    contracts = sorted(person.holdings) if may_use_history else []
    dues: dict[int, Due] = {}
    for due in person.dues if may_use_history else ():
        for item in sorted(_found(knowledge, live, due.product_id)):
            dues.setdefault(item, due)
    context = Context(
        page=_places(knowledge, live, (request.product,) if request.product else (), warnings),
        cart=_places(knowledge, live, request.cart, warnings),
        held=np.union1d(
            _places(knowledge, live, request.holdings, warnings), _places(knowledge, live, tuple(contracts), [])
        ).astype(np.int32),
        history=np.unique(np.array([i for places in bought.values() for i in places], dtype=np.int32)),
        uses_history=placement.uses_history,
        dues=dues,
        query=normalized(request.query) if request.query else None,
        content=request.content,
        market=request.market,
        now=int(request.at.timestamp() * 1_000_000),
    )
    return context, bought


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


def _among(
    bought: dict[str, list[int]], knowledge: Knowledge, found: candidates.Candidates, context: Context
) -> dict[str, list[int]]:
    """Keep what of the history spoke here, as a candidate or as something that serves a need: nothing else is recorded."""
    asked = np.concatenate([found.items, knowledge.links("required").reached_from(context.in_sight)])
    is_asked = knowledge.mask_of(asked)
    places = {name: [i for i in at if is_asked[i]] for name, at in bought.items()}
    return {name: at for name, at in places.items() if at}


def _count(request: Request, policy: Policy) -> int:
    wanted = request.k if request.k is not None else policy.default_offers
    return wanted if policy.max_offers is None else min(wanted, policy.max_offers)


def _chosen(
    knowledge: Knowledge, found: candidates.Candidates, passed: Array, n_offers: int, policy: Policy, context: Context,
    marks: Marks, price_of: evidence.PriceOf,
) -> tuple[list[int], list[int], list[Reason]]:  # fmt: skip
    """Choose the list and its reasons; what nothing true can be said about is taken out of `passed` and never offered."""
    while True:
        chosen, full = arbitration.choose(knowledge, found, passed, n_offers, policy)
        reasons = evidence.reasons_for(knowledge, found, chosen, context, marks, price_of) if chosen else []
        silent = [place for place, reason in zip(chosen, reasons, strict=True) if reason is None]
        if not silent:
            return chosen, full, [reason for reason in reasons if reason is not None]
        passed[silent] = False


def _offers(
    knowledge: Knowledge, live: Live, found: candidates.Candidates, chosen: list[int], reasons: list[Reason], now: int,
    policy: Policy,
) -> tuple[Offered, ...]:  # fmt: skip
    if not chosen:
        return ()
    items = found.items[chosen].tolist()
    sources = [found.source_of(place) for place in chosen]
    scores = found.scores[chosen]
    value = scores * found.weights[chosen]
    p_basket = knowledge.calibration.predict(scores).tolist() if knowledge.calibration else [None] * len(chosen)
    return tuple(
        Offered(
            product_id=live.offered_as(item),
            kind=source,
            p=round(p, 6) if source in SCORED_BY_BASKETS and p is not None else None,
            priority=round(score, 6),
            reason=reason,
            labels=evidence.labels_for(knowledge, item, reason, now, policy.near_date_days),
        )
        for item, source, score, p, reason in zip(items, sources, value.tolist(), p_basket, reasons, strict=True)
    )


INSTEAD = frozenset({"stand_in", "pinned", "substitute", "alike"})
"""Sources that have something to say where the page's product cannot be sold now."""

SCORED_BY_BASKETS = frozenset({"complement", "completion"})
"""Sources whose score was calibrated against later baskets; the others' scores order and mean nothing more."""


def _dropped(verdict: Array) -> dict[str, int]:
    counts = np.bincount(verdict, minlength=len(eligibility.CODES) + 1)
    return {code.value: int(n) for code, n in zip(eligibility.CODES, counts[1:], strict=True) if n}
