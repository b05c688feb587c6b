import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.catalog import catalog_of
from crosslift.learn.material import Material
from crosslift.learn.products.dues import SCHEMA, dues, quantity_power, variance_components
from crosslift.learn.products.links import Links
from crosslift.learn.products.meters import Meter
from crosslift.settings import Settings

DAY = 86_400_000_000
NOW = 1_000 * DAY
SETTINGS = Settings.load()
PRODUCTS = ["car", "filter", "oil-change"]


def lines(*rows):
    """Each: (customer, product, day, quantity)."""
    return pa.table({
        "customer_id": pa.array([row[0] for row in rows], pa.string()),
        "product_id": pa.array([row[1] for row in rows], pa.string()),
        "ordered_at": pa.array([int(row[2] * DAY) for row in rows], pa.int64()),
        "quantity": pa.array([row[3] if len(row) > 3 else 1 for row in rows], pa.int64()),
    })  # fmt: skip


def usage(*rows):
    """Each: (customer, day, km)."""
    made = [
        {"customer_id": who, "product_id": "car", "meter": "odometer", "value": float(km), "unit": "KM", "at": int(day * DAY)}
        for who, day, km in rows
    ]  # fmt: skip
    return pa.Table.from_pylist(made, Material(pa.table({}), pa.table({})).usage.schema)


def due(bought, link, meters=()):
    source, target, unit, every, basis = link
    links = Links(
        "refill",
        np.array([PRODUCTS.index(source)], np.int32),
        np.array([PRODUCTS.index(target)], np.int32),
        np.ones(1),
        {"interval_median": np.array([every if unit == "days" else np.nan])},
        [{"unit": unit, "every": every, "basis": basis}],
    )
    catalog = catalog_of(PRODUCTS, pa.table({"product_id": pa.array([], pa.string())}))
    found = dues(lines(*bought), links, catalog, SETTINGS, NOW, usage(*meters))
    assert found.schema == SCHEMA
    return {row["identity"]: row for row in found.to_pylist()}


RHYTHM = ("filter", "filter", "days", 30.0, "learned")
#: Twenty people who each keep a rhythm of their own between 20 and 40 days.
REGULARS = [(f"r{person}", "filter", 990 - n * (20 + person) - n % 2) for person in range(21) for n in range(6)]


def test_who_bought_once_is_due_after_the_products_interval():
    found = due([("new", "filter", 980), *REGULARS], RHYTHM)["customer:new"]
    assert (found["due_at"], found["last_at"], found["n_gaps"]) == (1010 * DAY, 980 * DAY, 0)
    assert (found["interval_days"], found["basis"], found["product_id"]) == (pytest.approx(30), "learned", "filter")


def test_who_has_a_history_is_due_by_their_own_rhythm_and_lies_between():
    found = due(REGULARS, RHYTHM)
    fast, slow = found["customer:r0"], found["customer:r20"]
    assert fast["n_gaps"] == slow["n_gaps"] == 5
    assert 20 < fast["interval_days"] < 21
    assert 39 < slow["interval_days"] < 41
    assert fast["due_at"] == fast["last_at"] + round(fast["interval_days"] * DAY)


def test_one_own_gap_moves_the_date_part_of_the_way():
    one = due([("new", "filter", 970), ("new", "filter", 990), *REGULARS], RHYTHM)["customer:new"]
    assert one["n_gaps"] == 1
    assert 20 < one["interval_days"] < 30


def test_a_pause_is_not_a_rhythm():
    paused = due([("new", "filter", 700), ("new", "filter", 990), *REGULARS], RHYTHM)["customer:new"]
    assert (paused["n_gaps"], paused["interval_days"]) == (0, pytest.approx(30))


def test_who_bought_last_more_than_three_intervals_ago_has_left():
    assert "customer:gone" not in due([("gone", "filter", 909), *REGULARS], RHYTHM)
    assert "customer:late" in due([("late", "filter", 911), *REGULARS], RHYTHM)


def test_orders_of_nobody_and_of_the_future_are_not_looked_at():
    found = due([(None, "filter", 980), ("early", "filter", 1001), ("x", "unknown", 980)], RHYTHM)
    assert found == {}


