"""Where and when tested relations hold: most everywhere and always, some in a market or a season only.

The months of a season are those of the market they were seen in. A market that has too little to say of its own takes the
season of the others: as it is where they share its hemisphere, half a year later where none does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.verdicts import NUMBERS
from crosslift.domain.decision import DropCode

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
ALL_YEAR = -1
NOTHING_STOPPED = np.zeros(1, dtype=np.uint16)
NOTHING_STOPPED.flags.writeable = False
HALF_A_YEAR = 6
SOUTHERN = frozenset({
    "AO", "AR", "AU", "BO", "BR", "BW", "CL", "FJ", "LS", "MG", "MU", "MW", "MZ", "NA", "NC", "NZ", "PE", "PY", "RE", "SZ",
    "UY", "ZA", "ZM", "ZW",
})  # fmt: skip
"""Markets (ISO 3166) whose summer begins in December."""
_NORTH, _SOUTH = "*north", "*south"
"""Markets nobody ordered from: only their hemisphere counts."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Where and when some relations hold.

    Attributes
    ----------
    markets : frozenset of str or None
        None: in all.
    seasons : tuple of (market, months 1 to 12)
        What single markets say.
    mask : int
        Bit 0 is January: what every market says that has enough to say; −1 where they differ or none does.
    """

    markets: frozenset[str] | None
    seasons: tuple[tuple[str, tuple[int, ...]], ...]
    mask: int

    def is_here(self, market: str | None, known: frozenset[str]) -> bool:
        """Tell whether it holds in a market; one nobody ordered from speaks against none."""
        return self.markets is None or market is None or market not in known or market in self.markets

    def is_now(self, market: str | None, month: int, known: frozenset[str]) -> bool:
        """Tell whether it holds in a month (1 to 12) of a market."""
        told = dict(self.seasons)
        if market in told:
            return month in told[market]
        if market is None or not told:
            return self.mask == ALL_YEAR or bool(self.mask >> (month - 1) & 1)
        if self.mask == ALL_YEAR and market in known:
            return True  # the markets differ, and this one says nothing of a season
        alike = [months for other, months in told.items() if is_southern(other) == is_southern(market)]
        if alike:
            return any(month in months for months in alike)
        return any((month + HALF_A_YEAR - 1) % 12 + 1 in months for months in told.values())


def is_southern(market: str) -> bool:
    """Tell whether the summer of a market begins in December."""
    return market == _SOUTH or market.upper() in SOUTHERN


class Conditions:
    """The conditions of all tested relations of a snapshot.

    Parameters
    ----------
    months : int array, shape (pairs,)
        A mask of months for each pair, −1 for all.
    told : sequence of mapping, shape (pairs,)
        `markets` and `seasons` of each pair, where it has any.
    markets : sequence of str
        Those the shop has orders from.

    Attributes
    ----------
    of_pair : uint16 array, shape (pairs,)
        The number of each pair's condition; 0 has none.
    """

    def __init__(self, months: Array, told: Sequence[Mapping[str, Any]], markets: Sequence[str]) -> None:
        self.known = frozenset(markets)
        self.of_pair = np.zeros(len(months), dtype=np.uint16)
        numbers: dict[Condition, int] = {}
        asked = {row for row, said in enumerate(told) if said} | set(np.flatnonzero(months != ALL_YEAR).tolist())
        for row in sorted(asked):
            said = told[row] if row < len(told) else {}
            seasons = tuple(sorted((market, tuple(held)) for market, held in said.get("seasons", {}).items()))
            places = frozenset(said["markets"]) if "markets" in said else None
            found = Condition(places, seasons, int(months[row]))
            self.of_pair[row] = numbers.setdefault(found, len(numbers) + 1)
        self._distinct = tuple(numbers)
        self._verdicts: dict[tuple[str | None, int | None], Array] = {}

    def __bool__(self) -> bool:
        return bool(self._distinct)

    def verdicts(self, rows: Array, market: str | None, month: int | None) -> Array | None:
        """Give for some pairs 0 where they hold, else the verdict: of another market, or out of season.

        None where all of them hold everywhere and always; without a month every season is on.
        """
        if not self._distinct:
            return None
        of_rows = self.of_pair[rows]
        if not of_rows.any():
            return None
        return self.stopped(market, month)[of_rows]

    def stopped(self, market: str | None, month: int | None) -> Array:
        """Give the verdict of each condition, 0 where it holds; that of the first, which is none, is always 0."""
        return self._of(market, month) if self._distinct else NOTHING_STOPPED

    def _of(self, market: str | None, month: int | None) -> Array:
        """Give the verdict of each condition."""
        if market is not None and market not in self.known:
            market = _SOUTH if is_southern(market) else _NORTH
        found = self._verdicts.get((market, month))
        if found is None:
            found = np.zeros(len(self._distinct) + 1, dtype=np.uint16)
            for number, one in enumerate(self._distinct, 1):
                if not one.is_here(market, self.known):
                    found[number] = NUMBERS[DropCode.WRONG_MARKET]
                elif month is not None and not one.is_now(market, month, self.known):
                    found[number] = NUMBERS[DropCode.NOT_YET]
            found.flags.writeable = False
            self._verdicts[market, month] = found
        return found
