"""`POST /v1/decide`: what, if anything, should be offered here and now."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from crosslift.decide.candidates import SOURCES
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Request
from crosslift.domain.offer import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadInput, Refused
from crosslift.shop import requests
from crosslift.web.api.offers import Answer, answer
from crosslift.web.api.operation import EITHER, Id, Ids, Operation
from crosslift.web.security import Key, secret_only
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

CUSTOMER_IGNORED = "customer_ignored:publishable_key"
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


Count = Annotated[int, msgspec.Meta(ge=1, le=100)]
Word = Annotated[str, msgspec.Meta(max_length=60)]
Words = Annotated[list[Word], msgspec.Meta(max_length=20)]
Text = Annotated[str, msgspec.Meta(max_length=200)]


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    """A question: where the answer will appear, and what is known about this moment."""

    placement: Annotated[Word, msgspec.Meta(description=f"One of {', '.join(PLACEMENTS)}.")]
    customer: Annotated[Id | None, msgspec.Meta(description="Secret key only; else answered from context.")] = None
    cart: Annotated[Ids, msgspec.Meta(description="Products in the basket.")] = []
    product: Annotated[Id | None, msgspec.Meta(description="The product the page is about; never offered itself.")] = (
        None
    )
    query: Annotated[Text | None, msgspec.Meta(description="What was searched for, on a page of results.")] = None
    content: Annotated[Id | None, msgspec.Meta(description="Id of the guide, FAQ or set-up step being read.")] = None
    kinds: Annotated[Words, msgspec.Meta(description=f"Only these kinds: {', '.join(SOURCES)}.")] = []
    holdings: Annotated[Ids, msgspec.Meta(description="Products owned already, as the caller knows it.")] = []
    k: Annotated[Count | None, msgspec.Meta(description="At most so many offers; 3 by default.")] = None
    at: Annotated[datetime | None, msgspec.Meta(description="Decide as of then; secret key only.")] = None
    exclude: Annotated[Ids, msgspec.Meta(description="Products never to be offered here.")] = []
    policy: Annotated[Word, msgspec.Meta(description=f"One of {', '.join(BUILT_IN)}.")] = "helpful"
    purpose: Annotated[Word | None, msgspec.Meta(description="By default what consent allows.")] = None
    language: Annotated[Word | None, msgspec.Meta(description="BCP 47 tag; we write en, ko, ja.")] = None
    market: Word | None = None
    trace: Annotated[bool, msgspec.Meta(description="Add what became of every candidate; secret key only.")] = False


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
    for kind in ask.kinds:
        if kind not in SOURCES:
            raise BadInput(f"{kind!r} is none of {', '.join(SOURCES)}", where="kinds")
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
        product=ask.product, query=ask.query, content=ask.content, kinds=ask.kinds,
    )  # fmt: skip


def _notes(key: Key, ask: Ask) -> list[str]:
    return [CUSTOMER_IGNORED] if ask.customer is not None and not key.is_secret else []


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
                "labels": [],
                "title": "ROSES REGENCY TEACUP AND SAUCER", "price": {"amount": "2.95", "currency": "GBP"},
                "image": None,
            }
        ],
        "no_offer": None,
        "purpose": "contextual",
        "warnings": [],
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
