"""Whatever is given, used and given back in whatever order: budgets hold, orders stack as allowed, twice is once."""

import shutil
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.domain.coupon import CouponKind
from crosslift.domain.money import Money
from crosslift.domain.redemption import Cart
from crosslift.store import migrate
from crosslift.store.offer_rows import micros
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.coupons_contract import NOW, PLAIN, save
from crosslift.testing.records_rows import DAY

TENTH = replace(
    PLAIN, campaign_id="tenth", kind=CouponKind.PERCENT_OFF, value=Decimal("0.1"), most=Money(Decimal(6), "USD"),
    per_person=2, stacks_with=("everybody",),
)  # fmt: skip
EVERYBODY = replace(PLAIN, campaign_id="everybody", code="SPRING", per_person=3, max_uses=4, stacks_with=("tenth",))
CAMPAIGNS = {one.campaign_id: one for one in (PLAIN, TENTH, EVERYBODY)}
BUDGET = 12_000_000
PEOPLE = st.sampled_from(["customer:c1", "customer:c2", "customer:c3"])
ORDERS = st.sampled_from(["o1", "o2", "o3"])
CODES = st.sampled_from(["p0", "p1", "p2", "t0", "t1", "t2", "SPRING"])
STEPS = st.one_of(
    st.tuples(st.just("issue"), CODES, PEOPLE, st.booleans()),
    st.tuples(st.just("redeem"), CODES, ORDERS, PEOPLE, st.integers(1, 90)),
    st.tuples(st.just("release"), CODES, ORDERS),
    st.tuples(st.just("wait"), st.sampled_from([1, 4])),
)


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A migrated file with three campaigns."""
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    store = SqliteRecords(path)
    for campaign in CAMPAIGNS.values():
        save(store, campaign)
    store.close()
    return path


def take(store, step, now):
    kind, code, *rest = step
    if kind == "release":
        store.release_coupon(code, rest[0], now)
    elif kind == "redeem":
        order, who, cart = rest
        first = store.redeem_coupon(code, order, who, Cart("USD", Decimal(cart)), now)
        again = store.redeem_coupon(code, order, who, Cart("USD", Decimal(cart + 1)), now)
        assert not again.is_new or first.use is None
        assert first.use is None or again.use["discount_micros"] == first.use["discount_micros"] <= cart * 1_000_000
    elif code != "SPRING" and store.coupon(code) is None:
        campaign = PLAIN if code[0] == "p" else TENTH
        row = {
            "code_hash": code, "campaign_id": campaign.campaign_id, "version": 1, "identity": rest[0],
            "value": str(campaign.value), "reserved_micros": campaign.most_off(campaign.value).to_micros(), "currency": "USD",
            "issued_at": now, "ends_at": min(now + 3 * DAY, micros(campaign.ends_at)), "is_used": False,
        }  # fmt: skip
        store.issue_coupon(row, now, replaces=rest[1])


def check(store, now):
    for name in CAMPAIGNS:
        report = store.coupon_report(name, now)
        assert report["given_micros"] + report["reserved_micros"] <= BUDGET
    uses = store.table(
        "coupon_uses", ["campaign_id", "order_id", "code_hash", "identity"], "released_at is null"
    ).to_pylist()
    for order in {use["order_id"] for use in uses}:
        names = sorted(use["campaign_id"] for use in uses if use["order_id"] == order)
        assert len(names) == 1 or names == ["everybody", "tenth"]
    assert sum(use["code_hash"] == "SPRING" for use in uses) <= 4
    for name, campaign in CAMPAIGNS.items():
        of = [use["identity"] for use in uses if use["campaign_id"] == name]
        assert all(of.count(who) <= campaign.per_person for who in of)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, max_size=14))
def test_no_order_of_operations_breaks_a_limit(blank, tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("run")
    store, now = SqliteRecords(shutil.copy(blank, folder / "records.db")), NOW
    try:
        for step in steps:
            if step[0] == "wait":
                now += step[1] * DAY
            else:
                take(store, step, now)
            check(store, now)
    finally:
        store.close()
        shutil.rmtree(folder)
