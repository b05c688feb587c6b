"""`/v1/coupons` and `/v1/coupon-campaigns`: codes from a capped budget, given to people, honored once at any till."""

from typing import Annotated, Any

import msgspec

from crosslift.shop import Shop
from crosslift.web.api.operation import SECRET, Id, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Said = Annotated[str, msgspec.Meta(max_length=500)]
Tag = Annotated[str, msgspec.Meta(max_length=60)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Amount = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", description="Digits and a decimal point.")
]
Pieces = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class PutCampaigns(msgspec.Struct, forbid_unknown_fields=True):
    """Campaigns, who writes them and why."""

    campaigns: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=100)]
    author: Said | None = None
    reason: Said | None = None


class IssueCoupon(msgspec.Struct, forbid_unknown_fields=True):
    """A campaign of personal codes, and whose code it is to be."""

    campaign: Name
    customer: Annotated[Id, msgspec.Meta(description="A customer id, or any identity as kind:value.")]
    replace: Annotated[
        bool, msgspec.Meta(description="Exchange an open code for one that is shown; the earlier one stops.")
    ] = False
    language: Tag | None = None


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a cart."""

    product: Id
    unit_price: Amount
    quantity: Pieces = 1


class RedeemCoupon(msgspec.Struct, forbid_unknown_fields=True):
    """The order, and what is bought: lines, or cart_value alone."""

    order: Id
    lines: Annotated[list[Line] | None, msgspec.Meta(description="What is bought, at most 500 lines.")] = None
    cart_value: Annotated[
        Amount | None, msgspec.Meta(description="What the cart comes to, in place of lines; no margin is judged then.")
    ] = None
    currency: Currency | None = None
    delivery: Amount = "0"
    customer: Annotated[Id | None, msgspec.Meta(description="Whose order it is; personal codes need it.")] = None
    language: Tag | None = None


class ReleaseCoupon(msgspec.Struct, forbid_unknown_fields=True):
    """The order that was canceled."""

    order: Id


class WrittenCampaign(msgspec.Struct):
    """What became of one campaign: new, replaced by a next version, or the same as it was."""

    campaign_id: str
    version: int
    outcome: str


class WrittenCampaigns(msgspec.Struct):
    """What became of them."""

    campaigns: list[WrittenCampaign]


class IssuedCoupon(msgspec.Struct):
    """The code, shown this once (null for one that stands already), or why there is none."""

    campaign_id: str
    code: str | None
    is_new: bool
    refusal: str | None
    why: str | None
    value: str | None = None
    ends_at: str | None = None


class CouponTerms(msgspec.Struct):
    """What a code is worth; `state` is open, not_yet, used, expired or taken_back."""

    campaign_id: str
    title: str
    kind: str
    value: str | None
    most: str | None
    minimum: str | None
    currency: str
    products: list[str]
    stacks_with: list[str]
    is_personal: bool
    state: str
    n_uses: int
    max_uses: int | None
    starts_at: str | None
    ends_at: str


class RedeemedCoupon(msgspec.Struct):
    """What is taken off, or why nothing."""

    order: str
    is_new: bool
    refusal: str | None
    why: str | None
    campaign_id: str | None = None
    discount: str | None = None
    currency: str | None = None
    lines_without_cost: int | None = None
    redeemed_at: str | None = None


class ReleasedCoupon(msgspec.Struct):
    """The use that was given back, and whether this call did it."""

    campaign_id: str
    order: str
    discount: str
    currency: str
    lines_without_cost: int
    redeemed_at: str
    released_at: str
    is_new: bool


_put = msgspec.json.Decoder(PutCampaigns)
_issue = msgspec.json.Decoder(IssueCoupon)
_redeem = msgspec.json.Decoder(RedeemCoupon)
_release = msgspec.json.Decoder(ReleaseCoupon)


async def put(served: ServedShop, body: bytes) -> WrittenCampaigns:
    """Write campaigns, or their next versions."""
    sent = decode(_put, body)
    found = await served.in_thread(lambda: served.shop.coupons.put(sent.campaigns, sent.author, sent.reason))
    return msgspec.convert({"campaigns": found}, WrittenCampaigns)


async def get(served: ServedShop) -> dict[str, Any]:
    """List the campaigns with what each cost so far."""
    return {"campaigns": await served.in_thread(served.shop.coupons.list)}


async def issue(served: ServedShop, body: bytes) -> IssuedCoupon:
    """Give a person a code."""
    sent = decode(_issue, body)

    def work(shop: Shop) -> Any:
        return shop.coupons.issue(sent.campaign, sent.customer, is_replacing=sent.replace, language=sent.language)

    return msgspec.convert(await served.in_thread(lambda: work(served.shop)), IssuedCoupon)


async def show(served: ServedShop, code: str, language: str | None) -> CouponTerms:
    """Tell what a code is worth."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.coupons.show(code, language)), CouponTerms)


