"""`POST /v1/webhooks/{source}`: what happens at a shop platform, signed instead of keyed, each delivery taken in once."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from crosslift.collect.deliveries.known import PLATFORMS
from crosslift.collect.deliveries.platform import Platform, Row, Sent
from crosslift.errors import Refused
from crosslift.shop import Shop
from crosslift.web.api.operation import Operation, Parameter
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

KEEP_DAYS = 30
"""So long a delivery is recognized when it comes again; later a replay meets the newer version of what it tells."""
_DAY = 86_400_000_000
LIVE = ("product_id", "price", "stock", "active")
FORM = "application/x-www-form-urlencoded"
_PING = re.compile(rb"webhook_id=[0-9]{1,15}")
"""WooCommerce tries a new webhook out with this, unsigned; it has to be answered well and brings nothing."""


class Delivered(msgspec.Struct):
    """What a delivery brought: rows by dataset, and whether it had come before. A topic that tells us nothing brings none."""

    topic: str
    seen_before: bool
    rows: dict[str, int]


_body = msgspec.json.Decoder(dict[str, Any])


async def post(
    served: ServedShop, source: str, headers: Iterable[tuple[bytes, bytes]], read: Callable[[], Awaitable[bytes]]
) -> Delivered:
    """Take in a delivery; nothing is read from its body before the signature was found right.

    Parameters
    ----------
    read : callable
        Gives the body, exactly as it came.
    """
    webhooks = served.shop.webhooks
    given = {name.decode("latin-1"): value.decode("latin-1").strip() for name, value in headers}
    try:
        missing = [name for name in webhooks.headers_of(source, PLATFORMS) if not given.get(name)]
        if missing and given.get("content-type") == FORM and _PING.fullmatch(await read()):
            return Delivered("ping", False, {})
        if missing:
            raise Problem(
                401, "signature_needed", f"{missing[0]} is missing; sign the delivery as {source!r} expects it"
            )
        body = await read()
        webhook = webhooks.verify(source, given, body)
    except Refused as error:
        raise Problem(401, "signature_wrong", str(error)) from None
    platform = PLATFORMS[webhook.sender]
    topic = given.get(platform.topic_header, "")[:100]
    told = decode(_body, body)
    topic = topic or str(told.get("type", ""))[:100]
    settings = served.shop.settings
    sent = Sent(topic, told, source, settings["shop.prices_include_tax"], settings["shop.currency"])
    signed_id = given.get("webhook-id", "") if "webhook-id" in platform.scheme.headers else ""
    return await served.in_thread(lambda: take_in(served, platform, sent, mark_of(source, topic, signed_id, body)))


def take_in(served: ServedShop, platform: Platform, sent: Sent, mark: str) -> Delivered:
    """Take in the rows of a delivery that did not come before; a crash in between lets it come again, to the same effect."""
    shop = served.shop
    if shop.records.is_delivered(mark):
        return Delivered(sent.topic, True, {})
    counted = {}
    for dataset, rows in platform.rows(sent):
        if dataset == "products":
            _put_products(shop, rows)
        else:
            shop.put_facts(dataset, rows)
        counted[dataset] = len(rows)
    now = int(shop.clock().timestamp() * 1_000_000)
    shop.records.note_delivery(mark, now, now - KEEP_DAYS * _DAY)
    return Delivered(sent.topic, False, counted)


def _put_products(shop: Shop, rows: Sequence[Row]) -> None:
    """Add products nobody knew; of known ones price, stock and activity follow, and what files say of them stays."""
    known = shop.records.known_products([row["product_id"] for row in rows])
    new = [row for row in rows if row["product_id"] not in known]
    live = [
        {name: row[name] for name in LIVE if row.get(name) is not None} for row in rows if row["product_id"] in known
    ]
    if new:
        shop.put_products(new)
    if live:
        shop.patch_products(live)


def mark_of(source: str, topic: str, signed_id: str, body: bytes) -> str:
    """Name a delivery by what was signed of it: an id beside the body that is not signed can be made up."""
    parts = "\x00".join((source, topic, signed_id)).encode()
    return blake2b(parts + b"\x00" + body, digest_size=16).hexdigest()


OPERATION = Operation(
    name="post_webhook",
    method="POST",
    path="/v1/webhooks/{source}",
    summary="Hear what happens at the shop platform",
    about=(
        "Deliveries of Shopify, WooCommerce, or any sender of Standard Webhooks, at the address that `crosslift keys webhook` "
        "gives out. Each is signed with the secret of its source over the very bytes of the body; what is unsigned, altered "
        "or of another source is answered 401 and read no further. A source is one of: "
        + "; ".join(f"`{one.name}`, {one.about} (`{'`, `'.join(one.scheme.headers)}`)" for one in PLATFORMS.values())
        + f". A delivery that comes again within {KEEP_DAYS} days changes nothing, whatever id it bears. Rows go the way of "
        "`/v1/facts`, orders under the name of the source; of products that are known price, stock and activity follow; "
        "an older version never replaces a newer one. The body below is that "
        "of `facts`; the others send what their makers document."
    ),
    group="collect",
    is_signed=True,
    parameters=(
        Parameter("source", "path", "The name that was chosen for it.", {"type": "string", "examples": ["till"]}),
        Parameter("webhook-id", "header", "Of `facts`: names the delivery, also when it is sent again."),
        Parameter("webhook-timestamp", "header", "Of `facts`: when it was signed, in seconds; within five minutes."),
        Parameter("webhook-signature", "header", "Of `facts`: `v1,` and the HMAC-SHA256 of `id.timestamp.body`."),
    ),
    bodies=(
        {
            "title": "PlatformDelivery", "type": "object",
            "properties": {
                "type": {"type": "string", "description": "A dataset, such as orders."},
                "data": {"description": "A row in the columns of the dataset, or a list of them."},
            },
        },
    ),
    body_example={
        "type": "customers", "data": {"customer_id": "17850", "email": "mina@mail.example"},
    },
    answer=Delivered,
    answer_example={"topic": "customers", "seen_before": False, "rows": {"customers": 1}},
    problems=(400, 401, 408, 413, 422, 503),
)  # fmt: skip
