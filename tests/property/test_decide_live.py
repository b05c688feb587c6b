"""Live values: an overlay brought forward equals one made anew, and a change holds on the very next decision."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.decide.knowledge import LiveRow
from crosslift.decide.overlay import Overlay

NAMES = ("cup", "honey", "n00", "spoon", "tea")
OTHERS = ("red", "blue", "range")


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


@pytest.fixture(scope="module")
def known(little):
    return little.knowledge(little.orders(*[["tea", "honey"], ["tea", "cup"], ["tea", "spoon"], ["n00"]] * 20))


rows = st.builds(
    LiveRow,
    product_id=st.sampled_from((*NAMES, *OTHERS)),
    price_micros=st.sampled_from([None, 0, 4_000_000, 6_000_000]),
    currency=st.just("USD"),
    stock=st.sampled_from([None, 0, -2, 1]),
    is_active=st.booleans(),
    is_sellable=st.booleans(),
    parent_id=st.sampled_from([None, None, "tea", "cup", "range"]),
)
by_id = st.dictionaries(st.sampled_from((*NAMES, *OTHERS)), rows).map(
    lambda found: {row.product_id: row for row in found.values()}
)


@settings(deadline=None, max_examples=300)
@given(before=by_id, steps=st.lists(st.lists(rows, max_size=3), max_size=4))
def test_an_overlay_brought_forward_equals_one_made_anew(known, before, steps):
    live, everything = Overlay(known, 1, before), dict(before)
    for number, step in enumerate(steps, 2):
        changed = list({row.product_id: row for row in step}.values())
        frozen = live.flags.copy()
        live, earlier = live.with_changes(number, changed), live
        everything |= {row.product_id: row for row in changed}
        anew = Overlay(known, number, everything)
        items = np.arange(known.n_items)
        assert live.change_number == number
        assert live.codes(items).tolist() == anew.codes(items).tolist()
        assert [live.offered_as(i) for i in items] == [anew.offered_as(i) for i in items]
        for name in (*NAMES, *OTHERS, "unheard of"):
            assert (live.parent_of(name), live.is_known(name), live.row(name)) == (
                anew.parent_of(name), anew.is_known(name), anew.row(name)
            )  # fmt: skip
        assert np.array_equal(earlier.flags, frozen)


patches = st.lists(
    st.fixed_dictionaries(
        {"product_id": st.sampled_from(("P01", "P03", "P05"))},
        optional={
            "price": st.sampled_from([None, "0", "12.50"]), "stock": st.sampled_from([None, 0, 4]), "active": st.booleans()
        },
    ).filter(lambda change: len(change) > 1),
    min_size=1, max_size=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(little, tmp_path_factory):
    found = little.pantry(500)
    with little.stocked(tmp_path_factory.mktemp("live"), found.orders, found.catalog) as shop:
        yield shop


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(patches, min_size=1, max_size=4))
def test_a_patch_holds_on_the_very_next_decision(shop, little, steps):
    now = {name: {"price": "1", "stock": 4, "active": True} for name in ("P01", "P03", "P05")}
    shop.patch_products([{"product_id": name, **values} for name, values in now.items()])
    for step in steps:
        shop.patch_products(step)
        for change in step:
            now[change["product_id"]] |= change
        decision = shop.decide("cart", ["P00", "P02", "P04"], k=9)
        can_be_sold = {
            name for name, row in now.items()
            if row["active"] and row["price"] is not None and (row["stock"] is None or row["stock"] > 0)
        }  # fmt: skip
        assert {offer.product_id for offer in decision.offers} == can_be_sold
        assert shop.replay(decision.decision_id).is_equal