async def redeem(served: ServedShop, code: str, body: bytes) -> RedeemedCoupon:
    """Use a code on an order."""
    sent = decode(_redeem, body)

    def work(shop: Shop) -> Any:
        lines = None if sent.lines is None else [msgspec.to_builtins(line) for line in sent.lines]
        return shop.coupons.redeem(
            code, sent.order, lines=lines, cart_value=sent.cart_value, currency=sent.currency, delivery=sent.delivery,
            customer=sent.customer, language=sent.language,
        )  # fmt: skip

    return msgspec.convert(await served.in_thread(lambda: work(served.shop)), RedeemedCoupon)


async def release(served: ServedShop, code: str, body: bytes) -> ReleasedCoupon:
    """Give the use of a canceled order back."""
    sent = decode(_release, body)
    return msgspec.convert(
        await served.in_thread(lambda: served.shop.coupons.release(code, sent.order)), ReleasedCoupon
    )


_CODE = Parameter("code", "path", "The code; case, spaces and hyphens do not matter.")
_WRITTEN: dict[str, Any] = {
    "campaign_id": "thanks", "kind": "percent_off", "titles": {"en": "Thank you", "ko": "감사 쿠폰"}, "currency": "KRW",
    "value": "0.1", "most": "20000", "budget": "1000000", "minimum": "30000", "margin_floor": "0.2",
    "audience": "orders >= 3", "tiers": [{"condition": "orders >= 10", "value": "0.15"}],
    "ends_at": "2026-12-31T15:00:00+00:00", "valid_days": 30,
}  # fmt: skip
_REPORT: dict[str, Any] = {
    "campaign_id": "thanks", "currency": "KRW", "issued": 40, "open": 28, "redeemed": 12, "released": 1,
    "lines_without_cost": 3, "discount": "96000", "reserved": "560000", "budget": "1000000", "left": "344000",
}  # fmt: skip

