"""A decision dressed for the caller: each offer with title, picture and live price, the reason, and the trace."""

from collections.abc import Mapping
from typing import Any

import msgspec

from crosslift.domain.decision import Decision, Request
from crosslift.domain.money import Money
from crosslift.shop.batch import plain
from crosslift.web.catalog import price_of
from crosslift.web.served import ServedShop
from crosslift.wording import reasons


class Price(msgspec.Struct):
    """An exact amount."""

    amount: str
    currency: str


class Offer(msgspec.Struct):
    """One offer; `p` is the chance that the basket holds it unprompted, null where that cannot be estimated."""

    product: str
    kind: str
    p: float | None
    priority: float
    reason: str
    labels: list[str]
    title: str
    price: Price | None
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


class Traced(msgspec.Struct):
    """The operator's view of a decision."""

    gates: tuple[str, ...]
    candidates: list[Candidate]


class Answer(msgspec.Struct):
    """The answer; `no_offer` says why where there are no offers."""

    decision_id: str
    offers: list[Offer]
    no_offer: str | None
    purpose: str
    warnings: list[str]
    sets: list[Set] = []
    trace: Traced | msgspec.UnsetType = msgspec.UNSET


def answer(
    served: ServedShop, decision: Decision, request: Request, *, is_secret: bool, warnings: list[str]
) -> Answer:  # fmt: skip
    """Dress a decision for the caller: what it offers with title, picture and live price, and why."""
    bare = plain(decision, request.language)
    overlay = served.shop.known.at(decision.change_number)[1]
    offers = []
    for offer, made in zip(bare["offers"], decision.offers, strict=True):
        product = served.catalog.find(made.product_id)
        offers.append(
            Offer(
                **offer,
                title=product.title_in(request.language) if product else made.product_id,
                price=_price(price_of(overlay.row(made.product_id))),
                image=product.image if product else None,
                evidence=made.reason.evidence if is_secret else msgspec.UNSET,
            )
        )
    return Answer(
        decision.decision_id, offers, decision.no_offer, decision.purpose, [*decision.warnings, *warnings],
        msgspec.convert(bare.get("sets", []), list[Set]),
        traced(decision, request.language) if is_secret and decision.trace else msgspec.UNSET,
    )  # fmt: skip


def traced(decision: Decision, language: str) -> Traced:
    """Write the operator trace with a sentence for each gate that stopped something."""
    assert decision.trace is not None  # noqa: S101 - asked for by every caller
    candidates = [
        Candidate(
            product=c.product_id, source=c.source, score=c.score, dropped=c.dropped, place=c.place,
            why=reasons.drop_sentence(c.dropped, language) if c.dropped else None,
        )
        for c in decision.trace.candidates
    ]  # fmt: skip
    return Traced(decision.trace.gates, candidates)


def _price(money: Money | None) -> Price | None:
    """Write an amount as it is paid; one too fine for that keeps its decimals."""
    if money is None:
        return None
    paid = money.rounded()
    exact = paid.amount if paid.amount == money.amount else money.amount.normalize()
    return Price(f"{exact:f}", money.currency)
