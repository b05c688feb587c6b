"""Decide again from the record: same inputs, same snapshot, same bytes, or the first thing that differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide import record
from crosslift.decide.curation import Curated, Marks
from crosslift.decide.decider import Read, decide
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.sets import LivePart
from crosslift.domain.bundle import Bundle
from crosslift.domain.decision import Decision
from crosslift.domain.offer import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import NotReplayable


class Remembered:
    """Live values as a record kept them; stands in for the overlay."""

    def __init__(self, change_number: int, read: Read, knowledge: Knowledge) -> None:
        self.change_number = change_number
        self._curated = Curated(knowledge, read.links)
        self._prices = dict(read.prices)
        self._sellable = dict(read.can_offer)
        self._bundles, self._parts = read.bundles, dict(read.parts)
        self._flags = np.frombuffer(read.flags, dtype=np.uint8)
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

    def price_of(self, item: int) -> int | None:
        """Give the price that was read."""
        return self._prices.get(item)

    def can_offer(self, item: int) -> bool:
        """Tell whether it could be sold then."""
        return self._sellable.get(item, True)

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give what the merchant's links said."""
        return self._curated.at(anchors, now, market)

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


def replay(decision_id: str, body: bytes, blob: bytes, knowledge: Knowledge, key: bytes) -> Replayed:
    """Make a recorded decision again.

    Parameters
    ----------
    body, blob : bytes
        The slim record and the inputs, as stored.
    knowledge : Knowledge
        The snapshot the record names.
    key : bytes
        The shop's, which the request was hashed with.
    """
    then = record.read_slim(body)
    request, person, read = record.read_inputs(blob)
    decision, _ = decide(
        request, decision_id, knowledge, Remembered(then["change_number"], read, knowledge), person, BUILT_IN[request.policy],
        PLACEMENTS[request.placement], with_trace=True,
    )  # fmt: skip
    again = record.slim(decision, request, then["engine_version"], key)
    return Replayed(
        decision, again == body, None if again == body else _first_difference(then, record.read_slim(again))
    )


def _first_difference(then: dict[str, Any], now: dict[str, Any]) -> str:
    stages = (
        ("consent", "purpose"), ("gates", "dropped"), ("arbitrate", "offers"), ("answer", "no_offer"),
        ("notes", "warnings"), ("labels", "labels"), ("sets", "sets"),
    )  # fmt: skip
    for stage, name in stages:
        if then[name] != now[name]:
            return f"stage {stage}: {name} was {then[name]!r}, is {now[name]!r}"
    return next(
        (f"{name} was {then[name]!r}, is {now[name]!r}" for name in then if then[name] != now[name]),
        "encoding",
    )
