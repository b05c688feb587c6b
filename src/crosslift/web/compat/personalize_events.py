"""What clients of Amazon Personalize tell: events, items, users, actions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from crosslift.collect.sources import personalize as vendor
from crosslift.collect.sources.interactions import Interaction, event_name, instant, messages_of
from crosslift.domain.access import Permission
from crosslift.domain.decision import Action, Response
from crosslift.errors import BadInput
from crosslift.web.compat import items, outcomes
from crosslift.web.compat.call import Call, Reply
from crosslift.web.security import Key

PREFIX = "RID-"
"""What recommendation ids begin with; the rest is the id of the decision."""
MOST_AT_ONCE, MOST_SEEN = 10, 25
LONGEST_EVENT, LONGEST_USER, LONGEST_ITEM = 1024, 24_000, 32_000
_TAKEN = {"taken": Action.ACCEPT, "nottaken": Action.DECLINE, "viewed": Action.EXPOSURE}
FOR_EVERYBODY = "orders >= 0"
"""Whom an action is for, where it does not say."""


async def put_events(call: Call, key: Key) -> Reply:
    """Take events in, by the code of `/v1/collect`; purchases of one call at one instant are one order."""
    key.needs(Permission.FEED, "PutEvents")
    sent = call.object()
    items.named(sent, "trackingId", "trackingId")
    session, user = items.named(sent, "sessionId", "sessionId"), _user(sent)
    told: list[Interaction] = []
    responses: list[Response] = []
    for place, event in enumerate(_several(sent, "eventList")):
        where = f"eventList[{place}]"
        one = _interaction(event, user, session, where)
        told.append(one)
        if one.decision:
            seen = _seen(event, where)
            action = outcomes.action_of(event_name(one.kind))
            responses += outcomes.responses_of(one.decision, action, one.item, seen, one.at, one.id)
    await call.served.in_thread(lambda: call.served.shop.collect_events(messages_of(told)))
    await outcomes.record_known(call.served, responses)
    return Reply({})


def _interaction(event: Mapping[str, Any], user: str | None, session: str, where: str) -> Interaction:
    kind = items.named(event, "eventType", f"{where}.eventType")
    if event.get("sentAt") is None:
        raise BadInput("sentAt is missing", where=where)
    value = event.get("eventValue")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadInput("eventValue must be a number", where=where)
    said = _properties(event, LONGEST_EVENT, where)
    source = event.get("metricAttribution")
    if isinstance(source, dict) and source.get("eventAttributionSource"):
        said["attribution_source"] = str(source["eventAttributionSource"])
    if event.get("impression"):
        said["impression"] = _seen(event, where)
    return Interaction(
        kind, instant(event["sentAt"], f"{where}.sentAt"), user, _optional(event, "itemId", where), session, value,
        _optional(event, "eventId", where), _decision(event), said,
    )  # fmt: skip


async def put_items(call: Call, key: Key) -> Reply:
    """Insert items or change what they say."""
    key.needs(Permission.CURATE, "PutItems")
    rows = [
        vendor.product_of(
            items.named(one, "itemId", f"items[{place}]"), _properties(one, LONGEST_ITEM, f"items[{place}]")
        )
        for place, one in enumerate(_dataset(call, "items"))
    ]
    await items.put(call.served, rows)
    return Reply({})


async def put_users(call: Call, key: Key) -> Reply:
    """Insert users or replace what they are said to be."""
    key.needs(Permission.FEED, "PutUsers")
    now = call.served.shop.clock().isoformat()
    rows = [
        {
            "customer_id": items.named(one, "userId", f"users[{place}]"), "updated_at": now,
            "traits": _properties(one, LONGEST_USER, f"users[{place}]"),
        }
        for place, one in enumerate(_dataset(call, "users"))
    ]  # fmt: skip
    await call.served.in_thread(lambda: call.served.shop.put_facts("customers", rows))
    return Reply({})


async def put_actions(call: Call, key: Key) -> Reply:
    """Write actions as offers of the library; `title`, `value`, `benefit` and `audience` of their properties are understood."""
    key.needs(Permission.CURATE, "PutActions")
    shop = call.served.shop
    offers = []
    for place, one in enumerate(_dataset(call, "actions")):
        own = items.named(one, "actionId", f"actions[{place}]")
        said = {name.casefold(): value for name, value in _properties(one, LONGEST_ITEM, f"actions[{place}]").items()}
        offer = {
            "offer_id": own, "kind": "advice", "title_en": str(said.get("title") or own), "price": "0",
            "currency": shop.settings["shop.currency"], "audience": str(said.get("audience") or FOR_EVERYBODY),
        }  # fmt: skip
        if said.get("benefit"):
            offer["benefit_en"] = [str(said["benefit"])]
        expires = said.get("action_expiration_timestamp") or said.get("actionexpirationtimestamp")
        if expires:
            offer["ends_at"] = instant(expires, f"actions[{place}]")
        offers.append(offer)
    await call.served.in_thread(lambda: shop.offers.put(offers, "Amazon Personalize door", "PutActions"))
    return Reply({})


async def put_action_interactions(call: Call, key: Key) -> Reply:
    """Keep what people did with actions, as events and as responses to the answer that named them."""
    key.needs(Permission.FEED, "PutActionInteractions")
    sent = call.object()
    items.named(sent, "trackingId", "trackingId")
    told: list[Interaction] = []
    responses: list[Response] = []
    for place, one in enumerate(_several(sent, "actionInteractions")):
        where = f"actionInteractions[{place}]"
        action, session = items.named(one, "actionId", where), items.named(one, "sessionId", where)
        kind, decision = items.named(one, "eventType", where), _decision(one)
        if one.get("timestamp") is None:
            raise BadInput("timestamp is missing", where=where)
        at, own = instant(one["timestamp"], where), _optional(one, "eventId", where)
        said = {**_properties(one, LONGEST_EVENT, where), "action_id": action}
        told.append(Interaction(f"Action {kind}", at, _user(one), None, session, None, own, decision, said))
        if decision:
            meant = _TAKEN.get("".join(c for c in kind.casefold() if c.isalpha()))
            responses += outcomes.responses_of(decision, meant, action, _seen(one, where), at, own)
    await call.served.in_thread(lambda: call.served.shop.collect_events(messages_of(told)))
    await outcomes.record_known(call.served, responses)
    return Reply({})


def _dataset(call: Call, name: str) -> list[dict[str, Any]]:
    sent = call.object()
    arn = sent.get("datasetArn")
    if not isinstance(arn, str) or not arn.startswith("arn:") or ":personalize:" not in arn:
        raise BadInput("an ARN of a data set is needed", where="datasetArn")
    return _several(sent, name)


def _several(sent: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = sent.get(name)
    if (
        not isinstance(found, list)
        or not 1 <= len(found) <= MOST_AT_ONCE
        or not all(isinstance(one, dict) for one in found)
    ):
        raise BadInput(f"{name} must hold 1 to {MOST_AT_ONCE} objects", where=name)
    return found


def _properties(one: Mapping[str, Any], longest: int, where: str) -> dict[str, Any]:
    """Read `properties`, a JSON object in a text."""
    text = one.get("properties")
    if text is None:
        return {}
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        raise BadInput(f"properties must be a text of 1 to {longest} characters", where=where)
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadInput("properties must hold a JSON object as text", where=where) from None
    if not isinstance(found, dict):
        raise BadInput("properties must hold a JSON object as text", where=where)
    return found


def _user(sent: Mapping[str, Any]) -> str | None:
    return items.named(sent, "userId", "userId") if sent.get("userId") is not None else None


def _optional(one: Mapping[str, Any], name: str, where: str) -> str | None:
    return items.named(one, name, where) if one.get(name) is not None else None


def _decision(one: Mapping[str, Any]) -> str | None:
    told = one.get("recommendationId")
    return told.removeprefix(PREFIX)[:40] or None if isinstance(told, str) else None


def _seen(one: Mapping[str, Any], where: str) -> list[str]:
    found = one.get("impression") or []
    if not isinstance(found, list) or len(found) > MOST_SEEN or not all(isinstance(name, str) for name in found):
        raise BadInput(f"impression holds at most {MOST_SEEN} ids", where=where)
    return found
