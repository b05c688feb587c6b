"""`POST /v1/collect`: events in Segment's vocabulary, a batch at a time."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec

from crosslift.collect.sources.segment import Message
from crosslift.errors import Refused
from crosslift.web.api.operation import EITHER, MAX_BATCH, Operation, Token
from crosslift.web.problems import Problem
from crosslift.web.security import Key, speaking_for
from crosslift.web.served import ServedShop
from crosslift.web.traffic import Traffic
from crosslift.web.wire import decode

Messages = Annotated[list[Message], msgspec.Meta(max_length=MAX_BATCH)]
UNDISPUTED = timedelta(minutes=1)
"""A browser's clock that is wrong by less, or a way that takes so long, is left as it is."""
NAMES_A_PERSON = frozenset({"identify", "alias", "group"})


class Batch(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A batch as clients of Segment send it; only the messages are kept."""

    batch: Messages
    sent_at: str | None = None
    context: dict[str, Any] = {}
    integrations: dict[str, Any] = {}
    write_key: str | None = None
    customer_token: Annotated[
        Token | None,
        msgspec.Meta(description="Of whoever is signed in: with a publishable key, `identify` names this customer."),
    ] = msgspec.field(default=None, name="customer_token")
    traffic: Traffic = None


class Collected(msgspec.Struct, omit_defaults=True):
    """How many messages arrived, and how many of them had not been seen before.

    `untold` names messages about orders that could be kept as events only, `left_out` counts those of nobody who counts, where
    there are any.
    """

    received: int
    new: int
    seen_before: int
    untold: list[str] = []
    left_out: int = 0


_decoder = msgspec.json.Decoder(Batch | Messages)


async def collect(served: ServedShop, key: Key, body: bytes) -> Collected:
    """Take in a batch; it is on disk, as a whole, before it is answered."""
    found = decode(_decoder, body)
    batch = found if isinstance(found, Batch) else Batch(found)
    messages, shop = batch.batch, served.shop
    if any(one.type == "identify" for one in messages):  # nothing else is refused for a token that ran out meanwhile
        key = speaking_for(shop, key, batch.customer_token)
    if not key.is_secret:
        anonymous_only(messages, "/batch" if isinstance(found, Batch) else "", key.customer)
        set_right(messages, batch.sent_at, shop.clock())
    if key.not_counted(batch.traffic) or not messages:
        return Collected(len(messages), 0, 0, left_out=len(messages))
    named = key.is_secret or key.customer is not None
    believed = key.is_secret
    return Collected(
        **await served.in_thread(lambda: shop.collect_events(messages, tells_orders=believed, names_people=named))
    )


def anonymous_only(messages: list[Message], path: str, customer: str | None = None) -> None:
    """Refuse what a publishable key may not say; with a token, `identify` names its customer and nobody else, and no traits.

    Raises
    ------
    Problem
        403, naming the message and the field.
    """
    for place, message in enumerate(messages):
        if customer is not None and message.type == "identify" and message.user_id in (None, customer):
            message.user_id, message.traits, message.context = customer, {}, {}
        elif message.user_id is not None or message.type in NAMES_A_PERSON:
            field = "userId" if message.user_id is not None else "type"
            detail = f"a publishable key collects for anonymous visitors only; {field} needs a secret key"
            raise Problem(403, Refused.code, detail, ({"pointer": f"{path}/{place}/{field}", "detail": detail},))


def set_right(messages: list[Message], sent_at: str | None, now: datetime) -> None:
    """Move what a browser says happened by as much as its clock is wrong, as far as it says when it sent it."""
    try:
        sent = datetime.fromisoformat(sent_at) if sent_at else None
    except ValueError:
        return
    if sent is None or sent.tzinfo is None or abs(now - sent) < UNDISPUTED:
        return
    for message in messages:
        try:
            at = datetime.fromisoformat(message.timestamp) if message.timestamp else None
            message.timestamp = (at + (now - sent)).isoformat() if at and at.tzinfo else message.timestamp
        except (ValueError, OverflowError):
            continue  # said of the message itself when it is read


OPERATION = Operation(
    name="collect",
    method="POST",
    path="/v1/collect",
    summary="Collect events",
    about=(
        "A batch of at most 1,000 Segment messages, or a bare list of them. Idempotent by `messageId`; without one the "
        "content itself is the id, so a batch may be sent again. Kept as a whole or not at all, and on disk before it "
        "is answered. With a publishable key only `anonymousId` may be named, and nothing counts as bought: with a secret "
        "key `Order Completed` and `Order Cancelled` become orders and `Order Refunded` returns, under the source that "
        "`collect.events_source` names. With `customer_token` a browser's `identify` names the customer of the token. What says "
        "`test: true` is no event and counts nowhere."
    ),
    group="collect",
    keys=EITHER,
    bodies=(Batch, Messages),
    body_example={
        "batch": [
            {
                "type": "track", "event": "Product Viewed", "messageId": "ajs-5f2c", "anonymousId": "a-91",
                "timestamp": "2026-03-05T12:00:00Z", "properties": {"product_id": "85123A"},
            }
        ]
    },
    answer=Collected,
    answer_example={"received": 1, "new": 1, "seen_before": 0},
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
