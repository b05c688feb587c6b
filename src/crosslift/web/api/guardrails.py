"""`/v1/guardrails`: what rests because a bad sign was over its limit, and how it is lifted by hand."""

from typing import Annotated

import msgspec

from crosslift.domain.guardrail import Guarded
from crosslift.web.api.operation import SECRET, Operation
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Resting(msgspec.Struct):
    """What was paused, by which guardrail, and the figure with its interval that paused it; `n` people."""

    policy: str
    guardrail: str
    sign: str
    of: str
    target: str
    at_most: float
    value: float
    low: float
    high: float
    n: int
    since: str
    at: str
    version: int


class RestingList(msgspec.Struct):
    """What rests now, newest first."""

    resting: list[Resting]


class LiftPause(msgspec.Struct, forbid_unknown_fields=True):
    """What is to work again, who lifts it and why; who approves it, where the policy needs that."""

    policy: Word
    of: Guarded
    target: Word
    author: Word
    reason: Word
    approved_by: Word | None = None


class LiftedPause(msgspec.Struct):
    """The version of the policy, or of the experiment, in which it works again."""

    policy: str
    of: str
    target: str
    version: int


_lift = msgspec.json.Decoder(LiftPause)


async def get(served: ServedShop) -> RestingList:
    """List what rests."""
    return msgspec.convert({"resting": await served.in_thread(served.shop.guardrails.resting)}, RestingList)


async def lift(served: ServedShop, body: bytes) -> LiftedPause:
    """Let something work again."""
    sent = decode(_lift, body)
    found = await served.in_thread(
        lambda: served.shop.guardrails.lift(
            sent.policy, sent.of, sent.target, sent.author, sent.reason, sent.approved_by
        )
    )
    return msgspec.convert(found, LiftedPause)


_RESTING = {
    "policy": "our-shop", "guardrail": "few-noes", "sign": "declined", "of": "strategy", "target": "upgrade",
    "at_most": 0.1, "value": 0.231, "low": 0.142, "high": 0.32, "n": 812, "since": "2026-11-01T00:00:00+00:00",
    "at": "2026-11-20T09:45:00+00:00", "version": 5,
}  # fmt: skip
GET = Operation(
    name="get_guardrails",
    method="GET",
    path="/v1/guardrails",
    summary="List what rests by a guardrail",
    about=(
        "Policies say how much of a bad sign is accepted (`[[guardrails]]`). What lies above its limit with its whole interval, "
        "at any look, is paused from the very next decision on; the job `guardrails` looks every hour and tells of it."
    ),
    group="measure",
    keys=(SECRET,),
    answer=RestingList,
    answer_example={"resting": [_RESTING]},
    problems=(401, 403, 503),
)
LIFT = Operation(
    name="lift_pause",
    method="POST",
    path="/v1/guardrails/lift",
    summary="Let something that a guardrail paused work again",
    about="In force on the very next decision, and counted anew from then on. Approved as the policy asks for.",
    group="measure",
    keys=(SECRET,),
    bodies=(LiftPause,),
    body_example={
        "policy": "our-shop", "of": "strategy", "target": "upgrade", "author": "mina", "reason": "dearer steps are left out now",
        "approved_by": "jun",
    },
    answer=LiftedPause,
    answer_example={"policy": "our-shop", "of": "strategy", "target": "upgrade", "version": 6},
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)  # fmt: skip
OPERATIONS = (GET, LIFT)
