"""A decision dressed for the caller: each offer with title, picture and live price, the reason, and the trace."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.decision import Decision, Offered, Request
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer as LibraryOffer
from crosslift.shop.batch import plain
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


def answer(
    served: ServedShop, decision: Decision, request: Request, *, is_secret: bool, warnings: list[str]
) -> Answer:  # fmt: skip
    """Dress a decision for the caller: what it offers with title, picture and live price, and why."""
    bare = plain(decision, request.language)
    knowledge = served.shop.known.at(decision.change_number)[0]
    offers = [
        _dressed(served, knowledge, made, request.language, row, is_secret=is_secret)
        for row, made in zip(bare["offers"], decision.offers, strict=True)
    ]
    return Answer(
        decision.decision_id or None, offers, decision.no_offer, decision.purpose, [*decision.warnings, *warnings],
        msgspec.convert(bare.get("sets", []), list[Set]), _bar(decision, request.language), decision.is_degraded,
        msgspec.convert(bare.get("variants", []), list[Variant]),
        served.shop.known.rulings.rendered(decision.arm, request.market, decision.placement),
        traced(decision, request.language) if is_secret and decision.trace else msgspec.UNSET,
    )  # fmt: skip


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
    served: ServedShop, knowledge: Knowledge, made: Offered, language: str, row: Mapping[str, Any], *, is_secret: bool
) -> Offer:
    """Give one offer its title, picture, every price line and its terms."""
    assert made.price is not None  # noqa: S101 - the gates let nothing pass that has no price
    offer, product = _sold(served, knowledge, made), served.catalog.find(made.product_id)
    is_taxed = served.shop.settings["shop.prices_include_tax"]
    title = product.title_in(language) if product else made.product_id
    return msgspec.convert(
        {
            **row,
            **told(offer, made.price, language, is_taxed=is_taxed),
            "title": title if offer is None else offer.title(language),
            "price": amount(made.price),
            "image": product.image if product else None,
            **({"evidence": made.reason.evidence} if is_secret else {}),
        },
        Offer,
    )


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
