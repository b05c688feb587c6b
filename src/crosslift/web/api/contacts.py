"""`/v1/customers/{customer}/contacts`: how much attention was taken of a person, and what they want to hear no more of."""

from typing import Any

import msgspec

from crosslift.web.api.customers import CUSTOMER, OPEN
from crosslift.web.api.operation import SECRET, Id, Operation
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode


class MuteCustomer(msgspec.Struct, forbid_unknown_fields=True):
    """A product or a category; everything where neither is given."""

    product: Id | None = None
    category: Id | None = None


class Muted(msgspec.Struct):
    """Whom it is about; `lifted` are the mutes that were in force and are not any more."""

    customer: str
    lifted: int = 0


_decoder = msgspec.json.Decoder(MuteCustomer)


async def get(served: ServedShop, customer: str) -> dict[str, Any]:
    """Show the contacts of a person."""
    return await served.in_thread(lambda: served.shop.peace.of(customer))


async def mute(served: ServedShop, customer: str, body: bytes) -> Muted:
    """Leave a person alone."""
    sent = decode(_decoder, body)
    await served.in_thread(lambda: served.shop.peace.mute(customer, sent.product, sent.category))
    return Muted(customer)


async def unmute(served: ServedShop, customer: str, body: bytes) -> Muted:
    """Take that back."""
    sent = decode(_decoder, body)
    return Muted(
        customer, await served.in_thread(lambda: served.shop.peace.unmute(customer, sent.product, sent.category))
    )


_PROBLEMS = (400, 401, 403, 404, 408, 413, 422, 503)
GET = Operation(
    name="get_contacts",
    method="GET",
    path="/v1/customers/{customer}/contacts",
    summary="Show how much attention was taken of a person",
    about="Contacts that still count, newest first, what was declined and muted, and whether a case is open.",
    group="customers",
    keys=(SECRET,),
    parameters=(CUSTOMER,),
    answer=OPEN,
    answer_example={
        "person_id": "customer:17850", "open_cases": 0, "declined": [], "contacts": [],
        "muted": [{"at": "2026-03-05T12:00:00+00:00", "product": None, "category": "kettles", "channel": None}],
    },
    problems=(401, 403, 404, 422, 503),
)  # fmt: skip
MUTE = Operation(
    name="mute_customer",
    method="POST",
    path="/v1/customers/{customer}/mute",
    summary="Leave a person alone",
    about="With a product, a category or everything, in every channel, from the very next decision on.",
    group="customers",
    keys=(SECRET,),
    parameters=(CUSTOMER,),
    bodies=(MuteCustomer,),
    body_example={},
    answer=Muted,
    answer_example={"customer": "17850", "lifted": 0},
    problems=_PROBLEMS,
)
UNMUTE = Operation(
    name="unmute_customer",
    method="POST",
    path="/v1/customers/{customer}/unmute",
    summary="Take a mute back",
    about="Of a product, a category, or everything where neither is named, under any of the person's names.",
    group="customers",
    keys=(SECRET,),
    parameters=(CUSTOMER,),
    bodies=(MuteCustomer,),
    body_example={},
    answer=Muted,
    answer_example={"customer": "17850", "lifted": 1},
    problems=_PROBLEMS,
)
OPERATIONS = (GET, MUTE, UNMUTE)
