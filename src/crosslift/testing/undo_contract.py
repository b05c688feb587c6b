"""What every store of records has to keep when an import is taken back: all is as it was before (DESIGN 2b.11).

A subclass gives `records` and `other` as for `records_contract.RecordsContract`. A gap is declared in `gaps`.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from crosslift.collect.evidence import EVIDENCE_COLUMNS
from crosslift.collect.facts import FACTS
from crosslift.errors import BadUsage, Conflict, NotFound
from crosslift.store.ports import Records, Row, Undone
from crosslift.testing import facts_contract
from crosslift.testing.curation_contract import NOW, bundle, ends, link, parts, put_links
from crosslift.testing.records_rows import COLUMNS, DATASETS, DAY, MONDAY, begin, bring, event, line, row, seen

TABLES = (*(name for name in COLUMNS if name != "orders"), "orders", *FACTS)
PEOPLE = ("c1", "c2", "c3")
PRODUCTS = ("A", "B", "C")


def state(records: Records) -> dict[str, Any]:
    """Read everything that counts: visible rows with their numbers, live values, who is known and why, what they own."""
    tables = {name: seen(records, name, "id", *_columns(name)) for name in TABLES}
    tables["identity_evidence"] = seen(records, "identity_evidence", "id", *EVIDENCE_COLUMNS)
    live = [(*one[:6], one[6]) for one in records.live_since(-1)[1]]
    persons = {name: records.person(f"customer:{name}", NOW) for name in PEOPLE}
    owned = {name: (one.is_known, one.owned, one.consents, one.holdings) for name, one in persons.items()}
    return {
        **tables, "live": live, "persons": owned, "known_customers": records.known_customers(PEOPLE),
        "known_products": records.known_products(PRODUCTS), "links": ends(records), "parts": parts(records),
    }  # fmt: skip


def _columns(name: str) -> tuple[str, ...]:
    return FACTS[name].columns if name in FACTS else COLUMNS[name]


def take_back(records: Records, import_id: int) -> Undone:
    """Take an import back as `shop` does, without files of sealed events."""
    undone = records.undo_import(import_id, [])
    records.refresh_person_states()
    records.forget_unseen(undone.identities)
    return undone


def brought(records: Records, dataset: str, *rows: Row) -> int:
    """Import rows, commit them, refresh the people; give the import's number."""
    bring(records, dataset, rows)
    records.refresh_person_states()
    return records.imports()[-1].import_id


def typical(dataset: str, **given: Any) -> Row:
    """Build a row of any dataset that can be imported."""
    return line(**given) if dataset == "orders" else row(dataset, **given)


