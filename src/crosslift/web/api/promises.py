"""`/v1/promises`: what was shown opens at the same price, terms and reason at till, desk, chat and API, and is honored once."""

from typing import Annotated, Any

import msgspec

from crosslift.shop import Shop
from crosslift.web.api.offers import Terms
from crosslift.web.api.operation import SECRET, Id, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Tag = Annotated[str, msgspec.Meta(max_length=60)]


class AskPromise(msgspec.Struct, forbid_unknown_fields=True):
    """Which offer of the decision; needed where it made several."""

    product: Annotated[Id | None, msgspec.Meta(description="The product or offer id it was shown under.")] = None
    language: Annotated[Tag | None, msgspec.Meta(description="BCP 47 tag; we write en, ko, ja.")] = None


class Redeem(msgspec.Struct, forbid_unknown_fields=True):
    """The order it is redeemed with."""

    order: Annotated[
        Key, msgspec.Meta(description="An order id, or a key of your own; the same again changes nothing.")
    ]


class Promise(Terms):
    """A promise: `state` is open, redeemed or expired; `reason` is null once the person it spoke of was erased."""

    code: str
    state: str
    decision_id: str
    product: str
    title: str
    reason: str | None
    made_at: str
    redeemed_at: str | None
    redeemed_by: str | None


class Redeemed(Promise):
    """The promise as it stands now, and whether this call redeemed it."""

    is_new: bool


_ask = msgspec.json.Decoder(AskPromise)
_redeem = msgspec.json.Decoder(Redeem)


async def make(served: ServedShop, decision_id: str, body: bytes) -> Promise:
    """Give the promise of one offer of a decision."""
    sent = decode(_ask, body or b"{}")

    def work(shop: Shop) -> Any:
        return shop.promises.shown(shop.promises.make(decision_id, sent.product), sent.language)

    return msgspec.convert(await served.in_thread(lambda: work(served.shop)), Promise)


async def get(served: ServedShop, code: str, language: str | None) -> Promise:
    """Open a promise by its code."""

    def work(shop: Shop) -> Any:
        return shop.promises.shown(shop.promises.open(code), language)

    return msgspec.convert(await served.in_thread(lambda: work(served.shop)), Promise)


async def redeem(served: ServedShop, code: str, body: bytes) -> Redeemed:
    """Honor a promise."""
    sent = decode(_redeem, body)

    def work(shop: Shop) -> Any:
        promise, is_new = shop.promises.redeem(code, sent.order)
        return {**shop.promises.shown(promise), "is_new": is_new}

    return msgspec.convert(await served.in_thread(lambda: work(served.shop)), Redeemed)


_CODE = Parameter(
    "code",
    "path",
    "The code, or the decision id where the decision made one offer; case, spaces and hyphens do not matter.",
)
_SHOWN: dict[str, Any] = {
    "code": "K7QM3XPA", "state": "open", "decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", "product": "setup-visit",
    "title": "Setup visit", "offer": "setup-visit", "offer_version": 2,
    "lines": [{"amount": "30000", "currency": "KRW", "gross": "30000", "period": None, "n_periods": None, "tax_rate": None,
               "includes_tax": True, "label": None}],
    "total": {"amount": "30000", "currency": "KRW"}, "total_includes_tax": True, "benefits": ["brews on the day it arrives"],
    "proofs": [], "terms": None, "cancellation": "until the day before", "guarantee": None,
    "reason": "From the shop: brews on the day it arrives", "made_at": "2026-03-05T12:00:00+00:00",
    "ends_at": "2026-03-12T12:00:00+00:00", "redeemed_at": None, "redeemed_by": None,
}  # fmt: skip

MAKE = Operation(
    name="make_promise",
    method="POST",
    path="/v1/decisions/{decision_id}/promise",
    summary="Get the code an offer is honored by",
    about=(
        "A short code for one offer of a decision, the same every time it is asked for. It opens the price, terms and reason "
        "of the decision until its end (the offer's own, else `offers.promise_days`), whatever the catalog says by then."
    ),
    group="deliver",
    keys=(SECRET,),
    parameters=(Parameter("decision_id", "path", "Given with every answer."),),
    bodies=(AskPromise,),
    body_example={"product": "22699"},
    answer=Promise,
    answer_example=_SHOWN,
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)
GET = Operation(
    name="get_promise",
    method="GET",
    path="/v1/promises/{code}",
    summary="Open a promise",
    about="At the till, the desk, in chat: the same price, terms and reason as were shown, and whether it still holds.",
    group="deliver",
    keys=(SECRET,),
    parameters=(_CODE, Parameter("language", "query", "BCP 47 tag; the shop's by default.")),
    answer=Promise,
    answer_example=_SHOWN,
    problems=(400, 401, 403, 404, 422, 503),
)
REDEEM = Operation(
    name="redeem_promise",
    method="POST",
    path="/v1/promises/{code}/redeem",
    summary="Honor a promise",
    about=(
        "Once, with an order id or a key of your own: the same one again answers the same, another one is a conflict. One "
        "that has ended is refused."
    ),
    group="deliver",
    keys=(SECRET,),
    parameters=(_CODE,),
    bodies=(Redeem,),
    body_example={"order": "10293"},
    answer=Redeemed,
    answer_example={
        **_SHOWN, "state": "redeemed", "redeemed_at": "2026-03-06T09:00:00+00:00", "redeemed_by": "10293", "is_new": True,
    },
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)  # fmt: skip
