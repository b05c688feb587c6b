"""Decide again from the record: same inputs, same snapshot, same bytes, or the first thing that differs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide import record
from crosslift.decide.assignment import Lot
from crosslift.decide.curation import Curated, Marks
from crosslift.decide.decider import decide
from crosslift.decide.facets import Wanted
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.outset import stopped
from crosslift.decide.plugged import marked, with_gates
from crosslift.decide.reading import Live, Read
from crosslift.decide.sets import LivePart, SetsKept
from crosslift.domain.bundle import Bundle
from crosslift.domain.chance import of
from crosslift.domain.customer import Person
from crosslift.domain.decision import Decision, NoOffer, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, Policy
from crosslift.errors import NotReplayable


class Remembered:
    """Live values as a record kept them; stands in for the overlay."""

    def __init__(self, change_number: int, read: Read, knowledge: Knowledge) -> None:
        self.change_number = change_number
        self.sets: SetsKept = {}
        self._curated = Curated(knowledge, read.links)
        self._plugged, self._index = read.plugged, knowledge.index
        self._prices = dict(read.prices)
        self._sellable = dict(read.can_offer)
        self._bundles, self._parts = read.bundles, dict(read.parts)
        self._flags = np.frombuffer(read.flags, dtype=np.uint8)
        self._all_prices = np.frombuffer(read.all_prices, dtype=np.int64)
        self._masks = iter(read.masks)
        self._variants = iter(read.variants)
        self._parents = dict(read.parents)
        self._unknown = frozenset(read.unknown)

    def codes(self, items: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """Give the remembered flags, in the order of the candidates."""
        if len(items) != len(self._flags):
            raise NotReplayable(
                f"stage gather differs: {len(items)} candidates now, {len(self._flags)} then; another engine version?"
            )
        return self._flags

    def offered_as(self, item: int) -> str:
        """Give the variants in the order in which they were offered."""
        return next(self._variants, f"item {item}")

    def parent_of(self, product_id: str) -> str:
        """Map a variant to the parent it had."""
        return self._parents.get(product_id, product_id)

    def parents_among(self, product_ids: Iterable[str]) -> Mapping[str, str]:
        """Give the parents that variants among some names had."""
        return {name: self._parents[name] for name in self._parents.keys() & set(product_ids)}

    def price_of(self, item: int) -> int | None:
        """Give the price that was read."""
        return self._prices.get(item)

    def prices(self, items: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Give the prices that were read, in the same order."""
        if len(items) != len(self._all_prices):
            raise NotReplayable(
                f"stage score differs: {len(items)} prices asked now, {len(self._all_prices)} then; another policy?"
            )
        return self._all_prices

    def carries(self, wanted: Wanted, items: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Give nothing: what the catalog said is in the masks."""
        raise NotReplayable("stage gates differs: a rule asks the catalog now and did not then; another policy?")

    def kept(self, n: int) -> npt.NDArray[np.bool_]:
        """Give what catalog and prices gave the gates, in the order in which they asked."""
        bits = next(self._masks, b"")
        if len(bits) != -(-n // 8):
            raise NotReplayable("stage gates differs: they ask catalog and prices something else now; another policy?")
        return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=n).astype(np.bool_)

    def can_offer(self, item: int) -> bool:
        """Tell whether it could be sold then."""
        return self._sellable.get(item, True)

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give what the merchant's links said."""
        marks = self._curated.at(anchors, now, market)
        return marked(marks, self._plugged, self._index) if self._plugged else marks

    def bundles_with(self, product_ids: frozenset[str]) -> Sequence[Bundle]:
        """Give the merchant's sets that were met."""
        return self._bundles

    def part(self, product_id: str) -> LivePart | None:
        """Give what was known of a part."""
        return self._parts.get(product_id)

    def is_known(self, product_id: str) -> bool:
        """Tell whether the product was known then."""
        return product_id not in self._unknown


@dataclass(frozen=True, slots=True)
class Replayed:
    """The decision made again, with its trace, and whether the record came out byte for byte."""

    decision: Decision
    is_equal: bool
    difference: str | None


def replay(
    decision_id: str, body: bytes, blob: bytes, knowledge: Knowledge, key: bytes, policy: Policy | None = None
) -> Replayed:
    """Make a recorded decision again.

    Parameters
    ----------
    body, blob : bytes
        The slim record and the inputs, as stored.
    knowledge : Knowledge
        The snapshot the record names.
    key : bytes
        The shop's, which the request was hashed with.
    policy : Policy, optional
        The version the record names; by default the engine's own of that name.
    """
    then = record.read_slim(body)
    kept = record.read_inputs(blob)
    live = Remembered(then["change_number"], kept[2], knowledge)
    decision = again(decision_id, then, kept, knowledge, live, key, policy or BUILT_IN[kept[0].policy])
    written = record.slim(decision, kept[0], then["engine_version"], key)
    return Replayed(
        decision, written == body, None if written == body else _first_difference(then, record.read_slim(written))
    )


def again(
    decision_id: str, then: Mapping[str, Any], kept: tuple[Request, Person, Read], knowledge: Knowledge, live: Live,
    key: bytes, policy: Policy,
) -> Decision:  # fmt: skip
    """Decide once more, with the same draws and arms, from what a record kept.

    Parameters
    ----------
    then : mapping
        The slim record, read.
    kept : Request, Person, Read
        The inputs, read.
    live : Live
        What stands for the live values of then.
    """
    request, person, read = kept
    placement, policy = PLACEMENTS[request.placement], with_gates(policy, read.gates)
    if then["no_offer"] == NoOffer.STOPPED:
        number = then["change_number"]
        return stopped(request, decision_id, knowledge.snapshot_id, number, person, policy, placement)
    lot = lot_of(decision_id, then, read, key)
    decision, _ = decide(
        request, decision_id, knowledge, live, person, policy, placement, licences=frozenset(read.licences), lot=lot,
        with_trace=True,
    )  # fmt: skip
    return decision


def lot_of(decision_id: str, then: Mapping[str, Any], read: Read, key: bytes) -> Lot:
    """Give the decision its draws again, and the arms it was in."""
    return Lot(of(key, decision_id), then["arm"], None if read.withholds is None else frozenset(read.withholds))


def _first_difference(then: dict[str, Any], now: dict[str, Any]) -> str:
    stages = (
        ("consent", "purpose"), ("vary", "variants"), ("gates", "dropped"), ("arbitrate", "offers"), ("answer", "no_offer"),
        ("notes", "warnings"), ("labels", "labels"), ("sets", "sets"), ("withhold", "withheld"),
    )  # fmt: skip
    for stage, name in stages:
        if then[name] != now[name]:
            return f"stage {stage}: {name} was {then[name]!r}, is {now[name]!r}"
    return next(
        (f"{name} was {then[name]!r}, is {now[name]!r}" for name in then if then[name] != now[name]),
        "encoding",
    )
