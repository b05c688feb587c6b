"""Events in Segment's vocabulary, one JSON object a line or a batch over HTTP; idempotent by `messageId`."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from crosslift.errors import BadInput

NAME = "Segment events"
MAX_NAME = 80


class Message(msgspec.Struct, rename="camel"):
    """One event as clients of Segment send it; unknown fields are ignored."""

    type: str = "track"
    event: str | None = None
    message_id: str | None = None
    anonymous_id: str | None = None
    user_id: str | None = None
    timestamp: str | None = None
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(Message)


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
        For an event without name or person, or with an unreadable time.
    """
    rows = []
    for number, message in enumerate(messages, first):
        spot = f"{where}, event {number}"
        name = message.event or message.type
        if not name or len(name) > MAX_NAME:
            raise BadInput("an event needs a name of at most 80 characters", where=spot)
        if not message.user_id and not message.anonymous_id:
            raise BadInput("an event needs userId or anonymousId", where=spot)
        identity = _text(f"customer:{message.user_id}" if message.user_id else f"anonymous:{message.anonymous_id}")
        at = _micros(message.timestamp, spot) if message.timestamp else received_at
        product = message.properties.get("product_id") or message.properties.get("sku")
        rows.append((
            _digest(message),
            name,
            at,
            received_at,
            identity,
            _text(product),
            _text(message.context.get("channel")) or _text(message.properties.get("channel")),
            _text(message.properties.get("decision_id")),
            msgspec.json.encode(message.properties, order="sorted").decode(),
        ))  # fmt: skip
    return rows


def _digest(message: Message) -> bytes:
    key = message.message_id.encode() if message.message_id else msgspec.json.encode(message, order="sorted")
    return blake2b(key, digest_size=16).digest()


def _micros(text: str, spot: str) -> int:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"timestamp {text!r} is no ISO 8601 instant", where=spot) from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return int(value.timestamp() * 1_000_000 + 0.5)


def _text(value: object) -> str | None:
    return unicodedata.normalize("NFC", str(value)) if value is not None else None
