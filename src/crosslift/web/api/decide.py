"""`POST /v1/decide`: what, if anything, should be offered here and now."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from crosslift.decide.sources import SOURCES
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadInput, Refused
from crosslift.shop import requests
from crosslift.web.api.offers import Answer, answer
from crosslift.web.api.operation import EITHER, Id, Ids, Operation, Token
from crosslift.web.security import Key, secret_only, speaking_for
from crosslift.web.served import ServedShop
from crosslift.web.traffic import NOT_COUNTED, Traffic
from crosslift.web.wire import decode

CUSTOMER_IGNORED = "customer_ignored:publishable_key"
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


Count = Annotated[int, msgspec.Meta(ge=1, le=100)]
Word = Annotated[str, msgspec.Meta(max_length=60)]
Words = Annotated[list[Word], msgspec.Meta(max_length=20)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}([.][0-9]{1,6})?$", max_length=24)]


class Moment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is known about this moment."""

    customer: Annotated[
        Id | None, msgspec.Meta(description="Secret key, or the customer of the token; else answered from context.")
    ] = None
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
    policy: Annotated[Word, msgspec.Meta(description=f"{', '.join(BUILT_IN)}, or one the shop published.")] = "helpful"
    purpose: Annotated[Word | None, msgspec.Meta(description="By default what consent allows.")] = None
    language: Annotated[Word | None, msgspec.Meta(description="BCP 47 tag; we write en, ko, ja.")] = None
    market: Word | None = None
    anonymous: Annotated[Id | None, msgspec.Meta(description="The browser: a stable id without a customer.")] = None
    session: Annotated[Id | None, msgspec.Meta(description="The visit.")] = None
    account: Annotated[Id | None, msgspec.Meta(description="The company; secret key only.")] = None
    device: Annotated[Word | None, msgspec.Meta(description="mobile, desktop, tablet, kiosk ...")] = None
    dwell_seconds: Annotated[
        Seconds | None, msgspec.Meta(description="How long the visitor has been on this page.")
    ] = None
    viewed: Annotated[Ids, msgspec.Meta(description="Products looked at in this visit, oldest first.")] = []
    cart_value: Annotated[
        Amount | None, msgspec.Meta(description="What the cart costs, digits and a decimal point.")
    ] = None
    agent: Annotated[Id | None, msgspec.Meta(description="Who speaks to the customer; secret key only.")] = None
    goals: Annotated[Ids, msgspec.Meta(description="Goals confirmed in this conversation.")] = []
    store: Annotated[Id | None, msgspec.Meta(description="The shop, branch or till it is asked in.")] = None
    customer_token: Annotated[
        Token | None,
        msgspec.Meta(description="As `X-Crosslift-Customer`, from a page: no header of its own, no preflight."),
    ] = None
    traffic: Traffic = None
    trace: Annotated[bool, msgspec.Meta(description="Add what became of every candidate; secret key only.")] = False


class Ask(Moment, forbid_unknown_fields=True, kw_only=True):
    """A question: where the answer will appear, and what is known about this moment."""

    placement: Annotated[Word, msgspec.Meta(description=f"One of {', '.join(PLACEMENTS)}.")]


_decoder = msgspec.json.Decoder(Ask)


async def decide(served: ServedShop, key: Key, body: bytes) -> Answer:
    """Answer one question; the decision is on disk before it is given."""
    ask = decode(_decoder, body)
    key = speaking_for(served.shop, key, ask.customer_token)
    request = request_of(served, key, ask)
    if key.not_counted(ask.traffic):
        (decision,) = served.decide_uncounted([request], with_trace=ask.trace)
    else:
        decision = await served.decide(request, with_trace=ask.trace)
    return answer(served, decision, request, is_secret=key.is_secret, warnings=notes(key, ask))


def request_of(served: ServedShop, key: Key, ask: Ask) -> Request:
    """Check a question and make it a request; what a publishable key may not say is left out or refused."""
    for name, known in (("placement", PLACEMENTS), ("policy", served.shop.known.rulings), ("purpose", tuple(Purpose))):
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
    is_message = PLACEMENTS[ask.placement].is_message  # whoever may write to somebody holds a secret key
    return requests.build(
        ask.placement, ask.cart, customer_of(key, ask), ask.holdings, ask.k, ask.at or shop.clock(),
        ask.exclude, ask.policy, ask.purpose, ask.language or shop.settings["shop.language"], ask.market,
        product=ask.product, query=ask.query, content=ask.content, kinds=ask.kinds, policies=shop.known.rulings,
        anonymous=None if is_message and not key.is_secret else ask.anonymous, session=ask.session,
        account=ask.account if key.is_secret else None, device=ask.device,
        dwell_seconds=ask.dwell_seconds, viewed=ask.viewed, cart_value=ask.cart_value,
        agent=ask.agent if key.is_secret else None, goals=ask.goals, store=ask.store,
    )  # fmt: skip


def customer_of(key: Key, ask: Moment) -> str | None:
    """Give whom a question is about: anybody with a secret key, with a customer token that one customer alone.

    Raises
    ------
    Refused
        If another customer is named than the token's.
    """
    if key.is_secret:
        return ask.customer
    if key.customer is not None and ask.customer not in (None, key.customer):
        raise Refused("this customer token speaks for another customer; name nobody, or whom it was minted for")
    return key.customer


def notes(key: Key, ask: Moment) -> list[str]:
    """Say what of a question was not looked at, and whether it counts."""
    is_ignored = ask.customer is not None and not key.is_secret and key.customer is None
    traffic = key.not_counted(ask.traffic)
    return [*([CUSTOMER_IGNORED] if is_ignored else []), *([NOT_COUNTED.format(traffic=traffic)] if traffic else [])]


OPERATION = Operation(
    name="decide",
    method="POST",
    path="/v1/decide",
    summary="Ask what to offer, or whether to say nothing",
    about=(
        "Answers with offers and a true reason for each, or with `no_offer` and its code. The decision is durable "
        "before it is answered; send its `decision_id` back with whatever happens. A product or customer nobody knows "
        "is a warning, no error. With a publishable key a named customer is ignored and the answer comes from context, unless "
        "`customer_token` or `X-Crosslift-Customer` brings a token for this customer; "
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
                "offer": None, "offer_version": None,
                "lines": [{"amount": "2.95", "currency": "GBP", "gross": "2.95", "period": None, "n_periods": None,
                           "tax_rate": None, "includes_tax": True, "label": None}],
                "total": {"amount": "2.95", "currency": "GBP"}, "total_includes_tax": True, "benefits": [], "proofs": [],
                "terms": None, "cancellation": None, "guarantee": None, "ends_at": None,
            }
        ],
        "no_offer": None,
        "purpose": "contextual",
        "warnings": [],
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
