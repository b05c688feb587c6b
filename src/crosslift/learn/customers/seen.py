"""What people were seen doing: events read part by part and kept as a few numbers each, never as texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain import event
from crosslift.learn.customers.bought import latest
from crosslift.learn.customers.material import COLUMNS
from crosslift.learn.customers.people import Identities, Numbers, People, encoded
from crosslift.learn.customers.shelf import Shelf
from crosslift.learn.customers.sources import NAMES_A_SOURCE

Ints = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.int8]

ROWS_AT_ONCE = 1_000_000
"""Rows read together, at least."""


class Act(IntEnum):
    """What an event means for where somebody stands."""

    OTHER = 0
    VIEW = 1
    LIST = 2
    CART = 3
    SEARCH = 4
    USE = 5


ACTS: Mapping[str, Act] = {
    event.PRODUCT_VIEWED: Act.VIEW, "Product Clicked": Act.VIEW, "Product List Viewed": Act.LIST,
    "Product List Filtered": Act.LIST, event.PRODUCT_ADDED: Act.CART, "Product Added to Wishlist": Act.CART,
    "Wishlist Product Added to Cart": Act.CART, "Checkout Started": Act.CART, event.PRODUCTS_SEARCHED: Act.SEARCH,
    event.CONTENT_VIEWED: Act.USE, event.CONTENT_DOWNLOADED: Act.USE, "screen": Act.USE,
}  # fmt: skip
"""Reading a guide and being in the app are use, once something was bought."""
IDENTIFY = "identify"


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of events, one row each: of whom, when, and the properties as JSON."""

    person: Numbers
    at: Ints
    properties: pa.Array


@dataclass(frozen=True, slots=True)
class Seen:
    """Views, lists, carts and searches, in no order; arrays of shape (acts,).

    Attributes
    ----------
    person, category : int32 array
        Who, and the place of the category in the shelf's, −1 for none.
    at : int64 array
        Microseconds UTC.
    act : int8 array
        An `Act`.
    last_at, last_used_at : int64 array, shape (people,)
        Newest event of any kind, and newest use; −1 for none.
    """

    person: Numbers
    category: Numbers
    at: Ints
    act: Kinds
    last_at: Ints
    last_used_at: Ints


