"""A decision as bytes: the slim record kept for good, the inputs blob kept for replay (DESIGN 2b.5)."""

import zlib
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from crosslift.decide.decider import Read
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, Reason, ReasonCode, Request

FORMAT = 1
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def slim(decision: Decision, request: Request, engine_version: str) -> bytes:
    """Encode the slim record as canonical msgpack: the same decision gives the same bytes everywhere."""
    return _encoder.encode([
        FORMAT,
        engine_version,
        blake2b(_encoder.encode(_request_row(request)), digest_size=8).digest(),
        decision.mapping_version,
        decision.arm,
        decision.purpose.value,
        decision.snapshot_id,
        decision.change_number,
        decision.policy,
        decision.policy_version,
        [
            [o.product_id, o.kind, o.p, o.priority, o.slot_probability, o.reason.code.value, _evidence_id(o.reason)]
            for o in decision.offers
        ],
        decision.no_offer.value if decision.no_offer else None,
        dict(sorted(decision.dropped.items())),
        _without_names(decision.warnings),
        decision.consent_id,
    ])  # fmt: skip


def read_slim(body: bytes) -> dict[str, Any]:
    """Decode a slim record into named values."""
    names = (
        "format", "engine_version", "request_hash", "mapping_version", "arm", "purpose", "snapshot_id",
        "change_number", "policy", "policy_version", "offers", "no_offer", "dropped", "warnings", "consent_id",
    )  # fmt: skip
    offer = ("product", "kind", "p", "priority", "slot_probability", "reason", "evidence")
    values = dict(zip(names, msgspec.msgpack.decode(body), strict=True))
    values["request_hash"] = values["request_hash"].hex()
    values["offers"] = [dict(zip(offer, row, strict=True)) for row in values["offers"]]
    return values


def offered(body: bytes) -> frozenset[str]:
    """Name the products a slim record offers."""
    return frozenset(offer["product"] for offer in read_slim(body)["offers"])


def _evidence_id(reason: Reason) -> list[Any]:
    """Enough to find the evidence again in the snapshot: the row of a tested pair, else the counts themselves."""
    evidence = reason.evidence
    if reason.code is ReasonCode.BOUGHT_TOGETHER:
        return [evidence["pair"], evidence["anchor"]]
    if reason.code is ReasonCode.OFTEN_IN_SUCH_BASKETS:
        return [evidence["anchor"], evidence["n_both"], evidence["n_a"]]
    return [evidence["n_orders"], evidence["window_days"]]


def _without_names(warnings: tuple[str, ...]) -> list[str]:
    """Leave out what a caller typed: the slim record is kept for good, names of people stay in the inputs."""
    return list(dict.fromkeys(w.partition(":")[0] if w.startswith("unknown_") else w for w in warnings))


def _request_row(request: Request) -> list[Any]:
    return [
        request.placement, int(request.at.timestamp() * 1_000_000), request.customer_id, request.cart, request.holdings,
        request.k, request.exclude, request.policy, request.purpose.value if request.purpose else None,
        request.language, request.market,
    ]  # fmt: skip


def inputs(request: Request, person: Person, read: Read) -> bytes:
    """Encode everything live and personal that the decision read, compressed."""
    body = _encoder.encode([
        FORMAT,
        _request_row(request),
        [person.identity, person.is_known, read.owned, sorted([*k, v] for k, v in person.consents.items()),
         person.consent_id, person.mapping_version],
        read.flags,
        read.variants,
        read.parents,
        read.unknown,
    ])  # fmt: skip
    return zlib.compress(body, 1)


def read_inputs(blob: bytes) -> tuple[Request, Person, Read]:
    """Decode an inputs blob."""
    _, row, who, flags, variants, parents, unknown = msgspec.msgpack.decode(zlib.decompress(blob))
    request = Request(
        placement=row[0], at=datetime.fromtimestamp(row[1] / 1_000_000, UTC), customer_id=row[2], cart=tuple(row[3]),
        holdings=tuple(row[4]), k=row[5], exclude=tuple(row[6]), policy=row[7],
        purpose=Purpose(row[8]) if row[8] else None, language=row[9], market=row[10],
    )  # fmt: skip
    person = Person(
        identity=who[0], is_known=who[1], owned=frozenset(who[2]),
        consents={(purpose, channel): value for purpose, channel, value in who[3]},
        consent_id=who[4], mapping_version=who[5],
    )  # fmt: skip
    return (
        request,
        person,
        Read(flags, tuple(who[2]), tuple(variants), tuple((name, parent) for name, parent in parents), tuple(unknown)),
    )