class UndoContract:
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

    # exactly as before

    @pytest.mark.parametrize("dataset", DATASETS)
    def test_an_import_into_an_empty_store_leaves_nothing(self, records: Records, other: Records, dataset: str) -> None:
        before = state(records)
        import_id = brought(records, dataset, typical(dataset))
        assert state(other) != before
        undone = take_back(records, import_id)
        assert (undone.dataset, undone.source, undone.n_gone, undone.n_back) == (dataset, "file.csv", 1, 0)
        assert state(records) == state(other) == before
        assert [one.state for one in records.imports()] == ["undone"]

    @pytest.mark.parametrize("dataset", tuple(FACTS))
    def test_a_fact_taken_back_is_as_it_was(self, records: Records, dataset: str) -> None:
        facts_contract.bring(records, dataset, facts_contract.fact(dataset))
        before = state(records)
        other = dict(facts_contract.OTHERWISE[dataset])
        if "updated_at" in FACTS[dataset].columns:
            other["updated_at"] = NOW
        import_id, outcome = facts_contract.started(records, dataset, facts_contract.fact(dataset, **other))
        records.commit_import(import_id, NOW, "{}")
        assert take_back(records, import_id).n_back == outcome.n_replaced
        assert state(records) == before

    def test_what_was_replaced_counts_again(self, records: Records, other: Records) -> None:
        brought(records, "orders", line(order_id="1", product_id="A"), line(order_id="2", product_id="B"))
        before = state(records)
        last = brought(
            records,
            "orders",
            line(order_id="1", product_id="C", updated_at=MONDAY, customer_id="c2"),
            line(order_id="3"),
        )
        undone = take_back(records, last)
        assert (undone.n_gone, undone.n_back) == (2, 1)
        assert state(other) == before

    def test_days_it_touched_are_dirty_again(self, records: Records) -> None:
        brought(records, "orders", line(order_id="1", ordered_at=MONDAY))
        for dataset in ("order_lines", "returns"):
            records.list_parts(dataset, [(day, f"{dataset}/a", 1, 9) for day in records.dirty_days(dataset)])
        moved = line(order_id="1", ordered_at=MONDAY + DAY, updated_at=MONDAY)
        last = brought(records, "orders", moved, line(order_id="2", ordered_at=MONDAY + 2 * DAY))
        records.list_parts("order_lines", [(day, "order_lines/b", 1, 9) for day in records.dirty_days("order_lines")])
        take_back(records, last)
        assert records.dirty_days("order_lines") == [MONDAY // DAY, MONDAY // DAY + 1, MONDAY // DAY + 2]

    def test_its_file_can_be_collected_again(self, records: Records) -> None:
        for dataset in DATASETS:
            take_back(records, brought(records, dataset, typical(dataset)))
            records.sweep_undone()
            assert bring(records, dataset, (typical(dataset),)).n_new == 1

    def test_its_rows_are_swept_and_nothing_else(self, records: Records) -> None:
        brought(records, "orders", *(line(order_id=str(n)) for n in range(50)))
        last = brought(records, "orders", *(line(order_id=f"x{n}") for n in range(30)))
        before = state(records)
        take_back(records, last)
        assert records.sweep_undone() == 60  # lines and headers
        assert records.sweep_undone() == 0
        assert len(before["order_lines"]) - len(state(records)["order_lines"]) == 30

    def test_a_row_repeated_in_one_file_comes_back_once(self, records: Records) -> None:
        brought(records, "customers", row("customers", email="a@x"), row("customers", email="b@x"))
        before = state(records)
        last = brought(records, "customers", row("customers", email="c@x"), row("customers", email="d@x"))
        take_back(records, last)
        assert state(records) == before
        assert [one[2] for one in before["customers"]] == ["b@x"]

    # live values

    def test_live_values_are_what_they_were_also_where_they_had_been_patched(self, records: Records) -> None:
        brought(records, "products", row("products", stock=5), row("products", product_id="B"))
        records.patch_live([{"product_id": "A", "stock": 3, "price_micros": 4_000_000}], MONDAY)
        before = state(records)
        last = brought(
            records, "products", row("products", stock=9, price_micros=7_000_000), row("products", product_id="C")
        )
        assert records.live_since(-1)[1][0][1:4] == (7_000_000, "USD", 9)
        take_back(records, last)
        assert state(records) == before

    def test_what_was_patched_since_stays_patched(self, records: Records) -> None:
        brought(records, "products", row("products", stock=5))
        last = brought(records, "products", row("products", stock=9, price_micros=7_000_000))
        records.patch_live([{"product_id": "A", "stock": 1}], MONDAY)
        take_back(records, last)
        assert records.live_since(-1)[1][0][1:4] == (5_000_000, "USD", 1)

    def test_a_product_that_left_is_told_once_to_whoever_knew_it(self, records: Records, other: Records) -> None:
        last = brought(records, "products", row("products"))
        number, _ = other.live_since(-1)
        take_back(records, last)
        now, [gone] = other.live_since(number)
        assert now > number
        assert (gone[0], bool(gone[4]), bool(gone[5])) == ("A", False, False)
        assert other.live_since(now) == (now, [])
        assert other.live_since(-1)[1] == []
        brought(records, "products", row("products"))
        assert [bool(one[4]) for one in other.live_since(now)[1]] == [True]

    def test_links_and_bundles_taken_back_hold_with_the_next_decision(self, records: Records, other: Records) -> None:
        put_links(records, link())
        brought(records, "bundles", *bundle("A", "B"))
        before, number = state(records), other.person(None).change_number
        first = brought(records, "links", link(action="ban", reason="season", author="mina"))
        second = brought(records, "bundles", *bundle("A", "C", digest=2))
        take_back(records, second)
        take_back(records, first)
        assert state(other) == before
        assert other.links_changed_since(number)
        assert other.bundles_changed_since(number)

    # derived

    def test_products_derived_from_its_lines_vanish(self, records: Records) -> None:
        brought(records, "orders", line(order_id="1", product_id="A"))
        records.put_rows("products", COLUMNS["products"], [row("products", is_derived=True)], MONDAY)
        before = state(records)
        last = brought(records, "orders", line(order_id="2", product_id="B"), line(order_id="3", product_id="A"))
        records.put_rows("products", COLUMNS["products"], [row("products", product_id="B", is_derived=True)], MONDAY)
        assert take_back(records, last).n_derived == 1
        assert state(records) == before

    def test_a_product_of_the_catalog_outlives_the_orders_that_named_it(self, records: Records) -> None:
        last = brought(records, "orders", line(product_id="A"))
        records.put_rows("products", COLUMNS["products"], [row("products")], MONDAY)
        assert take_back(records, last).n_derived == 0
        assert records.known_products(["A"]) == {"A"}

    # people

    def test_a_customer_seen_elsewhere_stays_known(self, records: Records) -> None:
        brought(records, "customers", row("customers", customer_id="c2"))
        last = brought(records, "orders", line(customer_id="c1"), line(order_id="2", customer_id="c2"))
        take_back(records, last)
        assert records.known_customers(PEOPLE) == {"c2"}
        assert records.person("customer:c1").owned == frozenset()

    def test_a_consent_taken_back_does_not_count(self, records: Records, other: Records) -> None:
        brought(records, "consents", row("consents", status="withdrawn"))
        last = brought(records, "consents", row("consents", at=MONDAY + 1))
        assert other.person("customer:c1").consents == {("personalization", "web"): True}
        take_back(records, last)
        assert other.person("customer:c1").consents == {("personalization", "web"): False}

    # events

    def test_a_message_taken_back_may_come_again(self, records: Records) -> None:
        last = brought(records, "events", event(1), event(2))
        take_back(records, last)
        assert records.table("events", ["id"]).num_rows == 0
        assert records.append_events([event(1)], MONDAY) == 1

    def test_sealed_events_are_taken_back_with_the_files_that_hold_them(self, records: Records) -> None:
        brought(records, "events", event(1))
        last = brought(records, "events", event(2), event(3))
        records.seal_events(lambda rows: ("events/all", rows.num_rows), 10)
        undone = records.undo_import(last, [("events/all", "events/less", 1)])
        assert undone.n_gone == 2
        assert records.part_files("events") == ["events/less"]

    def test_orders_that_events_told_of_stand_again_as_last_told(self, records: Records) -> None:
        facts_contract.tell(records, line(quantity=1, updated_at=MONDAY))
        last = brought(records, "orders", line(quantity=5))
        facts_contract.tell(records, line(quantity=2, updated_at=MONDAY + 1))
        assert seen(records, "order_lines", "quantity") == [(5,)]
        take_back(records, last)
        assert seen(records, "order_lines", "quantity") == [(2,)]
        assert records.table("orders", ["id"]).num_rows == 1

    # refused

    @pytest.mark.parametrize(
        "dataset", ["orders", "products", "customers", "consents", "links", "bundles", "events", "usage"]
    )
    def test_an_import_whose_rows_a_later_one_did_not_bring_again_is_kept(self, records: Records, dataset: str) -> None:
        first = brought(records, dataset, typical(dataset))
        second = brought(records, dataset, typical(dataset))
        before = state(records)
        with pytest.raises(
            Conflict, match=rf"import {first} \(file\.csv\) cannot be taken back: import {second} \(file\.csv\)"
        ):
            records.undo_import(first, [])
        assert state(records) == before
        take_back(records, second)
        take_back(records, first)
        assert not any(state(records)[name] for name in TABLES)

    def test_an_import_whose_rows_were_replaced_is_kept_until_the_later_is_gone(self, records: Records) -> None:
        first = brought(records, "customers", row("customers", email="a@x"))
        second = brought(records, "customers", row("customers", email="b@x"))
        with pytest.raises(Conflict, match=f"import {second}"):
            records.undo_import(first, [])
        take_back(records, second)
        assert take_back(records, first).n_gone == 1

    def test_what_the_api_built_on_is_named(self, records: Records) -> None:
        first = brought(records, "events", event(1))
        assert records.append_events([event(1)], MONDAY) == 0
        with pytest.raises(Conflict, match="by the API"):
            records.undo_import(first, [])

    def test_an_earlier_import_that_nothing_builds_on_can_go(self, records: Records) -> None:
        first = brought(records, "orders", line(order_id="1", customer_id="c1"))
        brought(records, "orders", line(order_id="2", customer_id="c2"))
        take_back(records, first)
        assert seen(records, "order_lines", "order_id") == [("2",)]
        assert records.known_customers(PEOPLE) == {"c2"}

    def test_a_later_import_that_was_itself_taken_back_is_no_hindrance(self, records: Records) -> None:
        first = brought(records, "orders", line())
        second = brought(records, "orders", line())
        take_back(records, second)
        assert take_back(records, first).n_gone == 1

    def test_a_conflict_with_its_rows_builds_on_it_too(self, records: Records) -> None:
        first = brought(records, "orders", line(quantity=1))
        second = brought(records, "orders", line(quantity=2))
        with pytest.raises(Conflict, match=f"import {second}"):
            records.undo_import(first, [])

    def test_only_a_committed_file_can_be_taken_back(self, records: Records) -> None:
        pending, _ = begin(records, "orders", (line(),))
        with pytest.raises(BadUsage, match="is pending; there is nothing to take back"):
            records.undo_import(pending, [])
        records.abandon_import(pending, MONDAY)
        records.put_rows("customers", COLUMNS["customers"], [row("customers")], MONDAY)
        with pytest.raises(BadUsage, match="came by the API"):
            records.undo_import(records.imports()[-1].import_id, [])
        with pytest.raises(NotFound, match="no import 99"):
            records.undo_import(99, [])
        last = brought(records, "orders", line())
        take_back(records, last)
        with pytest.raises(BadUsage, match="is undone; there is nothing to take back"):
            records.undo_import(last, [])
