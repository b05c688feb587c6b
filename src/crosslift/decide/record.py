"""A decision as bytes: the slim record kept for good, the inputs blob kept for replay (DESIGN 2b.5)."""

import zlib
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

from crosslift.decide.curation import CuratedLink
from crosslift.decide.reading import Read
from crosslift.decide.sets import LivePart
from crosslift.domain.bundle import from_plain, plain
from crosslift.domain.customer import Due, Person, Purpose
from crosslift.domain.decision import Decision, Reason, ReasonCode, Request
from crosslift.domain.money import Money
from crosslift.domain.plugin import AskedGate, Proposed
from crosslift.domain.pressure import Contact, ContactState, Helped, PressureState, Reacted, Reaction
from crosslift.domain.profile import ReturnVisits
from crosslift.errors import NotReplayable

FORMAT = 4
WINDOW, MEMORY = 11, 4
"""Of the compressor, as zlib counts them: inputs are short, and clearing its usual memory costs six times as much as packing."""
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def slim(decision: Decision, request: Request, engine_version: str, key: bytes) -> bytes:
    """Encode the slim record as canonical msgpack: the same decision gives the same bytes everywhere.

    The request is hashed with the shop's key: who asked cannot be guessed from a record that outlives the person's data.
    Variants stand at the end, and only where there are any: records of policies without them are as they always were.
    """
    return _encoder.encode([
        FORMAT,
        engine_version,
        blake2b(_encoder.encode(_request_row(request)), digest_size=8, key=key).digest(),
        decision.mapping_version,
        decision.arm,
        decision.purpose.value,
        decision.snapshot_id,
        decision.change_number,
        decision.policy,
        decision.policy_version,
        [
            [o.product_id, o.kind, o.p, o.priority, o.slot_probability, o.reason.code.value, _evidence_id(o.reason),
             o.offer_id, o.offer_version, *((o.price.to_micros(), o.price.currency) if o.price else (None, None)), o.lever]
            for o in decision.offers
        ],
        str(decision.no_offer) if decision.no_offer else None,
        dict(sorted(decision.dropped.items())),
        _without_names(decision.warnings),
        decision.consent_id,
        [[label.code.value for label in offer.labels] for offer in decision.offers],
        [[s.bundle_id, str(s.price.amount), str(s.saving.amount), [p.offered_as for p in s.missing]] for s in decision.sets],
        [[o.product_id, o.kind, o.p, o.priority, o.slot_probability, o.lever] for o in decision.withheld],
        *([[[v.set_id, v.option, v.probability] for v in decision.variants]] if decision.variants else []),
    ])  # fmt: skip


def read_slim(body: bytes) -> dict[str, Any]:
    """Decode a slim record into named values."""
    names = (
        "format", "engine_version", "request_hash", "mapping_version", "arm", "purpose", "snapshot_id",
        "change_number", "policy", "policy_version", "offers", "no_offer", "dropped", "warnings", "consent_id", "labels",
        "sets", "withheld", "variants",
    )  # fmt: skip
    offer = (
        "product", "kind", "p", "priority", "slot_probability", "reason", "evidence", "offer", "offer_version",
        "price_micros", "currency", "lever",
    )  # fmt: skip
    values = dict(zip(names, msgspec.msgpack.decode(body), strict=False))  # the first format ends earlier
    values["request_hash"] = values["request_hash"].hex()
    unpriced = dict.fromkeys(offer[7:])  # up to the third format nobody wrote prices down
    values["offers"] = [unpriced | dict(zip(offer, row, strict=False)) for row in values["offers"]]
    held = (*offer[:5], "lever")
    values["withheld"] = [dict(zip(held, row, strict=True)) for row in values.get("withheld", ())]
    values["variants"] = [
        dict(zip(("set", "option", "probability"), row, strict=True)) for row in values.get("variants", ())
    ]
    return values


class _Offer(msgspec.Struct, array_like=True):
    product: str
    kind: str


class _Served(msgspec.Struct, array_like=True):
    """The beginning of a slim record, of any format, with what is not asked for left as it is."""

    format: int
    engine_version: msgspec.Raw
    request_hash: msgspec.Raw
    mapping_version: msgspec.Raw
    arm: msgspec.Raw
    purpose: msgspec.Raw
    snapshot_id: msgspec.Raw
    change_number: msgspec.Raw
    policy: msgspec.Raw
    policy_version: msgspec.Raw
    offers: list[_Offer]
    no_offer: str | None


