"""What every store of records has to keep: the rules of DESIGN 2b, as tests a subclass runs on its engine.

    class TestSqlite(RecordsContract):
        @pytest.fixture
        def records(self, tmp_path): ...
        @pytest.fixture
        def other(self, records, tmp_path): ...

`other` is a second instance over the same data, as another process has it. A gap is declared in `gaps` as
`{"test_name": "notyet: reason"}`; a gap that closes fails until its entry goes.
"""
# ruff: noqa: D102 - a test's name is its sentence

import pyarrow as pa
import pytest

from crosslift.collect.rows import (
    LINE_COLUMNS,
    PRODUCT_COLUMNS,
)
from crosslift.store.ports import Records
from crosslift.testing.records_history import HistoryContract
from crosslift.testing.records_rows import DATASETS, DAY, MONDAY, begin, bring, line, order, row, seen


class RecordsContract(HistoryContract):
    """The suite; `records` and `other` come from the subclass."""

    # imports become visible as a whole

    @pytest.mark.parametrize("dataset", DATASETS)
    def test_an_import_is_invisible_until_its_commit_and_whole_after_it(
        self, records: Records, other: Records, dataset: str
    ) -> None:
        tables = ("orders", "order_lines") if dataset == "orders" else (dataset,)
        only = line() if dataset == "orders" else row(dataset)
        import_id, outcome = begin(records, dataset, (only,))
        assert outcome.n_new == 1
        for store in (records, other):
            assert all(store.table(name, ["id"]).num_rows == 0 for name in tables)
        records.commit_import(import_id, MONDAY, "{}")
        for store in (records, other):
            assert all(store.table(name, ["id"]).num_rows == 1 for name in tables)

    @pytest.mark.parametrize("dataset", DATASETS)
    def test_abandoning_an_import_leaves_nothing_behind(self, records: Records, dataset: str) -> None:
        only = line() if dataset == "orders" else row(dataset)
        import_id, _ = begin(records, dataset, (only,))
        records.abandon_import(import_id, MONDAY)
        assert [i.state for i in records.imports()] == ["abandoned"]
        assert records.known_customers(["c1"]) == set()
        assert records.live_since(-1) == (0, [])
        assert records.person("customer:c1").consents == {}
        assert records.dirty_days("order_lines") == []
        assert records.dirty_days("usage") == records.dirty_days("subscriptions") == []
        assert bring(records, dataset, (only,)).n_new == 1
        for name in ("orders", "order_lines") if dataset == "orders" else (dataset,):
            assert records.table(name, ["id"]).num_rows == 1

    def test_an_abandoned_import_takes_nothing_of_others_along(self, records: Records) -> None:
        order(records, line(order_id="1"))
        import_id, _ = begin(records, "orders", (line(order_id="2"), line(order_id="1", quantity=9, updated_at=MONDAY)))
        records.abandon_import(import_id, MONDAY)
        assert seen(records, "order_lines", "order_id", "quantity") == [("1", 1)]

    def test_pending_imports_of_a_dead_process_are_taken_back(self, records: Records, other: Records) -> None:
        order(records, line(order_id="1"))
        pending, _ = begin(records, "orders", (line(order_id="2"),))
        assert [r.import_id for r in other.recover_imports(MONDAY)] == [pending]
        assert [i.state for i in records.imports()] == ["committed", "abandoned"]
        assert seen(records, "order_lines", "order_id") == [("1",)]
        assert other.recover_imports(MONDAY) == []

    def test_imports_are_listed_with_what_became_of_them(self, records: Records) -> None:
        import_id = records.start_import("orders", "may.csv", "canonical orders", 5, "abc")
        records.import_rows(import_id, "order_lines", LINE_COLUMNS, [line(), line(line_id="2")])
        records.commit_import(import_id, 9, '{"n":1}')
        [only] = records.imports()
        assert (only.dataset, only.source, only.format, only.state) == (
            "orders",
            "may.csv",
            "canonical orders",
            "committed",
        )
        assert (only.started_at, only.finished_at, only.n_rows, only.content_hash) == (5, 9, 2, "abc")
        assert only.report == '{"n":1}'

    # order keys

    def test_the_same_content_again_changes_nothing(self, records: Records) -> None:
        order(records, line())
        before = records.table("order_lines", LINE_COLUMNS)
        again = order(records, line())
        assert (again.n_new, again.n_same, again.n_replaced, again.conflicts) == (0, 1, 0, [])
        assert records.table("order_lines", LINE_COLUMNS) == before
        assert records.table("orders", ["id"]).num_rows == 1

    def test_a_newer_updated_at_replaces(self, records: Records) -> None:
        order(records, line(updated_at=MONDAY))
        newer = order(records, line(quantity=2, updated_at=MONDAY + 1))
        assert (newer.n_new, newer.n_same, newer.n_replaced, newer.conflicts) == (0, 0, 1, [])
        assert seen(records, "order_lines", "quantity", "updated_at") == [(2, MONDAY + 1)]

    def test_a_first_updated_at_replaces_a_row_without_one(self, records: Records) -> None:
        order(records, line())
        assert order(records, line(quantity=2, updated_at=MONDAY)).n_replaced == 1

    @pytest.mark.parametrize("moments", [(None, None), (MONDAY, None), (MONDAY, MONDAY), (MONDAY, MONDAY - 1)])
    def test_other_content_without_newer_updated_at_is_a_conflict_and_the_first_is_kept(
        self, records: Records, moments: tuple[int | None, int | None]
    ) -> None:
        first, second = moments
        order(records, line(updated_at=first))
        outcome = order(records, line(quantity=2, customer_id="c2", updated_at=second))
        assert outcome.conflicts == [("web", "1", "1")]
        assert (outcome.n_new, outcome.n_replaced) == (0, 0)
        assert seen(records, "order_lines", "quantity", "customer_id") == [(1, "c1")]
        assert seen(records, "orders", "customer_id") == [("c1",)]

    @pytest.mark.parametrize("is_one_batch", [True, False])
    def test_a_conflict_inside_one_import_keeps_its_first_row(self, records: Records, is_one_batch: bool) -> None:
        rows = (line(), line(quantity=2), line())
        outcome = bring(records, "orders", rows) if is_one_batch else bring(records, "orders", *((r,) for r in rows))
        assert (outcome.n_new, outcome.n_same, outcome.conflicts) == (1, 1, [("web", "1", "1")])
        assert seen(records, "order_lines", "quantity") == [(1,)]

    @pytest.mark.parametrize("is_one_batch", [True, False])
    def test_of_several_versions_in_one_import_the_newest_counts(self, records: Records, is_one_batch: bool) -> None:
        rows = tuple(line(quantity=n, updated_at=MONDAY + n) for n in (1, 2, 3))
        outcome = bring(records, "orders", rows) if is_one_batch else bring(records, "orders", *((r,) for r in rows))
        assert (outcome.n_new, outcome.n_replaced) == (1, 2)
        assert seen(records, "order_lines", "quantity") == [(3,)]

    def test_an_old_version_from_an_older_export_changes_nothing(self, records: Records) -> None:
        order(records, line(updated_at=MONDAY))
        order(records, line(quantity=2, updated_at=MONDAY + 1))
        again = order(records, line(updated_at=MONDAY))
        assert (again.n_same, again.conflicts) == (1, [])
        assert seen(records, "order_lines", "quantity") == [(2,)]

    def test_two_sources_may_use_the_same_order_number(self, records: Records) -> None:
        order(records, line(source="web"))
        assert order(records, line(source="till", quantity=2)).n_new == 1
        mixed = order(records, line(source="phone"), line(source="till", quantity=7))
        assert (mixed.n_new, mixed.conflicts) == (1, [("till", "1", "1")])
        assert sorted(seen(records, "order_lines", "source", "quantity")) == [("phone", 1), ("till", 2), ("web", 1)]

    def test_a_line_added_to_a_known_order_is_new(self, records: Records) -> None:
        order(records, line())
        outcome = order(records, line(), line(line_id="2", product_id="B"))
        assert (outcome.n_new, outcome.n_same) == (1, 1)
        assert seen(records, "order_lines", "line_id", "product_id") == [("1", "A"), ("2", "B")]
        assert records.table("orders", ["id"]).num_rows == 1

    def test_returns_follow_the_rule_of_keys(self, records: Records) -> None:
        bring(records, "returns", (row("returns"),))
        assert bring(records, "returns", (row("returns"),)).n_same == 1
        assert bring(records, "returns", (row("returns", quantity=2),)).conflicts == [("web", "1", "r1")]
        assert seen(records, "returns", "quantity") == [(1,)]

    def test_rows_are_read_in_order_of_ingestion_and_narrowed_by_a_condition(self, records: Records) -> None:
        order(records, *(line(order_id=str(n), ordered_at=MONDAY - n * DAY, quantity=n) for n in (3, 1, 2)))
        table = records.table("order_lines", ["id", "order_id", "has_line_id", "unit_price_micros", "title"])
        assert table.column("order_id").to_pylist() == ["3", "1", "2"]
        assert table.column("id").to_pylist() == sorted(table.column("id").to_pylist())
        assert [field.type for field in table.schema] == [pa.int64(), pa.string(), pa.bool_(), pa.int64(), pa.string()]
        chosen = records.table("order_lines", ["order_id"], "quantity between ? and ?", (2, 3))
        assert chosen.column("order_id").to_pylist() == ["3", "2"]

    # products and the live overlay

    def test_a_put_product_is_seen_by_whoever_asks_what_changed(self, records: Records, other: Records) -> None:
        number, _ = other.live_since(-1)
        outcome = records.put_rows("products", PRODUCT_COLUMNS, [row("products"), row("products", product_id="B")], 1)
        assert outcome.n_new == 2
        newer, changed = other.live_since(number)
        assert newer > number
        assert [r[:6] for r in changed] == [(p, 5_000_000, "USD", None, 1, 1) for p in ("A", "B")]
        assert other.live_since(newer) == (newer, [])
        assert other.person(None).change_number == newer

    def test_a_replaced_product_has_one_visible_row_and_only_it_is_handed_out(self, records: Records) -> None:
        records.put_rows("products", PRODUCT_COLUMNS, [row("products"), row("products", product_id="B")], 1)
        number, _ = records.live_since(-1)
        outcome = records.put_rows("products", PRODUCT_COLUMNS, [row("products", price_micros=6_000_000)], 2)
        assert (outcome.n_new, outcome.n_replaced) == (0, 1)
        assert seen(records, "products", "product_id", "price_micros") == [("B", 5_000_000), ("A", 6_000_000)]
        assert [(r[0], r[1]) for r in records.live_since(number)[1]] == [("A", 6_000_000)]

    def test_the_same_product_again_changes_nothing(self, records: Records) -> None:
        records.put_rows("products", PRODUCT_COLUMNS, [row("products")], 1)
        assert records.put_rows("products", PRODUCT_COLUMNS, [row("products")], 2).n_same == 1
        assert seen(records, "products", "product_id") == [("A",)]

    def test_an_older_version_of_a_product_does_not_return(self, records: Records) -> None:
        records.put_rows("products", PRODUCT_COLUMNS, [row("products", title="New", updated_at=20)], 1)
        late = records.put_rows("products", PRODUCT_COLUMNS, [row("products", title="Old", updated_at=10)], 2)
        assert late.conflicts == [("A",)]
        assert seen(records, "products", "title") == [("New",)]

    def test_a_product_named_twice_in_a_file_is_its_last_row(self, records: Records) -> None:
        bring(records, "products", (row("products"), row("products", title="Cup")))
        assert seen(records, "products", "title") == [("Cup",)]
        assert len(records.live_since(-1)[1]) == 1

    def test_a_product_put_while_its_file_is_collected_is_there_once(self, records: Records, other: Records) -> None:
        import_id, _ = begin(records, "products", (row("products", title="From the file"),))
        other.put_rows("products", PRODUCT_COLUMNS, [row("products", title="From the API")], 1)
        records.commit_import(import_id, MONDAY, "{}")
        assert len(seen(records, "products", "title")) == 1

    def test_a_patch_changes_what_it_names_and_tells_who_is_unknown(self, records: Records, other: Records) -> None:
        records.put_rows("products", PRODUCT_COLUMNS, [row("products", stock=3), row("products", product_id="B")], 1)
        number, _ = other.live_since(-1)
        unknown = records.patch_live(
            [{"product_id": "A", "stock": 0}, {"product_id": "X", "stock": 1}, {"product_id": "A", "is_active": False}],
            2,
        )
        assert unknown == ["X"]
        _, changed = other.live_since(number)
        assert [r[:5] for r in changed] == [("A", 5_000_000, "USD", 0, 0)]

    def test_a_product_derived_from_orders_never_takes_back_a_patch(self, records: Records) -> None:
        derived = {"is_derived": True, "kind_source": "assumed"}
        records.put_rows("products", PRODUCT_COLUMNS, [row("products", **derived)], 1)
        records.patch_live([{"product_id": "A", "stock": 0, "is_active": False}], 2)
        records.put_rows("products", PRODUCT_COLUMNS, [row("products", price_micros=7_000_000, **derived)], 3)
        assert [r[1:5] for r in records.live_since(-1)[1]] == [(7_000_000, "USD", 0, 0)]
        records.patch_live([{"product_id": "A", "price_micros": 1_000_000}], 4)
        records.put_rows("products", PRODUCT_COLUMNS, [row("products", price_micros=8_000_000, **derived)], 5)
        assert [r[1:5] for r in records.live_since(-1)[1]] == [(1_000_000, "USD", 0, 0)]

    def test_a_products_file_takes_back_a_patch(self, records: Records) -> None:
        bring(records, "products", (row("products", stock=5),))
        records.patch_live([{"product_id": "A", "stock": 0}], 2)
        bring(records, "products", (row("products", stock=4),))
        assert records.live_since(-1)[1][0][3] == 4

    def test_kinds_nobody_chooses_are_not_sellable(self, records: Records) -> None:
        kinds = (
            "goods",
            "service",
            "warranty",
            "plan",
            "action",
            "bundle",
            "shipping",
            "fee",
            "gift_card",
            "adjustment",
            "sample",
        )
        bring(records, "products", tuple(row("products", product_id=kind, kind=kind) for kind in kinds))
        assert {r[0] for r in records.live_since(-1)[1] if r[5]} == set(kinds[:6])
