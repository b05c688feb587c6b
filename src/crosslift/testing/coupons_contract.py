"""What every store of records owes to coupons: a budget nobody exceeds, a code used once, whoever asks at the same time.

`other` is a second instance over the same data, as another process has it.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crosslift.domain.coupon import Campaign, CouponKind, CouponRefusal, Tier
from crosslift.domain.money import Money
from crosslift.domain.redemption import Cart
from crosslift.errors import Conflict
from crosslift.store.coupon_rows import campaign_of, campaign_row
from crosslift.store.offer_rows import EPOCH, micros
from crosslift.store.ports import Records
from crosslift.testing.identity_contract import join
from crosslift.testing.records_rows import DAY, MONDAY

NOW = MONDAY + 10 * DAY
AT = EPOCH + timedelta(microseconds=NOW)
CART = Cart("USD", Decimal(40))
PLAIN = Campaign(
    "plain", 0, CouponKind.AMOUNT_OFF, {"en": "Five off"}, Money(Decimal(12), "USD"), AT + timedelta(days=9), "mina", "a test",
    AT, value=Decimal(5),
)  # fmt: skip
FULL = Campaign(
    "full", 0, CouponKind.PERCENT_OFF, {"en": "Ten", "ko": "열"}, Money(Decimal(100), "USD"), AT + timedelta(days=9), "mina",
    "a test", AT, value=Decimal("0.1"), most=Money(Decimal(20), "USD"), code="SPRING", max_uses=3, per_person=2,
    minimum=Money(Decimal(10), "USD"), products=("T-40", "category:Tea"), stacks_with=("plain",), margin_floor=Decimal("0.2"),
    audience="orders >= 3", tiers=(Tier("orders >= 9", Decimal("0.15")),), starts_at=AT,
)  # fmt: skip


def save(records: Records, campaign: Campaign = PLAIN) -> int:
    """Write a campaign as the shop does; the hash of a code is the code here."""
    return records.save_campaign(campaign_row(campaign), campaign.code, NOW)


def issue(
    records: Records, code: str, who: str = "c1", campaign: Campaign = PLAIN, **given: Any
) -> CouponRefusal | None:
    """Give somebody a code; gives why not."""
    row = {
        "code_hash": code, "campaign_id": campaign.campaign_id, "version": 1, "identity": f"customer:{who}",
        "value": str(campaign.value), "reserved_micros": campaign.most_off(campaign.value).to_micros(), "currency": "USD",
        "issued_at": NOW, "ends_at": micros(campaign.ends_at), "is_used": False,
    }  # fmt: skip
    return records.issue_coupon({**row, **given}, NOW).refusal


def redeem(
    records: Records, code: str, order: str = "o1", who: str | None = "c1", now: int = NOW
) -> CouponRefusal | None:
    """Use a code; gives why not."""
    return records.redeem_coupon(code, order, who and f"customer:{who}", CART, now).refusal


def figures(records: Records, campaign_id: str = "plain", now: int = NOW) -> tuple[int, int]:
    """Give what a campaign has given and holds, in whole units."""
    report = records.coupon_report(campaign_id, now)
    return report["given_micros"] // 1_000_000, report["reserved_micros"] // 1_000_000


class CouponsContract:
    """The suite; `records` and `other` come from the subclass."""

    @pytest.fixture
    def records(self) -> Iterator[Records]:
        """Give an empty store."""
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Iterator[Records]:
        """Give a second instance over the data of `records`, as another process has it."""
        raise NotImplementedError

    # campaigns

    def test_every_column_of_a_campaign_comes_back(self, records: Records, other: Records) -> None:
        assert save(records, FULL) == 1
        assert [campaign_of(row) for row in other.campaigns()] == [replace(FULL, version=1)]
        assert save(other, replace(FULL, reason="more", budget=Money(Decimal(200), "USD"))) == 2
        assert [row["version"] for row in records.campaign_versions("full")] == [1, 2]
        assert records.campaign_versions("none") == []

    def test_a_budget_below_what_is_promised_is_a_conflict(self, records: Records) -> None:
        save(records)
        assert issue(records, "a") is None
        assert issue(records, "b", "c2") is None
        with pytest.raises(Conflict, match="given or promised 10 USD already"):
            save(records, replace(PLAIN, budget=Money(Decimal(9), "USD")))
        assert save(records, replace(PLAIN, budget=Money(Decimal(10), "USD"))) == 2

    def test_neither_currency_nor_personal_codes_change(self, records: Records) -> None:
        save(records)
        with pytest.raises(Conflict, match="make another campaign"):
            save(records, replace(PLAIN, code="SPRING"))
        save(records, replace(PLAIN, campaign_id="one", code="SPRING"))
        with pytest.raises(Conflict, match="belongs to another campaign"):
            save(records, replace(PLAIN, campaign_id="two", code="SPRING"))

    def test_the_code_for_everybody_follows_the_newest_version(self, records: Records) -> None:
        everybody = replace(PLAIN, code="SPRING", per_person=9)
        save(records, everybody)
        save(records, replace(everybody, code="SUMMER", max_uses=1))
        assert redeem(records, "SPRING", who=None) is CouponRefusal.EXPIRED
        assert redeem(records, "SUMMER", who=None) is None
        assert redeem(records, "SUMMER", "o2", who=None) is CouponRefusal.USED_UP

    # codes

    def test_a_person_has_one_open_code_under_all_names(self, records: Records, other: Records) -> None:
        save(records)
        join(records, ("anonymous:a", "customer:c1", "login", NOW))
        assert issue(records, "a") is None
        again = other.issue_coupon({**_row("b"), "identity": "anonymous:a"}, NOW)
        assert (again.is_new, again.row and again.row["code_hash"]) == (False, "a")
        assert figures(records) == (0, 5)
        assert records.redeem_coupon("a", "o1", "anonymous:a", CART, NOW).is_new

    def test_an_exchanged_code_stops_and_holds_nothing_twice(self, records: Records) -> None:
        save(records)
        issue(records, "a")
        assert records.issue_coupon(_row("b"), NOW, replaces=True).is_new
        assert records.coupon("a") is None
        assert (redeem(records, "a"), redeem(records, "b")) == (CouponRefusal.UNKNOWN, None)
        assert figures(records) == (5, 0)

    def test_the_budget_holds_what_is_promised_and_gets_back_what_expires(self, records: Records) -> None:
        save(records)
        assert [issue(records, code, code) for code in "ab"] == [None, None]
        assert issue(records, "c", "c") is CouponRefusal.BUDGET_SPENT
        end = micros(PLAIN.ends_at)
        assert figures(records, now=end) == (0, 0)
        assert redeem(records, "a", who="a", now=end) is CouponRefusal.EXPIRED

    def test_limits_of_a_campaign_count_what_was_given(self, records: Records) -> None:
        save(records, replace(PLAIN, max_uses=1))
        assert issue(records, "a") is None
        assert redeem(records, "a") is None
        assert issue(records, "b") is CouponRefusal.USED_UP
        assert issue(records, "b", "c2") is CouponRefusal.USED_UP
        save(records, replace(PLAIN, is_active=False))
        assert issue(records, "b", "c2") is CouponRefusal.TAKEN_BACK

    def test_a_code_of_somebody_else_is_not_honored(self, records: Records) -> None:
        save(records)
        issue(records, "a")
        assert redeem(records, "a", who="c2") is CouponRefusal.OTHER_PERSON
        assert redeem(records, "a", who=None) is CouponRefusal.OTHER_PERSON
        assert redeem(records, "z") is CouponRefusal.UNKNOWN

    # uses

    def test_the_same_code_and_order_twice_is_once(self, records: Records, other: Records) -> None:
        save(records)
        issue(records, "a")
        first = records.redeem_coupon("a", "o1", "customer:c1", CART, NOW)
        again = other.redeem_coupon("a", "o1", "customer:c1", Cart("USD", Decimal(1)), NOW + DAY)
        assert (first.is_new, again.is_new) == (True, False)
        assert again.use is not None
        assert again.use["discount_micros"] == 5_000_000
        assert figures(records) == (5, 0)
        assert redeem(records, "a", "o2") is CouponRefusal.USED_UP

    def test_a_canceled_order_gives_the_use_back_once(self, records: Records) -> None:
        save(records)
        issue(records, "a")
        redeem(records, "a")
        assert records.release_coupon("a", "o9", NOW).use is None
        assert [records.release_coupon("a", "o1", NOW).is_new for _ in range(2)] == [True, False]
        assert figures(records) == (0, 5)
        assert redeem(records, "a") is CouponRefusal.RELEASED
        assert redeem(records, "a", "o2") is None

    def test_what_a_release_cannot_hold_again_it_does_not_promise(self, records: Records) -> None:
        """A small use freed money that somebody else was promised; the code holds what is left."""
        save(records)
        issue(records, "a")
        records.redeem_coupon("a", "o1", "customer:c1", Cart("USD", Decimal(2)), NOW)
        assert [issue(records, code, code) for code in "bc"] == [None, None]
        records.release_coupon("a", "o1", NOW)
        assert figures(records) == (0, 12)
        assert redeem(records, "a", "o2") is CouponRefusal.BUDGET_SPENT

    def test_two_coupons_share_an_order_where_both_say_so(self, records: Records) -> None:
        for name, with_it in (("one", ("two",)), ("two", ("one",)), ("three", ("one", "two"))):
            save(records, replace(PLAIN, campaign_id=name, code=f"CODE{name.upper()}", stacks_with=with_it))
        assert [redeem(records, f"CODE{name}", who=None) for name in ("ONE", "TWO", "THREE")] == [
            None, None, CouponRefusal.DOES_NOT_STACK,
        ]  # fmt: skip

    def test_of_many_at_once_as_many_get_it_as_there_are(self, records: Records, other: Records) -> None:
        save(records, replace(PLAIN, code="SPRING", budget=Money(Decimal(35), "USD"), max_uses=9))
        with ThreadPoolExecutor(4) as pool:
            stores = [records, other] * 10
            got = list(pool.map(lambda place: redeem(stores[place], "SPRING", f"o{place}", None), range(20)))
        assert got.count(None) == 7
        assert set(got) == {None, CouponRefusal.BUDGET_SPENT}
        assert figures(records) == (35, 0)

    # people

    def test_of_an_erased_person_the_sums_stay_and_the_code_is_nobodys(self, records: Records) -> None:
        save(records)
        issue(records, "a")
        redeem(records, "a")
        issue(records, "b", "c2")
        assert {table for table in records.about(["customer:c1"]) if "coupon" in table} == {"coupons", "coupon_uses"}
        counts, _ = records.erase({"erased:x": ["customer:c1"], "erased:y": ["customer:c2"]}, NOW)
        assert (counts["coupons"], counts["coupon_uses"]) == (2, 1)
        assert figures(records) == (5, 0)
        assert redeem(records, "b", "o2", "c2") is CouponRefusal.OTHER_PERSON
        assert "coupons" not in records.about(["customer:c1", "customer:c2"])


def _row(code: str) -> dict[str, Any]:
    return {
        "code_hash": code, "campaign_id": "plain", "version": 1, "identity": "customer:c1", "value": "5",
        "reserved_micros": 5_000_000, "currency": "USD", "issued_at": NOW, "ends_at": NOW + DAY, "is_used": False,
    }  # fmt: skip
