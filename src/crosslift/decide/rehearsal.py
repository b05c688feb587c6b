"""A recorded decision made again under another policy: the values it read stand as they were read.

What the record does not hold, because the policy of then did not ask it, is read as it is today, and said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide import prices, record
from crosslift.decide.curation import Marks
from crosslift.decide.facets import Wanted
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.reading import Live, Read
from crosslift.decide.replay import Remembered, again
from crosslift.decide.sets import LivePart, SetsKept
from crosslift.domain.bundle import Bundle
from crosslift.domain.customer import Person
from crosslift.domain.decision import Decision, Request
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
NOBODY_KNOWS = -2
PRICES, STOCK, CATALOG, PERSON = "prices", "stock", "catalog", "person"
"""What may have to be read as it is today."""


class Recalled(Remembered):
    """Live values of a record that note for which items they were given, while the decision is made again."""

    def __init__(self, change_number: int, read: Read, knowledge: Knowledge) -> None:
        super().__init__(change_number, read, knowledge)
        self.items: Array = np.zeros(0, dtype=np.int32)
        self.flag_of: dict[int, int] = {}
        self.price_at: dict[int, int] = {}
        self.variant_of: dict[int, str] = {}

    def codes(self, items: Array) -> npt.NDArray[np.uint8]:
        """Give the remembered flags."""
        flags = super().codes(items)
        self.items = items
        self.flag_of = dict(zip(items.tolist(), flags.tolist(), strict=True))
        return flags

    def prices(self, items: Array) -> npt.NDArray[np.int64]:
        """Give the remembered prices."""
        found = super().prices(items)
        self.price_at |= dict(zip(items.tolist(), found.tolist(), strict=True))
        return found

    def offered_as(self, item: int) -> str:
        """Name the variant that was offered."""
        self.variant_of[item] = super().offered_as(item)
        return self.variant_of[item]


class Then:
    """Live values for a policy that was not asked then: as a record has them, else as they are today.

    Parameters
    ----------
    recalled : Recalled
        After the decision was made again with it.
    today : Live
        The live values of this moment over the same snapshot.
    policy, draft : Policy
        The policy of then, and the one that is tried: as far as both ask catalog and prices the same of the same
        candidates, what was answered then stands.

    Attributes
    ----------
    read_today : set of str
        What was read as it is today: prices, stock, catalog.
    """

    def __init__(self, recalled: Recalled, read: Read, today: Live, policy: Policy, draft: Policy) -> None:
        self.change_number = recalled.change_number
        self.sets: SetsKept = {}
        self.read_today: set[str] = set()
        self._recalled, self._read, self._today = recalled, read, today
        self._price_of, self._can_offer, self._parts = dict(read.prices), dict(read.can_offer), dict(read.parts)
        self._parents, self._unknown = dict(read.parents), frozenset(read.unknown)
        self._has_sets = policy.offers_sets
        self._masks = iter(read.masks[: _same_masks(policy, draft)])

    def codes(self, items: Array) -> npt.NDArray[np.uint8]:
        """Give the flag each item had, today's of those that were no candidates then."""
        if not np.array_equal(items, self._recalled.items):
            self._masks = iter(())
        had = self._recalled.flag_of
        new = [place for place, item in enumerate(items.tolist()) if item not in had]
        flags = np.array([had.get(item, 0) for item in items.tolist()], dtype=np.uint8)
        if new:
            self.read_today.add(STOCK)
            flags[new] = self._today.codes(items[new])
        return flags

    def offered_as(self, item: int) -> str:
        """Name the variant that was offered, else the one that would be today."""
        return self._recalled.variant_of.get(item) or self._today.offered_as(item)

    def parent_of(self, product_id: str) -> str:
        """Map a variant to the parent it had."""
        return self._parents.get(product_id) or self._today.parent_of(product_id)

    def parents_among(self, product_ids: Iterable[str]) -> Mapping[str, str]:
        """Give the parent each variant among some names had."""
        return {name: parent for name in product_ids if (parent := self.parent_of(name)) != name}

    def is_known(self, product_id: str) -> bool:
        """Tell whether the product was known then."""
        return product_id not in self._unknown

    def price_of(self, item: int) -> int | None:
        """Give the price that was read."""
        if item in self._price_of:
            return self._price_of[item]
        known = self._recalled.price_at.get(item)
        if known is not None:
            return None if known < 0 else known
        self.read_today.add(PRICES)
        return self._today.price_of(item)

    def prices(self, items: Array) -> npt.NDArray[np.int64]:
        """Give the prices that were read, −1 where there was none."""
        known = [self._known_price(item) for item in items.tolist()]
        found = np.array(known, dtype=np.int64)
        new = np.flatnonzero(found == NOBODY_KNOWS)
        if len(new):
            self.read_today.add(PRICES)
            found[new] = self._today.prices(items[new])
        return found

    def _known_price(self, item: int) -> int:
        if item in self._price_of:
            price = self._price_of[item]
            return -1 if price is None else price
        return self._recalled.price_at.get(item, NOBODY_KNOWS)

    def can_offer(self, item: int) -> bool:
        """Tell whether it could be sold then."""
        if item in self._can_offer:
            return self._can_offer[item]
        if item in self._recalled.flag_of:
            return self._recalled.flag_of[item] == 0
        self.read_today.add(STOCK)
        return self._today.can_offer(item)

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give what the merchant's links said."""
        return self._recalled.marks(anchors, now, market)

    def bundles_with(self, product_ids: frozenset[str]) -> Sequence[Bundle]:
        """Give the merchant's sets that were met."""
        if self._has_sets:
            return self._recalled.bundles_with(product_ids)
        found = self._today.bundles_with(product_ids)
        self.read_today |= {CATALOG} if found else set()
        return found

    def part(self, product_id: str) -> LivePart | None:
        """Give what was known of a part, or of what is offered."""
        if product_id in self._parts:
            return self._parts[product_id]
        self.read_today.add(PRICES)
        return self._today.part(product_id)

    def carries(self, wanted: Wanted, items: Array) -> Mask:
        """Tell of which items the catalog says today what is wanted."""
        self.read_today.add(CATALOG)
        return self._today.carries(wanted, items)

    def kept(self, n: int) -> Mask | None:
        """Give the next mask that the record kept, as long as the draft asks the same."""
        bits = next(self._masks, None)
        if bits is None or len(bits) != -(-n // 8):
            self._masks = iter(())
            return None
        return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=n).astype(np.bool_)


