"""What clients of Google Retail tell: user events one by one and many at once, and the catalog; imports as operations.

Everything is done before it is answered, so an operation is done as soon as anybody hears of it; its name says what it
came to, so that any process can be asked about it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from crosslift.collect.sources import retail as vendor
from crosslift.collect.sources.segment import Message
from crosslift.domain.access import Permission
from crosslift.domain.decision import Response
from crosslift.errors import BadInput
from crosslift.web.api.collect import anonymous_only
from crosslift.web.compat import items, outcomes
from crosslift.web.compat.call import Call, Reply
from crosslift.web.problems import Problem
from crosslift.web.security import Key
from crosslift.web.served import ServedShop

T = TypeVar("T")
MOST_AT_ONCE = 1_000
MOST_SAMPLES = 10
_TYPE = "type.googleapis.com/google.cloud.retail.v2."
_DONE = re.compile(
    r"(?P<parent>projects/.+)/operations/import-(?P<what>products|events)-(?P<done>\d{1,9})-(?P<failed>\d{1,9})"
)
_NAMED = {"products": "ImportProductsResponse", "events": "ImportUserEventsResponse"}
FULL = ("FULL", 2)
_IN_STOCK, _OUT_OF_STOCK, _VARIANT = 1, 2, 2


async def write_event(call: Call, key: Key) -> Reply:
    """Take one event in; its time is now unless it names one."""
    key.needs(Permission.FEED, "userEvents:write")
    event = call.object()
    await _take(call, key, [_message(call, event)])
    return Reply(event)


async def collect_event(call: Call, key: Key) -> Reply:
    """Take one event in from a pixel; a publishable key may name no user."""
    text = call.parameter("userEvent") or call.parameter("user_event") or call.object().get("userEvent")
    try:
        event = msgspec.json.decode(text) if isinstance(text, str) else text
    except (msgspec.DecodeError, RecursionError):
        raise BadInput("userEvent must be a JSON object", where="userEvent") from None
    if not isinstance(event, dict):
        raise BadInput("userEvent must be a JSON object", where="userEvent")
    await _take(call, key, [_message(call, event)])
    return Reply({"contentType": "application/json", "data": ""})


def _message(call: Call, event: Mapping[str, Any]) -> Message:
    return vendor.message_of({"eventTime": call.served.shop.clock().isoformat(), **event}, "userEvent")


async def _take(call: Call, key: Key, messages: Sequence[Message]) -> None:
    if key.is_secret:
        key.needs(Permission.FEED, "userEvents")
    else:
        anonymous_only(list(messages), "")
    shop, believed = call.served.shop, key.is_secret
    await call.served.in_thread(lambda: shop.collect_events(messages, tells_orders=believed))
    if believed:
        await outcomes.record_known(call.served, (one for message in messages for one in _responses(message)))


def _responses(message: Message) -> list[Response]:
    said, action = message.properties, outcomes.action_of(message.event or "")
    decision, at = said.get("decision_id"), message.timestamp
    if not isinstance(decision, str) or action is None or at is None:
        return []
    names = [one["product_id"] for one in said.get("products", ()) if one.get("product_id")] or [said.get("product_id")]
    return [one for name in names for one in outcomes.responses_of(decision, action, name, (), at, None)]


async def import_events(call: Call, key: Key) -> Reply:
    """Take many events in; those that cannot be read are counted and the first of them told."""
    key.needs(Permission.FEED, "userEvents:import")

    def read(event: Mapping[str, Any], where: str) -> Message:
        if not event.get("eventTime"):
            raise BadInput("an imported event needs eventTime", where=where)
        return vendor.message_of(event, where)

    read_ones, faults = _read(_inline(call, "userEventInlineSource", "userEvents"), read, "userEvents")
    if read_ones:
        await _take(call, key, read_ones)
    return Reply(_operation(call, _parent(call), "events", len(read_ones), faults))


async def import_products(call: Call, key: Key) -> Reply:
    """Insert products or change what they say; those that cannot be read are counted and the first of them told."""
    key.needs(Permission.CURATE, "products:import")
    if call.object().get("reconciliationMode") in FULL:
        raise BadInput(
            "reconciliationMode FULL is not done: it would take every other product away; send INCREMENTAL",
            where="reconciliationMode",
        )
    rows, faults = _read(_inline(call, "productInlineSource", "products"), vendor.product_of, "products")
    n_done = 0
    try:
        if rows:
            await items.put(call.served, rows)
        n_done = len(rows)
    except BadInput:  # one of them at least: each by itself
        for row in rows:
            try:
                await items.put(call.served, [row])
                n_done += 1
            except BadInput as error:
                faults.append(str(error))
    return Reply(_operation(call, _parent(call), "products", n_done, faults))


def _inline(call: Call, source: str, name: str) -> list[Any]:
    config = call.object().get("inputConfig")
    if not isinstance(config, dict) or not isinstance(config.get(source), dict):
        raise BadInput(
            f"only {source} is read; other sources are files: collect them with `crosslift collect`",
            where="inputConfig",
        )
    found = config[source].get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_AT_ONCE:
        raise BadInput(f"{name} must hold 1 to {MOST_AT_ONCE} objects", where=f"inputConfig.{source}")
    return found


def _read(given: Sequence[Any], read: Callable[[Mapping[str, Any], str], T], name: str) -> tuple[list[T], list[str]]:
    found, faults = [], []
    for place, one in enumerate(given):
        try:
            if not isinstance(one, dict):
                raise BadInput("is no object", where=f"{name}[{place}]")
            found.append(read(one, f"{name}[{place}]"))
        except BadInput as error:
            faults.append(str(error))
    return found, faults


def _parent(call: Call) -> str:
    """Name the catalog, or its branch, that an operation belongs to."""
    return call.path.removeprefix("/v2/").rpartition("/")[0]


def _operation(call: Call, parent: str, what: str, n_done: int, faults: Sequence[str]) -> dict[str, Any]:
    now = call.served.shop.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    counts = {"successCount": str(n_done), "failureCount": str(len(faults))}
    samples = [{"code": 3, "message": fault} for fault in faults[:MOST_SAMPLES]]
    return {
        "name": f"{parent}/operations/import-{what}-{n_done}-{len(faults)}", "done": True,
        "metadata": {"@type": f"{_TYPE}ImportMetadata", "createTime": now, "updateTime": now, **counts},
        "response": {"@type": _TYPE + _NAMED[what], **({"errorSamples": samples} if samples else {})},
    }  # fmt: skip


async def get_operation(call: Call, key: Key) -> Reply:
    """Say that an import is done, and what it came to."""
    key.needs(Permission.LOOK, "operations")
    found = _DONE.fullmatch(call.path.removeprefix("/v2/"))
    if found is None:
        raise Problem(404, "not_found", "no such operation")
    told = _operation(call, found["parent"], found["what"], int(found["done"]), ())
    told["metadata"]["failureCount"] = found["failed"]
    return Reply({**told, "name": found[0]})


async def get_product(call: Call, key: Key) -> Reply:
    """Give one product."""
    key.needs(Permission.LOOK, "products")
    name = call.path.removeprefix("/v2/")
    own = name.partition("/products/")[2]
    if call.served.catalog.find(own) is None:
        raise Problem(404, "not_found", f"no product {own[:80]!r}")
    return Reply({**product_told(call.served, own), "name": name})


def product_told(served: ServedShop, product_id: str) -> dict[str, Any]:
    """Give a product in the vendor's shape; enumerations as integers, which every client reads."""
    product, row = served.catalog.find(product_id), served.overlay().row(product_id)
    if product is None:
        return {"id": product_id}
    told: dict[str, Any] = {"id": product_id, "title": product.title}
    if product.category:
        told["categories"] = [product.category.replace("/", " > ")]
    if product.brand:
        told["brands"] = [product.brand]
    if row is not None and row.price_micros is not None and row.currency:
        told["priceInfo"] = {"price": row.price_micros / items.MICROS, "currencyCode": row.currency}
    in_stock = row is not None and row.is_active and (row.stock is None or row.stock > 0)
    told["availability"] = _IN_STOCK if in_stock else _OUT_OF_STOCK
    if row is not None and row.stock is not None and 0 <= row.stock < 2**31:
        told["availableQuantity"] = row.stock
    if product.parent_id:
        told |= {"primaryProductId": product.parent_id, "type": _VARIANT}
    return told
