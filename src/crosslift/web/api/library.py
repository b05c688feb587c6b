"""`/v1/offers`: the offer library by the very code of the file door; effective on the next decision."""

from typing import Annotated, Any

import msgspec

from crosslift.collect.schemas_offers import LISTS, OFFERS
from crosslift.web.api.columns import body_of, schema_of
from crosslift.web.api.operation import MAX_BATCH, SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Said = Annotated[str, msgspec.Meta(max_length=500)]


class Offers(msgspec.Struct, forbid_unknown_fields=True):
    """Offers as JSON objects; their fields are checked by the code that reads files."""

    offers: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]
    author: Said | None = None
    reason: Said | None = None


class Outcome(msgspec.Struct):
    """What became of one offer: new, replaced by a next version, or the same as it was."""

    offer_id: str
    version: int
    outcome: str
    active: bool


class Written(msgspec.Struct):
    """What became of them; `unknown` are things they are put beside that nobody knows yet."""

    new: int
    replaced: int
    same: int
    offers: list[Outcome]
    unknown: list[str]


_decoder = msgspec.json.Decoder(Offers)


async def put(served: ServedShop, body: bytes) -> Written:
    """Write offers, or their next versions."""
    sent = decode(_decoder, body)
    found = await served.in_thread(lambda: served.shop.offers.put(sent.offers, sent.author, sent.reason))
    return msgspec.convert(found, Written)


async def get(served: ServedShop) -> dict[str, Any]:
    """List the library."""
    return {"offers": await served.in_thread(served.shop.offers.list)}


async def show(served: ServedShop, offer_id: str) -> dict[str, Any]:
    """Show one offer with its history."""
    return {"versions": await served.in_thread(lambda: served.shop.offers.history(offer_id))}


_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_LINE: dict[str, Any] = {
    "type": "object",
    "description": "One price line; label_en, label_ko ... say what it is for.",
    "properties": {
        **{
            f.name: schema_of(f)
            for f in OFFERS.fields
            if f.name in ("price", "period", "n_periods", "tax_rate", "includes_tax")
        },
        "label_en": _TEXT,
    },
    "required": ["price"],
}
_PROOF: dict[str, Any] = {
    "type": "object",
    "description": "text_en, text_ko ... and where it can be looked up.",
    "properties": {"text_en": _TEXT, "source": _TEXT, "market": _TEXT},
    "required": ["source"],
}
ROW: dict[str, Any] = {
    "type": "object",
    "description": (
        "One offer, in the columns of an offers file. `title`, `benefit`, `terms`, `cancellation` and `guarantee` carry a "
        "language: title_en, benefit_ko. With more than one price line or a recurring one, `total` must say what is paid in "
        "all over the first term, tax included."
    ),
    "properties": {
        **{field.name: schema_of(field) for field in OFFERS.fields},
        **{name: {"type": "array", "items": {"type": "integer"} if name == "months" else _TEXT} for name in LISTS},
        "lines": {"type": "array", "items": _LINE},
        "proofs": {"type": "array", "items": _PROOF},
        "title_en": _TEXT, "title_ko": _TEXT, "title_ja": _TEXT, "benefit_en": _TEXTS, "terms_en": _TEXT,
        "cancellation_en": _TEXT, "guarantee_en": _TEXT,
    },
    "required": ["offer_id", "kind"],
}  # fmt: skip
_VERSION: dict[str, Any] = {
    **ROW,
    "properties": {
        **ROW["properties"], "version": {"type": "integer", "minimum": 1}, "author": _TEXT, "reason": _TEXT,
        "created_at": {"type": "string", "format": "date-time"},
    },
    "required": ["offer_id", "kind", "version", "author", "reason", "created_at", "active"],
}  # fmt: skip
_BODY = body_of("offers", ROW, "PutOffers")
BODY: dict[str, Any] = {**_BODY, "properties": {**_BODY["properties"], "author": _TEXT, "reason": _TEXT}}


def _several(name: str, title: str) -> dict[str, Any]:
    listed = {"type": "array", "items": _VERSION}
    return {"title": title, "type": "object", "required": [name], "properties": {name: listed}}


_EXAMPLE: dict[str, Any] = {
    "offer_id": "setup-visit", "kind": "service", "title_en": "Setup visit", "title_ko": "설치 방문",
    "benefit_en": ["brews on the day it arrives"], "currency": "KRW",
    "lines": [{"price": "30000"}, {"price": "9900", "period": "month", "n_periods": 12, "label_en": "care"}],
    "total": "148800", "cancellation_en": "until the day before", "cancellation_ko": "전날까지 언제든",
    "beside": ["category:espresso"],
}  # fmt: skip

PUT = Operation(
    name="put_offers",
    method="PUT",
    path="/v1/offers",
    summary="Write offers",
    about=(
        "At most 1,000 offers, all or none, each with the author and reason of the call or its own. A change is a new "
        "version, the same content changes nothing; `active: false` takes an offer out of every next decision, while what "
        "was promised with it holds. Refused are a missing total, a total that is less than the price lines come to, an id "
        "that is a product's, products nobody knows, and what is against the ethics of selling: `errors` names the rule, such "
        "as fake_urgency.ko, the words, and what to write instead."
    ),
    group="decide",
    keys=(SECRET,),
    bodies=(BODY,),
    body_example={"offers": [_EXAMPLE], "author": "mina", "reason": "asked for at the counter"},
    answer=Written,
    answer_example={
        "new": 1, "replaced": 0, "same": 0, "unknown": [],
        "offers": [{"offer_id": "setup-visit", "version": 1, "outcome": "new", "active": True}],
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
GET = Operation(
    name="get_offers",
    method="GET",
    path="/v1/offers",
    summary="List the offer library",
    about="The newest version of each by id, those taken back included; as it is listed it can be put again.",
    group="decide",
    keys=(SECRET,),
    answer=_several("offers", "OfferLibrary"),
    problems=(401, 403, 503),
)
SHOW = Operation(
    name="get_offer",
    method="GET",
    path="/v1/offers/{offer_id}",
    summary="Show an offer with its history",
    about="Every version, oldest first, with who wrote it and why.",
    group="decide",
    keys=(SECRET,),
    parameters=(Parameter("offer_id", "path", "The id of the offer."),),
    answer=_several("versions", "OfferHistory"),
    problems=(401, 403, 404, 422, 503),
)
