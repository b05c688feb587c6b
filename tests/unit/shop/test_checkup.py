from datetime import timedelta

import pytest

from crosslift.shop import checkup as checking
from crosslift.shop.checkup import checkup


def found(shop):
    return {check.name: check for check in checkup(shop)}


def test_a_shop_in_order_has_nothing_to_mend(shop):
    checks = found(shop)
    assert list(checks) == ["home", "space", "records", "snapshot", "kernels", "clock", "plugins"]
    assert all(check.is_ok for check in checks.values())
    assert checks["snapshot"].found == f"{shop.knowledge.snapshot_id}, 24 products"
    assert checks["kernels"].found == "scipy path (slower, same results)"


def test_an_unlearned_shop_is_told_what_to_run(empty_shop):
    check = found(empty_shop)["snapshot"]
    assert (check.is_ok, check.remedy) == (False, "run `crosslift learn`")
    assert "nothing has been learned yet" in check.found


def test_a_damaged_snapshot_is_named(own_shop):
    (own_shop.snapshot_folder / own_shop.knowledge.snapshot_id / "pair_lift.npy").unlink()
    from crosslift.shop.known import Known

    own_shop.known = Known(own_shop.snapshot_folder, own_shop.records)
    check = found(own_shop)["snapshot"]
    assert not check.is_ok
    assert "pair_lift.npy is damaged" in check.found


def test_an_import_that_never_ended_is_named(own_shop, little):
    own_shop.records.start_import("orders", "torn.csv", "canonical", little.micros(little.NOW), None)
    check = found(own_shop)["records"]
    assert not check.is_ok
    assert "1 unfinished: torn.csv" in check.found


def test_an_order_of_tomorrow_means_a_wrong_clock(own_shop, clock):
    clock.now -= timedelta(days=2)
    check = found(own_shop)["clock"]
    assert (check.is_ok, check.remedy) == (False, "the newest order lies in the future; set the clock")


@pytest.mark.parametrize(("free", "is_ok"), [(2 << 30, True), (1 << 29, False)])
def test_little_space_is_told_before_it_is_none(shop, monkeypatch, free, is_ok):
    monkeypatch.setattr(checking.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert found(shop)["space"].is_ok is is_ok
