import json

import numpy as np
import pyarrow as pa
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.learn.baskets import from_lines
from crosslift.learn.catalog import catalog_of
from crosslift.learn.material import Material
from crosslift.learn.products.refills import find_refills, parse_every
from crosslift.settings import Settings
from crosslift.stats.sequences import DAY

SETTINGS = Settings.load()


def curated(*rows):
    schema = Material(pa.table({}), pa.table({})).links.schema
    empty = dict.fromkeys(schema.names)
    return pa.Table.from_pylist([{**empty, "kind": "refill", **row} for row in rows], schema)


def usage(*rows):
    return pa.Table.from_pylist(list(rows), Material(pa.table({}), pa.table({})).usage.schema)


@pytest.fixture(scope="module")
def orders(little):
    """Filters every 30 days by 20 people; 40 who like mugs buy two at any time; 60 products more, bought by anybody."""
    chance = np.random.default_rng(2)
    made = []
    for person in range(20):
        at = chance.uniform(150, 360)
        while at > 0:
            made.append(little.Order(("filter",), f"f{person}", 24 * at))
            at -= 30 * chance.lognormal(0, 0.12)
    for person in range(40):
        made += [little.Order(("mug",), f"m{person}", 24 * day) for day in chance.uniform(0, 500, 2)]
    for person in range(300):
        made += [
            little.Order((f"n{chance.integers(0, 60):02}",), f"c{person}", 24 * day)
            for day in chance.uniform(1, 500, 4)
        ]
    return made


def refills(little, orders, *products, links=(), meters=()):
    baskets = from_lines(little.lines(orders))
    catalog = catalog_of(baskets.products, little.products(*products))
    baskets = baskets.among(catalog.products)
    found = find_refills(baskets, catalog, SETTINGS, int(baskets.at.max(initial=0)), usage(*meters), curated(*links))
    return {
        (catalog.products[a], catalog.products[b]): {
            **{name: column[place] for name, column in found.columns.items()}, **found.texts[place],
        }
        for place, (a, b) in enumerate(zip(found.sources, found.targets, strict=True))
    }  # fmt: skip


def test_a_rhythm_is_a_refill_though_nobody_called_it_consumable(little, orders):
    found = refills(little, orders)
    assert list(found) == [("filter", "filter")]
    row = found["filter", "filter"]
    assert row["median_low"] <= 30 <= row["median_high"]
    assert row["interval_q1"] < row["interval_median"] < row["interval_q3"]
    assert (row["n_customers"], row["unit"], row["basis"]) == (20, "days", "learned")
    assert row["n_gaps"] >= SETTINGS["learn.min_gaps"]


def test_the_merchants_word_on_what_is_used_up_goes_first(little, orders):
    said = [
        {"product_id": "filter", "attributes": json.dumps({"consumable": False})},
        {"product_id": "mug", "attributes": json.dumps({"consumable": True})},
    ]
    assert list(refills(little, orders, *said)) == [("mug", "mug")]


def test_a_durable_that_three_people_bought_twice_is_no_refill(little, orders):
    twice = [little.Order(("kettle",), f"k{person}", 24 * day) for person in range(3) for day in (300, 270)]
    assert ("kettle", "kettle") not in refills(little, orders + twice)
    said = {"product_id": "kettle", "attributes": json.dumps({"consumable": True})}
    assert ("kettle", "kettle") not in refills(little, orders + twice, said)


def test_curated_intervals_are_read_and_go_before_what_was_learned(little, orders):
    found = refills(
        little, orders,
        links=[
            {"from_id": "filter", "to_id": "filter", "value": "6 weeks"},
            {"from_id": "mug", "to_id": "n01", "value": "10,000 km"},
            {"from_id": "mug", "to_id": "n02", "value": "180 days", "action": "ban"},
            {"from_id": "mug", "to_id": "n03", "value": "180 days", "expires_at": 1},
            {"from_id": "mug", "to_id": "unknown", "value": "180 days"},
            {"from_id": "mug", "to_id": "n04", "value": "180 days", "kind": "complement"},
        ],
        meters=[
            {"customer_id": who, "product_id": "mug", "meter": "odometer", "value": 1.0, "unit": "km", "at": 0}
            for who in ("a", "a", "b")
        ],
    )  # fmt: skip
    assert sorted(found) == [("filter", "filter"), ("mug", "n01")]
    by_day, by_meter = found["filter", "filter"], found["mug", "n01"]
    assert (by_day["basis"], by_day["every"], by_day["interval_median"]) == ("curated", 42.0, 42.0)
    assert (by_meter["unit"], by_meter["every"], by_meter["n_customers"]) == ("km", 10_000.0, 2)
    assert np.isnan(by_meter["interval_median"])


def test_the_attribute_names_interval_and_service(little, orders):
    plan = {"value": 500, "unit": "hours", "product": "n05"}
    said = [
        {"product_id": "mug", "attributes": json.dumps({"service_every": plan})},
        {"product_id": "n06", "attributes": json.dumps({"service_every": "now and then"})},
        {"product_id": "n07", "attributes": json.dumps({"service_every": {"value": 1, "unit": "year"}})},
    ]
    found = refills(little, orders, *said)
    assert found["mug", "n05"]["basis"] == "attribute"
    assert (found["mug", "n05"]["every"], found["mug", "n05"]["unit"]) == (500, "hours")
    assert found["n07", "n07"]["every"] == pytest.approx(365.25)
    assert ("n06", "n06") not in found


@pytest.mark.parametrize("value", ["often", "10000", "km", "0 days", "-3 days", ""])
def test_what_is_no_interval_is_refused(value):
    with pytest.raises(BadInput, match="write a number and a unit"):
        parse_every(value)


def test_a_wrong_curated_value_names_its_link(little, orders):
    with pytest.raises(BadInput, match="curated link mug → filter: 'soon'"):
        refills(little, orders, links=[{"from_id": "mug", "to_id": "filter", "value": "soon"}])


def test_a_catalog_numbered_otherwise_is_refused(little, orders):
    baskets = from_lines(little.lines(orders))
    with pytest.raises(BadUsage, match="renumber"):
        find_refills(baskets, catalog_of(["other"], little.products()), SETTINGS, DAY, usage(), curated())


def test_a_shop_without_orders_has_no_refills(little):
    assert refills(little, []) == {}
