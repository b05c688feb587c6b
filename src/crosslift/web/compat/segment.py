"""Segment's tracking API: batches and single calls, packed or plain, by the very code of `/v1/collect`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from crosslift.collect.sources.segment import Message
from crosslift.domain.access import Permission
from crosslift.web.api.collect import anonymous_only
from crosslift.web.api.operation import MAX_BATCH
from crosslift.web.compat.call import Answer, Call, Reply, basic_name, not_here
from crosslift.web.problems import Problem, wrong_body
from crosslift.web.security import Key

CALLS = ("track", "page", "screen", "identify", "alias", "group")
BATCHES = ("/v1/batch", "/v1/import")
DONE = {"success": True}


class Segment:
    """The door."""

    is_for_browsers = True

    def find(self, call: Call) -> Answer:
        """Name what answers."""
        if call.method != "POST":
            raise not_here(call.method, call.path)
        path = call.path.rstrip("/")
        if path in BATCHES:
            return _batch
        if path.removeprefix("/v1/") in CALLS:
            return _single
        raise not_here(call.method, call.path)

    def key_of(self, call: Call) -> str | None:
        """Find the write key: the user name of basic authentication, a bearer token, or `writeKey` in the body."""
        header = call.headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
        told = basic_name(header)
        if told:
            return told
        body = call.object() if call.body else {}
        return body["writeKey"] if isinstance(body.get("writeKey"), str) else None

    def wrong(self, problem: Problem) -> Reply:
        """Say what is wrong as Segment does."""
        status = 400 if problem.status in (403, 413, 422) else problem.status
        said = {"success": False, "code": problem.code, "message": problem.detail}
        return Reply(said, status, problem.headers)


async def _batch(call: Call, key: Key) -> Reply:
    sent = call.object()
    messages = sent.get("batch")
    if not isinstance(messages, list) or len(messages) > MAX_BATCH:
        raise Problem(400, "bad_input", f"batch must be a list of at most {MAX_BATCH} messages")
    context = sent.get("context") if isinstance(sent.get("context"), dict) else {}
    return await _taken(call, key, [_message(one, context or {}, place) for place, one in enumerate(messages)])


async def _single(call: Call, key: Key) -> Reply:
    kind = call.path.rstrip("/").removeprefix("/v1/")
    return await _taken(call, key, [_message({**call.object(), "type": kind}, {}, 0)])


def _message(sent: Any, context: Mapping[str, Any], place: int) -> Message:
    """Read one message; what the batch says of all of them, it says of each that does not say otherwise."""
    if not isinstance(sent, dict):
        raise Problem(400, "bad_input", f"message {place} of the batch is no object")
    own = sent.get("context")
    whole = {name: value for name, value in sent.items() if value is not None}
    if context:
        whole["context"] = {**context, **(own if isinstance(own, dict) else {})}
    if whole.get("type") not in CALLS:
        raise Problem(400, "bad_input", f"message {place}: type must be one of {', '.join(CALLS)}")
    for name in ("userId", "anonymousId", "previousId", "groupId", "messageId"):
        if isinstance(whole.get(name), int) and not isinstance(whole[name], bool):
            whole[name] = str(whole[name])  # clients of Segment send numbers as ids
    try:
        return msgspec.convert(whole, Message)
    except msgspec.ValidationError as error:
        raise wrong_body(error) from None


async def _taken(call: Call, key: Key, messages: list[Message]) -> Reply:
    if key.is_secret:
        key.needs(Permission.FEED, call.path)
    else:
        anonymous_only(messages, "/batch")
    if messages and not key.is_robot:
        shop, believed = call.served.shop, key.is_secret
        await call.served.in_thread(lambda: shop.collect_events(messages, tells_orders=believed))
    return Reply(DONE)
