"""What every engine of frames has to keep: columns that equal the records' visible rows, each exactly once.

    class TestDuckdb(FramesContract):
        @pytest.fixture
        def records(self, tmp_path): ...
        @pytest.fixture
        def frames(self, records, tmp_path): ...

`elsewhere` is a second pair of records and frames over the same data, as another process has them.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Mapping
from typing import Any, ClassVar

import narwhals as nw
import pyarrow as pa
import pytest

from crosslift.store.frames import Frames
from crosslift.store.parts import COPIES, EVENT_COLUMNS
from crosslift.store.ports import Records
from crosslift.testing.decided_contract import DecidedContract
from crosslift.testing.records_rows import DAY, MONDAY, begin, bring, event, line, order, row


def assert_equal_to_records(frames: Frames, records: Records) -> None:
    """Hold order lines, returns and holdings of the frames to the visible rows of the records, in order of ingestion."""
    assert frames.order_lines() == records.table("order_lines", COPIES["order_lines"][1])
    assert frames.returns() == records.table("returns", COPIES["returns"][1])
    assert frames.subscriptions() == records.table("subscriptions", COPIES["subscriptions"][1])
    assert frames.usage() == records.table("usage", COPIES["usage"][1])


def messages(frames: Frames) -> list[int]:
    """Give the numbers of the events seen, sorted; see `records_rows.event`."""
    return sorted(frames.events().column("at").to_pylist())


def numbered(first: int, last: int) -> list[tuple[Any, ...]]:
    """Build events whose time is their number."""
    return [event(n, at=n) for n in range(first, last)]


class FramesContract(DecidedContract):
    """The suite; the fixtures come from the subclass."""

    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def records(self) -> Records:
        """Give an empty store."""
        raise NotImplementedError

    @pytest.fixture
    def frames(self) -> Frames:
        """Give frames over `records`."""
        raise NotImplementedError

    @pytest.fixture
    def elsewhere(self) -> tuple[Records, Frames]:
        """Give a second pair over the same data."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _declared_gap(self, request: pytest.FixtureRequest) -> None:
        reason = self.gaps.get(request.function.__name__)
        if reason is not None:
            assert reason.split(":")[0] in ("notimpl", "notyet", "never")
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))

    def test_an_empty_shop_has_empty_columns_of_the_right_types(self, frames: Frames, records: Records) -> None:
        assert_equal_to_records(frames, records)
        assert frames.order_lines().num_rows == frames.events().num_rows == 0
        assert frames.order_lines().schema.field("quantity").type == pa.int64()
        assert frames.events().column_names == list(EVENT_COLUMNS)

    def test_order_lines_are_the_visible_ones_with_every_value(self, frames: Frames, records: Records) -> None:
        full = line(
            order_id="9", product_id="ü 차", variant_id="v", title='a "b",\nc', unit_price_micros=1, discount_micros=2,
            tax_micros=3, channel="till", market="KR", decision_id="d", has_line_id=False, ordered_at=MONDAY + 7,
        )  # fmt: skip
        bare = line(
            order_id="8", customer_id=None, unit_price_micros=None, currency=None, quantity=-4, status="cancelled"
        )
        order(records, full, bare, line(order_id="7", ordered_at=-1))
        begin(records, "orders", (line(order_id="6"),))
        assert_equal_to_records(frames, records)
        assert frames.order_lines().num_rows == 3

    def test_lines_come_in_order_of_ingestion_not_of_time(self, frames: Frames, records: Records) -> None:
        order(records, line(order_id="late", ordered_at=MONDAY + 5 * DAY), line(order_id="early"))
        order(records, line(order_id="middle", ordered_at=MONDAY + DAY))
        assert frames.order_lines().column("order_id").to_pylist() == ["late", "early", "middle"]

    def test_a_replaced_line_is_there_once_also_when_its_day_moved(self, frames: Frames, records: Records) -> None:
        order(records, line(updated_at=MONDAY), line(order_id="2", updated_at=MONDAY))
        frames.refresh()
        order(records, line(quantity=5, updated_at=MONDAY + 1))
        order(records, line(order_id="2", ordered_at=MONDAY + DAY, updated_at=MONDAY + 1))
        assert_equal_to_records(frames, records)
        assert frames.order_lines().select(["order_id", "quantity"]).to_pylist() == [
            {"order_id": "1", "quantity": 5},
            {"order_id": "2", "quantity": 1},
        ]

    def test_returns_are_the_visible_ones(self, frames: Frames, records: Records) -> None:
        bring(records, "returns", (row("returns"), row("returns", line_id="r2", returned_at=MONDAY, refund_micros=5)))
        assert_equal_to_records(frames, records)
        assert frames.returns().num_rows == 2

    def test_holdings_are_the_visible_ones_with_every_value(self, frames: Frames, records: Records) -> None:
        full = row(
            "subscriptions", subscription_id="s2", account_id="acme", renews_at=MONDAY, ended_at=MONDAY + DAY, used=2.5,
            recurring_price_micros=5, currency="KRW", period="month", usage_limit=10.0, started_at=MONDAY - 900 * DAY,
        )  # fmt: skip
        bring(records, "subscriptions", (row("subscriptions"), full))
        bring(records, "usage", (row("usage"), row("usage", at=MONDAY + 3 * DAY, value=0.5, unit="")))
        assert_equal_to_records(frames, records)
        moved = row("subscriptions", status="ended", started_at=MONDAY + DAY)
        bring(records, "subscriptions", (moved,))
        begin(records, "usage", (row("usage", meter="pages"),))
        assert_equal_to_records(frames, records)
        assert sorted(frames.subscriptions().column("status").to_pylist()) == ["active", "ended"]
        assert frames.usage().column("value").to_pylist() == [100.0, 0.5]

    def test_only_days_that_changed_are_rewritten(self, frames: Frames, records: Records) -> None:
        order(records, *(line(order_id=str(n), ordered_at=MONDAY + n * DAY) for n in range(5)))
        assert frames.refresh() == 5
        before = records.part_files("order_lines")
        assert frames.refresh() == 0
        order(records, line(order_id="new", ordered_at=MONDAY + 2 * DAY))
        bring(records, "returns", (row("returns"),))
        assert frames.refresh() == 2
        after = records.part_files("order_lines")
        assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True, True]

    def test_many_days_at_once_are_the_same_as_few(self, frames: Frames, records: Records) -> None:
        order(records, *(line(order_id=str(n), ordered_at=MONDAY + (n * 37 % 200) * DAY) for n in range(300)))
        assert frames.refresh() == 200
        assert_equal_to_records(frames, records)

    def test_reading_brings_the_copies_up_to_date_by_itself(
        self, frames: Frames, records: Records, elsewhere: tuple[Records, Frames]
    ) -> None:
        order(records, line())
        assert elsewhere[1].order_lines().num_rows == 1
        order(elsewhere[0], line(order_id="2"))
        assert frames.order_lines().num_rows == 2
        assert_equal_to_records(elsewhere[1], elsewhere[0])

    def test_a_day_rewritten_elsewhere_while_it_is_read_is_read_again(
        self, frames: Frames, records: Records, elsewhere: tuple[Records, Frames], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order(records, line())
        frames.refresh()
        listed = type(records).part_files
        calls: list[str] = []

        def overtaken(self: Records, dataset: str) -> list[str]:
            files = listed(self, dataset)
            if self is records and not calls:
                calls.append(dataset)
                order(elsewhere[0], line(order_id="2"))
                elsewhere[1].refresh()
            return files

        monkeypatch.setattr(type(records), "part_files", overtaken)
        assert frames.order_lines().num_rows == 2

    def test_events_are_there_once_sealed_or_not(self, frames: Any, records: Records) -> None:
        records.append_events(numbered(0, 10), MONDAY)
        assert messages(frames) == list(range(10))
        assert frames.seal(at_least=1) == 10
        assert records.table("events", ["id"]).num_rows == 0
        assert messages(frames) == list(range(10))
        records.append_events([*numbered(5, 15)], MONDAY)
        assert messages(frames) == list(range(15))
        assert frames.seal(at_least=1) == 5
        assert messages(frames) == list(range(15))
        assert frames.seal(at_least=1) == 0

    def test_a_short_tail_is_not_worth_a_part(self, frames: Any, records: Records) -> None:
        records.append_events(numbered(0, 9), MONDAY)
        assert frames.seal(at_least=10) == 0
        assert records.part_files("events") == []

    def test_sealed_events_keep_every_value(self, frames: Any, records: Records) -> None:
        full = {
            "identity": "anonymous:ü",
            "product_id": None,
            "channel": "app",
            "decision_id": "d",
            "properties": '{"a":"차"}',
        }
        records.append_events([event(1, **full), event(2, identity=None)], MONDAY)
        before = frames.events().sort_by("id")
        frames.seal(at_least=1)
        assert frames.events().sort_by("id") == before

    def test_events_of_one_name_are_chosen_from_parts_and_tail(self, frames: Any, records: Records) -> None:
        records.append_events([event(1, name="A"), event(2, name="B")], MONDAY)
        frames.seal(at_least=1)
        records.append_events([event(3, name="A"), event(4, name="B")], MONDAY)
        assert frames.events("A").column("name").to_pylist() == ["A", "A"]
        assert frames.events("C").num_rows == 0

    def test_events_since_an_instant_are_chosen_from_every_part_and_the_tail(
        self, frames: Any, records: Records
    ) -> None:
        for batch in ((1, 9), (2, 3), (8, 7)):
            records.append_events([event(n, at=n, identity=f"customer:{n % 2}") for n in batch], MONDAY)
            if batch != (8, 7):
                frames.seal(at_least=1)
        assert frames.events(since=3).column("at").to_pylist() == [9, 3, 8, 7]
        assert frames.events("C", since=3).num_rows == 0
        assert frames.sealed_events_of(["customer:1"], since=3).column("at").to_pylist() == [9, 3]
        assert frames.sealed_events_of(["customer:0"], since=3).num_rows == 0
        assert frames.sealed_events_of(["customer:1"]).column("at").to_pylist() == [1, 9, 3]

    def test_pending_events_are_neither_seen_nor_sealed(self, frames: Any, records: Records) -> None:
        import_id, _ = begin(records, "events", tuple(numbered(0, 3)))
        records.append_events(numbered(10, 12), MONDAY)
        assert frames.seal(at_least=1) == 2
        assert messages(frames) == [10, 11]
        records.commit_import(import_id, MONDAY, "{}")
        assert messages(frames) == [0, 1, 2, 10, 11]
        assert frames.seal(at_least=1) == 3
        assert messages(frames) == [0, 1, 2, 10, 11]

    def test_events_sealed_elsewhere_while_they_are_read_count_once(
        self, frames: Any, records: Records, elsewhere: tuple[Records, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        records.append_events(numbered(0, 4), MONDAY)
        frames.seal(at_least=1)
        records.append_events(numbered(4, 8), MONDAY)
        kept = {name: getattr(type(records), name) for name in ("table", "part_files")}

        def meddled(name: str) -> Any:
            def call(self: Records, *arguments: Any, **options: Any) -> Any:
                answer = kept[name](self, *arguments, **options)
                if self is records:
                    monkeypatch.undo()
                    assert elsewhere[1].seal(at_least=1) == 4
                return answer

            return call

        for name in kept:  # whichever the engine reads first, the sealing comes right after it
            monkeypatch.setattr(type(records), name, meddled(name))
        assert messages(frames) == list(range(8))
        assert records.table("events", ["id"]).num_rows == 0

    def test_a_query_goes_over_every_event_once_sealed_or_not(self, frames: Any, records: Records) -> None:
        def by_name(events: Any, beside: Mapping[str, Any]) -> Any:
            told = events.join(beside["titles"], on="name", how="inner")
            return told.group_by("title").agg(nw.col("at").max(), nw.len().alias("n")).sort("title")

        titles = pa.table({"name": ["A", "B"], "title": ["a", "b"]})
        asked = (by_name, ("name", "at"), None, {"titles": titles})
        assert frames.over_events(*asked).num_rows == 0
        for first in (0, 4, 8):
            records.append_events([event(first + n, at=first + n, name="ABC"[n % 3]) for n in range(4)], MONDAY)
            expected = [
                {"title": "a", "at": first + 3, "n": first // 2 + 2},
                {"title": "b", "at": first + 1, "n": first // 4 + 1},
            ]
            assert frames.over_events(*asked).to_pylist() == expected  # the last of them in the tail
            frames.seal(at_least=1)
            assert frames.over_events(*asked).to_pylist() == expected

    def test_a_query_since_an_instant_leaves_out_only_what_is_older(self, frames: Any, records: Records) -> None:
        for batch in ((1, 2), (9, 3), (4,)):
            records.append_events([event(n, at=n) for n in batch], MONDAY)
            if batch != (4,):
                frames.seal(at_least=1)
        found = frames.over_events(
            lambda events, _: events.filter(nw.col("at") >= 3).select("at").sort("at"), ("at",), 3
        )
        assert found["at"].to_pylist() == [3, 4, 9]

    @pytest.mark.parametrize("is_forgotten", [False, True])
    def test_a_query_counts_once_what_moves_elsewhere_while_it_reads(
        self, frames: Any, records: Records, elsewhere: tuple[Records, Any], monkeypatch: pytest.MonkeyPatch,
        is_forgotten: bool,
    ) -> None:  # fmt: skip
        records.append_events([event(n, at=n, identity=f"customer:{n % 2}") for n in range(4)], MONDAY)
        frames.seal(at_least=1)
        records.append_events([event(n, at=n, identity=f"customer:{n % 2}") for n in range(4, 8)], MONDAY)
        kept = {name: getattr(type(records), name) for name in ("table", "part_files")}

        def meddled(name: str) -> Any:
            def call(self: Records, *arguments: Any, **options: Any) -> Any:
                answer = kept[name](self, *arguments, **options)
                if self is records:
                    monkeypatch.undo()
                    if is_forgotten:
                        assert elsewhere[1].forget_events(["customer:1"]) == 2
                    else:
                        assert elsewhere[1].seal(at_least=1) == 4
                return answer

            return call

        name = "part_files" if is_forgotten else "table"  # right after the listing, right after the tail
        monkeypatch.setattr(type(records), name, meddled(name))
        found = frames.over_events(lambda events, _: events.select("at").sort("at"), ("at",))
        assert found["at"].to_pylist() == ([0, 2, 4, 5, 6, 7] if is_forgotten else list(range(8)))

    def test_lazy_frames_compute_what_narwhals_says(self, frames: Frames, records: Records) -> None:
        order(records, *(line(order_id=str(n), product_id="AB"[n % 2], quantity=n) for n in range(1, 7)))
        lazy = frames.lazy(frames.order_lines())
        assert isinstance(lazy, nw.LazyFrame)
        found = (
            lazy.group_by("product_id").agg(nw.col("quantity").sum()).sort("product_id").collect("pyarrow").to_native()
        )
        assert [(r["product_id"], int(r["quantity"])) for r in found.to_pylist()] == [("A", 12), ("B", 9)]

    def test_lazy_frames_of_nothing_are_empty(self, frames: Frames) -> None:
        assert (
            frames.lazy(frames.order_lines()).filter(nw.col("quantity") > 0).collect("pyarrow").to_native().num_rows
            == 0
        )

    def test_lazy_frames_made_together_can_be_joined(self, frames: Frames, records: Records) -> None:
        tables = {"left": pa.table({"key": [1, 2], "a": ["x", "y"]}), "right": pa.table({"key": [2], "b": ["z"]})}
        lazy = frames.lazies(tables)
        joined = lazy["left"].join(lazy["right"], on="key", how="left").sort("key").collect("pyarrow").to_native()
        assert joined.column("b").to_pylist() == [None, "z"]
