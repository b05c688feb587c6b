"""Meters that run: how fast, and when they pass a value (km, hours, pages)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

READINGS = 50
"""Newest readings that the rate is taken from; what somebody drove years ago says little."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter's readings since it last fell, in order of time; arrays of shape (readings,).

    Attributes
    ----------
    days : float64 array
        When it was read, in days.
    values : float64 array
        What it showed, never falling.
    per_day : float
        Median of the slopes between all pairs of readings (Theil-Sen): one wrong reading does not move it.
        nan where two readings of different days are missing.
    """

    days: Floats
    values: Floats
    per_day: float

    @classmethod
    def of(cls, days: npt.ArrayLike, values: npt.ArrayLike) -> "Meter":
        """Sort readings and keep those since the meter last fell: replaced, set back, or written down wrongly before.

        References
        ----------
        Theil (1950); Sen (1968), Estimates of the regression coefficient based on Kendall's tau.

        Examples
        --------
        50 km a day, a new meter on day 100, 40 km a day since but for a journey at the end:

        >>> Meter.of([0, 50, 100, 110, 120, 130, 140], [0, 2500, 0, 400, 800, 1200, 1700]).per_day
        40.0
        """
        when, shown = np.asarray(days, np.float64), np.asarray(values, np.float64)
        order = np.argsort(when, kind="stable")
        when, shown = when[order], shown[order]
        falls = np.flatnonzero(np.diff(shown) < 0)
        begin = int(falls[-1]) + 1 if falls.size else 0
        when, shown = when[begin:][-READINGS:], shown[begin:][-READINGS:]
        one, other = np.triu_indices(when.size, 1)
        apart = when[other] > when[one]
        slopes = (shown[other] - shown[one])[apart] / (when[other] - when[one])[apart]
        return cls(when, shown, float(np.median(slopes)) if slopes.size else float("nan"))

    def value_on(self, day: float) -> float:
        """Tell what it showed on a day: between readings along the line, outside them at the usual rate."""
        if day < self.days[0]:
            return float(self.values[0] - self.per_day * (self.days[0] - day))
        if day > self.days[-1]:
            return float(self.values[-1] + self.per_day * (day - self.days[-1]))
        return float(np.interp(day, self.days, self.values))

    def day_of(self, value: float) -> float:
        """Tell when it passes a value; nan where it does not run."""
        if value <= self.values[-1]:
            return float(np.interp(value, self.values, self.days)) if value > self.values[0] else float(self.days[0])
        return float(self.days[-1] + (value - self.values[-1]) / self.per_day) if self.per_day > 0 else float("nan")

    def due_on(self, every: float, serviced_on: float | None) -> float:
        """Tell when the next service is due: `every` after the last one, or at the next multiple if none is known."""
        if serviced_on is not None:
            return self.day_of(self.value_on(serviced_on) + every)
        return self.day_of((np.floor(self.values[-1] / every) + 1) * every)
