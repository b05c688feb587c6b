"""Amounts in one currency: each converts at the rate of its day, and stays unknown where there is none (DESIGN 2b.2)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.material import CustomerMaterial
from crosslift.learn.customers.people import ranked

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY = 86_400_000_000
OLDEST_DAYS = 31
"""A rate holds until the next one, at most for so many days: shops note rates daily to monthly, and not on holidays."""
_MONEY = (
    ("lines", "currency"), ("cases", "currency"), ("payments_failed", "currency"), ("exchange_rates", "currency"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amounts:
    """Micros of the reporting currency, 0 where unknown; arrays of shape (amounts,).

    `is_foreign` tells amounts whose currency has no rate on their day; `is_known` all that are given and convert.
    """

    micros: Ints
    is_known: Bools
    is_foreign: Bools


@dataclass(frozen=True, slots=True)
class Exchange:
    """Rates into one currency.

    Attributes
    ----------
    currency : str
        The reporting currency.
    rates : pa.Table
        rated_on (days since 1970), currency, rate (units of the reporting currency for one of this).
    """

    currency: str
    rates: pa.Table

    def amounts(self, column: pa.ChunkedArray, currency: pa.ChunkedArray, at: Ints) -> Amounts:
        """Convert amounts at the day they are of.

        Parameters
        ----------
        column : pa.ChunkedArray of int64
            Micros, null where unknown.
        currency : pa.ChunkedArray of string
            ISO 4217; null is the reporting currency.
        at : int64 array
            Microseconds UTC.
        """
        given, micros = known(column)
        rate = self._rates(currency, at)
        is_rated = ~np.isnan(rate)
        converted = np.rint(micros * np.where(is_rated, rate, 0.0)).astype(np.int64)
        exact = np.where(rate == 1.0, micros, converted)
        return Amounts(np.where(given & is_rated, exact, 0), given & is_rated, given & ~is_rated)

    def _rates(self, currency: pa.ChunkedArray, at: Ints) -> npt.NDArray[np.float64]:
        code, names = ranked(currency)
        found = np.full(len(at), np.nan)
        found[code < 0] = 1.0
        day = at // DAY
        for place, name in enumerate(names.to_pylist()):
            rows = np.flatnonzero(code == place)
            found[rows] = 1.0 if name == self.currency else self._rates_of(name, day[rows])
        return found

    def _rates_of(self, currency: str, day: Ints) -> npt.NDArray[np.float64]:
        chosen = self.rates.filter(pc.equal(self.rates.column("currency"), currency)).sort_by(
            [("rated_on", "ascending"), ("rate", "ascending")]
        )
        if chosen.num_rows == 0:
            return np.full(len(day), np.nan)
        days = np.asarray(chosen.column("rated_on"), np.int64)
        rates = np.asarray(chosen.column("rate"), np.float64)
        place = np.searchsorted(days, day, side="right") - 1
        holds = (place >= 0) & (day - days[place] <= OLDEST_DAYS)
        return np.where(holds, rates[place], np.nan)


def reporting_currency(material: CustomerMaterial, wanted: str) -> str:
    """Choose the currency amounts are reported in: the one wanted, unless everything is in one other and no rate is known.

    A shop that sells in pounds only and never said so is reported in pounds, not in nothing.
    """
    found = {
        name
        for table, column in _MONEY
        for name in pc.unique(getattr(material, table).column(column).combine_chunks()).to_pylist()
        if name
    }
    is_one = len(found) == 1 and material.exchange_rates.num_rows == 0
    return found.pop() if is_one else wanted


def known(column: pa.ChunkedArray) -> tuple[Bools, Ints]:
    """Give which whole numbers of a column are known, and the numbers, 0 where they are not."""
    given = np.asarray(pc.is_valid(column), np.bool_)
    return given, np.array(pc.fill_null(column, 0), np.int64)
