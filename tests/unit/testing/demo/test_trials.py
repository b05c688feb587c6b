"""What was tried elsewhere: arms as planned, choices with their probability, lines that name them, orders that were brought."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from crosslift.testing.demo import DemoFiles
from crosslift.testing.demo.trials import BROKEN, HELD_SHARE, HOLDOUT, LAUNCH, LIFT

Rows = list[dict[str, str]]


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def arms(demo: DemoFiles) -> dict[str, dict[str, str]]:
    """Give the arm of each person by trial."""
    found: dict[str, dict[str, str]] = {HOLDOUT: {}, LAUNCH: {}, BROKEN: {}}
    for row in _rows(demo.assignments):
        assert row["unit_id"] not in found[row["experiment_id"]]
        found[row["experiment_id"]][row["unit_id"]] = row["arm"]
    return found


@pytest.fixture(scope="module")
def orders(demo: DemoFiles) -> Rows:
    return _rows(demo.orders)


@pytest.fixture(scope="module")
def brought(demo: DemoFiles) -> Rows:
    return _rows(demo.launched)


@pytest.fixture(scope="module")
def choices(demo: DemoFiles) -> dict[str, dict[str, str]]:
    return {row["choice_id"]: row for row in _rows(demo.choices)}


def test_arms_are_as_large_as_planned_but_for_the_broken_one(arms: dict[str, dict[str, str]]) -> None:
    held = Counter(arms[HOLDOUT].values())
    assert held["held"] / held.total() == pytest.approx(HELD_SHARE, abs=0.008)
    launch, broken = (Counter(arms[name].values()) for name in (LAUNCH, BROKEN))
    assert launch["new_place"] / launch["control"] == pytest.approx(1, abs=0.05)
    assert broken["banner"] / broken["control"] < 0.9
    for name in (LAUNCH, BROKEN):
        assert all(arms[HOLDOUT][person] == "treated" for person in arms[name])


def test_the_new_place_brought_orders_and_the_old_one_none(
    arms: dict[str, dict[str, str]], orders: Rows, brought: Rows
) -> None:
    assert {arms[LAUNCH][row["customer_id"]] for row in brought} == {"new_place"}
    others = {
        row["order_id"]
        for row in orders
        if arms[LAUNCH].get(row["customer_id"]) == "new_place" and row["ordered_at"] >= "2026-09-01"
    }
    assert len({row["order_id"] for row in brought}) / len(others) == pytest.approx(LIFT, abs=0.025)
    assert [row["ordered_at"] for row in brought] == sorted(row["ordered_at"] for row in brought)


def test_lines_name_choices_of_their_own_product_made_before_them(
    arms: dict[str, dict[str, str]], orders: Rows, brought: Rows, choices: dict[str, dict[str, str]]
) -> None:
    named = {row["decision_id"]: row for row in [*orders, *brought] if row["decision_id"]}
    taken = {choice_id for choice_id, row in choices.items() if row["outcome"] == "1"}
    assert named.keys() == taken
    for choice_id, line in named.items():
        choice = choices[choice_id]
        assert (choice["action"], choice["unit_id"]) == (line["product_id"], line["customer_id"])
        assert choice["at"] <= choice["outcome_at"] == line["ordered_at"]
        assert arms[HOLDOUT][line["customer_id"]] == "treated"
    assert all(0 < float(row["probability"]) <= 1 for row in choices.values())
    assert 0.15 < len(taken) / len(choices) < 0.35