def test_two_packs_last_twice_as_long_where_the_orders_say_so():
    """Everybody buys one pack, then two, then one, ... and comes back after 30, 60, 30 days."""
    pairs = [
        (f"q{person}", "filter", day + 0.1 * person, packs)
        for person in range(12)
        for day, packs in ((700, 1), (731, 2), (790, 1), (820, 2), (881, 1), (910, 2), (970, 1))
    ]
    found = due(
        [*pairs, ("one", "filter", 980, 1), ("two", "filter", 980, 2)], ("filter", "filter", "days", 42.0, "learned")
    )
    one, two = (found[f"customer:{who}"]["interval_days"] for who in ("one", "two"))
    assert two / one == pytest.approx(2, rel=0.05)


def test_two_packs_last_as_long_as_one_where_the_orders_say_that():
    pairs = [
        (f"q{person}", "filter", 700 + 30 * n + person % 3 * n, 1 + n % 2) for person in range(12) for n in range(9)
    ]
    found = due([*pairs, ("one", "filter", 980, 1), ("two", "filter", 980, 2)], RHYTHM)
    assert found["customer:one"]["interval_days"] == pytest.approx(found["customer:two"]["interval_days"])


def test_a_written_interval_counts_from_the_service_or_from_a_newer_product():
    found = due(
        [("a", "car", 850), ("b", "car", 800), ("b", "oil-change", 930), ("c", "oil-change", 700), ("c", "car", 900)],
        ("car", "oil-change", "days", 180.0, "curated"),
    )
    assert {who: row["due_at"] // DAY for who, row in found.items()} == {
        "customer:a": 1030, "customer:b": 1110, "customer:c": 1080,
    }  # fmt: skip
    assert {row["basis"] for row in found.values()} == {"curated"}


SERVICE = ("car", "oil-change", "km", 10_000.0, "curated")


def test_a_meter_is_due_ten_thousand_after_the_last_service():
    """40 km a day; serviced on day 900 at 4,000 km, so due at 14,000 km on day 1150."""
    found = due([("a", "oil-change", 900)], SERVICE, [("a", 800, 0), ("a", 850, 2000), ("a", 950, 6000)])["customer:a"]
    assert found["due_at"] == 1150 * DAY
    assert (found["interval_days"], found["last_at"], found["basis"]) == (pytest.approx(250), 900 * DAY, "meter")


def test_a_meter_without_a_known_service_is_due_at_the_next_multiple():
    found = due([], SERVICE, [("a", 800, 12_000), ("a", 950, 18_000)])["customer:a"]
    assert found["due_at"] == 1000 * DAY
    assert found["last_at"] is None


def test_a_service_that_is_overdue_is_due_in_the_past():
    found = due([("a", "oil-change", 600)], SERVICE, [("a", 600, 5000), ("a", 950, 19_000)])["customer:a"]
    assert found["due_at"] == 850 * DAY


@pytest.mark.parametrize(
    "readings", [[("a", 950, 18_000)], [("a", 800, 18_000), ("a", 950, 18_000)], [("a", 1, 0), ("a", 11, 9_000)]]
)
def test_a_meter_that_was_read_once_stands_still_or_is_long_unread_has_no_due(readings):
    assert due([], SERVICE, readings) == {}


def test_another_unit_is_another_meter():
    assert due([], ("car", "oil-change", "hours", 500.0, "curated"), [("a", 800, 0), ("a", 950, 400)]) == {}


def test_a_replaced_meter_starts_anew():
    meter = Meter.of([0, 100, 200, 210, 220], [0, 50_000, 0, 400, 800])
    assert meter.values[0] == 0
    assert meter.per_day == 40
    assert meter.value_on(190) == -400
    assert meter.day_of(400) == 210


def test_variance_is_split_as_the_textbook_does():
    """Three people of two values each: means 1, 3, 8 apart by ±1. MSW = 6·1/3 = 2, MSB = 2·26/2 = 26, (26 − 2)/2 = 12."""
    values, people = np.array([0.0, 2, 2, 4, 7, 9]), np.array([0, 0, 1, 1, 2, 2])
    assert variance_components(values, people) == pytest.approx((2, 12))


def test_quantity_says_nothing_where_everybody_buys_the_same():
    assert quantity_power(np.log([10.0, 20, 30]), np.zeros(3), np.zeros(3, int)) == 0
    assert quantity_power(np.zeros(0), np.zeros(0), np.zeros(0, int)) == 0
