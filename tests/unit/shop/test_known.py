import pytest

from crosslift.errors import NotReady, NotReplayable, WillNotWork
from crosslift.shop.known import Known


@pytest.fixture
def known(own_shop):
    return Known(own_shop.snapshot_folder, own_shop.records)


def number(shop):
    return shop.records.person(None).change_number


def test_a_change_is_seen_by_the_decision_that_read_its_number(own_shop, known):
    item = known.knowledge().index["P01"]
    before = known.at(number(own_shop))[1]
    own_shop.patch_products([{"product_id": "P01", "stock": 0}])
    after = known.at(number(own_shop))[1]
    assert after.change_number == before.change_number + 1
    assert (before.flags[item], after.flags[item]) == (0, 3)


def test_an_overlay_newer_than_asked_for_is_good_enough(own_shop, known):
    first = number(own_shop)
    own_shop.patch_products([{"product_id": "P01", "stock": 0}])
    newer = known.at(number(own_shop))[1]
    assert known.at(first)[1] is newer


def test_a_new_snapshot_is_picked_up_at_once(own_shop, known):
    before = known.knowledge().snapshot_id
    own_shop.learn()
    assert known.knowledge().snapshot_id != before


def test_a_server_swaps_only_when_it_looks(own_shop, known):
    known.follow()
    assert known.refresh()
    before = known.knowledge().snapshot_id
    own_shop.learn()
    assert known.knowledge().snapshot_id == before
    assert known.refresh()
    assert known.knowledge().snapshot_id != before
    assert not known.refresh()


def test_a_damaged_snapshot_is_refused_and_the_one_in_force_stays(own_shop, known):
    known.follow()
    known.refresh()
    before = known.knowledge().snapshot_id
    newer = own_shop.learn()["snapshot_id"]
    (own_shop.snapshot_folder / newer / "item_counts.npy").write_bytes(b"rotten")
    with pytest.raises(WillNotWork, match=r"item_counts\.npy is damaged"):
        known.refresh()
    assert known.knowledge().snapshot_id == before


def test_live_values_survive_a_new_snapshot(own_shop, known):
    own_shop.patch_products([{"product_id": "P01", "stock": 0}])
    own_shop.learn()
    knowledge, live = known.at(number(own_shop))
    assert live.flags[knowledge.index["P01"]] == 3


def test_an_older_snapshot_is_loaded_for_a_replay_and_a_gone_one_named(own_shop, known):
    before = known.knowledge().snapshot_id
    own_shop.learn()
    assert known.of(before).snapshot_id == before
    with pytest.raises(NotReplayable, match="its snapshot 2001 is gone; only the newest are kept"):
        known.of("2001")


def test_before_the_first_learning_nothing_is_known(empty_shop):
    with pytest.raises(NotReady):
        Known(empty_shop.snapshot_folder, empty_shop.records).knowledge()
    with pytest.raises(NotReady):
        Known(empty_shop.snapshot_folder, empty_shop.records).refresh()
