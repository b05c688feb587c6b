"""`GET /v1/decisions/{id}`: why this was offered, as the merchant may see it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from crosslift.decide.replay import Replayed
from crosslift.domain.money import Money
from crosslift.errors import NotReplayable
from crosslift.shop import Shop
from crosslift.shop.sold import amount
from crosslift.web.api.offers import Price, Traced, Variant, traced
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.wording import reasons


class Shown(msgspec.Struct):
    """One offer of a recorded decision; the sentence is for operators and holds every figure."""

    product: str
    kind: str
    p: float | None
    priority: float
    slot_probability: float
    reason: str
    evidence: Any
    sentence: str | None
    offer: str | None = None
    offer_version: int | None = None
    price: Price | None = None


class Replay(msgspec.Struct):
    """Whether the decision could be made again, and came out the same byte for byte."""

    is_replayable: bool
    is_equal: bool | None
    why: str | None


class Why(msgspec.Struct):
    """A decision as recorded."""

    decision_id: str
    at: str
    placement: str
    channel: str
    purpose: str
    policy: str
    policy_version: int
    engine_version: str
    arm: str | None
    is_withheld: bool
    identity: str | None
    snapshot_id: str
    change_number: int
    mapping_version: int
    consent_id: int
    request_hash: str
    offers: list[Shown]
    no_offer: str | None
    dropped: dict[str, int]
    warnings: list[str]
    replay: Replay
    variants: list[Variant] = []
    trace: Traced | msgspec.UnsetType = msgspec.UNSET


async def get(served: ServedShop, decision_id: str, *, with_trace: bool) -> Why:
    """Read a decision and replay it for its sentences; the trace exists by replay only."""
    return await served.in_thread(lambda: why(served.shop, decision_id, with_trace=with_trace))


def why(shop: Shop, decision_id: str, *, with_trace: bool) -> Why:
    """Put record and replay together.

    Raises
    ------
    NotFound
        If there is no decision of that id.
    NotReplayable
        If the trace was asked for and its inputs or its snapshot are gone.
    """
    row = shop.decision(decision_id)
    again: Replayed | None = None
    trouble: str | None = None
    try:
        again = shop.replay(decision_id)
    except NotReplayable as error:
        if with_trace:
            raise
        trouble = str(error)
    is_same = again is not None and again.is_equal
    sentences = [reasons.operator_sentence(o.reason) for o in again.decision.offers] if again and is_same else []
    offers = [
        _shown(offer, sentences[place] if place < len(sentences) else None) for place, offer in enumerate(row["offers"])
    ]
    known = {
        name: row[name] for name in Why.__struct_fields__ if name in row and name not in ("offers", "at", "variants")
    }
    known["is_withheld"] = bool(row["is_withheld"])
    return Why(
        **known,
        at=datetime.fromtimestamp(row["at"] / 1e6, UTC).isoformat(),
        offers=offers,
        replay=Replay(again is not None, again.is_equal if again else None, again.difference if again else trouble),
        variants=msgspec.convert(row["variants"], list[Variant]),
        trace=traced(again.decision, "en") if again and with_trace else msgspec.UNSET,
    )


def _shown(offer: Mapping[str, Any], sentence: str | None) -> Shown:
    """Write one offer as recorded; what was paid for it, where that was written down."""
    told = {name: offer[name] for name in Shown.__struct_fields__ if name in offer}
    price = None
    if offer["price_micros"] is not None:
        price = Price(**amount(Money.from_micros(offer["price_micros"], offer["currency"])))
    return Shown(**told, sentence=sentence, price=price)


OPERATION = Operation(
    name="get_decision",
    method="GET",
    path="/v1/decisions/{decision_id}",
    summary="Explain a decision",
    about=(
        "The record kept for good, each offer with the sentence for operators, and how many candidates each gate "
        "stopped. `trace=true` makes the decision again and tells what became of every candidate."
    ),
    group="decide",
    keys=(SECRET,),
    parameters=(
        Parameter("decision_id", "path", "Given with every answer."),
        Parameter("trace", "query", "Replay and add every candidate.", {"type": "boolean", "default": False}),
    ),
    answer=Why,
    problems=(400, 401, 403, 404, 410),
)
