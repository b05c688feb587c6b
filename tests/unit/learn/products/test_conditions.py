from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.products.conditions import ALL, find_conditions, markets_of, months_of

WINTER, SUMMER = 0b1000_0000_0011, 0b0000_1110_0000


def a_shop(little, per_month, seasons, *, seed=3, years=2, n_items=24):
    """Orders of 1 to 4 products, month by month and market by market; where the season is on, p00 brings p01 along
    half of the time, and p02 always brings p03 so."""
    chance = np.random.default_rng(seed)
    rows = []
    for market, months in seasons.items():
        for year in range(2026 - years, 2026):
            for month in range(1, 13):
                at = int(datetime(year, month, 15, tzinfo=UTC).timestamp() * 1e6)
                for _ in range(per_month):
                    held = set(chance.choice(n_items, chance.integers(1, 5), replace=False).tolist())
                    held |= {1} if 0 in held and month in months and chance.random() < 0.5 else set()
                    held |= {3} if 2 in held and chance.random() < 0.5 else set()
                    rows += [(f"o{market}{year}{month}{_}", f"p{item:02}", at, market) for item in sorted(held)]
    order, product, at, market = zip(*rows, strict=True)
    nothing = pa.nulls(len(rows), pa.string())
    return pa.table({
        "source": pa.array(["s"] * len(rows)), "order_id": order, "product_id": product, "customer_id": nothing,
        "ordered_at": pa.array(at, pa.int64()), "market": pa.array(market, pa.string()), "channel": nothing,
    })  # fmt: skip


def conditions(little, lines, *pairs):
    first, second = np.array(pairs, dtype=np.int32).T
    return find_conditions(from_lines(lines), first, second, little.settings(), markets_of(lines))


PLANTED = (0, 1), (2, 3)


def test_a_winter_relation_is_found_with_its_months_and_one_of_all_year_is_all(little):
    found = conditions(little, a_shop(little, 120, {"DE": {12, 1, 2}}), *PLANTED)
    assert found.months.tolist() == [np.int16(WINTER), ALL]
    assert found.markets == [{"seasons": {"DE": [12, 1, 2]}}, {}]


def test_winter_is_told_market_by_market(little):
    lines = a_shop(little, 120, {"AU": {6, 7, 8}, "DE": {12, 1, 2}})
    found = conditions(little, lines, *PLANTED)
    assert found.names == ["AU", "DE"]
    assert found.months_in.tolist() == [[SUMMER, WINTER], [ALL, ALL]]
    assert found.months.tolist() == [ALL, ALL]  # no one mask is true of both
    assert found.markets[0] == {"seasons": {"AU": [6, 7, 8], "DE": [12, 1, 2]}}


def test_markets_that_agree_share_one_mask(little):
    found = conditions(little, a_shop(little, 120, {"AT": {12, 1, 2}, "DE": {12, 1, 2}}), *PLANTED)
    assert found.months.tolist() == [WINTER, ALL]


def test_a_market_without_the_relation_is_taken_out(little):
    found = conditions(little, a_shop(little, 100, {"DE": set(range(1, 13)), "JP": set()}), *PLANTED)
    assert found.is_in.tolist() == [[True, False], [True, True]]
    assert found.markets == [{"markets": ["DE"]}, {}]
    assert found.months.tolist() == [ALL, ALL]


def test_less_than_a_year_of_orders_claims_no_season(little):
    lines = a_shop(little, 500, {"DE": {12, 1, 2}}, years=1)
    eleven = lines.filter(
        pa.compute.greater(lines.column("ordered_at"), int(datetime(2025, 2, 1, tzinfo=UTC).timestamp() * 1e6))
    )
    assert conditions(little, lines, *PLANTED).months.tolist() == [WINTER, ALL]
    assert conditions(little, eleven, *PLANTED).months.tolist() == [ALL, ALL]


def test_small_markets_are_pooled_and_no_season_is_claimed_for_a_pool_of_several(little):
    lines = a_shop(little, 10, {name: {12, 1, 2} for name in ("A", "B", "C", "D", "E", "F", "G", "H")})
    found = conditions(little, lines, *PLANTED)
    assert (found.months_in == ALL).all()
    assert found.is_in.all()


def test_a_shop_without_markets_is_one_market(little):
    lines = a_shop(little, 120, {"": {12, 1, 2}})
    lines = lines.set_column(lines.schema.get_field_index("market"), "market", pa.nulls(len(lines), pa.string()))
    found = conditions(little, lines, *PLANTED)
    assert (found.months.tolist(), found.names, found.markets) == ([WINTER, ALL], [], [{}, {}])


def test_products_that_sell_in_winter_make_no_winter_relation(little):
    # p00 and p01 both sell five times as much in winter and meet all year as often as their numbers and the pair's lift say
    chance = np.random.default_rng(8)
    made = []
    for month in range(1, 13):
        at = (datetime(2026, 11, 1, 12, tzinfo=UTC) - datetime(2025, month, 15, tzinfo=UTC)).total_seconds() / 3600
        for _ in range(500):
            held = set(chance.choice(np.arange(2, 24), chance.integers(1, 4), replace=False).tolist())
            held |= {0} if chance.random() < (0.25 if month in (12, 1, 2) else 0.05) else set()
            held |= {1} if 0 in held and chance.random() < 0.5 else set()
            made.append(little.Order(tuple(f"p{item:02}" for item in sorted(held)), hours_ago=at))
    assert conditions(little, little.lines(made), (0, 1)).months.tolist() == [ALL]


def test_one_customers_winter_is_no_season(little):
    lines = a_shop(little, 120, {"DE": set()})
    mega = lines.slice(0, 0).to_pylist()
    at = int(datetime(2025, 12, 15, tzinfo=UTC).timestamp() * 1e6)
    mega = [
        {"source": "s", "order_id": f"m{n}", "product_id": name, "customer_id": "mega", "ordered_at": at, "market": "DE"}
        for n in range(60) for name in ("p00", "p01")
    ]  # fmt: skip
    both = pa.concat_tables([lines, pa.Table.from_pylist(mega, lines.schema)])
    assert conditions(little, both, *PLANTED).months.tolist() == [ALL, ALL]


def test_no_relations_have_no_conditions(little):
    lines = a_shop(little, 5, {"DE": set()})
    none = np.zeros(0, dtype=np.int32)
    found = find_conditions(from_lines(lines), none, none, little.settings(), markets_of(lines))
    assert (found.months.shape, found.is_in.shape, found.markets) == ((0,), (0, 1), [])


@pytest.mark.parametrize(
    ("mask", "months"), [(WINTER, [12, 1, 2]), (SUMMER, [6, 7, 8]), (ALL, list(range(1, 13))), (1, [1])]
)
def test_masks_read_in_the_order_of_the_season(mask, months):
    assert months_of(mask) == months
