"""`POST /v1/voice/{source}`: answers as survey and review services send them, signed instead of keyed."""

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

import msgspec

from crosslift.collect.answers import standard
from crosslift.collect.answers.known import SENDERS
from crosslift.collect.answers.sender import Arrival
from crosslift.collect.from_json import needed
from crosslift.errors import BadInput, Refused
from crosslift.web.api.columns import row_of
from crosslift.web.api.operation import Operation, Parameter
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

_PLACE = re.compile(r"feedback\[(\d+)\]")


class Heard(msgspec.Struct):
    """How many answers arrived, and how many of them had not been seen before.

    Conflicts are the ids of answers that came again with other content: the first version stays.
    """

    received: int
    new: int
    seen_before: int
    conflicts: list[str]


async def post(
    served: ServedShop, source: str, headers: Iterable[tuple[bytes, bytes]], read: Callable[[], Awaitable[bytes]]
) -> Heard:
    """Take in a delivery; nothing is read from its body before the signature was found right.

    Parameters
    ----------
    read : callable
        Gives the body, exactly as it came.
    """
    webhooks = served.shop.webhooks
    given = {name.decode("latin-1"): value.decode("latin-1").strip() for name, value in headers}
    try:
        missing = [name for name in webhooks.headers_of(source) if not given.get(name)]
        if missing:
            raise Problem(
                401, "signature_needed", f"{missing[0]} is missing; sign the delivery as {source!r} expects it"
            )
        body = await read()
        webhook = webhooks.verify(source, given, body)
    except Refused as error:
        raise Problem(401, "signature_wrong", str(error)) from None
    sender = SENDERS[webhook.sender]
    delivery = decode(sender.decoder, body)
    at = given.get("webhook-timestamp") if sender is standard.SENDER else None
    signed = datetime.fromtimestamp(int(at), UTC) if at else served.shop.clock()
    try:
        rows = sender.rows(delivery, Arrival(signed.isoformat(), given.get("webhook-id", ""), webhook.scales))
        if not rows:
            return Heard(0, 0, 0, [])
        done = await served.in_thread(lambda: served.shop.hear(rows, is_response=sender.is_response))
    except BadInput as error:
        raise _placed(error, delivery) if sender is standard.SENDER else error from None
    return Heard(len(rows), done["new"], done["same"], done["conflicts"])


def _placed(error: BadInput, delivery: dict[str, object]) -> BadInput:
    """Name the place in the body that was sent, not in the rows made of it."""
    data = delivery.get("data")
    where = "data[\\1]" if isinstance(data, list) else "data" if "data" in delivery else ""

    def placed(text: str) -> str:
        return _PLACE.sub(where, text)

    message = str(error).removeprefix(f"{error.where}: ")
    return BadInput(placed(message), where=placed(error.where or ""), problems=tuple(map(placed, error.problems)))


_ANSWER = row_of(
    "feedback", [name for name in needed("feedback") if name not in ("feedback_id", "at")],
    "Canonical columns of feedback; others are kept beside them.",
    email={"type": "string", "description": "In place of customer_id."},
)  # fmt: skip

OPERATION = Operation(
    name="post_voice",
    method="POST",
    path="/v1/voice/{source}",
    summary="Hear what customers answer",
    about=(
        "Deliveries of survey and review services, at the address that `crosslift keys webhook` gives out. Each is signed "
        "with the secret of its source over the very bytes of the body; what is unsigned, altered or of another source is "
        "answered 401 and read no further. A source is one of: "
        + "; ".join(f"`{one.name}`, {one.about} (`{'`, `'.join(one.scheme.headers)}`)" for one in SENDERS.values())
        + ". Idempotent by the response's own id, so a delivery may come again, and late. An answer holds for segments at "
        "once, and a bad one opens a case, as from a file. Answered 200 once everything is on disk. The body below is that "
        "of `standard`; the others send what their makers document."
    ),
    group="collect",
    is_signed=True,
    parameters=(
        Parameter(
            "source", "path", "The name that was chosen for it.", {"type": "string", "examples": ["spring-survey"]}
        ),
        Parameter("webhook-id", "header", "Of `standard`: names the delivery, also when it is sent again."),
        Parameter("webhook-timestamp", "header", "Of `standard`: when it was signed, in seconds; within five minutes."),
        Parameter("webhook-signature", "header", "Of `standard`: `v1,` and the HMAC-SHA256 of `id.timestamp.body`."),
    ),
    bodies=(
        {
            "title": "Delivery", "type": "object",
            "properties": {
                "type": {"type": "string", "description": "Not read."},
                "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
                "data": {
                    "anyOf": [
                        _ANSWER, {"type": "array", "minItems": 1, "maxItems": standard.MOST, "items": _ANSWER}
                    ],
                    "description": "One answer, or several.",
                },
            },
        },
    ),
    body_example={
        "type": "survey.answered", "timestamp": "2026-03-05T12:00:00Z",
        "data": {
            "feedback_id": "spring-812", "customer_id": "17850", "kind": "nps", "rating": 3, "scale": 10,
            "question": "Would you recommend us?", "text": "The grinder broke after a week.", "language": "en",
        },
    },
    answer=Heard,
    answer_example={"received": 1, "new": 1, "seen_before": 0, "conflicts": []},
    problems=(400, 401, 408, 413, 422, 503),
)  # fmt: skip