class Watch:
    """Reads events, one part after the other.

    Parameters
    ----------
    identities : Identities
        Numbers whoever is seen.
    shelf : Shelf
        Says which category a product is in.
    until : int, optional
        Microseconds; what happened later is not read.
    """

    def __init__(self, identities: Identities, shelf: Shelf, until: int | None = None) -> None:
        self._identities = identities
        self._shelf = shelf
        self._until = until
        self._last = np.zeros(0, np.int64)
        self._last_used = np.zeros(0, np.int64)
        self._first_source = np.zeros(0, np.int64)
        self._acts: list[tuple[Numbers, Numbers, Ints, Kinds]] = []
        self._told: list[tuple[Numbers, Ints, pa.Array]] = []
        self._came_from: list[tuple[Numbers, Ints, pa.Array]] = []
        self.newest = 0

    def read(self, parts: Iterable[pa.Table]) -> None:
        """Read all parts; only numbers are kept.

        Twice as many rows at a time as people are known, for whoever is in them is looked for among these: so the whole
        takes time in proportion to its rows.
        """
        waiting: list[pa.Table] = []
        for part in parts:
            waiting.append(part.select(list(COLUMNS["events"])))
            if sum(one.num_rows for one in waiting) >= max(ROWS_AT_ONCE, 2 * len(self._identities)):
                self._read(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            self._read(pa.concat_tables(waiting))

    def seen(self, people: People) -> Seen:
        """Give what was read, by person."""
        n_people = len(people)
        who, category, at, act = (np.concatenate(column) for column in zip(*self._acts, strict=True)) if self._acts else (
            np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int8),
        )  # fmt: skip
        self._acts.clear()
        everybody = people.of_identity[: len(self._last)]
        last, last_used = (latest(everybody, column, n_people) for column in (self._last, self._last_used))
        return Seen(people.of(who), category, at, act, last, last_used)

    def told(self, people: People) -> Texts:
        """Give the `identify` calls."""
        return _texts(self._told, people)

    def came_from(self, people: People) -> Texts:
        """Give the first event of each person that says where they came from."""
        return _first(self._came_from, people)

    def _read(self, part: pa.Table) -> None:
        if self._until is not None:
            part = part.filter(pc.less_equal(part.column("at"), self._until))
        if part.column("identity").null_count:
            part = part.filter(pc.is_valid(part.column("identity")))
        if part.num_rows == 0:
            return
        who, at = self._identities.seen(part.column("identity")), np.asarray(part.column("at"), np.int64)
        index, names = encoded(part.column("name"))
        acts = np.array([ACTS.get(name, Act.OTHER) for name in names.to_pylist()] + [Act.OTHER], np.int8)
        act = acts[index]
        is_told = np.array([name == IDENTIFY for name in names.to_pylist()] + [False])[index]
        self._grow()
        self.newest = max(self.newest, int(at.max()))
        np.maximum.at(self._last, who, at)
        used = act == Act.USE
        np.maximum.at(self._last_used, who[used], at[used])
        rows = np.flatnonzero((act > Act.OTHER) & (act < Act.USE))
        self._acts.append((who[rows], self._categories(part, rows, act[rows]), at[rows], act[rows]))
        self._keep_texts(part, who, at, is_told)

    def _grow(self) -> None:
        more = len(self._identities) - len(self._last)
        self._last, self._last_used = (
            np.append(column, np.full(more, -1, np.int64)) for column in (self._last, self._last_used)
        )
        self._first_source = np.append(self._first_source, np.full(more, np.iinfo(np.int64).max))

    def _categories(self, part: pa.Table, rows: Ints, act: Kinds) -> Numbers:
        """Give the category of what was looked at: the product's, of a list the one it names."""
        place = self._shelf.places(part.column("product_id").take(pa.array(rows)))
        category = self._shelf.category_of(place)
        lists = np.flatnonzero((act == Act.LIST) & (category < 0))
        index, texts = encoded(part.column("properties").take(pa.array(rows[lists])))
        named = pa.array([_category(text) for text in texts.to_pylist()], pa.string())
        category[lists] = np.append(self._shelf.categories_named(named), np.int32(-1))[index]
        return category

    def _keep_texts(self, part: pa.Table, who: Numbers, at: Ints, is_told: npt.NDArray[np.bool_]) -> None:
        properties = part.column("properties").cast(pa.string())
        if is_told.any():
            rows = np.flatnonzero(is_told)
            self._told.append((who[rows], at[rows], properties.take(pa.array(rows)).combine_chunks()))
        earlier = np.flatnonzero(at <= self._first_source[who])
        says = pc.match_substring_regex(properties.take(pa.array(earlier)), NAMES_A_SOURCE)
        rows = earlier[np.asarray(pc.fill_null(says, False), np.bool_)]
        rows = rows[np.lexsort((at[rows], who[rows]))]
        rows = rows[_ties(who[rows], at[rows])]
        self._first_source[who[rows]] = at[rows]
        self._came_from.append((who[rows], at[rows], properties.take(pa.array(rows)).combine_chunks()))


class _List(msgspec.Struct):
    category: str | None = None


_decode = msgspec.json.Decoder(_List).decode


def _category(properties: str) -> str | None:
    try:
        return _decode(properties).category
    except msgspec.DecodeError:
        return None


def _ties(who: Numbers, at: Ints) -> npt.NDArray[np.bool_]:
    """Choose the earliest rows of each, of rows in order; all that are of the same instant."""
    begins = np.flatnonzero(np.diff(who, prepend=-1))
    is_first: npt.NDArray[np.bool_] = at == np.repeat(at[begins], np.diff(np.append(begins, len(who))))
    return is_first


def _texts(kept: list[tuple[Numbers, Ints, pa.Array]], people: People) -> Texts:
    if not kept:
        return Texts(np.zeros(0, np.int32), np.zeros(0, np.int64), pa.array([], pa.string()))
    who, at, properties = zip(*kept, strict=True)
    return Texts(people.of(np.concatenate(who)), np.concatenate(at), pa.concat_arrays(properties))


def _first(kept: list[tuple[Numbers, Ints, pa.Array]], people: People) -> Texts:
    """Choose the earliest row of each person; of several of one instant the first text."""
    texts = _texts(kept, people)
    rows = np.lexsort((texts.at, texts.person))
    rows = rows[_ties(texts.person[rows], texts.at[rows])]
    words = pc.rank(texts.properties.take(pa.array(rows)), tiebreaker="first")
    rows = rows[np.lexsort((np.asarray(words), texts.person[rows]))]
    rows = rows[np.flatnonzero(np.diff(texts.person[rows], prepend=-1))]
    return Texts(texts.person[rows], texts.at[rows], texts.properties.take(pa.array(rows)))
