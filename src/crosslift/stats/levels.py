"""Columns of any kind as small whole numbers: the levels that trees split and evidence is counted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray

Column = npt.NDArray[Any]
Codes = npt.NDArray[np.uint8]

MOST = 32
"""Levels of a column: quantiles of a number with more values, the most frequent words."""
FEWEST = 10
"""Rows a level needs; rarer numbers join their lower neighbor, rarer words the other rare ones."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What a column's values are turned into: 0 where missing, then 1 and up.

    Attributes
    ----------
    lows : float64 array
        Of a column of numbers the lowest value of each level, rising; -inf first.
    words : tuple of str
        Of a column of words those with a level of their own; every other word shares the level after them.
    is_number : bool
        Numbers have an order, words have none.
    """

    lows: FloatArray
    words: tuple[str, ...]
    is_number: bool

    @classmethod
    def of(cls, values: Column) -> "Levels":
        """Learn the levels of a column.

        Parameters
        ----------
        values : array, shape (rows,)
            Numbers or truths, nan where missing; or words, None or empty where missing.

        Examples
        --------
        >>> Levels.of(np.repeat([0.0, 1.0, 7.0], [50, 30, 3])).lows.tolist()
        [-inf, 1.0]
        """
        if _is_number(values):
            return cls(_lows(np.asarray(values, np.float64)), (), True)
        words, counts = np.unique(_words(values), return_counts=True)
        often = (counts >= FEWEST) & (words != "")
        kept = words[often][np.argsort(-counts[often], kind="stable")[: MOST - 2]]
        return cls(np.empty(0), tuple(sorted(kept.tolist())), False)

    @property
    def size(self) -> int:
        """How many levels there are, that of missing values included."""
        return 1 + (len(self.lows) if self.is_number else len(self.words) + 1)

    def codes(self, values: Column) -> Codes:
        """Give the level of each value.

        Raises
        ------
        BadInput
            If the column held numbers when it was learned and holds words now, or the other way round.
        """
        if _is_number(values) != self.is_number:
            now, then = ("words", "numbers") if self.is_number else ("numbers", "words")
            raise BadInput(f"a column of {now}; it was learned as one of {then}, so hand in {then}")
        if self.is_number:
            number = np.asarray(values, np.float64)
            code = np.searchsorted(self.lows, number, side="right")
            return np.asarray(np.where(np.isnan(number), 0, code), np.uint8)
        word = _words(values)
        if not self.words:
            return np.asarray(word != "", np.uint8)
        known = np.asarray(self.words)
        place = np.minimum(np.searchsorted(known, word), len(known) - 1)
        code = np.where(known[place] == word, place + 1, len(known) + 1)
        return np.asarray(np.where(word == "", 0, code), np.uint8)


@dataclass(frozen=True, slots=True)
class Table:
    """The levels of several columns together."""

    columns: tuple[Levels, ...]

    @classmethod
    def of(cls, columns: Sequence[Column]) -> "Table":
        """Learn the levels of each column; all have one value per row."""
        return cls(tuple(Levels.of(values) for values in columns))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Levels of each column."""
        return tuple(levels.size for levels in self.columns)

    def codes(self, columns: Sequence[Column]) -> Codes:
        """Give the levels, of shape (rows, columns).

        Raises
        ------
        BadInput
            If there are more or fewer columns than were learned, or they differ in length or kind.
        """
        if len(columns) != len(self.columns):
            raise BadInput(f"{len(columns)} columns; {len(self.columns)} were learned, hand in the same ones")
        if len({len(values) for values in columns}) > 1:
            raise BadInput(f"columns of {sorted({len(values) for values in columns})} rows; give one value per row")
        coded = [levels.codes(values) for levels, values in zip(self.columns, columns, strict=True)]
        return np.column_stack(coded) if coded else np.zeros((0, 0), np.uint8)

    def ordered(self, codes: Codes) -> Codes:
        """Give the columns that a threshold can split: numbers as they are, each level of a word as a truth of its own.

        Column after column in memory, as trees read them.
        """
        parts: list[Codes] = []
        for place, levels in enumerate(self.columns):
            column = codes[:, place]
            if levels.is_number:
                parts.append(column[:, None])
            else:
                parts.append(np.asarray(column[:, None] == np.arange(levels.size, dtype=np.uint8), np.uint8))
        return np.asfortranarray(np.hstack(parts)) if parts else np.zeros((len(codes), 0), np.uint8)

    def is_known(self, codes: Codes) -> BoolArray:
        """Say of which rows anything is known, shape (rows,)."""
        return np.asarray((codes > 0).any(axis=1))


def _lows(number: FloatArray) -> FloatArray:
    """Close a level as soon as it holds enough rows; what is left at the end joins the last."""
    values, counts = np.unique(number[~np.isnan(number)], return_counts=True)
    enough = FEWEST if values.size <= MOST else max(FEWEST, -(-int(counts.sum()) // MOST))
    lows, held = [-np.inf], 0
    left = int(counts.sum())
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        if held >= enough and left >= enough:
            lows.append(value)
            held = 0
        held, left = held + count, left - count
    return np.asarray(lows)


def _is_number(values: Column) -> bool:
    return bool(values.dtype.kind in "buif")


def _words(values: Column) -> npt.NDArray[np.str_]:
    if values.dtype.kind == "U":
        return values
    return np.asarray(["" if value is None else value for value in values.tolist()], np.str_)
