"""What every store of records keeps of the offer library: versions that never change, promises under their codes.

    class TestSqlite(OffersContract):
        @pytest.fixture
        def records(self, tmp_path): ...
        @pytest.fixture
        def other(self, records, tmp_path): ...

`other` is a second instance over the same data, as another process has it. A gap is declared in `gaps` as
`{"test_name": "notyet: reason"}`; a gap that closes fails until its entry goes.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Proof
from crosslift.errors import Conflict
from crosslift.store.offer_rows import EPOCH, offer_of, row_of
from crosslift.store.ports import Records
from crosslift.testing.records_rows import DAY, MONDAY

NOW = MONDAY + 10 * DAY
PROMISED = {
    "decision_id": "d" * 32, "slot": 0, "product_id": "T-40", "offer_id": "visit", "offer_version": 1,
    "price_micros": 30_000_000, "currency": "USD", "reason": '{"code":"merchant_offer"}', "made_at": NOW, "ends_at": NOW + DAY,
}  # fmt: skip


def offer(offer_id: str = "visit", **given: Any) -> Offer:
    """Build an offer that has something in every column."""
    at, won = EPOCH + timedelta(microseconds=NOW), Money(Decimal("30000"), "KRW")
    lines = (PriceLine(won), PriceLine(won, Period.MONTH, 2, Decimal("0.1"), labels={"ko": "케어"}))
    full = Offer(
        offer_id, 0, OfferKind.SERVICE, {"en": "Visit", "ko": "방문"}, "mina", "asked for", at, "T-40", "visits",
        {"en": ("warm", "dry")}, lines, Money(Decimal(90_000), "KRW"), won, False, {"en": "t"}, {"en": "c"},
        {"ja": "g"}, (Proof({"en": "good"}, "review 1", "KR"),), ("calm",), ("T-41",), "orders >= 1", "open_cases > 0",
        "T-39", ("KR",), ("firm",), 19, True, at, at + timedelta(days=9), (11, 12), "mind the step", ("new",),
    )  # fmt: skip
    return replace(full, **given)


def save(records: Records, *offers: Offer) -> list[int]:
    """Write offers as the shop does."""
    return records.save_offers([row_of(one) for one in offers])


class OffersContract:
    """The suite; `records` and `other` come from the subclass."""

    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def records(self) -> Iterator[Records]:
        """Give an empty store."""
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Iterator[Records]:
        """Give a second instance over the data of `records`, as another process has it."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _declared_gap(self, request: pytest.FixtureRequest) -> None:
        reason = self.gaps.get(request.function.__name__)
        if reason is not None:
            assert reason.split(":")[0] in ("notimpl", "notyet", "never")
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))

    # offers

    def test_every_column_of_an_offer_comes_back(self, records: Records, other: Records) -> None:
        assert save(records, offer()) == [1]
        [row] = other.offers()
        assert offer_of(row) == replace(offer(), version=1)

    def test_a_later_version_stands_and_the_earlier_ones_stay(self, records: Records) -> None:
        assert save(records, offer(), offer("other")) == [1, 1]
        assert save(records, offer(category=None, is_active=False)) == [2]
        assert [(row["offer_id"], row["version"], bool(row["is_active"])) for row in records.offers()] == [
            ("other", 1, True), ("visit", 2, False)
        ]  # fmt: skip
        assert [row["category"] for row in records.offer_versions("visit")] == ["visits", None]
        assert records.offer_versions("nothing") == []

    def test_each_write_moves_the_change_number_once(self, records: Records, other: Records) -> None:
        before = other.person(None).change_number
        save(records, offer(), offer("other"))
        assert other.person(None).change_number == before + 1
        assert other.offers_changed_since(before)
        assert not other.offers_changed_since(before + 1)
        assert not other.links_changed_since(before)

    def test_the_library_is_known_as_it_stood_at_any_change_number(self, records: Records) -> None:
        start = records.person(None).change_number
        save(records, offer())
        save(records, offer("other"))
        save(records, offer(category="later"))
        found = [
            [(row["offer_id"], row["category"]) for row in records.offers(start + n)] for n in range(4)
        ]  # fmt: skip
        assert found == [
            [], [("visit", "visits")], [("other", "visits"), ("visit", "visits")], [("other", "visits"), ("visit", "later")]
        ]  # fmt: skip
        assert records.offers(start + 99) == records.offers()

    def test_two_writers_never_write_the_same_version(self, records: Records, other: Records) -> None:
        with ThreadPoolExecutor(4) as pool:
            written = list(pool.map(lambda n: save((records, other)[n % 2], offer()), range(12)))
        assert sorted(version for [version] in written) == list(range(1, 13))

    # promises

    def test_a_promise_opens_by_its_code_and_by_its_decision(self, records: Records, other: Records) -> None:
        kept = records.save_promise(PROMISED, ["K7QM3XPA"])
        assert kept == {**PROMISED, "code": "K7QM3XPA", "redeemed_at": None, "redeemed_by": None}
        assert other.promise("K7QM3XPA") == other.promise_of("d" * 32, 0) == kept
        assert (other.promise("NOTHING2"), other.promise_of("d" * 32, 1)) == (None, None)

    def test_what_was_promised_once_keeps_its_code_and_its_price(self, records: Records, other: Records) -> None:
        first = records.save_promise(PROMISED, ["K7QM3XPA"])
        assert other.save_promise({**PROMISED, "price_micros": 1}, ["ANOTHER2"]) == first

    def test_a_code_that_is_taken_grows_longer(self, records: Records) -> None:
        records.save_promise(PROMISED, ["K7QM3XPA"])
        codes = ["K7QM3XPA", "K7QM3XPAB", "K7QM3XPABC"]
        assert records.save_promise({**PROMISED, "slot": 1}, codes)["code"] == "K7QM3XPAB"
        with pytest.raises(Conflict, match="every code of decision"):
            records.save_promise({**PROMISED, "slot": 2}, codes[:2])

    def test_a_promise_is_redeemed_once_before_its_end(self, records: Records, other: Records) -> None:
        records.save_promise(PROMISED, ["K7QM3XPA"])
        first = records.redeem_promise("K7QM3XPA", "order-1", NOW + 1)
        assert first is not None
        assert (first["redeemed_at"], first["redeemed_by"]) == (NOW + 1, "order-1")
        assert other.redeem_promise("K7QM3XPA", "order-2", NOW + 2) == first
        assert records.redeem_promise("NOTHING2", "order-1", NOW) is None
        records.save_promise({**PROMISED, "slot": 1}, ["LATE2345"])
        late = records.redeem_promise("LATE2345", "order-1", NOW + DAY)
        assert late is not None
        assert late["redeemed_at"] is None

    def test_of_many_who_redeem_at_once_one_does(self, records: Records, other: Records) -> None:
        records.save_promise(PROMISED, ["K7QM3XPA"])
        with ThreadPoolExecutor(4) as pool:
            stores = (records, other)
            rows = pool.map(lambda n: stores[n % 2].redeem_promise("K7QM3XPA", f"order-{n}", NOW), range(12))
            assert len({row["redeemed_by"] for row in rows if row is not None}) == 1
