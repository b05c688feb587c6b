"""`POST /v1/respond`: what was really shown, and what people did with it."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated

import msgspec

from crosslift.domain.decision import Action, Response
from crosslift.errors import NotFound
from crosslift.web.api.operation import EITHER, MAX_BATCH, Id, Operation, Token
from crosslift.web.security import Key, speaking_for
from crosslift.web.served import ServedShop
from crosslift.web.traffic import Traffic
from crosslift.web.wire import decode

Words = Annotated[str, msgspec.Meta(max_length=500)]
Own = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


TOKEN = msgspec.Meta(description="As `X-Crosslift-Customer`, from a page: no header of its own, no preflight.")
TAKEN_BACK = (Action.MUTE, Action.UNMUTE)
"""What a visitor may do again and again; of everything else a publishable key tells once for each offer."""


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that happened to an offer."""

    decision_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    action: Action
    product: Annotated[Id | None, msgspec.Meta(description="The offer it is about; all of them when missing.")] = None
    reason: Annotated[Words | None, msgspec.Meta(description="In a person's own words.")] = None
    at: Annotated[datetime | None, msgspec.Meta(description="When it happened; now by default.")] = None
    response_id: Annotated[Own | None, msgspec.Meta(description="By default the content is its own id.")] = None
    anonymous: Annotated[
        Id | None, msgspec.Meta(description="As in the question; a publishable key answers for it.")
    ] = None
    session: Annotated[Id | None, msgspec.Meta(description="The same, where the question named a visit only.")] = None


class Alone(Said, forbid_unknown_fields=True):
    """One thing that happened to an offer, and who says so."""

    customer_token: Annotated[Token | None, TOKEN] = None
    traffic: Traffic = None


class Responses(msgspec.Struct, forbid_unknown_fields=True):
    """Several at once."""

    responses: Annotated[list[Said], msgspec.Meta(max_length=MAX_BATCH)]
    customer_token: Annotated[Token | None, TOKEN] = None
    traffic: Traffic = None


class Recorded(msgspec.Struct, omit_defaults=True):
    """How many arrived, and how many of them had not been seen before; `left_out` are of nobody who counts."""

    received: int
    new: int
    seen_before: int
    left_out: int = 0


_outline = msgspec.json.Decoder(dict[str, msgspec.Raw])
_several = msgspec.json.Decoder(Responses)
_single = msgspec.json.Decoder(Alone)


async def respond(served: ServedShop, key: Key, body: bytes) -> Recorded:
    """Record what happened; a publishable key answers for the visitor the decision was made for, and each thing once."""
    is_list = "responses" in decode(_outline, body)
    sent = decode(_several, body) if is_list else decode(_single, body)
    said: list[Said] = sent.responses if isinstance(sent, Responses) else [sent]
    key = speaking_for(served.shop, key, sent.customer_token)
    if key.not_counted(sent.traffic):
        return Recorded(len(said), 0, 0, len(said))
    if not key.is_secret:
        await served.in_thread(lambda: _own_only(served, key, said))
        for one in said:
            if one.action not in TAKEN_BACK:
                one.response_id, one.at = None, None
    return await record(served, said)


def _own_only(served: ServedShop, key: Key, said: list[Said]) -> None:
    """Refuse answers to decisions of other visitors, in the words for decisions nobody knows: not even that is told."""
    for one in said:
        visitor = served.shop.records.visitor_of(one.decision_id)
        claims = {f"anonymous:{one.anonymous}", f"session:{one.session}", f"customer:{key.customer}"}
        if visitor is not None and visitor not in claims:
            raise NotFound(
                f"no decision {one.decision_id} of this visitor; send the anonymous or session it was asked with"
            )


async def record(served: ServedShop, said: list[Said]) -> Recorded:
    """Record durably; what was seen before changes nothing."""
    if not said:
        return Recorded(0, 0, 0)
    now = served.shop.clock()
    responses = [response_of(one, now) for one in said]
    return Recorded(**await served.in_thread(lambda: served.shop.respond(responses)))


def response_of(said: Said, now: datetime) -> Response:
    """Give it its instant, and an id where the caller named none.

    Examples
    --------
    >>> twice = [response_of(Said("d1", Action.CLICK, "T-40"), datetime(2026, 3, 5, tzinfo=UTC)) for _ in "ab"]
    >>> twice[0].response_id == twice[1].response_id
    True
    """
    at = said.at or now
    content = (said.decision_id, said.action, said.product, said.reason, said.at)
    own = said.response_id or blake2b(msgspec.json.encode(content), digest_size=16).hexdigest()
    return Response(
        own, said.decision_id, said.action, at if at.tzinfo else at.replace(tzinfo=UTC), said.product, said.reason
    )


OPERATION = Operation(
    name="respond",
    method="POST",
    path="/v1/respond",
    summary="Tell what was shown and what became of it",
    about=(
        "One response, or `responses` with at most 1,000. An `exposure` means that the offer was really seen, not that "
        "it was on the page. A decline or mute holds on the very next decision, in every channel; `unmute` takes a mute back. "
        "Idempotent by `response_id`. An unknown decision refuses the whole batch. With a publishable key `anonymous` or "
        "`session` "
        "must be those of the question (of a customer: a token), and each action counts once for each offer, as of now."
    ),
    group="deliver",
    keys=EITHER,
    bodies=(Responses, Alone),
    body_example={
        "responses": [
            {"decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", "action": "exposure", "product": "22699"},
            {"decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", "action": "click", "product": "22699"},
        ]
    },
    answer=Recorded,
    answer_example={"received": 2, "new": 2, "seen_before": 0},
    problems=(400, 401, 404, 408, 413, 422, 503),
)