PUT = Operation(
    name="put_coupon_campaigns",
    method="PUT",
    path="/v1/coupon-campaigns",
    summary="Write coupon campaigns",
    about=(
        "Each as its first or next version; the same content once more changes nothing. What is given out holds by the version "
        "it was given under. A budget below what is given or promised already is a conflict."
    ),
    group="deliver",
    keys=(SECRET,),
    bodies=(PutCampaigns,),
    body_example={"campaigns": [_WRITTEN], "author": "mina", "reason": "thanks to those who come back"},
    answer=WrittenCampaigns,
    answer_example={"campaigns": [{"campaign_id": "thanks", "version": 1, "outcome": "new"}]},
    problems=(400, 401, 403, 408, 409, 413, 422, 503),
)
GET = Operation(
    name="get_coupon_campaigns",
    method="GET",
    path="/v1/coupon-campaigns",
    summary="List coupon campaigns with what each cost",
    about="The newest version of each, and beside it codes given, uses, discount, what open codes hold and what is left.",
    group="deliver",
    keys=(SECRET,),
    answer={
        "type": "object",
        "properties": {"campaigns": {"type": "array", "items": {"type": "object", "additionalProperties": True}}},
        "required": ["campaigns"],
    },
    answer_example={"campaigns": [{**_WRITTEN, "version": 1, "report": _REPORT}]},
    problems=(401, 403, 503),
)
ISSUE = Operation(
    name="issue_coupon",
    method="POST",
    path="/v1/coupons",
    summary="Give a person a coupon",
    about=(
        "A code of their own, shown once and kept as a hash; what it may take off is held of the budget until it is used or "
        "ends. Who has an open one keeps it (`is_new` false, no code) unless `replace` is said. Never for somebody whose "
        "purchases cost more than they bring (`refusal: not_for_class`)."
    ),
    group="deliver",
    keys=(SECRET,),
    bodies=(IssueCoupon,),
    body_example={"campaign": "thanks", "customer": "c1"},
    answer=IssuedCoupon,
    answer_example={
        "campaign_id": "thanks", "code": "K7QM3-XPA4T-9HWBC-2LRVE", "is_new": True, "refusal": None, "why": None,
        "value": "0.1", "ends_at": "2026-04-04T12:00:00+00:00",
    },
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)  # fmt: skip
SHOW = Operation(
    name="get_coupon",
    method="GET",
    path="/v1/coupons/{code}",
    summary="Show what a coupon is worth",
    about="Terms and state; not whose it is.",
    group="deliver",
    keys=(SECRET,),
    parameters=(_CODE, Parameter("language", "query", "BCP 47 tag; the shop's by default.")),
    answer=CouponTerms,
    answer_example={
        "campaign_id": "thanks", "title": "Thank you", "kind": "percent_off", "value": "0.1", "most": "20000",
        "minimum": "30000", "currency": "KRW", "products": [], "stacks_with": [], "is_personal": True, "state": "open",
        "n_uses": 0, "max_uses": 1, "starts_at": None, "ends_at": "2026-04-04T12:00:00+00:00",
    },
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
REDEEM = Operation(
    name="redeem_coupon",
    method="POST",
    path="/v1/coupons/{code}/redeem",
    summary="Use a coupon on an order",
    about=(
        "Answers the discount in exact money, or `refusal` and `why`: unknown, taken_back, not_yet, expired, used_up, released, "
        "other_person, not_for_class, not_for_person, other_currency, below_minimum, not_for_products, does_not_stack, "
        "nothing_off, below_margin, budget_spent. The same code and order again answers the same and takes nothing off twice."
    ),
    group="deliver",
    keys=(SECRET,),
    parameters=(_CODE,),
    bodies=(RedeemCoupon,),
    body_example={
        "order": "10293", "lines": [{"product": "T-40", "quantity": 2, "unit_price": "24000"}], "currency": "KRW",
        "customer": "c1",
    },
    answer=RedeemedCoupon,
    answer_example={
        "order": "10293", "is_new": True, "refusal": None, "why": None, "campaign_id": "thanks", "discount": "4800",
        "currency": "KRW", "lines_without_cost": 0, "redeemed_at": "2026-03-06T09:00:00+00:00",
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
RELEASE = Operation(
    name="release_coupon",
    method="POST",
    path="/v1/coupons/{code}/release",
    summary="Give a coupon back with a canceled order",
    about="The code can be used on another order, the budget has its money back. Again changes nothing.",
    group="deliver",
    keys=(SECRET,),
    parameters=(_CODE,),
    bodies=(ReleaseCoupon,),
    body_example={"order": "10293"},
    answer=ReleasedCoupon,
    answer_example={
        "campaign_id": "thanks", "order": "10293", "discount": "4800", "currency": "KRW", "lines_without_cost": 0,
        "redeemed_at": "2026-03-06T09:00:00+00:00", "released_at": "2026-03-07T09:00:00+00:00", "is_new": True,
    },
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)  # fmt: skip
OPERATIONS = (PUT, GET, ISSUE, SHOW, REDEEM, RELEASE)
