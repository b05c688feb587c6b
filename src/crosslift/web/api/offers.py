"""A decision dressed for the caller: each offer with title, picture and live price, the reason, and the trace."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.bundle import SetOffer
from crosslift.domain.decision import Decision, Offered, Reason, ReasonCode, Request
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer as LibraryOffer
from crosslift.shop.batch import set_row
from crosslift.shop.sold import amount, told
from crosslift.web.served import ServedShop
from crosslift.wording import reasons


class Price(msgspec.Struct):
    """An exact amount."""

    amount: str
    currency: str


class PriceLine(msgspec.Struct):
    """One line of what an offer costs: once, or per `period` for `n_periods` (until it is cancelled where that is null)."""

    amount: str
    currency: str
    gross: str
    period: str | None
    n_periods: int | None
    tax_rate: float | None
    includes_tax: bool
    label: str | None


class Proof(msgspec.Struct):
    """Why a benefit can be believed, with its source."""

    text: str
    source: str


class Terms(msgspec.Struct):
    """What is sold, and what it costs in all: every line, the total, and how one gets out. No price is hidden here.

    `offer` and `offer_version` name the offer of the library it is sold under, null for a bare product; `total` is what is
    paid in all over the first term, with tax as `total_includes_tax` says.
    """

    offer: str | None
    offer_version: int | None
    lines: Annotated[list[PriceLine], msgspec.Meta(min_length=1)]
    total: Price
    total_includes_tax: bool
    benefits: list[str]
    proofs: list[Proof]
    terms: str | None
    cancellation: str | None
    guarantee: str | None
    ends_at: str | None


class Offer(Terms):
    """One offer; `p` is the chance that the basket holds it unprompted, null where that cannot be estimated."""

    product: str
    kind: str
    p: float | None
    priority: float
    reason: str
    labels: list[str]
    title: str
    price: Price
    image: str | None
    evidence: Mapping[str, Any] | msgspec.UnsetType = msgspec.UNSET


class SetPart(msgspec.Struct):
    """One part of a set; it can be bought alone at its own price. `missing` pieces are not in the cart yet."""

    product: str
    role: str
    quantity: int
    missing: int
    price: str


class Set(msgspec.Struct):
    """A set the cart has begun: what its parts cost alone, what it costs together, what that saves.

    `alternatives` could be taken instead of the missing part, on the same terms.
    """

    bundle: str
    kind: str
    title: str
    parts: list[SetPart]
    alternatives: list[SetPart]
    price: str
    single: str
    saving: str
    currency: str
    reason: str | None


class Candidate(msgspec.Struct):
    """What became of one candidate: the first gate it failed, or its place."""

    product: str
    source: str
    score: float
    dropped: str | None
    why: str | None
    place: int | None
    factors: Mapping[str, float] = {}


class Bar(msgspec.Struct):
    """A threshold bar as this cart sees it; `missing` is 0 where the cart is over it."""

    bar: str
    title: str
    amount: str
    missing: str
    currency: str


class Variant(msgspec.Struct):
    """What was drawn of a small set of the policy, and with which probability; 1 where its default stands undrawn."""

    set: str
    option: str
    probability: float


class Traced(msgspec.Struct):
    """The operator's view of a decision."""

    gates: tuple[str, ...]
    candidates: list[Candidate]


class Answer(msgspec.Struct):
    """The answer; `no_offer` says why where there are no offers."""

    decision_id: str | None
    offers: list[Offer]
    no_offer: str | None
    purpose: str
    warnings: list[str]
    sets: list[Set] = []
    bar: Bar | None = None
    degraded: bool = False
    variants: list[Variant] = []
    arms: Annotated[
        Mapping[str, str], msgspec.Meta(description="Arm of each experiment whose arms the caller renders.")
    ] = {}
    trace: Traced | msgspec.UnsetType = msgspec.UNSET


MOST_SETS = 10_000
"""So many sets are kept as they were written."""
_sets: dict[tuple[int, str], tuple[SetOffer, Set]] = {}
"""Each with the set itself, so that its id stays its own."""
MOST_SENTENCES = 20_000
"""So many sentences are kept as they were said."""
_sentences: dict[tuple[int, str], tuple[Reason, str]] = {}
"""Each with its reason, so that its id stays its own."""


