"""Events in Segment's vocabulary, one JSON object a line or a batch over HTTP; idempotent by `messageId`.

All six calls: track, page, screen, identify, alias, group. What a call says besides properties is kept among them:
`traits` of identify and group, `group_id`, `previous_id`, `name` and `category` of pages and screens.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from crosslift.domain.event import FORMAT, Channel, channel_of, name_of
from crosslift.errors import BadInput

NAME = FORMAT
MAX_NAME = 80
_FIRST_FIELDS = ("type", "event", "messageId", "anonymousId", "userId", "timestamp", "properties", "context")
"""Fields that the content of a message without an id has always held; a field added since counts only where it is used."""
_BY_TYPE = {"page": Channel.WEB.value, "screen": Channel.APP.value}
_BY_LIBRARY = (
    ("analytics.js", Channel.WEB), ("analytics-next", Channel.WEB), ("analytics-ios", Channel.APP),
    ("analytics-android", Channel.APP), ("analytics-swift", Channel.APP), ("analytics-kotlin", Channel.APP),
    ("analytics-flutter", Channel.APP), ("analytics-react-native", Channel.APP),
)  # fmt: skip
"""Trackers that run where the visitor is."""


class Message(msgspec.Struct, rename="camel"):
    """One call as clients of Segment send it; unknown fields are ignored."""

    type: str = "track"
    event: str | None = None
    name: str | None = None
    category: str | None = None
    message_id: str | None = None
    anonymous_id: str | None = None
    user_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    timestamp: str | None = None
    channel: str | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(Message)
_sorted = msgspec.json.Encoder(order="sorted")


def decode_lines(lines: Iterable[tuple[int, str]], where: str) -> list[Message]:
    """Read numbered JSON lines as events.

    Raises
    ------
    BadInput
        Naming the line and the field that is wrong.
    """
    messages = []
    for number, line in lines:
        try:
            messages.append(_decoder.decode(line))
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadInput(f"not an event: {error}", where=f"{where}, line {number}") from error
    return messages


def to_rows(messages: Sequence[Message], received_at: int, where: str, first: int = 1) -> list[tuple[Any, ...]]:
    """Turn events into rows of the events table.

    Without a `messageId` the content itself is the id, so that a replayed batch still changes nothing.

    Raises
    ------
    BadInput
        For an event without name or person, with an unreadable time, or an alias or group call without its other id.
    """
    rows = []
    for number, message in enumerate(messages, first):
        spot = f"{where}, event {number}"
        name = name_of(message.event or message.type)
        if not name or len(name) > MAX_NAME:
            raise BadInput("an event needs a name of at most 80 characters", where=spot)
        _check_ids(message, spot)
        identity = text_of(f"customer:{message.user_id}" if message.user_id else f"anonymous:{message.anonymous_id}")
        product = message.properties.get("product_id") or message.properties.get("sku")
        at = instant_of(message, spot)
        rows.append((
            digest_of(message),
            name,
            received_at if at is None else at,
            received_at,
            identity,
            text_of(product),
            where_it_was(message),
            text_of(message.properties.get("decision_id")),
            _sorted.encode(_kept(message)).decode(),
        ))  # fmt: skip
    return rows


def is_test(message: Message) -> bool:
    """Tell whether a message says of itself that it is a try: `test: true` among its properties or in its context."""
    return message.properties.get("test") is True or message.context.get("test") is True


def _check_ids(message: Message, spot: str) -> None:
    if not message.user_id and not message.anonymous_id:
        raise BadInput("an event needs userId or anonymousId", where=spot)
    if message.type == "alias" and not (message.previous_id and message.user_id):
        raise BadInput("an alias call needs previousId and userId", where=spot)
    if message.type == "group" and not message.group_id:
        raise BadInput("a group call needs groupId", where=spot)


def _kept(message: Message) -> dict[str, Any]:
    """Give the properties, and with them what the call says beside them."""
    if not (message.traits or message.name or message.category or message.group_id or message.previous_id):
        return message.properties
    beside = {
        "name": message.name, "category": message.category, "traits": message.traits, "group_id": message.group_id,
        "previous_id": message.previous_id,
    }  # fmt: skip
    return {**{name: value for name, value in beside.items() if value}, **message.properties}


def where_it_was(message: Message) -> str | None:
    """Tell the channel: said in so many words, else by the kind of call, else by the tracker."""
    for word in (message.context.get("channel"), message.properties.get("channel"), message.channel):
        text = text_of(word)
        said = channel_of(text) if text else None
        if said:
            return said
    by_type = _BY_TYPE.get(message.type)
    if by_type:
        return by_type
    library = message.context.get("library")
    return _by_tracker(str(library.get("name"))) if isinstance(library, dict) else None


@lru_cache(1024)
def _by_tracker(name: str) -> str | None:
    return next((channel.value for tracker, channel in _BY_LIBRARY if name.endswith(tracker)), None)


def digest_of(message: Message) -> bytes:
    """Give the 16 bytes a message is told apart by: of its id, or of its content where it has none."""
    if message.message_id:
        return blake2b(message.message_id.encode(), digest_size=16).digest()
    said = {name: value for name, value in msgspec.to_builtins(message).items() if value or name in _FIRST_FIELDS}
    return blake2b(msgspec.json.encode(said, order="sorted"), digest_size=16).digest()


def instant_of(message: Message, spot: str) -> int | None:
    """Give when it happened in microseconds UTC, None where the message does not say.

    Raises
    ------
    BadInput
        For a timestamp that is no instant.
    """
    return _micros(message.timestamp, spot) if message.timestamp else None


def _micros(text: str, spot: str) -> int:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"timestamp {text!r} is no ISO 8601 instant", where=spot) from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return int(value.timestamp() * 1_000_000 + 0.5)


def text_of(value: object) -> str | None:
    """Give any value as text in composed form, None for none."""
    if isinstance(value, str) and value.isascii():
        return str(value)
    return unicodedata.normalize("NFC", str(value)) if value is not None else None
