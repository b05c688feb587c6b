import json

import msgspec
import numpy as np
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import MarkCode
from crosslift.learn.customers.clusters import Behavior, Clusters, find_clusters


def a_person(number, chance, orders, discount, categories):
    n_orders = 1 + chance.poisson(orders)
    return {
        "person_id": f"customer:{number:04}", "n_orders": n_orders, "n_items": 2 * n_orders, "aov": 30.0,
        "revenue": n_orders * chance.lognormal(3, 0.3), "recency_days": float(chance.exponential(60)),
        "discount_share": float(np.clip(chance.normal(discount, 0.08), 0, 1)),
        "return_rate": float(chance.beta(1, 20)), "categories": categories,
    }  # fmt: skip


@pytest.fixture(scope="module")
def people():
    """300 who buy tea often at full price, 200 who buy coffee now and then at a discount, 100 who come once for pots."""
    chance = np.random.default_rng(3)
    kinds = [(15, 0.05, {"Tea/Green": 0.6, "Tea": 0.3, "Pots": 0.1})] * 300
    kinds += [(4, 0.8, {"Coffee": 0.9, "Tea": 0.1})] * 200 + [(0, 0.1, {"Pots": 1.0})] * 100
    return [a_person(number, chance, *kind) for number, kind in enumerate(kinds)]


@pytest.fixture(scope="module")
def found(people, crowd):
    clusters = find_clusters(Behavior.of(crowd(*people)), seed=1)
    assert isinstance(clusters, Clusters)
    return clusters


def test_planted_groups_are_found_with_sizes_and_plain_names(found):
    assert [cluster.n_people for cluster in found.clusters] == [300, 200, 100]
    assert [cluster.share for cluster in found.clusters] == pytest.approx([1 / 2, 1 / 3, 1 / 6])
    tea, coffee, pots = ({(mark.code, mark.category) for mark in cluster.marks} for cluster in found.clusters)
    assert (MarkCode.CATEGORY, "Tea") in tea
    assert {(MarkCode.CATEGORY, "Coffee"), (MarkCode.DISCOUNT, None)} <= coffee
    assert (MarkCode.CATEGORY, "Pots") in pots


def test_ids_keep_their_order_when_marks_change_places(found):
    ids = [cluster.cluster_id for cluster in found.clusters]
    assert len(set(ids)) == 3
    assert "discount+category:Coffee" in ids[1]
    rank = [code.value for code in MarkCode]
    for cluster_id in ids:
        codes = [rank.index(key.partition(":")[0]) for key in cluster_id.split("+")]
        assert codes == sorted(codes)
    assert {cluster.persona_id for cluster in found.clusters} <= {mark.key for c in found.clusters for mark in c.marks}


def test_centers_and_marks_are_in_the_units_of_the_profile(found):
    tea, coffee, pots = found.clusters
    assert tea.center["n_orders"] == pytest.approx(16, abs=1)
    assert pots.center["n_orders"] == 1
    assert pots.center["breadth"] == pytest.approx(1)
    assert tea.center["category:Tea"] == pytest.approx(0.9)
    (discount,) = (mark for mark in coffee.marks if mark.code is MarkCode.DISCOUNT)
    assert discount.value == pytest.approx(0.8, abs=0.02)
    assert discount.usual == pytest.approx((0.05 * 300 + 0.8 * 200 + 0.1 * 100) / 600, abs=0.03)
    assert discount.unit == "share"


def test_everybody_who_ordered_belongs_to_one_group_and_nobody_else(found, people, crowd):
    places = found.places(crowd(*people, {"person_id": "anonymous:1"}))
    assert places[0] == -1
    assert np.bincount(places[1:]).tolist() == [300, 200, 100]
    assert set(places[1:301].tolist()) == {0}


def test_a_few_people_alone_are_placed_as_among_all(found, people, crowd):
    whole = found.places(crowd(*people))
    for some in (people[:1], people[250:350], people[::7]):
        assert found.places(crowd(*some)).tolist() == [whole[people.index(person)] for person in some]


def test_what_was_learned_comes_back_from_the_store_as_it_was(found, people, crowd):
    again = msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(found))), Clusters)
    assert again == found
    assert np.array_equal(again.places(crowd(*people)), found.places(crowd(*people)))


def test_the_same_seed_and_people_in_any_order_give_the_same_groups(found, people, crowd):
    assert find_clusters(Behavior.of(crowd(*reversed(people))), seed=1) == found


def test_people_who_differ_by_degrees_get_no_groups_and_the_reason(crowd):
    chance = np.random.default_rng(5)
    alike = [a_person(number, chance, 3, 0.3, {"Tea": 0.5, "Pots": 0.5}) for number in range(400)]
    found = find_clusters(Behavior.of(crowd(*alike)), seed=1)
    assert isinstance(found, NotEstimable)
    assert "of the 400 people hold" in found.why


def test_a_tiny_shop_gets_no_groups_and_the_reason(people, crowd):
    found = find_clusters(Behavior.of(crowd(*people[:199])), seed=1)
    assert found == NotEstimable("199 people with orders, at least 200 needed to find groups that hold")
    assert isinstance(find_clusters(Behavior.of(crowd()), seed=1), NotEstimable)


def test_people_who_are_all_the_same_get_no_groups(crowd):
    same = [{"person_id": f"customer:{n:03}", "n_orders": 1, "revenue": 1.0, "recency_days": 1.0} for n in range(300)]
    assert isinstance(find_clusters(Behavior.of(crowd(*same)), seed=1), NotEstimable)


def test_unknown_figures_pull_nobody_and_visitors_without_orders_are_left_out(people, crowd):
    blurred = [{**person, "discount_share": None} if n % 2 else person for n, person in enumerate(people)]
    visitor = {"person_id": "anonymous:1", "categories": {"Elsewhere": 1.0}}
    behavior = Behavior.of(crowd(*blurred, visitor))
    assert (len(behavior.person), behavior.person[0]) == (600, 1)
    assert "category:Elsewhere" not in behavior.names
    found = find_clusters(behavior, seed=1)
    assert [cluster.n_people for cluster in found.clusters] == [300, 200, 100]


def test_behavior_is_read_in_the_units_of_the_profile(crowd):
    one = crowd(
        {"person_id": "customer:1", "n_orders": 2, "revenue": 9.0, "recency_days": 3.0,
         "categories": {"a/x": 0.25, "a/y": 0.25, "b": 0.5}},
        {"person_id": "customer:2", "n_orders": 1},
    )  # fmt: skip
    behavior = Behavior.of(one)
    read = dict(zip(behavior.names, behavior.values[0].tolist(), strict=True))
    assert read["breadth"] == pytest.approx(1 / (0.25**2 * 2 + 0.5**2))
    assert (read["category:a"], read["category:b"], read["n_orders"], read["revenue"]) == (0.5, 0.5, 2, 9)
    assert np.isnan(read["return_rate"])
    assert np.isnan(behavior.values[1, behavior.names.index("category:a")])


def test_main_categories_may_be_given(crowd):
    one = crowd({"person_id": "customer:1", "n_orders": 2, "categories": {"a": 0.25, "b": 0.5}})
    behavior = Behavior.of(one, ("gone", "a"))
    assert behavior.names[-2:] == ("category:gone", "category:a")
    assert behavior.values[0, -2:].tolist() == [0.0, 0.25]
