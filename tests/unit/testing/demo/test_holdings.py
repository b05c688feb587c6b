"""Subscriptions and meters: some thousand holders, contracts that make sense, meters that only grow."""

import csv
from collections import Counter, defaultdict

import pytest

from crosslift.testing.demo import DemoFiles, get_item
from crosslift.testing.demo.holdings import HOLDABLE, METERS

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def subscriptions(demo: DemoFiles) -> Rows:
    with demo.subscriptions.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def usage(demo: DemoFiles) -> Rows:
    with demo.usage.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_few_thousand_people_hold_something_once(subscriptions: Rows) -> None:
    assert len({row["subscription_id"] for row in subscriptions}) == len(subscriptions)
    held = Counter((row["customer_id"], row["product_id"]) for row in subscriptions)
    assert set(held.values()) == {1}
    assert 2_000 < len({row["customer_id"] for row in subscriptions}) < 4_500
    assert {row["product_id"] for row in subscriptions} == {one.product_id for one in HOLDABLE}
    assert {get_item(row["product_id"]).kind for row in subscriptions} == {"goods", "plan", "warranty"}


def test_running_contracts_renew_after_the_last_day_and_ended_ones_have_ended(subscriptions: Rows) -> None:
    for row in subscriptions:
        assert "2025-05-01" <= row["started_at"] < "2026-11-01"
        if row["status"] == "active":
            assert row["renews_at"] > "2026-10-31"
            assert not row["ended_at"]
        else:
            assert row["status"] == "ended"
            assert not row["renews_at"]
            assert row["started_at"] <= row["ended_at"] < "2026-11-01"
    assert 0.1 < sum(row["status"] == "ended" for row in subscriptions) / len(subscriptions) < 0.25


def test_descaling_plan_is_held_with_espresso_beans(subscriptions: Rows) -> None:
    holds: dict[str, set[str]] = defaultdict(set)
    for row in subscriptions:
        if row["status"] == "active":
            holds[row["customer_id"]].add(row["product_id"])
    beans = [held for held in holds.values() if "BLD-ESP" in held]
    others = [held for held in holds.values() if "BLD-ESP" not in held]
    share = sum("PLAN-DESC" in held for held in beans) / len(beans)
    assert share > 2 * sum("PLAN-DESC" in held for held in others) / len(others)


def test_meters_only_grow_and_belong_to_buyers(demo: DemoFiles, usage: Rows) -> None:
    with demo.orders.open(encoding="utf-8", newline="") as file:
        bought = {(row["customer_id"], row["product_id"]): row["ordered_at"] for row in csv.DictReader(file)}
    readings: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in usage:
        readings[row["customer_id"], row["product_id"]].append((row["at"], float(row["value"])))
        assert (row["meter"], row["unit"]) == METERS[row["product_id"]][:2]
    assert len(readings) > 300
    assert [row["at"] for row in usage] == sorted(row["at"] for row in usage)
    assert usage[-1]["at"] < "2026-11-01"
    for owner, values in readings.items():
        assert owner in bought
        assert [value for _, value in values] == sorted(value for _, value in values)
