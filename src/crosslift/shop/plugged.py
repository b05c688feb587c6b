"""What plugins add to one decision: asked before it for products, and in the middle of it by the rules of their gates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from crosslift.decide.curation import Marks
from crosslift.decide.facets import Wanted
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.decide.plugged import FAILED, PREFIX, STOPS, marked, placed
from crosslift.decide.reading import Array, Mask, Read
from crosslift.domain.customer import Person
from crosslift.domain.decision import Request
from crosslift.domain.placement import Placement
from crosslift.domain.plugin import AskedGate, Proposed, Question


class Judge(Protocol):
    """A gate as a decision asks it."""

    @property
    def name(self) -> str:
        """The plugin."""

    def judge(self, question: Question, product_ids: Sequence[str]) -> frozenset[str] | None:
        """Name what it stops; None where it did not answer."""


class Plugged:
    """The live values of one decision with what plugins say beside them.

    Parameters
    ----------
    overlay : Overlay
        The live values.
    proposed : sequence of Proposed
        What plugins named.
    gates, judges
        The gates that are asked: as the record has them, and to ask them.
    """

    def __init__(
        self, overlay: Overlay, knowledge: Knowledge, question: Question, proposed: Sequence[Proposed],
        gates: tuple[AskedGate, ...], judges: Sequence[Judge],
    ) -> None:  # fmt: skip
        self.change_number, self.sets = overlay.change_number, overlay.sets
        self.codes, self.offered_as, self.part = overlay.codes, overlay.offered_as, overlay.part
        self.parent_of, self.parents_among, self.is_known = overlay.parent_of, overlay.parents_among, overlay.is_known
        self.price_of, self.prices, self.can_offer = overlay.price_of, overlay.prices, overlay.can_offer
        self.bundles_with, self.kept = overlay.bundles_with, overlay.kept
        self._overlay, self._knowledge = overlay, knowledge
        self._question, self._gates = question, gates
        self._proposed = placed(proposed, knowledge.index, overlay.parent_of)
        self._judges = {PREFIX + judge.name: judge for judge in judges}
        self._failed: dict[str, bool] = {}

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give what the merchant says for what is in sight, and what plugins named."""
        marks = self._overlay.marks(anchors, now, market)
        return marked(marks, self._proposed, self._knowledge.index) if self._proposed else marks

    def carries(self, wanted: Wanted, items: Array) -> Mask:
        """Tell of which items the catalog says now what is wanted, or which of them a gate stops."""
        name, asked = next(((name, asked) for name, asked in wanted.attributes if name in self._judges), ("", ""))
        if not name:
            return self._overlay.carries(wanted, items)
        about = self._about(wanted, items)
        if asked == STOPS:
            return self._judged(name, items, about)
        return about if asked == FAILED and self._failed.get(name, False) else np.zeros(len(items), dtype=np.bool_)

    def noted(self, read: Read) -> Read:
        """Put down what plugins said, for the record."""
        return replace(read, plugged=self._proposed, gates=self._gates)

    def _about(self, wanted: Wanted, items: Array) -> Mask:
        """Mark what a gate is about."""
        plain = Wanted(wanted.products, wanted.categories)
        if plain == Wanted():
            return np.ones(len(items), dtype=np.bool_)
        return self._overlay.carries(plain, items)

    def _judged(self, name: str, items: Array, about: Mask) -> Mask:
        """Ask a gate; where it does not answer it stops nothing by its own code, and its second rule everything."""
        places: npt.NDArray[np.int64] = np.flatnonzero(about)
        stopped = np.zeros(len(items), dtype=np.bool_)
        if len(places) == 0:
            self._failed[name] = False
            return stopped
        names = [self._knowledge.products[item] for item in items[places].tolist()]
        found = self._judges[name].judge(self._question, names)
        self._failed[name] = found is None
        if found:
            stopped[places] = [one in found for one in names]
        return stopped


def question_of(request: Request, placement: Placement, person: Person, *, may_use_history: bool) -> Question:
    """Give what plugins are asked; who asks is told only where their history may be used."""
    return Question(
        request.placement, placement.channel, request.at, request.language, request.market or person.market, request.cart,
        request.product, request.query, request.content, request.viewed, request.goals, request.device, request.store_id,
        request.customer_id if may_use_history else None,
    )  # fmt: skip
