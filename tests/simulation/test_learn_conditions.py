"""Over seeded shops: planted seasons are found month by month, and where there are none hardly any is claimed."""

from datetime import UTC, datetime

import numpy as np
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.products.complements import count, find_complements
from crosslift.learn.products.conditions import ALL, Markets, find_conditions, months_of
from crosslift.settings import Settings

SETTINGS = Settings.load({}, environment={})
N_ITEMS = 60
WINTER = {12, 1, 2}


def a_shop(seed, months=range(1, 13), n_orders=12_000):
    """Orders of three years in two markets; products 2i bring 2i + 1 along in some months, 20 pairs in all."""
    chance = np.random.default_rng(seed)
    at = np.array(
        [datetime(year, month, 9, tzinfo=UTC).timestamp() for year in (2023, 2024, 2025) for month in range(1, 13)]
    )
    when = chance.integers(0, 36, n_orders)
    made = []
    for order in range(n_orders):
        held = set(chance.choice(N_ITEMS, 1 + chance.poisson(chance.gamma(1, 1.5)) % N_ITEMS, replace=False).tolist())
        if when[order] % 12 + 1 in months:
            held |= {item + 1 for item in held if item % 2 == 0 and item < 40 and chance.random() < 0.3}
        made.append(sorted(held))
    none = np.full(n_orders, -1)
    baskets = Baskets(
        [f"p{i:02}" for i in range(N_ITEMS)], np.concatenate(made).astype(np.int32), np.cumsum([0, *map(len, made)]),
        (at[when] * 1e6).astype(np.int64), chance.integers(0, n_orders // 3, n_orders), none >= 0, none,
    )  # fmt: skip
    return baskets, Markets(chance.integers(0, 2, n_orders), ["KR", "US"])


def conditions(baskets, markets):
    found = find_complements(*count(baskets, SETTINGS), SETTINGS)
    places = np.flatnonzero(found.is_relation)
    first, second = found.first[places], found.second[places]
    held = find_conditions(baskets, first, second, SETTINGS, markets, found.expected[places])
    return [*zip(first.tolist(), second.tolist(), strict=True)], held


def test_without_seasons_hardly_any_relation_is_called_seasonal_or_local():
    seasonal = local = n = 0
    for seed in range(4):
        pairs, held = conditions(*a_shop(seed))
        n += len(pairs)
        seasonal += int((held.months_in != ALL).any(axis=1).sum())
        local += int((~held.is_in).any(axis=1).sum())
    print(f"of {n} relations that hold all year and everywhere {seasonal} are called seasonal, {local} local")
    assert n >= 75
    assert seasonal / n < 0.05
    assert local / n < 0.05


def test_planted_seasons_are_found_with_their_months():
    pairs, held = conditions(*a_shop(11, WINTER, 24_000))
    planted = [place for place, (a, b) in enumerate(pairs) if a % 2 == 0 and b == a + 1 and a < 40]
    told = [set(months_of(int(mask))) for mask in held.months_in[planted].ravel() if mask != ALL]
    exact = sum(months == WINTER for months in told)
    print(f"{len(told)} of {2 * len(planted)} planted winters found, {exact} of them to the month")
    assert len(planted) >= 18
    assert len(told) >= 0.9 * 2 * len(planted)
    assert exact >= 0.8 * len(told)
    assert all(len(months ^ WINTER) <= 2 for months in told)
    assert np.mean(held.months[planted] != ALL) == pytest.approx(exact / len(told), abs=0.35)
