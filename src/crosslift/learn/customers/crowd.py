"""What groups of people are found in and told by: columns of profiles, the lists in them taken apart, whole columns at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.people import NOBODY, Numbers, encoded, ranked

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FIGURES = (
    "n_orders", "n_items", "revenue", "aov", "recency_days", "interval_days", "discount_share", "return_rate",
)  # fmt: skip
WORDS = ("traffic_source", "market")
COLUMNS = (*FIGURES, "categories", "goals", "returning_intent", *WORDS)
"""What is read of a profile: what people did and what they want, and no trait of theirs."""
_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Said:
    """Names that people have, none or several each, but each of them once.

    Attributes
    ----------
    person, name : int32 array, shape (entries,)
        Whose, ascending, and the place in `names`.
    names : tuple of str
        Each once.
    value : float64 array, shape (entries,)
        What stands beside the name: a share of spend, else 1.
    """

    person: Numbers
    name: Numbers
    names: tuple[str, ...]
    value: Floats

    @classmethod
    def of_objects(cls, column: pa.ChunkedArray) -> "Said":
        """Read JSON objects of name to share."""
        return cls._read(column, lambda texts: msgspec.json.decode(texts, type=list[dict[str, float]]))

    @classmethod
    def of_lists(cls, column: pa.ChunkedArray) -> "Said":
        """Read JSON lists of names, each counted once."""
        return cls._read(
            column,
            lambda texts: [dict.fromkeys(one, 1.0) for one in msgspec.json.decode(texts, type=list[list[str]])],
        )

    @classmethod
    def of_visits(cls, column: pa.ChunkedArray) -> "Said":
        """Read JSON lists of visits (`profile.ReturnVisits`): their categories."""
        kind = list[list[tuple[str, int, int]]]
        return cls._read(
            column, lambda texts: [{visit[0]: 1.0 for visit in one} for one in msgspec.json.decode(texts, type=kind)]
        )

    @classmethod
    def of_texts(cls, column: pa.ChunkedArray) -> "Said":
        """Read one name a person, null for none."""
        place, names = ranked(column)
        return cls.of_places(place, names)

    @classmethod
    def of_places(cls, place: Numbers, names: pa.Array) -> "Said":
        """Take one name a person by its place among names, −1 for none."""
        person = np.flatnonzero(place >= 0).astype(np.int32)
        return cls(person, place[person], tuple(names.to_pylist()), np.ones(len(person)))

    @classmethod
    def of_rows(cls, rows: pa.Table, ids: pa.Array) -> "Said":
        """Take rows of a person id and a text, each pair counted once; those of people not among `ids` are left out."""
        once = rows.group_by(["person_id", "text"]).aggregate([])
        whose = np.asarray(pc.fill_null(pc.index_in(once.column("person_id"), value_set=ids), NOBODY), np.int32)
        place, names = ranked(once.column("text"))
        order = np.lexsort((place, whose))
        order = order[whose[order] >= 0]
        return cls(whose[order], place[order], tuple(names.to_pylist()), np.ones(len(order)))

    @classmethod
    def _read(cls, column: pa.ChunkedArray, opened: Callable[[str], list[dict[str, float]]]) -> "Said":
        """Open each different text once, and give everybody who has it what it holds."""
        index, texts = encoded(column)
        place: dict[str, int] = defaultdict(count().__next__)
        sizes, name, value = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0)]
        for low in range(0, len(texts), _AT_ONCE):
            found = opened(f"[{','.join(texts[low : low + _AT_ONCE].to_pylist())}]")
            sizes.append(np.fromiter(map(len, found), np.int64, len(found)))
            name.append(np.fromiter(map(place.__getitem__, chain.from_iterable(found)), np.int32))
            value.append(np.fromiter(chain.from_iterable(one.values() for one in found), np.float64))
        begin = np.cumsum(np.concatenate(sizes))
        person = np.flatnonzero(index >= 0)
        own = index[person]
        n = begin[own + 1] - begin[own]
        entry = np.repeat(begin[own] - (np.cumsum(n) - n), n) + np.arange(n.sum())
        return cls(
            np.repeat(person, n).astype(np.int32), np.concatenate(name)[entry], tuple(place), np.concatenate(value)[entry]
        )  # fmt: skip

    def summed(self, n_people: int) -> Floats:
        """Add up the values of each person, shape (people,)."""
        return np.asarray(np.bincount(self.person, self.value, n_people), np.float64)

    def among(self, chosen: Bools) -> "Said":
        """Keep the entries of some people, who keep their numbers."""
        kept = chosen[self.person]
        return Said(self.person[kept], self.name[kept], self.names, self.value[kept])


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody's columns.

    Attributes
    ----------
    ids : pa.Array of string, shape (people,)
        Person ids in sorted order.
    figures : mapping of str to float64 array, shape (people,)
        The columns of `FIGURES`, nan where unknown.
    spend : Said
        Categories with their shares of spend.
    goals, needs, channel, source, market : Said
        Declared goals; categories visited again after a purchase; the channel most orders came through; where they came
        from; where they buy.
    """

    ids: pa.Array
    figures: Mapping[str, Floats]
    spend: Said
    goals: Said
    needs: Said
    channel: Said
    source: Said
    market: Said

    @classmethod
    def of(cls, ids: pa.Array, columns: pa.Table, channel: Said, goals: Said | None = None) -> "Crowd":
        """Take columns of profiles apart.

        Parameters
        ----------
        ids : pa.Array of string
            Person ids in sorted order.
        columns : pa.Table
            Those of `COLUMNS`, a row a person, lists and mappings as JSON text, null where unknown.
        channel : Said
            The channel most orders of a person came through.
        goals : Said, optional
            What they declared since, in place of the column.
        """
        return cls(
            ids,
            {name: np.asarray(columns.column(name).cast(pa.float64()), np.float64) for name in FIGURES},
            Said.of_objects(columns.column("categories")),
            Said.of_lists(columns.column("goals")) if goals is None else goals,
            Said.of_visits(columns.column("returning_intent")),
            channel,
            *(Said.of_texts(columns.column(name)) for name in WORDS),
        )

    def __len__(self) -> int:
        return len(self.ids)


def headings_of(names: Sequence[str]) -> list[str]:
    """Give the first step of each category path."""
    return [path.partition("/")[0].strip() or path for path in names]