_served = msgspec.msgpack.Decoder(_Served)


def served(body: bytes) -> tuple[str, list[str], list[str]]:
    """Read of a slim record why nothing was offered, empty where something was, and product and kind of each offer."""
    read = _served.decode(body)
    return read.no_offer or "", [offer.product for offer in read.offers], [offer.kind for offer in read.offers]


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
    if reason.code is ReasonCode.BESTSELLER:
        return [evidence["n_orders"], evidence["window_days"]]
    if reason.code is ReasonCode.PLUGIN:
        return [evidence["plugin"], evidence["version"]]
    return [evidence.get("link"), evidence.get("anchor")]


def _without_names(warnings: tuple[str, ...]) -> list[str]:
    """Leave out what a caller typed: the slim record is kept for good, names of people stay in the inputs."""
    return list(dict.fromkeys(w.partition(":")[0] if w.startswith("unknown_") else w for w in warnings))


def _request_row(request: Request) -> list[Any]:
    return [
        request.placement, int(request.at.timestamp() * 1_000_000), request.customer_id, request.cart, request.holdings,
        request.k, request.exclude, request.policy, request.purpose.value if request.purpose else None,
        request.language, request.market, request.product, request.query, request.content, request.kinds,
        request.anonymous_id, request.session_id, request.account_id, request.device, request.dwell_seconds, request.viewed,
        None if request.cart_value is None else str(request.cart_value), request.agent_id, request.goals,
        request.on_page, *([request.store_id] if request.store_id else []),
    ]  # fmt: skip


def inputs(request: Request, person: Person, read: Read) -> bytes:
    """Encode everything live and personal that the decision read, compressed."""
    body = _encoder.encode([
        FORMAT,
        _request_row(request),
        [person.identity, person.is_known, read.owned, sorted([*k, v] for k, v in person.consents.items()),
         sorted([*k, v] for k, v in person.entries.items()), person.mapping_version, read.history, read.holdings,
         [[d.product_id, d.due_at, d.interval_days, d.last_at, d.n_gaps, d.basis] for d in read.dues],
         _pressure_row(read.pressure), person.open_cases, person.timezone, person.market,
         [person.helped.n_useful, person.helped.won_at, person.helped.bought_at]],
        read.flags,
        read.variants,
        read.parents,
        read.unknown,
        read.prices,
        [[k.from_id, k.to_id, k.kind, k.action, k.reason, k.author, k.value, k.expires_at, k.market] for k in read.links],
        read.can_offer,
        [plain(bundle) for bundle in read.bundles],
        [[name, _part_row(part)] for name, part in read.parts],
        read.all_prices,
        read.masks,
        [read.held, read.lately, read.returning, read.goals, read.licences, read.withholds,
         *([msgspec.to_builtins(read.plugged), msgspec.to_builtins(read.gates)] if read.plugged or read.gates else [])],
    ])  # fmt: skip
    packer = zlib.compressobj(1, zlib.DEFLATED, WINDOW, MEMORY)
    return packer.compress(body) + packer.flush()