def _same_masks(policy: Policy, draft: Policy) -> int | None:
    """Give how many of the masks of then answer what the draft asks: None for all; those of prices come first."""
    old, new = policy.value, draft.value
    if (old.max_cross_ratio, old.max_step, old.margin_floor, old.tax_rates) != (
        new.max_cross_ratio, new.max_step, new.margin_floor, new.tax_rates,
    ):  # fmt: skip
        return 0
    if policy.rules == draft.rules and policy.offers_sets == draft.offers_sets:
        return None
    return 0 if not prices.is_asked(new) else 1 if new.margin_floor is None else 3


@dataclass(frozen=True, slots=True)
class Recall:
    """A recorded decision made again as it was, ready to be made under another policy.

    Attributes
    ----------
    recorded : Decision
        With its trace.
    is_equal : bool
        Whether it came out as it was recorded, byte for byte.
    """

    decision_id: str
    request: Request
    person: Person
    recorded: Decision
    is_equal: bool
    _then: Mapping[str, Any]
    _read: Read
    _live: Recalled
    _knowledge: Knowledge
    _key: bytes
    _policy: Policy

    def under(self, draft: Policy, person: Person, today: Live) -> tuple[Decision, frozenset[str]]:
        """Decide under another policy.

        Parameters
        ----------
        person : Person
            As recorded, with what the draft asks beside it.
        today : Live
            What is asked where the record holds nothing.

        Returns
        -------
        Decision, frozenset of str
            With its trace; and what was read as it is today.
        """
        live = Then(self._live, self._read, today, self._policy, draft)
        kept = (replace(self.request, policy=draft.name), person, self._read)
        made = again(self.decision_id, self._then, kept, self._knowledge, live, self._key, draft)
        return made, frozenset(live.read_today)

    @property
    def candidates(self) -> frozenset[int]:
        """Places in the snapshot of what was considered then."""
        return frozenset(self._live.flag_of)

    @property
    def used_history(self) -> bool:
        """Whether all that the person owned is in the record, not only what stood among the candidates."""
        return bool(self._read.history)


def recall(decision_id: str, body: bytes, blob: bytes, knowledge: Knowledge, key: bytes, policy: Policy) -> Recall:
    """Make a recorded decision again and keep what it read, item by item.

    Parameters
    ----------
    body, blob : bytes
        The slim record and the inputs, as stored.
    knowledge : Knowledge
        The snapshot the record names.
    policy : Policy
        The version the record names.

    Raises
    ------
    NotReplayable
        If engine or snapshot ask something else than was asked then.
    """
    then, kept = record.read_slim(body), record.read_inputs(blob)
    request, person, read = kept
    live = Recalled(then["change_number"], read, knowledge)
    made = again(decision_id, then, kept, knowledge, live, key, policy)
    is_equal = record.slim(made, request, then["engine_version"], key) == body
    return Recall(decision_id, request, person, made, is_equal, then, read, live, knowledge, key, policy)
