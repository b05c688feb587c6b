"""`POST /v1/decide`: what, if anything, should be offered here and now."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Decision, Request
from crosslift.domain.money import Money
from crosslift.domain.offer import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadInput, Refused
from crosslift.shop import requests
from crosslift.shop.batch import plain
from crosslift.web.api.operation import EITHER, Id, Ids, Operation
from crosslift.web.catalog import price_of
from crosslift.web.security import Key, secret_only
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode
from crosslift.wording import reasons

CUSTOMER_IGNORED = "customer_ignored:publishable_key"
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


Count = Annotated[int, msgspec.Meta(ge=1, le=100)]
Word = Annotated[str, msgspec.Meta(max_length=60)]


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    """A question: where the answer will appear, and what is known about this moment."""

    placement: Annotated[Word, msgspec.Meta(description=f"One of {', '.join(PLACEMENTS)}.")]
    customer: Annotated[Id | None, msgspec.Meta(description="Secret key only; else answered from context.")] = None
    cart: Annotated[Ids, msgspec.Meta(description="Products in the basket, or the one being looked at.")] = []
    holdings: Annotated[Ids, msgspec.Meta(description="Products owned already, as the caller knows it.")] = []
    k: Annotated[Count | None, msgspec.Meta(description="At most so many offers; 3 by default.")] = None
    at: Annotated[datetime | None, msgspec.Meta(description="Decide as of then; secret key only.")] = None
    exclude: Annotated[Ids, msgspec.Meta(description="Products never to be offered here.")] = []
    policy: Annotated[Word, msgspec.Meta(description=f"One of {', '.join(BUILT_IN)}.")] = "helpful"
    purpose: Annotated[Word | None, msgspec.Meta(description="By default what consent allows.")] = None
    language: Annotated[Word | None, msgspec.Meta(description="BCP 47 tag; we write en, ko, ja.")] = None
    market: Word | None = None
    trace: Annotated[bool, msgspec.Meta(description="Add what became of every candidate; secret key only.")] = False


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
    title: str
    price: Price | None
    image: str | None
    evidence: Mapping[str, Any] | msgspec.UnsetType = msgspec.UNSET


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
    trace: Traced | msgspec.UnsetType = msgspec.UNSET


_decoder = msgspec.json.Decoder(Ask)


async def decide(served: ServedShop, key: Key, body: bytes) -> Answer:
    """Answer one question; the decision is on disk before it is given."""
    ask = decode(_decoder, body)
    request = _request(served, key, ask)
    decision = await served.decide(request, with_trace=ask.trace)
    return answer(served, decision, request, is_secret=key.is_secret, warnings=_notes(key, ask))


def _request(served: ServedShop, key: Key, ask: Ask) -> Request:
    for name, known in (("placement", PLACEMENTS), ("policy", BUILT_IN), ("purpose", tuple(Purpose))):
        value = getattr(ask, name)
        if value is not None and value not in known:
            raise BadInput(f"{value!r} is none of {', '.join(known)}", where=name)
    if ask.purpose == Purpose.EVALUATION:
        raise Refused("purpose 'evaluation' exists offline only; use `crosslift decide --batch`")
    if ask.at is not None:
        secret_only(key, "at")
        ask.at = ask.at if ask.at.tzinfo else ask.at.replace(tzinfo=UTC)
        if not EARLIEST <= ask.at <= LATEST:
            raise BadInput("only instants from 1970 to 2199 can be decided as of", where="at")
    if ask.trace:
        secret_only(key, "trace")
    shop = served.shop
    return requests.build(
        ask.placement, ask.cart, ask.customer if key.is_secret else None, ask.holdings, ask.k, ask.at or shop.clock(),
        ask.exclude, ask.policy, ask.purpose, ask.language or shop.settings["shop.language"], ask.market,
    )  # fmt: skip


def _notes(key: Key, ask: Ask) -> list[str]:
    return [CUSTOMER_IGNORED] if ask.customer is not None and not key.is_secret else []


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


OPERATION = Operation(
    name="decide",
    method="POST",
    path="/v1/decide",
    summary="Ask what to offer, or whether to say nothing",
    about=(
        "Answers with offers and a true reason for each, or with `no_offer` and its code. The decision is durable "
        "before it is answered; send its `decision_id` back with whatever happens. A product or customer nobody knows "
        "is a warning, no error. With a publishable key a named customer is ignored and the answer comes from context; "
        "`at`, `trace` and the evidence need a secret key."
    ),
    group="decide",
    keys=EITHER,
    bodies=(Ask,),
    body_example={"placement": "cart", "cart": ["85123A", "22423"], "k": 3, "language": "en"},
    answer=Answer,
    answer_example={
        "decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11",
        "offers": [
            {
                "product": "22699", "kind": "complement", "p": 0.0841, "priority": 0.213,
                "reason": "Bought together with REGENCY CAKESTAND 3 TIER in 412 orders; about 96 would be chance.",
                "title": "ROSES REGENCY TEACUP AND SAUCER", "price": {"amount": "2.95", "currency": "GBP"},
                "image": None,
            }
        ],
        "no_offer": None,
        "purpose": "contextual",
        "warnings": [],
    },
    problems=(400, 401, 403, 413, 422, 503),
)  # fmt: skip
