import json

import numpy as np
import pyarrow as pa
import pytest

from crosslift.errors import BadInput
from crosslift.learn.customers.clv import DAY, SCHEMA, find_values, replay

NOW = 20_000 * DAY + 5


def shop(n=300, days=400, seed=1):
    """People who buy at random every month or two, an eighth leaving after each order."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        day, rate = random.uniform(0, days - 20), random.gamma(2, 1 / 80)
        level = random.gamma(4, 10)
        while day < days:
            rows.append((f"customer:{number}", NOW - int((days - day) * DAY), float(random.gamma(5, level / 5))))
            if random.random() < 0.125:
                break
            day += random.exponential(1 / rate)
    return rows


def orders_of(rows):
    person, at, value = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({
        "person_id": pa.array(person, pa.string()), "ordered_at": pa.array(at, pa.int64()),
        "value": pa.array(value, pa.float64()),
    })  # fmt: skip


def values(rows, **options):
    settings = {"as_of": NOW, "horizon_days": 180, "rate_per_year": 0.1, "basis": "margin"}
    return find_values(orders_of(rows), **settings | options)


def by_person(found):
    """Give each person's figures by name."""
    rows = found.table.drop_columns(["clv_basis", "clv_model"]).to_pylist()
    return {row.pop("person_id"): row for row in rows}


def assert_same(one, other):
    assert set(one) == set(other)
    for person, row in one.items():
        assert other[person] == pytest.approx(row, rel=1e-6, abs=1e-9)


@pytest.fixture(scope="module")
def found():
    return values(shop())


def test_every_person_with_an_order_has_a_row_and_its_columns(found):
    assert found.table.schema == SCHEMA
    assert found.table.num_rows == 300
    assert found.unknown == {}
    assert sum(column.null_count for column in found.table.columns) == 0
    assert set(found.table["clv_basis"].to_pylist()) == {"margin"}
    assert set(found.table["clv_model"].to_pylist()) == {found.evidence["model"]}


def test_the_evidence_is_plain_data(found):
    evidence = found.evidence
    assert evidence["n_people"] == 300
    assert evidence["n_repeaters"] >= 50
    assert 390 < evidence["span_days"] <= 400
    assert json.loads(json.dumps(evidence))["model"] == evidence["model"]
    assert set(evidence["amounts"]) == {"p", "q", "gamma"}
    assert evidence["parameters"]["alpha"] > 0
    assert min(evidence["aic"].values()) == 0
    assert evidence["regularity"]["n"] > 50


def test_who_bought_lately_is_worth_more_than_who_did_long_ago():
    often = [("early", NOW - day * DAY, 40.0) for day in (390, 380, 370, 360)]
    lately = [("late", NOW - day * DAY, 40.0) for day in (390, 260, 130, 1)]
    rows = by_person(values(shop() + often + lately))
    assert rows["early"]["p_alive"] < 0.2
    assert rows["late"]["p_alive"] > 0.8
    assert rows["early"]["clv"] < 0.3 * rows["late"]["clv"]
    assert rows["early"]["churn_risk"] > rows["late"]["churn_risk"] >= 1 - rows["late"]["p_alive"]
    assert rows["late"]["clv_low"] <= rows["late"]["clv"] <= rows["late"]["clv_high"]


def test_orders_of_one_day_are_one_purchase():
    """Cut into two orders an hour apart, with half the value each, everything stays."""
    rows = shop()
    cut = [(person, at - at % DAY + hour, value / 2) for person, at, value in rows for hour in (0, DAY // 24)]
    assert_same(by_person(values(rows)), by_person(values(cut)))


def test_the_order_of_rows_does_not_matter(found):
    rows = shop()
    random = np.random.default_rng(3)
    assert_same(by_person(values([rows[place] for place in random.permutation(len(rows))])), by_person(found))


def test_later_orders_and_orders_of_nobody_are_not_looked_at(found):
    more = [("customer:1", NOW + 1, 1e6), (None, NOW - DAY, 1e6), ("tomorrow", NOW + DAY, 5.0)]
    assert_same(by_person(values(shop() + more)), by_person(found))


def test_an_unknown_value_takes_the_mean_of_the_others():
    rows = [("a", NOW - 30 * DAY, 10.0), ("a", NOW - 20 * DAY, None), ("b", NOW - 9 * DAY, None)]
    filled = [("a", NOW - 30 * DAY, 10.0), ("a", NOW - 20 * DAY, 10.0)]
    mean = np.mean([value for *_, value in shop()] + [10.0])
    filled.append(("b", NOW - 9 * DAY, mean))
    assert_same(*(by_person(values(shop() + some)) for some in (rows, filled)))


def test_too_few_who_came_back_is_said_and_all_is_null():
    found = values(shop(30))
    assert (
        found.unknown["clv"] == f"few_repeaters: {found.evidence['n_repeaters']} people came back, at least 50 needed"
    )
    assert set(found.unknown) == {"expected_orders", "p_alive", "churn_risk", "clv", "clv_low", "clv_high"}
    assert found.table["p_alive"].null_count == found.table.num_rows == 30
    assert found.table["clv_model"].null_count == 30


def test_a_short_span_is_said():
    found = values(shop(days=60))
    assert found.unknown["clv"] == f"short_history: orders of {found.evidence['span_days']} days, at least 90 needed"


def test_no_orders_give_no_rows():
    found = values([])
    assert found.table.num_rows == 0
    assert "clv" in found.unknown


def test_losses_of_many_leave_the_orders_and_say_why():
    found = values([(person, at, -value) for person, at, value in shop()])
    assert found.unknown == dict.fromkeys(("clv", "clv_low", "clv_high"), "amounts_not_positive: 100% of customers")
    assert found.table["clv"].null_count == 300
    assert found.table["expected_orders"].null_count == 0
    assert found.table["clv_basis"].null_count == 300


def test_orders_without_a_column_or_with_an_infinite_value_are_refused():
    with pytest.raises(BadInput, match="no value"):
        find_values(
            orders_of(shop()).drop_columns(["value"]), as_of=NOW, horizon_days=9, rate_per_year=0.0, basis="margin"
        )
    with pytest.raises(BadInput, match="infinite value"):
        values([*shop(), ("a", NOW, float("inf"))])


def test_replay_lays_the_forecast_beside_what_came():
    met = replay(orders_of(shop(1_500, seed=2)), as_of=NOW, days=120)
    assert met["expected_orders"] == pytest.approx(met["orders"], rel=0.15)
    assert met["expected_value"] == pytest.approx(met["value"], rel=0.2)
    assert met["covered"] + met["above"] + met["below"] == pytest.approx(1)
    assert 0.8 < met["covered"] < 0.96
    assert met["above"] < 0.13


def test_replay_of_too_little_is_nothing():
    assert replay(orders_of(shop(30)), as_of=NOW, days=120) is None
