"""A holdout over two processes on one home: nobody is held in one and served in the other, whoever asks first."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

BY = {"author": "mina", "reason": "what do offers bring"}
WHO = [f"p{number}" for number in range(120)]


@pytest.fixture(scope="module")
def attention(load_script):
    return load_script("tests/fault/test_attention.py")


@pytest.fixture(scope="module")
def driver(load_script):
    return load_script("tests/fault/attention_driver.py")


@pytest.fixture
def shop(load_script, tmp_path):
    little = load_script("tests/unit/shop/little.py")
    pantry = little.pantry(800)
    (tmp_path / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        with little.stocked(tmp_path / "home", pantry.orders, pantry.catalog, little.Clock()) as shop:
            allowed = {
                "purpose": "personalization",
                "channel": "*",
                "status": "granted",
                "source": "form",
                "at": "2026-10-01",
            }
            shop.consents.record([{"customer_id": name, **allowed} for name in WHO])
            yield shop


@pytest.fixture
def other(attention, shop):
    process = attention.Other(shop.home)
    yield process
    process.close()


def test_two_processes_that_meet_the_same_people_at_once_hold_out_the_same(driver, shop, other):
    shop.experiments.hold_out(0.5, **BY, has_agreed=True)
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(other, "cart", customers=WHO)
        here = driver.cart(shop, WHO[::-1])[::-1]
    assert here == there.result()
    held = [offers for arm, offers in here if arm == "standing-holdout=held"]
    assert 40 < len(held) < 80
    assert held == [[]] * len(held)
    assert all(offers for arm, offers in here if arm == "standing-holdout=treated")
    units = shop.experiments.show("standing-holdout")["units"]
    assert units == {"held": len(held), "treated": len(WHO) - len(held)}


def test_what_one_process_agrees_to_ends_or_changes_holds_in_the_other_on_the_very_next_decision(shop, other):
    assert {arm for arm, _ in other("cart", customers=WHO[:10])} == {None}
    shop.experiments.hold_out(0.5, **BY, has_agreed=True)
    first = other("cart", customers=WHO[:40])
    assert {arm for arm, _ in first} == {"standing-holdout=held", "standing-holdout=treated"}
    shop.experiments.hold_out(0.01, **BY, has_agreed=True)
    assert other("cart", customers=WHO[:40]) == first
    shop.experiments.stop("standing-holdout", **BY)
    assert {arm for arm, _ in other("cart", customers=WHO[:40])} == {None}


def test_a_share_that_changes_while_both_decide_leaves_each_person_one_arm(driver, shop, other):
    shop.experiments.hold_out(0.5, **BY, has_agreed=True)
    with ThreadPoolExecutor(2) as pool:
        there = [pool.submit(other, "cart", customers=WHO)]
        changed = pool.submit(shop.experiments.hold_out, 0.1, **BY, has_agreed=True)
        here = driver.cart(shop, WHO)
        changed.result()
    kept = {one.unit_id: one.arm for one in shop.records.first_arms([f"customer:{name}" for name in WHO])}
    for made in (here, there[0].result()):
        assert [arm for arm, _ in made] == [f"standing-holdout={kept[name]}" for name in WHO]
