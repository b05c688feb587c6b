"""What the catalog says of products at this moment: category, tags, attributes, as far as rules ask.

A snapshot knows categories as they were learned, and no attributes. A rule must hold on the very next decision after the
catalog changed, so these are read with the live values. A product is what its own row says and what each of its variants
says; it is exempt from a rule only by its own row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.condition import property_text
from crosslift.domain.rule import Selector

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
TAGS = "tags"
"""The attribute that holds tags, several with commas between them or as a list."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The part of a selector that the catalog of this moment answers; empty fields ask nothing."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    not_products: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, selector: Selector) -> "Wanted | None":
        """Read it out of a selector; None where the selector asks nothing of the catalog."""
        wanted = cls(
            selector.products, selector.categories, selector.tags, tuple(sorted(selector.attributes.items())),
            selector.not_products, selector.not_categories, selector.not_tags,
        )  # fmt: skip
        return None if wanted == ASKS_NOTHING else wanted

    @property
    def names(self) -> frozenset[str]:
        """Attributes that are asked for."""
        tags = {TAGS} if self.tags or self.not_tags else set()
        return frozenset(tags | {name for name, _ in self.attributes})


ASKS_NOTHING = Wanted()


@dataclass(frozen=True, slots=True)
class FacetRow:
    """Category and some attributes of one product or variant; `said` holds names with their texts."""

    product_id: str
    parent_id: str | None
    category: str | None
    said: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(
        cls, product_id: str, parent_id: str | None, category: str | None, attributes: str, names: frozenset[str]
    ) -> "FacetRow":
        """Take the attributes asked for out of the JSON of a catalog row."""
        said: list[tuple[str, str]] = []
        if names and attributes and attributes != "{}":
            values: Mapping[str, object] = msgspec.json.decode(attributes)
            said = [(name, text) for name in sorted(names & values.keys()) for text in _texts(name, values[name])]
        return cls(product_id, parent_id, category, tuple(said))


def _texts(name: str, value: object) -> Iterable[str]:
    """Give the texts an attribute holds: one, those of a list, tags taken apart at their commas."""
    if isinstance(value, list):
        return [text for one in value for text in _texts(name, one)]
    text = property_text(value)
    if text is None:
        return []
    return [tag for part in text.split(",") if (tag := part.strip())] if name == TAGS else [text]


class Facets:
    """Categories and attributes over a snapshot, as of one change number; never changed.

    Parameters
    ----------
    rows : mapping of str to FacetRow
        By product or variant; a product without a row is as the snapshot has it.
    names : frozenset of str
        The attributes that were read.
    is_live : bool
        Whether the catalog was read at all; else everything is as the snapshot has it.
    """

    def __init__(
        self, knowledge: Knowledge, rows: Mapping[str, FacetRow], names: frozenset[str] = frozenset(), *,
        is_live: bool = False,
    ) -> None:  # fmt: skip
        self._knowledge = knowledge
        self._rows = rows
        self.names = names
        self.is_live = is_live
        self._masks: dict[Wanted, Mask] = {}

    def with_changes(self, changed: Iterable[FacetRow]) -> "Facets":
        """Give the facets with some rows replaced; the very same where nothing is different."""
        new = {row.product_id: row for row in changed if self._rows.get(row.product_id) != row}
        return Facets(self._knowledge, {**self._rows, **new}, self.names, is_live=self.is_live) if new else self

    def answers(self, names: frozenset[str]) -> bool:
        """Tell whether some attributes were read."""
        return self.is_live and names <= self.names

    def over(self, knowledge: Knowledge) -> "Facets":
        """Give the same rows over another snapshot."""
        return Facets(knowledge, self._rows, self.names, is_live=self.is_live)

    def mask(self, wanted: Wanted) -> Mask:
        """Mark the items of which all that is wanted is said, and nothing that exempts them; shape (items,)."""
        found = self._masks.get(wanted)
        if found is None:
            found = self._masks[wanted] = self._found(wanted)
        return found

    def _found(self, wanted: Wanted) -> Mask:
        mask = np.ones(self._knowledge.n_items, dtype=np.bool_)
        if wanted.products:
            mask &= self._of_products(wanted.products, of_variants=True)
        if wanted.categories:
            mask &= self._of_categories(wanted.categories, of_variants=True)
        if wanted.tags:
            mask &= self._of_tags(wanted.tags, of_variants=True)
        for said in wanted.attributes:
            mask &= self._saying([said], of_variants=True)
        mask &= ~self._of_products(wanted.not_products, of_variants=False)
        mask &= ~self._of_categories(wanted.not_categories, of_variants=False)
        mask &= ~self._of_tags(wanted.not_tags, of_variants=False)
        return mask

    def _of_products(self, names: Iterable[str], *, of_variants: bool) -> Mask:
        """Mark products by id, and the product of a variant."""
        index, places = self._knowledge.index, []
        for name in names:
            row = self._rows.get(name) if of_variants else None
            places += [index[known] for known in (name, row.parent_id if row else None) if known in index]
        return self._knowledge.mask_of(places)

    def _of_tags(self, tags: tuple[str, ...], *, of_variants: bool) -> Mask:
        mask = self._saying([(TAGS, tag) for tag in tags], of_variants=of_variants)
        return mask | self._knowledge.library.tagged(tags) if tags else mask

    def _saying(self, said: Iterable[tuple[str, str]], *, of_variants: bool) -> Mask:
        own, variants = self._said
        places = [item for one in said for item in (*own.get(one, ()), *(variants.get(one, ()) if of_variants else ()))]
        return self._knowledge.mask_of(places)

    def _of_categories(self, categories: Iterable[str], *, of_variants: bool) -> Mask:
        """Mark what stands in some categories or below: as the live rows say, for others as the snapshot has it."""
        own, variants, is_told = self._shelves
        mask = np.zeros(self._knowledge.n_items, dtype=np.bool_)
        for category in categories:
            mask[self._knowledge.items_in(category)] = True
        mask &= ~is_told
        for category in categories:
            below = category.rstrip("/") + "/"
            for shelves in (own, variants) if of_variants else (own,):
                places = [at for name, at in shelves.items() if (name + "/").startswith(below)]
                mask[[item for at in places for item in at]] = True
        return mask

    @cached_property
    def _said(self) -> tuple[dict[tuple[str, str], list[int]], dict[tuple[str, str], list[int]]]:
        """Items by what their own row says, and by what a variant of theirs says."""
        own: dict[tuple[str, str], list[int]] = {}
        variants: dict[tuple[str, str], list[int]] = {}
        for row, item, is_own in self._placed():
            for said in row.said:
                (own if is_own else variants).setdefault(said, []).append(item)
        return own, variants

    @cached_property
    def _shelves(self) -> tuple[dict[str, list[int]], dict[str, list[int]], Mask]:
        """Items by the category of their own row and of their variants, and which items have any of them."""
        own: dict[str, list[int]] = {}
        variants: dict[str, list[int]] = {}
        is_told = np.zeros(self._knowledge.n_items, dtype=np.bool_)
        for row, item, is_own in self._placed():
            if is_own or row.category:
                is_told[item] = True
            if row.category:
                (own if is_own else variants).setdefault(row.category, []).append(item)
        return own, variants, is_told

    def _placed(self) -> Iterable[tuple[FacetRow, int, bool]]:
        """Give each row with the item it speaks of, and whether it is the item's own."""
        index = self._knowledge.index
        for row in self._rows.values():
            if row.product_id in index:
                yield row, index[row.product_id], True
            if row.parent_id in index:
                yield row, index[row.parent_id], False
