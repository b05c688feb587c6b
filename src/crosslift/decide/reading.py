"""Live values as a decision reads them, and what it read of them: enough to decide again without the shop."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from crosslift.decide.curation import CuratedLink, Marks
from crosslift.decide.facets import Wanted
from crosslift.decide.fixed import fixed
from crosslift.decide.sets import LivePart, SetsKept
from crosslift.domain.bundle import Bundle
from crosslift.domain.customer import Due
from crosslift.domain.plugin import AskedGate, Proposed
from crosslift.domain.pressure import PressureState
from crosslift.domain.profile import ReturnVisits

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


class Live(Protocol):
    """Live values as a decision reads them: an overlay, or what a record kept of one."""

    change_number: int
    sets: SetsKept
    """Sets worked out at these values."""

    def codes(self, items: Array) -> npt.NDArray[np.uint8]:
        """Give the live flag of each item."""

    def offered_as(self, item: int) -> str:
        """Name the sellable variant of an item."""

    def parent_of(self, product_id: str) -> str:
        """Map a variant to its parent."""

    def parents_among(self, product_ids: Iterable[str]) -> Mapping[str, str]:
        """Give the parent of each variant among some names; nothing of the others."""

    def is_known(self, product_id: str) -> bool:
        """Tell whether the catalog or the snapshot knows a product."""

    def price_of(self, item: int) -> int | None:
        """Give the price of an item now, in millionths; None where it has none."""

    def prices(self, items: Array) -> npt.NDArray[np.int64]:
        """Give the prices of items now, in millionths, −1 where there is none."""

    def can_offer(self, item: int) -> bool:
        """Tell whether an item can be sold now."""

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give the merchant's pins, bans and factors for what is in sight."""

    def bundles_with(self, product_ids: frozenset[str]) -> Sequence[Bundle]:
        """Give the merchant's sets that one of these products is part of."""

    def part(self, product_id: str) -> LivePart | None:
        """Give what a set needs to know of a product now."""

    def carries(self, wanted: Wanted, items: Array) -> Mask:
        """Tell of which items the catalog says now what is wanted."""

    def kept(self, n: int) -> Mask | None:
        """Give the next mask over `n` candidates that a record kept; None where it is to be worked out now."""


@fixed
class Read:
    """What one decision read of the live values and of the person, for the record.

    `flags` of its candidates in their order, products `owned` by its history that stand among these, `variants` it
    offered, `parents` of the variants it met, the products nobody knew, `prices` it asked one by one, the merchant's
    links it met. `history`, `holdings` and `dues` are empty unless they were used. `pressure` is what of the person's
    contacts and reactions counted. `all_prices` (int64) of candidates, of what is in sight and of the anchors are there
    where a value asked; `masks` (packed bits) say what catalog and prices gave each gate that asked them; `held`
    names what of all that was asked of the person held; `lately` is what they bought not long ago and `returning` the
    categories they come back to, as far as either counted. `plugged` is what plugins named, `gates` are those of plugins
    that were asked.
    """

    flags: bytes = b""
    owned: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    prices: tuple[tuple[int, int | None], ...] = ()
    links: tuple[CuratedLink, ...] = ()
    history: tuple[str, ...] = ()
    holdings: tuple[str, ...] = ()
    dues: tuple[Due, ...] = ()
    can_offer: tuple[tuple[int, bool], ...] = ()
    bundles: tuple[Bundle, ...] = ()
    parts: tuple[tuple[str, LivePart | None], ...] = ()
    pressure: PressureState = field(default_factory=PressureState)
    all_prices: bytes = b""
    masks: tuple[bytes, ...] = ()
    held: tuple[str, ...] = ()
    lately: tuple[tuple[str, int], ...] = ()
    returning: tuple[ReturnVisits, ...] = ()
    goals: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    withholds: tuple[str, ...] | None = None
    plugged: tuple[Proposed, ...] = ()
    gates: tuple[AskedGate, ...] = ()


class Noted:
    """Live values that remember what was asked of them, so that the record holds no more than was read.

    Attributes
    ----------
    values : Live
        The values themselves, for what is recorded otherwise.
    """

    def __init__(self, live: Live) -> None:
        self.values = self._live = live
        self.change_number = live.change_number
        self.offered_as, self.parent_of, self.is_known = live.offered_as, live.parent_of, live.is_known
        self.parents_among = live.parents_among
        self.marks, self.bundles_with, self.sets = live.marks, live.bundles_with, live.sets
        self.flags = b""
        self.asked: dict[int, int | None] = {}
        self.sellable: dict[int, bool] = {}
        self.parts: dict[str, LivePart | None] = {}
        self._all_prices: npt.NDArray[np.int64] | None = None
        self.masks: list[bytes] = []

    def codes(self, items: Array) -> npt.NDArray[np.uint8]:
        """Give the live flag of each item."""
        flags = self._live.codes(items)
        self.flags = flags.tobytes()
        return flags

    def part(self, product_id: str) -> LivePart | None:
        """Give what a set needs to know of a product now."""
        if product_id not in self.parts:
            self.parts[product_id] = self._live.part(product_id)
        return self.parts[product_id]

    def price_of(self, item: int) -> int | None:
        """Give the price of an item now, in millionths; None where it has none."""
        if item not in self.asked:
            self.asked[item] = self._live.price_of(item)
        return self.asked[item]

    def prices(self, items: Array) -> npt.NDArray[np.int64]:
        """Give the prices of items now, in millionths, −1 where there is none."""
        self._all_prices = self._live.prices(items)
        return self._all_prices

    @property
    def all_prices(self) -> bytes:
        """The prices that were asked of many items at once, as they are recorded."""
        return b"" if self._all_prices is None else self._all_prices.tobytes()

    def can_offer(self, item: int) -> bool:
        """Tell whether an item can be sold now."""
        if item not in self.sellable:
            self.sellable[item] = self._live.can_offer(item)
        return self.sellable[item]

    def carries(self, wanted: Wanted, items: Array) -> Mask:
        """Tell of which items the catalog says now what is wanted."""
        return self.mask(lambda: self._live.carries(wanted, items), len(items))

    def mask(self, find: Callable[[], Mask], n: int) -> Mask:
        """Work out a mask over `n` candidates from live values, or give the one the record kept of it."""
        kept = self._live.kept(n)
        mask = find() if kept is None else kept
        self.masks.append(np.packbits(mask).tobytes())
        return mask

    def kept(self, n: int) -> Mask | None:
        """Give the next mask that a record kept."""
        return self._live.kept(n)
