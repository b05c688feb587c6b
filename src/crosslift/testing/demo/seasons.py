"""The demo shop's year: eighteen months that end on a fixed day, its feasts, and how busy each day is."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

FIRST_DAY = datetime(2025, 5, 1, tzinfo=UTC)
LAST_DAY = datetime(2026, 10, 31, tzinfo=UTC)
N_DAYS = (LAST_DAY - FIRST_DAY).days + 1
#: The demo's clock stands at the end of the last day; nothing in the files is younger.
NOW = LAST_DAY + timedelta(days=1)

MARKETS = ("KR", "JP", "US")
MONTHS = tuple((2025 + (month - 1) // 12, (month - 1) % 12 + 1) for month in range(5, 23))

#: How a season multiplies the chance of its products: {month: factor}; a month that is not named has `quiet`.
#: `markets` is where it is kept; elsewhere the products hardly sell.
SEASONS: dict[str, tuple[str, float, dict[tuple[int, int], float]]] = {
    "summer": (
        "KR JP US",
        0.55,
        {(2025, 5): 0.9, (2025, 6): 1.4, (2025, 7): 1.9, (2025, 8): 1.9, (2025, 9): 1.0}
        | {(2026, 5): 0.9, (2026, 6): 1.4, (2026, 7): 1.9, (2026, 8): 1.9, (2026, 9): 1.0},
    ),
    "winter": ("KR JP US", 0.6, dict.fromkeys([(2025, 11), (2025, 12), (2026, 1), (2026, 2)], 2.0)),
    "chuseok": ("KR", 0.04, {(2025, 9): 5.0, (2025, 10): 1.5, (2026, 8): 1.0, (2026, 9): 6.0}),
    "seollal": ("KR", 0.04, {(2026, 1): 5.0, (2026, 2): 5.0}),
    "oseibo": ("JP", 0.05, {(2025, 11): 8.0, (2025, 12): 14.0}),
    "ochugen": ("JP", 0.05, {(2025, 6): 6.0, (2025, 7): 12.0, (2026, 6): 6.0, (2026, 7): 12.0}),
    "holiday": ("KR JP US", 0.03, {(2025, 11): 3.0, (2025, 12): 6.0}),
    "pepero": ("KR", 0.02, {(2025, 11): 8.0, (2026, 10): 1.0}),
}
ELSEWHERE = 0.08
#: Orders a day by month: slow growth, a busy year's end, feasts.
BUSY = {(2025, 9): 1.08, (2025, 11): 1.30, (2025, 12): 1.35, (2026, 1): 1.08, (2026, 9): 1.12}
GROWTH = 0.5
#: Monday first.
WEEKDAYS = (1.12, 1.05, 1.0, 1.0, 0.98, 0.90, 0.95)


@cache
def season_factors() -> dict[str, NDArray[np.float64]]:
    """Give what each season multiplies a product's chance by, shape (months, markets)."""
    factors = {}
    for season, (markets, quiet, months) in SEASONS.items():
        row = np.array([months.get(month, quiet) for month in MONTHS])
        kept = np.array([1.0 if market in markets.split() else ELSEWHERE for market in MARKETS])
        factors[season] = row[:, None] * kept[None, :]
    return factors


@cache
def month_of_day() -> NDArray[np.int64]:
    """Give the place in `MONTHS` of every day of the window."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(N_DAYS)]
    return np.array([MONTHS.index((day.year, day.month)) for day in days])


@cache
def busy_days() -> NDArray[np.float64]:
    """Give the share of orders up to and with each day, shape (days,), ending at 1."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(N_DAYS)]
    weights = [
        BUSY.get((day.year, day.month), 1.0) * WEEKDAYS[day.weekday()] * (1 + GROWTH * place / N_DAYS)
        for place, day in enumerate(days)
    ]
    total = np.cumsum(weights)
    shares: NDArray[np.float64] = total / total[-1]
    return shares
