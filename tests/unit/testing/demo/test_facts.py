"""What the catalog says of products: rules that name exactly what is needed, days, what is used up."""

import csv
import json
from datetime import date

import pytest

from crosslift.testing.demo import CATALOG, DemoFiles, get_item
from crosslift.testing.demo.catalog import SLOW_STOCK
from crosslift.testing.demo.facts import BEST_BEFORE, IN_STOCK_SINCE
from crosslift.testing.demo.relations import REFILLS, needs
from crosslift.testing.demo.seasons import LAST_DAY


@pytest.fixture(scope="module")
def attributes(demo: DemoFiles) -> dict[str, dict]:
    with demo.products.open(encoding="utf-8", newline="") as file:
        return {row["product_id"]: {**json.loads(row["attributes"]), **row} for row in csv.DictReader(file)}


def test_rules_of_the_file_name_exactly_what_is_needed(attributes: dict[str, dict]) -> None:
    named = set()
    for product_id, facts in attributes.items():
        for rule in facts.get("requires", ()):
            match = rule["match"]
            mine, theirs = next(iter(match.items())) if isinstance(match, dict) else (match, match)
            named |= {
                (product_id, other_id)
                for other_id, other in attributes.items()
                if other["category"] == rule["category"] and other.get(theirs) == facts[mine]
            }
    own = {pair for pair in named if not attributes[pair[0]]["parent_id"] and not attributes[pair[1]]["parent_id"]}
    assert own == set(needs())


def test_what_runs_out_is_consumable() -> None:
    for refill in REFILLS:
        assert get_item(refill.product_id).attributes["consumable"] is True
    assert not get_item("FLT-AER-MTL").attributes.get("consumable")
    assert not [item for item in CATALOG if item.need == "kettle" and item.attributes.get("consumable")]


def test_some_keep_for_less_than_a_month_and_one_is_past_its_day() -> None:
    left = {name: (date.fromisoformat(day) - LAST_DAY.date()).days for name, day in BEST_BEFORE.items()}
    assert sum(0 < days <= 30 for days in left.values()) == 4
    assert [name for name, days in left.items() if days < 0] == ["DBG-DECAF"]
    assert all(get_item(name).stock > 0 and get_item(name).attributes["consumable"] for name in left)


def test_slow_stock_says_since_when(attributes: dict[str, dict]) -> None:
    assert set(IN_STOCK_SINCE) == set(SLOW_STOCK)
    assert all(attributes[name]["in_stock_since"] == day for name, day in IN_STOCK_SINCE.items())


def test_grinders_are_calibrated_by_the_kilogram(attributes: dict[str, dict]) -> None:
    plans = {name: facts["service_every"] for name, facts in attributes.items() if "service_every" in facts}
    assert {name for name in plans if not attributes[name]["parent_id"]} == {"GRD-E-ESP", "GRD-E-PRO64"}
    assert {(plan["unit"], plan["product"]) for plan in plans.values()} == {("kg", "CHK-GRD")}
