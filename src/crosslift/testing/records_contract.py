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

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from crosslift.collect.curated import BUNDLE_COLUMNS, LINK_COLUMNS
from crosslift.collect.holdings import SUBSCRIPTION_COLUMNS, USAGE_COLUMNS
from crosslift.collect.rows import (
    CONSENT_COLUMNS,
    CUSTOMER_COLUMNS,
    EVENT_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    RETURN_COLUMNS,
    content_hash,
)
from crosslift.errors import CrossliftError
from crosslift.store.ports import Outcome, Records, Row

DAY = 86_400_000_000
MONDAY = 19_723 * DAY
"""2024-01-01 00:00 UTC."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "products": PRODUCT_COLUMNS,
    "customers": CUSTOMER_COLUMNS,
    "consents": CONSENT_COLUMNS,
    "orders": ORDER_COLUMNS,
    "order_lines": LINE_COLUMNS,
    "returns": RETURN_COLUMNS,
    "events": EVENT_COLUMNS,
    "links": LINK_COLUMNS,
    "bundles": BUNDLE_COLUMNS,
    "subscriptions": SUBSCRIPTION_COLUMNS,
    "usage": USAGE_COLUMNS,
}
DATASETS = (
    "products",
    "customers",
    "consents",
    "orders",
    "returns",
    "events",
    "links",
    "bundles",
    "subscriptions",
    "usage",
)
"""Everything an import can bring."""
_TYPICAL: Mapping[str, Mapping[str, Any]] = {
    "products": {
        "product_id": "A", "title": "Mug", "titles": "{}", "kind": "goods", "kind_source": "file", "attributes": "{}",
        "price_micros": 5_000_000, "currency": "USD", "is_active": True, "is_derived": False,
    },
    "customers": {"customer_id": "c1", "traits": "{}"},
    "consents": {
        "customer_id": "c1", "purpose": "personalization", "channel": "web", "status": "granted", "source": "form",
        "at": MONDAY,
    },
    "order_lines": {
        "source": "web", "order_id": "1", "line_id": "1", "has_line_id": True, "ordered_at": MONDAY, "customer_id": "c1",
        "product_id": "A", "quantity": 1, "unit_price_micros": 5_000_000, "currency": "USD", "status": "placed",
    },
    "returns": {
        "source": "web", "order_id": "1", "line_id": "r1", "product_id": "A", "quantity": 1, "returned_at": MONDAY + DAY,
    },
    "events": {
        "message_hash": b"0123456789abcdef", "name": "Product Viewed", "at": MONDAY, "received_at": MONDAY,
        "identity": "customer:c1", "product_id": "A", "properties": "{}",
    },
    "links": {"from_id": "A", "to_id": "B", "kind": "complement", "action": "link"},
    "bundles": {
        "bundle_id": "S", "product_id": "A", "quantity": 1, "kind": "fixed", "price_micros": 9_000_000, "currency": "USD",
        "title": "Set", "titles": "{}", "is_active": True,
    },
    "subscriptions": {
        "subscription_id": "s1", "customer_id": "c1", "product_id": "PLAN", "status": "active", "started_at": MONDAY,
        "quantity": 1,
    },
    "usage": {"customer_id": "c1", "product_id": "A", "meter": "odometer", "value": 100.0, "unit": "km", "at": MONDAY},
}  # fmt: skip
_UNHASHED = ("row_hash", "source", "order_id", "line_id", "updated_at", "has_line_id")
_clock = count(MONDAY + 100 * DAY)


def row(dataset: str, **given: Any) -> Row:
    """Build one row of a dataset as `collect` would, from a typical one and what is given."""
    values = {**dict.fromkeys(COLUMNS[dataset]), **_TYPICAL[dataset], **given}
    days = {"ordered_at": "ordered_on", "returned_at": "returned_on", "started_at": "started_on", "at": "read_on"}
    for at, on in days.items():
        if on in values:
            values[on] = values[at] // DAY
    if "row_hash" in values:
        kept = ("source",) if dataset == "consents" else ()
        content = [values[n] for n in COLUMNS[dataset] if n in kept or n not in _UNHASHED]
        values["row_hash"] = content_hash(tuple(content))
    return tuple(values[name] for name in COLUMNS[dataset])


def line(**given: Any) -> Row:
    """Build one order line."""
    return row("order_lines", **given)


def headers(lines: tuple[Row, ...]) -> list[Row]:
    """Give the order headers of some lines, each from its first line."""
    places = [LINE_COLUMNS.index(name) for name in ORDER_COLUMNS]
    found: dict[Row, Row] = {}
    for each in lines:
        found.setdefault(each[:2], tuple(each[i] for i in places))
    return list(found.values())


def begin(records: Records, dataset: str, *batches: tuple[Row, ...]) -> tuple[int, Outcome]:
    """Start an import and add batches; it stays pending."""
    import_id = records.start_import(dataset, "file.csv", "canonical", next(_clock), None)
    total = Outcome()
    for batch in batches:
        if dataset == "orders":
            records.import_rows(import_id, "orders", ORDER_COLUMNS, headers(batch))
            total.add(records.import_rows(import_id, "order_lines", LINE_COLUMNS, batch))
        else:
            total.add(records.import_rows(import_id, dataset, COLUMNS[dataset], batch))
    return import_id, total


def bring(records: Records, dataset: str, *batches: tuple[Row, ...]) -> Outcome:
    """Import batches and commit them."""
    import_id, outcome = begin(records, dataset, *batches)
    records.commit_import(import_id, next(_clock), "{}")
    return outcome


def order(records: Records, *lines: Row) -> Outcome:
    """Import order lines and commit them."""
    return bring(records, "orders", lines)


def event(number: int, **given: Any) -> Row:
    """Build the event with this message number."""
    return row("events", message_hash=number.to_bytes(16, "big"), **given)


def seen(records: Records, dataset: str, *columns: str) -> list[Row]:
    """Read the visible rows."""
    return list(zip(*(column.to_pylist() for column in records.table(dataset, columns).columns), strict=True))


def slim(decision_id: str, identity: str | None = "customer:c1") -> Row:
    """Build the slim row of a decision."""
    return (
        decision_id,
        MONDAY,
        "cart",
        "web",
        "personalization",
        "helpful",
        None,
        False,
        identity,
        0,
        0,
        "s1",
        b"body",
    )


class RecordsContract:
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

    # consents and people

    def test_missing_consent_is_missing(self, records: Records) -> None:
        person = records.person("customer:c1")
        assert (person.is_known, person.consents, person.entries, person.owned) == (False, {}, {}, frozenset())

    def test_the_newest_entry_of_the_ledger_counts_whatever_came_last(self, records: Records) -> None:
        bring(records, "consents", (row("consents", status="withdrawn", at=MONDAY + 2),))
        bring(records, "consents", (row("consents", status="granted", at=MONDAY + 1),))
        assert records.person("customer:c1").consents == {("personalization", "web"): False}
        bring(records, "consents", (row("consents", status="granted", at=MONDAY + 3),))
        assert records.person("customer:c1").consents == {("personalization", "web"): True}

    @pytest.mark.parametrize("status", ["withdrawn", "denied"])
    def test_a_word_on_all_channels_overrules_earlier_ones_on_single_channels(
        self, records: Records, status: str
    ) -> None:
        granted = [row("consents", channel=channel, at=MONDAY) for channel in ("web", "email")]
        bring(records, "consents", (*granted, row("consents", channel="*", status=status, at=MONDAY + 1)))
        assert records.person("customer:c1").consents == {("personalization", "*"): False}
        bring(records, "consents", (row("consents", channel="email", at=MONDAY + 2),))
        assert records.person("customer:c1").consents == {
            ("personalization", "*"): False,
            ("personalization", "email"): True,
        }

    def test_consents_of_one_purpose_leave_the_other_alone(self, records: Records) -> None:
        marketing = row("consents", purpose="marketing", channel="email", at=MONDAY)
        bring(records, "consents", (marketing, row("consents", channel="*", status="withdrawn", at=MONDAY + 1)))
        assert records.person("customer:c1").consents[("marketing", "email")] is True

    def test_the_ledger_entry_that_counts_is_named(self, records: Records) -> None:
        bring(records, "consents", (row("consents"),))
        [(entry,)] = seen(records, "consents", "id")
        assert records.person("customer:c1").entries == {("personalization", "web"): entry}

    def test_a_consent_entry_is_kept_once(self, records: Records) -> None:
        outcome = bring(records, "consents", (row("consents"), row("consents")))
        assert (outcome.n_new, outcome.n_same) == (1, 1)
        assert bring(records, "consents", (row("consents"),)).n_same == 1
        assert len(seen(records, "consents", "id")) == 1

    def test_pending_consents_do_not_count(self, records: Records) -> None:
        begin(records, "consents", (row("consents"),))
        assert records.person("customer:c1").consents == {}

    def test_nobody_else_reads_a_customers_consents(self, records: Records) -> None:
        bring(records, "consents", (row("consents"),))
        for identity in (None, "anonymous:c1", "customer:c2", "customer:"):
            assert records.person(identity).consents == {}

    def test_a_withdrawal_counts_on_the_very_next_reading_elsewhere(self, records: Records, other: Records) -> None:
        bring(records, "consents", (row("consents", at=MONDAY),))
        for turn in range(1, 6):
            is_granted = turn % 2 == 0
            status = "granted" if is_granted else "withdrawn"
            writer, reader = (records, other) if turn % 2 else (other, records)
            writer.put_rows("consents", CONSENT_COLUMNS, [row("consents", status=status, at=MONDAY + turn)], MONDAY)
            assert reader.person("customer:c1").consents == {("personalization", "web"): is_granted}

    def test_everybody_an_import_names_is_known_from_its_commit(self, records: Records) -> None:
        import_id, _ = begin(records, "orders", (line(customer_id="o"), line(order_id="2", customer_id=None)))
        assert records.known_customers(["o"]) == set()
        records.commit_import(import_id, MONDAY, "{}")
        bring(records, "customers", (row("customers", customer_id="c"),))
        bring(records, "consents", (row("consents", customer_id="k"),))
        assert records.known_customers(["o", "c", "k", "x", ""]) == {"o", "c", "k"}
        assert records.person("customer:o").is_known
        assert len(records.known_customers([f"n{i}" for i in range(2_000)])) == 0

    # person states

    def owned(self, records: Records, customer: str = "c1") -> set[str]:
        """Read what a customer owns."""
        return set(records.person(f"customer:{customer}").owned)

    def test_owned_is_what_was_bought_and_neither_returned_nor_cancelled(self, records: Records) -> None:
        order(
            records,
            line(product_id="kept"),
            line(line_id="2", product_id="returned", quantity=2),
            line(line_id="3", product_id="partly", quantity=2),
            line(order_id="2", product_id="taken back"),
            line(order_id="C2", product_id="taken back", quantity=-1, status="cancelled"),
            line(order_id="3", product_id="never shipped", status="cancelled"),
            line(order_id="A1", product_id="bad debt", status="adjustment"),
        )
        returned = [("returned", 2), ("partly", 1)]
        bring(
            records,
            "returns",
            tuple(row("returns", line_id=p, product_id=p, quantity=quantity) for p, quantity in returned),
        )
        records.refresh_person_states()
        assert self.owned(records) == {"kept", "partly"}

    def test_a_return_concerns_the_order_of_its_own_source(self, records: Records) -> None:
        order(records, line(source="web", customer_id="c1"), line(source="till", customer_id="c2"))
        bring(records, "returns", (row("returns", source="till"),))
        records.refresh_person_states()
        assert (self.owned(records, "c1"), self.owned(records, "c2")) == ({"A"}, set())

    def test_states_follow_only_what_is_visible(self, records: Records) -> None:
        order(records, line())
        begin(records, "orders", (line(order_id="2", product_id="B"),))
        records.refresh_person_states()
        assert self.owned(records) == {"A"}

    def test_states_are_recomputed_for_the_customers_an_import_touched(self, records: Records) -> None:
        order(records, line(), line(order_id="2", customer_id="c2"))
        records.refresh_person_states()
        order(records, line(order_id="3", product_id="B"))
        last = records.imports()[-1].import_id
        assert records.refresh_person_states([last]) == 1
        assert self.owned(records) == {"A", "B"}
        bring(records, "returns", (row("returns", order_id="2"),))
        records.refresh_person_states([records.imports()[-1].import_id])
        assert self.owned(records, "c2") == set()

    @pytest.mark.parametrize("is_full", [True, False])
    def test_an_order_that_turns_out_to_be_anothers_leaves_the_first(self, records: Records, is_full: bool) -> None:
        order(records, line(updated_at=MONDAY))
        records.refresh_person_states()
        order(records, line(customer_id="c2", updated_at=MONDAY + 1))
        records.refresh_person_states(None if is_full else [records.imports()[-1].import_id])
        assert (self.owned(records, "c1"), self.owned(records, "c2")) == (set(), {"A"})

    # events

    def test_an_event_counts_once_however_often_it_is_sent(self, records: Records, other: Records) -> None:
        assert records.append_events([event(1), event(2), event(1)], MONDAY) == 2
        assert other.append_events([event(2), event(3)], MONDAY) == 1
        assert bring(records, "events", (event(3), event(4))).n_new == 1
        assert records.append_events([event(4)], MONDAY) == 0
        assert len(seen(records, "events", "id")) == 4

    @pytest.mark.parametrize("is_committed", [True, False])
    def test_an_event_acknowledged_while_its_file_is_collected_is_there_once_whatever_becomes_of_the_file(
        self, records: Records, other: Records, is_committed: bool
    ) -> None:
        import_id, _ = begin(records, "events", (event(1), event(2)))
        assert other.append_events([event(1)], MONDAY) == 1
        assert other.append_events([event(1)], MONDAY) == 0
        assert len(seen(records, "events", "id")) == 1
        if is_committed:
            records.commit_import(import_id, MONDAY, "{}")
        else:
            records.abandon_import(import_id, MONDAY)
        hashes = [row[0] for row in seen(records, "events", "message_hash")]
        assert sorted(hashes) == [n.to_bytes(16, "big") for n in ((1, 2) if is_committed else (1,))]

    def test_late_events_are_welcome(self, records: Records) -> None:
        records.append_events([event(1, at=MONDAY + 9), event(2, at=MONDAY)], MONDAY)
        assert seen(records, "events", "at") == [(MONDAY + 9,), (MONDAY,)]

    def sealing(self, kept: list[pa.Table]) -> Callable[[pa.Table], tuple[str, int]]:
        """Give a writer of parts that keeps what it was handed."""

        def write(rows: pa.Table) -> tuple[str, int]:
            kept.append(rows)
            return f"events/{len(kept)}.parquet", max(rows.column("id").to_pylist())

        return write

    def test_sealing_moves_every_event_exactly_once(self, records: Records) -> None:
        records.append_events([event(n) for n in range(10)], MONDAY)
        begin(records, "events", (event(99),))
        kept: list[pa.Table] = []
        moved = [records.seal_events(self.sealing(kept), 4) for _ in range(4)]
        assert moved == [4, 4, 2, 0]
        assert records.table("events", ["id"]).num_rows == 0
        assert records.part_files("events") == [f"events/{n}.parquet" for n in (1, 2, 3)]
        hashes = [h for part in kept for h in part.column("message_hash").to_pylist()]
        assert sorted(hashes) == [n.to_bytes(16, "big") for n in range(10)]

    def test_the_ingestion_number_goes_on_after_sealing(self, records: Records) -> None:
        records.append_events([event(1), event(2)], MONDAY)
        watermark = seen(records, "events", "id")[-1][0]
        records.seal_events(self.sealing([]), 10)
        records.append_events([event(3)], MONDAY)
        assert seen(records, "events", "id")[0][0] > watermark

    def test_a_sealed_event_is_still_known(self, records: Records) -> None:
        records.append_events([event(1)], MONDAY)
        records.seal_events(self.sealing([]), 10)
        assert records.append_events([event(1)], MONDAY) == 0

    def test_a_process_that_dies_before_listing_its_part_loses_nothing(self, records: Records) -> None:
        records.append_events([event(1), event(2)], MONDAY)

        def die(_: pa.Table) -> tuple[str, int]:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            records.seal_events(die, 10)
        assert records.part_files("events") == []
        assert records.table("events", ["id"]).num_rows == 2
        assert records.seal_events(self.sealing([]), 10) == 2

    def test_two_processes_that_seal_at_once_list_an_event_once(self, records: Records, other: Records) -> None:
        records.append_events([event(1), event(2)], MONDAY)
        kept: list[pa.Table] = []

        def late(rows: pa.Table) -> tuple[str, int]:
            other.seal_events(self.sealing(kept), 10)
            return "events/late.parquet", max(rows.column("id").to_pylist())

        with pytest.raises(CrossliftError, match="sealed the events"):
            records.seal_events(late, 10)
        assert records.part_files("events") == ["events/1.parquet"]
        assert records.table("events", ["id"]).num_rows == 0

    # columnar copies

    def test_the_days_an_import_touches_are_dirty_from_its_commit(self, records: Records) -> None:
        import_id, _ = begin(records, "orders", (line(), line(order_id="2", ordered_at=MONDAY + 3 * DAY)))
        assert records.dirty_days("order_lines") == []
        records.commit_import(import_id, MONDAY, "{}")
        assert records.dirty_days("order_lines") == [19_723, 19_726]
        assert records.dirty_days("returns") == []

    def list_day(self, records: Records, day: int, file: str) -> list[str]:
        """List a file for a day as it is now."""
        ids = records.table("order_lines", ["id"], "ordered_on = ?", (day,)).column("id").to_pylist()
        return records.list_parts("order_lines", [(day, file if ids else None, len(ids), max(ids, default=0))])

    def test_a_listed_file_counts_and_names_the_one_it_replaces(self, records: Records, other: Records) -> None:
        order(records, line(updated_at=MONDAY), line(order_id="2", ordered_at=MONDAY + DAY))
        assert self.list_day(records, 19_724, "b") == []
        assert self.list_day(records, 19_723, "a") == []
        assert other.part_files("order_lines") == ["a", "b"]
        assert other.dirty_days("order_lines") == []
        order(records, line(order_id="3"))
        assert other.part_files("order_lines") == ["a", "b"]
        assert self.list_day(records, 19_723, "c") == ["a"]
        assert other.part_files("order_lines") == ["c", "b"]

    def test_a_day_whose_last_line_moved_away_has_no_file(self, records: Records) -> None:
        order(records, line(updated_at=MONDAY))
        self.list_day(records, 19_723, "a")
        order(records, line(ordered_at=MONDAY + DAY, updated_at=MONDAY + 1))
        assert records.dirty_days("order_lines") == [19_723, 19_724]
        assert self.list_day(records, 19_723, "gone") == ["a"]
        assert records.dirty_days("order_lines") == [19_724]

    @pytest.mark.parametrize("late", [{"order_id": "2"}, {"ordered_at": MONDAY + DAY, "updated_at": MONDAY + 1}])
    def test_a_day_that_changed_while_its_file_was_written_stays_dirty(
        self, records: Records, other: Records, late: dict[str, Any]
    ) -> None:
        order(records, line(updated_at=MONDAY))
        [(ids,)] = seen(records, "order_lines", "id")
        order(other, line(**late))
        records.list_parts("order_lines", [(19_723, "a", 1, ids)])
        assert 19_723 in records.dirty_days("order_lines")
        self.list_day(records, 19_723, "b")
        assert 19_723 not in records.dirty_days("order_lines")

    # decisions and what came back

    def test_a_decision_is_read_back_with_its_inputs(self, records: Records, other: Records) -> None:
        records.record_decisions([slim("d1"), slim("d2", None)], [("d1", MONDAY, b"in"), ("d2", MONDAY + 2, b"puts")])
        found = other.decision("d1")
        assert found is not None
        assert found[1] == b"in"
        assert {name: found[0][name] for name in ("decision_id", "at", "placement", "purpose", "identity", "body")} == {
            "decision_id": "d1", "at": MONDAY, "placement": "cart", "purpose": "personalization",
            "identity": "customer:c1", "body": b"body",
        }  # fmt: skip
        assert other.decision("nobody") is None

    def test_inputs_expire_and_the_decision_stays(self, records: Records) -> None:
        records.record_decisions([slim("d1"), slim("d2")], [("d1", MONDAY, b"in"), ("d2", MONDAY + 2, b"puts")])
        assert records.expire(MONDAY) == 0
        assert records.expire(MONDAY + 1) == 1
        first, second = records.decision("d1"), records.decision("d2")
        assert first is not None
        assert first[1] is None
        assert second is not None
        assert second[1] == b"puts"

    def test_a_failing_decision_spoils_none_written_with_it(self, records: Records) -> None:
        records.record_decisions([slim("taken")], [])

        def decide(number: int) -> bool:
            try:
                records.record_decisions(
                    [slim("taken" if number == 7 else f"d{number}")], [(f"d{number}", MONDAY, b"")]
                )
            except Exception:  # noqa: BLE001 - which error a duplicate id raises is the engine's affair
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            done = list(pool.map(decide, range(40)))
        assert [n for n, ok in enumerate(done) if not ok] == [7]
        assert [n for n in range(40) if records.decision(f"d{n}") is None] == [7]
        assert records.expire(MONDAY + 1) == 39

    def test_exposures_and_responses_count_once(self, records: Records, other: Records) -> None:
        exposure = ("e1", "d1", "A", MONDAY, "web")
        click = ("r1", "d1", "A", "click", None, MONDAY)
        assert records.record_responses([exposure], [click, click]) == 2
        assert other.record_responses([exposure], [click, ("r2", "d1", "A", "decline", "too dear", MONDAY)]) == 1
        assert seen(records, "exposures", "exposure_id", "decision_id") == [("e1", "d1")]
        assert seen(records, "responses", "response_id", "action", "reason") == [
            ("r1", "click", None),
            ("r2", "decline", "too dear"),
        ]

    # snapshots, keys, meta

    def test_snapshots_are_listed_newest_first(self, records: Records) -> None:
        for number, name in enumerate(("s1", "s2")):
            records.save_snapshot({
                "snapshot_id": name, "created_at": number, "as_of": 1, "engine_version": "0", "manifest_hash": "h",
                "ndcg": None, "state": "published", "report": "{}",
            })  # fmt: skip
        assert [s["snapshot_id"] for s in records.snapshots()] == ["s2", "s1"]
        records.save_snapshot({**records.snapshots()[1], "state": "rolled_back"})
        assert [(s["snapshot_id"], s["state"]) for s in records.snapshots()] == [
            ("s2", "published"),
            ("s1", "rolled_back"),
        ]

    def test_a_meta_value_is_set_once_for_all(self, records: Records, other: Records) -> None:
        assert records.meta("secret") == ""
        assert records.meta("secret", lambda: "first") == "first"
        assert other.meta("secret", lambda: "second") == "first"
        other.set_meta("secret", "third")
        assert records.meta("secret") == "third"

    def test_keys_are_kept_with_their_revocation(self, records: Records, other: Records) -> None:
        key = {
            "key_id": "k1",
            "kind": "secret",
            "key_hash": "h1",
            "label": "server",
            "created_at": 1,
            "revoked_at": None,
        }
        records.add_key(key)
        assert [dict(k) for k in other.api_keys()] == [key]
        other.add_key({**key, "revoked_at": 9})
        assert [k["revoked_at"] for k in records.api_keys()] == [9]

    def test_a_closed_store_says_so(self, records: Records) -> None:
        order(records, line())
        records.close()
        records.close()
        with pytest.raises(CrossliftError, match="is closed"):
            records.append_events([event(1)], MONDAY)
