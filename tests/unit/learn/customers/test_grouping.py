import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from crosslift.domain.profile_codes import Unknown
from crosslift.learn.customers.grouping import Grouping


@pytest.fixture(scope="module")
def people(crowd):
    """150 regulars who love tea, 100 who buy pots once at a discount, and a visitor."""
    chance = np.random.default_rng(8)
    rows = [
        {
            "person_id": f"customer:{number:03}", "n_orders": 12.0 + chance.poisson(3) if number < 150 else 1.0,
            "n_items": 30.0, "aov": 20.0 if number < 150 else 50.0, "recency_days": float(chance.exponential(30)),
            "revenue": float(chance.lognormal(5, 0.3)), "discount_share": 0.0 if number < 150 else 0.9,
            "return_rate": 0.0, "categories": {"Tea": 1.0} if number < 150 else {"Pots": 1.0},
            "channel": "web" if number < 150 else "till",
        }
        for number in range(250)
    ]  # fmt: skip
    return crowd(*rows, {"person_id": "anonymous:x"})


@pytest.fixture(scope="module")
def grouping(people):
    return Grouping.learn(people)


def test_everybody_who_ordered_has_a_cluster_and_the_persona_it_belongs_to(grouping, people):
    columns = grouping.of(people)
    clusters = grouping.found.clusters
    assert [columns[name][0].as_py() for name in ("cluster", "persona")] == [None, None]
    assert columns["cluster"].to_pylist()[1:] == [clusters[0].cluster_id] * 150 + [clusters[1].cluster_id] * 100
    assert columns["persona"].to_pylist()[1:] == [clusters[0].persona_id] * 150 + [clusters[1].persona_id] * 100


def test_cards_are_told_of_the_people_who_have_them(grouping, people):
    told = grouping.told(people, "KRW")
    assert (told["n_people"], told["why"]) == (250, "")
    assert [row["n_people"] for row in told["clusters"]] == [150, 100]
    assert {row["persona_id"] for row in told["clusters"]} == set(told["personas"])
    card = told["personas"][told["clusters"][0]["persona_id"]]
    assert (card["currency"], card["n_people"], card["order_value"]["median"]) == ("KRW", 150, 20.0)
    assert card["channel"] == {"name": "web", "n_people": 150}
    assert json.loads(json.dumps(told)) == json.loads(msgspec.json.encode(told))


def test_clusters_led_by_one_mark_share_a_card(grouping, people):
    found = grouping.found
    alike = tuple(replace(one, marks=found.clusters[0].marks) for one in found.clusters)
    told = replace(grouping, found=replace(found, clusters=alike)).told(people, "KRW")
    assert len(told["personas"]) == 1
    assert next(iter(told["personas"].values()))["n_people"] == 250


def test_where_no_groups_hold_nobody_is_in_one_and_the_reason_has_a_code(crowd):
    few = crowd(*({"person_id": f"c{n:03}", "n_orders": 1.0} for n in range(3)))
    grouping = Grouping.learn(few)
    assert (grouping.found, grouping.unknown) == (None, Unknown.FEW_PEOPLE)
    assert grouping.of(few)["cluster"].to_pylist() == [None] * 3
    assert grouping.told(few, "EUR") == {"n_people": 3, "why": grouping.why, "clusters": [], "personas": {}}
    alike = crowd(*({"person_id": f"c{n:03}", "n_orders": 1.0} for n in range(300)))
    assert Grouping.learn(alike).unknown is Unknown.NO_GROUPS
    assert Grouping.learn(crowd()).unknown is Unknown.FEW_PEOPLE


def test_a_grouping_comes_back_from_the_store_as_it_was(grouping):
    for one in (grouping, Grouping(3, None, "too few")):
        assert msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(one))), Grouping) == one
