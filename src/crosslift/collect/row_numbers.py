"""The number each row of data has in its file, when rows in between were skipped, left out or put in."""

from bisect import bisect_right

import numpy as np
import numpy.typing as npt


class RowNumbers:
    """Grows with each batch; keeps only where the numbers jump.

    Parameters
    ----------
    first : int
        What the rows handed on are counted from.

    Examples
    --------
    >>> numbers = RowNumbers(2)
    >>> numbers.add(np.array([2, 3, 7, 8]))
    >>> [numbers.of(row) for row in (2, 3, 4, 5)]
    [2, 3, 7, 8]
    """

    def __init__(self, first: int) -> None:
        self._next = first
        self._counted: list[int] = []
        self._real: list[int] = []

    def add(self, real: npt.NDArray[np.int64]) -> None:
        """Note the numbers in the file of the next rows."""
        jumps = [0, *(np.flatnonzero(np.diff(real) != 1) + 1).tolist()] if len(real) else []
        self._counted += [self._next + jump for jump in jumps]
        self._real += real[jumps].tolist()
        self._next += len(real)

    def of(self, counted: int) -> int:
        """Give the number in the file of a row counted here."""
        place = bisect_right(self._counted, counted) - 1
        return counted if place < 0 else self._real[place] + counted - self._counted[place]
