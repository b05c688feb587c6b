"""`POST /v1/collect`: events in Segment's vocabulary, a batch at a time."""

from typing import Annotated, Any

import msgspec

from crosslift.collect.sources.segment import Message
from crosslift.errors import Refused
from crosslift.web.api.operation import EITHER, MAX_BATCH, Operation
from crosslift.web.problems import Problem
from crosslift.web.security import Key
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Messages = Annotated[list[Message], msgspec.Meta(max_length=MAX_BATCH)]
NAMES_A_PERSON = frozenset({"identify", "alias", "group"})


class Batch(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A batch as clients of Segment send it; only the messages are kept."""

    batch: Messages
    sent_at: str | None = None
    context: dict[str, Any] = {}
    integrations: dict[str, Any] = {}
    write_key: str | None = None


class Collected(msgspec.Struct, omit_defaults=True):
    """How many messages arrived, and how many of them had not been seen before.

    `untold` names messages about orders that could be kept as events only, where there are any.
    """

    received: int
    new: int
    seen_before: int
    untold: list[str] = []


_decoder = msgspec.json.Decoder(Batch | Messages)


async def collect(served: ServedShop, key: Key, body: bytes) -> Collected:
    """Take in a batch; it is on disk, as a whole, before it is answered."""
    found = decode(_decoder, body)
    messages = found.batch if isinstance(found, Batch) else found
    if not key.is_secret:
        anonymous_only(messages, "/batch" if isinstance(found, Batch) else "")
    if not messages:
        return Collected(0, 0, 0)
    believed = key.is_secret
    return Collected(**await served.in_thread(lambda: served.shop.collect_events(messages, tells_orders=believed)))


def anonymous_only(messages: list[Message], path: str) -> None:
    """Refuse what a publishable key may not say.

    Raises
    ------
    Problem
        403, naming the message and the field.
    """
    for place, message in enumerate(messages):
        if message.user_id is not None or message.type in NAMES_A_PERSON:
            field = "userId" if message.user_id is not None else "type"
            detail = f"a publishable key collects for anonymous visitors only; {field} needs a secret key"
            raise Problem(403, Refused.code, detail, ({"pointer": f"{path}/{place}/{field}", "detail": detail},))


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
        "`collect.events_source` names."
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