def answer(
    served: ServedShop, decision: Decision, request: Request, *, is_secret: bool, warnings: list[str]
) -> Answer:  # fmt: skip
    """Dress a decision for the caller: what it offers with title, picture and live price, and why."""
    language = request.language
    knowledge = served.shop.known.at(decision.change_number)[0]
    offers = [_dressed(served, knowledge, made, language, is_secret=is_secret) for made in decision.offers]
    variants = [Variant(drawn.set_id, drawn.option, drawn.probability) for drawn in decision.variants]
    return Answer(
        decision.decision_id or None, offers, decision.no_offer, decision.purpose, [*decision.warnings, *warnings],
        [_set(one, language) for one in decision.sets], _bar(decision, language), decision.is_degraded, variants,
        served.shop.known.rulings.rendered(decision.arm, request.market, decision.placement),
        traced(decision, language) if is_secret and decision.trace else msgspec.UNSET,
    )  # fmt: skip


def _set(one: SetOffer, language: str) -> Set:
    """Write a set; decisions show the very same one again and again."""
    kept = _sets.get((id(one), language))
    if kept is None:
        if len(_sets) >= MOST_SETS:
            _sets.clear()
        kept = _sets[id(one), language] = one, msgspec.convert(set_row(one, language), Set)
    return kept[1]


def _bar(decision: Decision, language: str) -> Bar | None:
    bar = decision.bar
    if bar is None:
        return None
    amount, missing = (Money(Decimal(str(value)), bar.currency).rounded().amount for value in (bar.amount, bar.missing))
    title = bar.titles.get(language) or bar.titles.get(language[:2]) or bar.titles.get("en") or bar.bar_id
    return Bar(bar.bar_id, title, f"{amount:f}", f"{missing:f}", bar.currency)


def traced(decision: Decision, language: str) -> Traced:
    """Write the operator trace with a sentence for each gate that stopped something."""
    assert decision.trace is not None  # noqa: S101 - asked for by every caller
    candidates = [
        Candidate(
            product=c.product_id, source=c.source, score=c.score, dropped=c.dropped, place=c.place, factors=c.factors,
            why=c.rule or (reasons.drop_sentence(c.dropped, language) if c.dropped else None),
        )
        for c in decision.trace.candidates
    ]  # fmt: skip
    return Traced(decision.trace.gates, candidates)


def _dressed(
    served: ServedShop, knowledge: Knowledge, made: Offered, language: str, *, is_secret: bool
) -> Offer:  # fmt: skip
    """Give one offer its title, picture, every price line and its terms."""
    assert made.price is not None  # noqa: S101 - the gates let nothing pass that has no price
    offer, product = _sold(served, knowledge, made), served.catalog.find(made.product_id)
    is_taxed = served.shop.settings["shop.prices_include_tax"]
    terms = _bare(made.price, language, is_taxed)
    if offer is not None:
        terms = msgspec.convert(told(offer, made.price, language, is_taxed=is_taxed), Terms)
    title = product.title_in(language) if product else made.product_id
    return Offer(
        terms.offer, terms.offer_version, terms.lines, terms.total, terms.total_includes_tax, terms.benefits,
        terms.proofs, terms.terms, terms.cancellation, terms.guarantee, terms.ends_at,
        product=made.product_id, kind=made.kind, p=made.p, priority=made.priority,
        reason=_said(made.reason, language), labels=[reasons.sentence(label, language) for label in made.labels],
        title=title if offer is None else offer.title(language), price=_price(made.price),
        image=product.image if product else None, evidence=made.reason.evidence if is_secret else msgspec.UNSET,
    )  # fmt: skip


def _said(reason: Reason, language: str) -> str:
    """Say why; a snapshot gives the very same reason for a tested pair again and again."""
    if reason.code is not ReasonCode.BOUGHT_TOGETHER:
        return reasons.sentence(reason, language)
    kept = _sentences.get((id(reason), language))
    if kept is None:
        if len(_sentences) >= MOST_SENTENCES:
            _sentences.clear()
        kept = _sentences[id(reason), language] = reason, reasons.sentence(reason, language)
    return kept[1]


@lru_cache(65_536)
def _bare(price: Money, language: str, is_taxed: bool) -> Terms:
    """Write the terms of a bare product; nobody changes them, and the same prices come again and again."""
    return msgspec.convert(told(None, price, language, is_taxed=is_taxed), Terms)


@lru_cache(65_536)
def _price(price: Money) -> Price:
    return msgspec.convert(amount(price), Price)


def _sold(served: ServedShop, knowledge: Knowledge, made: Offered) -> LibraryOffer | None:
    """Find the offer by its version; one that was rewritten this very moment is read from the records."""
    if made.offer_id is None:
        return None
    found = knowledge.library.find(made.offer_id)
    return (
        found
        if found and found.version == made.offer_version
        else served.shop.offers.get(made.offer_id, made.offer_version)
    )