def read_inputs(blob: bytes) -> tuple[Request, Person, Read]:
    """Decode an inputs blob."""
    kept_as, row, who, flags, variants, parents, unknown, *more = msgspec.msgpack.decode(zlib.decompress(blob))
    if kept_as != FORMAT:
        raise NotReplayable(f"its inputs were kept in format {kept_as}, this crosslift replays {FORMAT}")
    request = Request(
        placement=row[0], at=datetime.fromtimestamp(row[1] / 1_000_000, UTC), customer_id=row[2], cart=tuple(row[3]),
        holdings=tuple(row[4]), k=row[5], exclude=tuple(row[6]), policy=row[7],
        purpose=Purpose(row[8]) if row[8] else None, language=row[9], market=row[10], product=row[11], query=row[12],
        content=row[13], kinds=tuple(row[14]), anonymous_id=row[15], session_id=row[16], account_id=row[17],
        device=row[18], dwell_seconds=row[19], viewed=tuple(row[20]),
        cart_value=None if row[21] is None else Decimal(row[21]), agent_id=row[22], goals=tuple(row[23]),
        on_page=tuple(row[24]), store_id=row[25] if len(row) > 25 else None,
    )  # fmt: skip
    prices, links, can_offer, bundles, parts, all_prices, masks, asked = more
    held, lately, returning, goals, licences, withholds, *plugged = asked
    person = Person(
        identity=who[0], is_known=who[1], owned=frozenset(who[2]) | frozenset(who[6]),
        consents={(purpose, channel): value for purpose, channel, value in who[3]},
        entries={(purpose, channel): entry for purpose, channel, entry in who[4]}, mapping_version=who[5],
        holdings=frozenset(who[7]), dues=tuple(Due(*due) for due in who[8]), pressure=_pressure_of(who[9]),
        open_cases=who[10], timezone=who[11], market=who[12], helped=Helped(*who[13]), goals=tuple(goals),
        lately=dict(lately), returning=tuple(ReturnVisits(*one) for one in returning), held=tuple(held),
    )  # fmt: skip
    read = Read(
        flags, tuple(who[2]), tuple(variants), _pairs(parents), tuple(unknown), _pairs(prices),
        tuple(CuratedLink(*link) for link in links), tuple(who[6]), tuple(who[7]), person.dues, _pairs(can_offer),
        tuple(from_plain(row) for row in bundles), tuple((name, _part_of(row)) for name, row in parts), person.pressure,
        all_prices, tuple(masks), tuple(held), _pairs(lately), person.returning, tuple(goals), tuple(licences),
        None if withholds is None else tuple(withholds), *_plugged(*plugged),
    )  # fmt: skip
    return request, person, read


def _plugged(
    named: list[Any] | None = None, gates: list[Any] | None = None
) -> tuple[tuple[Proposed, ...], tuple[AskedGate, ...]]:
    """Read what plugins said; it stands at the end, and only where any were asked."""
    return msgspec.convert(named or [], tuple[Proposed, ...]), msgspec.convert(gates or [], tuple[AskedGate, ...])


def _pressure_row(state: PressureState) -> list[Any]:
    """Write what is alike once and instants by their distance: of somebody with much to count it stays small."""
    base = min([*(c.at for c in state.contacts), *(r.at for r in state.reactions)], default=0)
    contacts, reactions = dict[tuple[Any, ...], list[int]](), dict[tuple[Any, ...], list[int]]()
    for c in state.contacts:
        contacts.setdefault((c.channel, c.topic, c.state.value, c.expires_at), []).append(c.at - base)
    for r in state.reactions:
        reactions.setdefault((r.reaction.value, r.product_id, r.category, r.channel), []).append(r.at - base)
    return [
        state.row_version,
        state.contacts_since,
        state.is_busy,
        base,
        list(contacts.items()),
        list(reactions.items()),
        *_account_rows(state),
    ]


def _account_rows(state: PressureState) -> list[Any]:
    """Write the contacts of an account, at the end and only where somebody asked for them."""
    if state.account_contacts is None:
        return []
    rows = [[c.at, c.channel, c.topic, c.state.value, c.expires_at] for c in state.account_contacts]
    return [rows, state.account_since]


def _pressure_of(row: list[Any]) -> PressureState:
    version, since, is_busy, base, contacts, reactions, *account = row
    return PressureState(
        version,
        tuple(
            Contact(base + at, channel, topic, ContactState(state), end)
            for (channel, topic, state, end), ats in contacts
            for at in ats
        ),
        tuple(Reacted(base + at, Reaction(what), *about) for (what, *about), ats in reactions for at in ats),
        since,
        is_busy,
        *_account_of(*account),
    )


def _account_of(rows: list[Any] | None = None, since: int = 0) -> tuple[tuple[Contact, ...] | None, int]:
    if rows is None:
        return None, since
    return tuple(
        Contact(at, channel, topic, ContactState(state), end) for at, channel, topic, state, end in rows
    ), since


def _part_row(part: LivePart | None) -> list[Any] | None:
    if part is None:
        return None
    money = [None if m is None else [str(m.amount), m.currency] for m in (part.price, part.cost)]
    return [part.offered_as, money[0], part.stock, money[1], part.can_be_sold]


def _part_of(row: list[Any] | None) -> LivePart | None:
    if row is None:
        return None
    price, cost = (None if m is None else Money(Decimal(m[0]), m[1]) for m in (row[1], row[3]))
    return LivePart(row[0], price, row[2], cost, row[4])


def _pairs(rows: Any) -> tuple[Any, ...]:
    return tuple((one, other) for one, other in rows)
