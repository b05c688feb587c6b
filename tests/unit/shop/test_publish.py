import shutil
from dataclasses import replace

import numpy as np
import pytest

from crosslift.errors import NotFound, NotReady, QualityGate
from crosslift.store import snapshot as snapshots


def ruin(shop, little, pantry):
    """Collect the same orders again, the earlier ones mixed up: new versions, other products."""
    chance = np.random.default_rng(2)
    names = [f"P{i:02}" for i in range(24)]
    rows = little.order_rows(pantry.orders)
    earlier = {f"o{n}" for n, order in enumerate(pantry.orders) if order.hours_ago > 30 * 24}
    mixed = [{**row, "product_id": names[chance.integers(24)] if row["order_id"] in earlier else row["product_id"],
              "line_id": str(place), "updated_at": "2026-11-01T13:00:00Z"} for place, row in enumerate(rows)]  # fmt: skip
    shop.collect(little.write(shop.home / "again.csv", mixed))


def test_the_first_snapshot_is_always_published(little, pantry, empty_shop):
    empty_shop.collect(little.write(empty_shop.home / "o.csv", little.order_rows(pantry.orders[:60])))
    report = empty_shop.learn()
    assert report["against_published"] == "the first snapshot is always published"
    assert [(row["state"], row["is_current"]) for row in empty_shop.snapshots()] == [("published", True)]
    assert empty_shop.knowledge.snapshot_id == report["snapshot_id"]


def test_the_same_data_again_are_no_worse(own_shop):
    before = own_shop.knowledge.snapshot_id
    verdict = own_shop.learn()["against_published"]
    assert (verdict["difference"], verdict["low"], verdict["high"]) == (0.0, 0.0, 0.0)
    assert verdict["queries"] > 50
    assert own_shop.knowledge.snapshot_id != before


def test_learning_twice_from_orders_of_two_products_is_no_worse(little, empty_shop):
    # NDCG takes few values there; kept to six digits they once looked better than the very same ones unrounded
    chance = np.random.default_rng(0)
    made = [
        little.Order(
            (f"{group}a", f"{group}{chance.choice(list('bcde'), p=[0.4, 0.3, 0.2, 0.1])}"), f"c{n % 300}", 1200 - n
        )
        for n, group in enumerate(chance.integers(12, size=1200))
    ]
    empty_shop.collect(little.write(empty_shop.home / "o.csv", little.order_rows(made)))
    empty_shop.learn()
    assert empty_shop.learn()["against_published"]["high"] == 0.0


@pytest.fixture(scope="module")
def ruined_home(little, tmp_path_factory):
    """A shop in which every product has its companion, then its history is mixed up."""
    made = little.pantry(1_200, n_pairs=12)
    home = tmp_path_factory.mktemp("ruined") / "home"
    home.mkdir()
    rows = [{**row, "line_id": str(place), "updated_at": "2026-11-01T12:00:00Z"}
            for place, row in enumerate(little.order_rows(made.orders))]  # fmt: skip
    with little.open_shop(home) as shop, little.no_jit():
        shop.collect(little.write(home / "orders.csv", rows))
        shop.learn()
        ruin(shop, little, made)
    return home


@pytest.fixture
def ruined(little, ruined_home, tmp_path):
    shutil.copytree(ruined_home, tmp_path / "ruined")
    with little.open_shop(tmp_path / "ruined") as shop:
        yield shop


def test_a_worse_snapshot_is_refused_and_the_published_one_stays(ruined):
    before = ruined.knowledge.snapshot_id
    with pytest.raises(QualityGate, match="completes later baskets worse than the published one") as refusal:
        ruined.learn()
    assert refusal.value.exit_code == 3
    assert "--force" in str(refusal.value)
    assert ruined.knowledge.snapshot_id == before == snapshots.current_id(ruined.snapshot_folder)
    assert sorted(row["state"] for row in ruined.snapshots()) == ["published", "refused"]
    assert snapshots.listed(ruined.snapshot_folder) == [before]


def test_a_worse_snapshot_is_published_when_forced_and_can_be_rolled_back(ruined):
    before = ruined.knowledge.snapshot_id
    report = ruined.learn(force=True)
    assert report["against_published"]["high"] < 0
    assert ruined.knowledge.snapshot_id == report["snapshot_id"] != before
    ruined.rollback(before)
    assert ruined.knowledge.snapshot_id == before
    assert [row["snapshot_id"] for row in ruined.snapshots() if row["is_current"]] == [before]


@pytest.mark.parametrize("name", ["19990101T000000-000000", "../snapshots", ""])
def test_rolling_back_to_what_does_not_exist_changes_nothing(own_shop, name):
    before = own_shop.knowledge.snapshot_id
    with pytest.raises(NotFound, match=f"no snapshot {name} to go back to; there are {before}"):
        own_shop.rollback(name)
    assert own_shop.knowledge.snapshot_id == before


def test_a_clock_that_stands_still_names_every_snapshot_apart(own_shop):
    ids = {own_shop.knowledge.snapshot_id, own_shop.learn()["snapshot_id"], own_shop.learn()["snapshot_id"]}
    assert len(ids) == 3
    assert len(own_shop.snapshots()) == 3


def test_a_shop_of_one_known_customer_is_published_and_says_what_could_not_be_compared(little, pantry, empty_shop):
    made = [replace(order, customer="till") for order in pantry.orders]
    empty_shop.collect(little.write(empty_shop.home / "o.csv", little.order_rows(made)))
    empty_shop.learn()
    assert "all of 1 customer" in empty_shop.learn()["against_published"]


def test_slices_without_common_orders_cannot_be_compared(little, pantry, own_shop, clock):
    later = [replace(order, customer=None, hours_ago=order.hours_ago - 24 * 200) for order in pantry.orders]
    rows = [{**row, "order_id": f"later-{row['order_id']}"} for row in little.order_rows(later)]
    own_shop.collect(little.write(own_shop.home / "later.csv", rows))
    assert "0 queries in common" in own_shop.learn()["against_published"]


def test_the_snapshot_carries_its_report_and_the_settings_it_was_learned_with(shop):
    found = snapshots.load(shop.snapshot_folder)
    assert found.manifest["settings"]["learn.min_lift"] == 1.2
    assert found.texts["report"]["n_orders"] == shop.knowledge.n_baskets
    assert len(found.texts["check"]["queries"]) == len(found.texts["check"]["ndcg"])


def test_no_person_stands_in_a_snapshot(shop, pantry):
    written = b"".join(path.read_bytes() for path in (shop.snapshot_folder / shop.knowledge.snapshot_id).iterdir())
    customers = {order.customer for order in pantry.orders if order.customer and len(order.customer) == 4}
    assert len(customers) > 100
    assert not any(f'"{customer}"'.encode() in written for customer in customers)


def test_nothing_learned_yet_is_not_ready(empty_shop):
    with pytest.raises(NotReady, match="run `crosslift learn` first"):
        empty_shop.decide("cart", ["P00"])
