"""`POST /v1/policies/simulate`: what a policy would have changed in the last days."""

from typing import Annotated, Any

import msgspec

from crosslift.shop.simulating import MOST
from crosslift.web.api import policies
from crosslift.web.api.operation import SECRET, Operation
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

MOST_DAYS = 3650
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class SimulatePolicy(msgspec.Struct, forbid_unknown_fields=True):
    """The text of a policy, and the decisions it is tried on."""

    text: policies.Toml
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS, description="How far back recorded decisions are taken.")] = (
        30
    )
    instead_of: Annotated[
        Name | None, msgspec.Meta(description="The policy whose decisions are tried; by default that of its name.")
    ] = None
    most: Annotated[int, msgspec.Meta(ge=1, le=MOST, description="So many are tried, the newest.")] = MOST


_decoder = msgspec.json.Decoder(SimulatePolicy)


async def post(served: ServedShop, body: bytes) -> dict[str, Any]:
    """Try a policy; nothing is recorded."""
    sent = decode(_decoder, body)
    return await served.in_thread(lambda: served.shop.simulate(sent.text, sent.days, sent.instead_of, sent.most))


OPERATION = Operation(
    name="simulate_policy",
    method="POST",
    path="/v1/policies/simulate",
    summary="Try a policy on the decisions of the last days",
    about=(
        "Makes recorded decisions again with the text, and tells what would have been offered, won and lost, to how many people "
        "and by which channel; `caveats` say what it rests on. Nothing is recorded, kept or shown. Some thousand decisions take "
        "seconds."
    ),
    group="decide",
    keys=(SECRET,),
    bodies=(SimulatePolicy,),
    body_example={"text": policies.CHECK.body_example["text"], "days": 14, "instead_of": "helpful"},
    answer={"type": "object", "additionalProperties": True},
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)
