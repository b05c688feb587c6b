"""`GET /v1/customers/{customer}/contact-time`: by which channel and when to write to a person."""

from collections.abc import Sequence
from typing import Any

import msgspec

from crosslift.domain.placement import MESSAGES
from crosslift.domain.policy import HELPFUL
from crosslift.shop.contact_times import DAYS, MOST_DAYS, plain
from crosslift.web.api.customers import CUSTOMER
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop

AHEAD, MOST_AHEAD, POLICY = DAYS, MOST_DAYS, HELPFUL.name
CHANNELS = tuple(placement.channel for placement in MESSAGES)


class Declared(msgspec.Struct):
    """What the person declared, the dearest channel first; `unread` are hours nobody could read."""

    channels: list[str]
    hours: list[str]
    unread: list[str]


class SendAt(msgspec.Struct):
    """One channel at its best time.

    `because` says why it stands before those after it; `response` the share of messages expected to be answered, or
    `why_not`; `pressure` the used share of the fullest cap; `not_now` what would stop a message at this moment.
    """

    channel: str
    placement: str
    send_at: str
    local: str
    because: list[str]
    response: dict[str, Any]
    pressure: float
    not_now: str | None


class Barred(msgspec.Struct):
    """A channel that is out, and why."""

    channel: str
    placement: str
    code: str


class ContactTime(msgspec.Struct):
    """Where and when to write; `best` is null where nothing may go out before `until`."""

    asked_at: str
    until: str
    time_zone: str
    declared: Declared
    best: SendAt | None
    others: list[SendAt]
    barred: list[Barred]


async def get(
    served: ServedShop, customer: str, channels: Sequence[str], reachable: Sequence[str], policy: str,
    market: str | None, days: float,
) -> ContactTime:  # fmt: skip
    """Choose channel and time."""
    times = served.shop.contact_times
    found = await served.in_thread(
        lambda: plain(times.of(customer, channels, policy=policy, market=market, days=days, reachable=reachable))
    )
    return msgspec.convert(found, ContactTime)


_LIST: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": list(CHANNELS)}}
_BEST: dict[str, Any] = {
    "channel": "sms", "placement": "sms", "send_at": "2026-03-05T09:00:00+00:00", "local": "2026-03-05T18:00:00+09:00",
    "because": ["preferred_channel", "preferred_hours"],
    "response": {"value": 0.0812, "low": 0.0644, "high": 0.098, "level": 0.9, "n": 640}, "pressure": 0.25, "not_now": None,
}  # fmt: skip

GET = Operation(
    name="get_contact_time",
    method="GET",
    path="/v1/customers/{customer}/contact-time",
    summary="Say by which channel and when to write to a person",
    about=(
        "Only channels they consented to and can be reached by, at times outside quiet hours with room in every cap; what "
        "they declared first (`preferred_channel`, `preferred_hours`), then what is answered most, then the channel with most "
        "room, then the earliest. Read anew for every question: a withdrawal or a mute counts on the next one. Nothing is "
        "sent, recorded or reserved; ask `/v1/decide` with the `placement` when the time has come."
    ),
    group="customers",
    keys=(SECRET,),
    parameters=(
        CUSTOMER,
        Parameter("channel", "query", "A channel the message may take, may be repeated; by default all.", _LIST),
        Parameter("reachable", "query", "A channel on which you have an address that we do not; may be repeated.", _LIST),
        Parameter("policy", "query", "Whose limits and rules hold.", {"type": "string", "default": POLICY}),
        Parameter("market", "query", "Where the message belongs; by default where the person lives."),
        Parameter(
            "days", "query", "How far ahead is looked.",
            {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_AHEAD, "default": AHEAD},
        ),
    ),
    answer=ContactTime,
    answer_example={
        "asked_at": "2026-03-05T03:00:00+00:00", "until": "2026-03-12T03:00:00+00:00", "time_zone": "Asia/Seoul",
        "declared": {"channels": ["sms"], "hours": ["18:00-21:00"], "unread": []}, "best": _BEST, "others": [],
        "barred": [{"channel": "email", "placement": "email", "code": "no_consent"},
                   {"channel": "push", "placement": "push", "code": "no_address"}],
    },
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
