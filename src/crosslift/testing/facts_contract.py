"""What every store of records has to keep of facts from every channel: which of two versions stands, in any order.

A subclass gives `records` and `other` as for `records_contract.RecordsContract`.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from crosslift.collect.facts import FACTS
from crosslift.collect.rows import LINE_COLUMNS, ORDER_COLUMNS, RETURN_COLUMNS, content_hash
from crosslift.domain.event import FORMAT
from crosslift.store.keys import KEYS
from crosslift.store.ports import Outcome, Records, Row, TableRows
from crosslift.testing.records_rows import DAY, MONDAY, begin, event, headers, line, order, row, seen

NOW = MONDAY + 50 * DAY
DATASETS = tuple(FACTS)
TYPICAL: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"account_id": "acme", "name": "Acme"},
    "account_members": {"account_id": "acme", "customer_id": "c1", "role": "buyer"},
    "activities": {"activity_id": "a1", "at": MONDAY, "kind": "call", "customer_id": "c1"},
    "cases": {"case_id": "k1", "customer_id": "c1", "opened_at": MONDAY, "status": "open"},
    "feedback": {"feedback_id": "f1", "at": MONDAY, "customer_id": "c1", "kind": "nps", "rating": 9.0, "scale": 10.0},
    "payments_failed": {
        "payment_id": "p1", "at": MONDAY, "customer_id": "c1", "amount_micros": 5_000_000, "currency": "EUR",
        "status": "failed",
    },
    "campaign_costs": {
        "campaign_id": "spring", "channel": "", "market": "", "from_at": MONDAY, "cost_micros": 9_000_000, "currency": "EUR",
    },
    "exchange_rates": {"rated_on": MONDAY // DAY, "currency": "JPY", "rate": 0.007},
    "assignments": {"experiment_id": "e1", "unit_id": "c1", "unit_kind": "customer", "arm": "a", "at": MONDAY},
    "logged_choices": {"choice_id": "1", "at": MONDAY, "unit_id": "c1", "action": "mail", "probability": 0.5},
    "agents": {"agent_id": "mina", "name": "Mina", "licences": '["tax"]', "is_active": True},
    "confirmations": {
        "confirmation_id": "y1", "customer_id": "c1", "answer": "yes", "order_id": "o1", "method": "signature",
        "proof": "scan 12", "at": MONDAY,
    },
}  # fmt: skip
OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"name": "Acme Ltd"}, "account_members": {"until": NOW}, "activities": {"outcome": "sold"},
    "cases": {"status": "solved"}, "feedback": {"rating": 3.0}, "payments_failed": {"status": "recovered"},
    "campaign_costs": {"cost_micros": 8_000_000}, "exchange_rates": {"rate": 0.0068}, "assignments": {"arm": "b"},
    "logged_choices": {"action": "none"}, "agents": {"licences": "[]"}, "confirmations": {"answer": "no"},
}  # fmt: skip
"""Other content under the key of the typical row."""
VERSIONED = tuple(name for name in DATASETS if "updated_at" in FACTS[name].columns)


def fact(dataset: str, **given: Any) -> Row:
    """Build one row as `collect` would, from a typical one and what is given."""
    values = {**dict.fromkeys(FACTS[dataset].columns), **TYPICAL[dataset], **given}
    apart = {*KEYS[dataset].columns, *KEYS[dataset].times, *FACTS[dataset].more, "row_hash"}
    values["row_hash"] = content_hash(tuple(values[name] for name in FACTS[dataset].columns if name not in apart))
    return tuple(values[name] for name in FACTS[dataset].columns)


def bring(records: Records, dataset: str, *rows: Row) -> Outcome:
    """Import rows of a dataset and commit them."""
    import_id, outcome = started(records, dataset, *rows)
    records.commit_import(import_id, NOW, "{}")
    return outcome


def started(records: Records, dataset: str, *rows: Row) -> tuple[int, Outcome]:
    """Begin to import rows; the import stays pending."""
    import_id = records.start_import(dataset, "facts.csv", f"canonical {dataset}", NOW, None)
    return import_id, records.import_rows(import_id, dataset, FACTS[dataset].columns, rows)


def content(records: Records, dataset: str) -> list[Row]:
    """Read all visible values of a dataset, by key."""
    columns = FACTS[dataset].columns
    places = [columns.index(name) for name in KEYS[dataset].columns]
    return sorted(seen(records, dataset, *columns), key=lambda one: tuple(one[i] for i in places))


def tell(records: Records, *lines: Row, returns: tuple[Row, ...] = ()) -> int:
    """Let events tell of orders and returns, as the API does."""
    return records.append_events([], NOW, [*orders_of(*lines), ("returns", RETURN_COLUMNS, returns)])


def orders_of(*lines: Row) -> list[TableRows]:
    """Give order lines with the headers of their orders."""
    return [("orders", ORDER_COLUMNS, headers(lines)), ("order_lines", LINE_COLUMNS, lines)]


class FactsContract:
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

    # every dataset

    @pytest.mark.parametrize("dataset", DATASETS)
    def test_an_import_is_invisible_until_its_commit_and_gone_when_abandoned(
        self, records: Records, other: Records, dataset: str
    ) -> None:
        import_id, outcome = started(records, dataset, fact(dataset))
        assert (outcome.n_new, outcome.verdicts) == (1, ["new"])
        assert content(records, dataset) == content(other, dataset) == []
        records.abandon_import(import_id, NOW)
        assert bring(records, dataset, fact(dataset)).n_new == 1
        assert content(records, dataset) == content(other, dataset) == [fact(dataset)]

    @pytest.mark.parametrize("dataset", DATASETS)
    def test_the_same_again_changes_nothing(self, records: Records, dataset: str) -> None:
        bring(records, dataset, fact(dataset))
        for again in (bring(records, dataset, fact(dataset)), bring(records, dataset, fact(dataset), fact(dataset))):
            assert (again.n_new, again.n_replaced, again.conflicts) == (0, 0, [])
        put = records.put_rows(dataset, FACTS[dataset].columns, [fact(dataset)], NOW)
        assert put.verdicts == ["same"]
        assert content(records, dataset) == [fact(dataset)]

    @pytest.mark.parametrize("dataset", DATASETS)
    def test_other_content_of_no_newer_time_is_a_conflict_and_the_first_stays(
        self, records: Records, dataset: str
    ) -> None:
        bring(records, dataset, fact(dataset))
        outcome = bring(records, dataset, fact(dataset, **OTHERWISE[dataset]))
        assert (outcome.n_new, outcome.n_replaced, len(outcome.conflicts)) == (0, 0, 1)
        assert outcome.verdicts == ["conflict"]
        assert content(records, dataset) == [fact(dataset)]

    @pytest.mark.parametrize("dataset", VERSIONED)
    def test_the_newest_version_stands_whichever_comes_first(self, records: Records, dataset: str) -> None:
        newer = fact(dataset, **OTHERWISE[dataset], updated_at=NOW + 2)
        newest = fact(dataset, updated_at=NOW + 3)
        bring(records, dataset, fact(dataset, updated_at=NOW + 1))
        assert bring(records, dataset, newest).verdicts == ["replaced"]
        assert bring(records, dataset, newer).n_replaced == 0
        assert content(records, dataset) == [newest]

    @pytest.mark.parametrize("dataset", VERSIONED)
    @pytest.mark.parametrize("is_file_newer", [True, False])
    def test_a_version_put_while_a_file_is_collected_stands_if_it_is_newer(
        self, records: Records, other: Records, dataset: str, is_file_newer: bool
    ) -> None:
        filed = fact(dataset, updated_at=NOW + (5 if is_file_newer else 1))
        put = fact(dataset, **OTHERWISE[dataset], updated_at=NOW + 3)
        import_id, _ = started(records, dataset, filed)
        other.put_rows(dataset, FACTS[dataset].columns, [put], NOW)
        assert content(records, dataset) == [put]
        records.commit_import(import_id, NOW, "{}")
        assert content(records, dataset) == [filed if is_file_newer else put]

    # trials

    def test_a_unit_keeps_its_earliest_arm(self, records: Records) -> None:
        bring(records, "assignments", fact("assignments", at=MONDAY + 5))
        late = bring(
            records, "assignments", fact("assignments", arm="b", at=MONDAY + 9), fact("assignments", at=MONDAY + 7)
        )
        assert late.verdicts == ["conflict", "same"]
        assert bring(records, "assignments", fact("assignments", arm="b", at=MONDAY)).verdicts == ["replaced"]
        other_kind = fact("assignments", unit_kind="account")
        assert bring(records, "assignments", other_kind).verdicts == ["new"]
        assert sorted(seen(records, "assignments", "unit_kind", "arm", "at")) == [
            ("account", "a", MONDAY), ("customer", "b", MONDAY),
        ]  # fmt: skip

    def test_the_outcome_of_a_choice_is_told_once_or_corrected_later(self, records: Records) -> None:
        outcomes: tuple[dict[str, Any], ...] = (
            {},
            {"outcome": 0.0, "outcome_at": NOW},
            {"outcome": 12.5, "outcome_at": NOW + 1},
            {},
        )
        verdicts = [bring(records, "logged_choices", fact("logged_choices", **one)).verdicts[0] for one in outcomes]
        assert verdicts == ["new", "replaced", "replaced", "same"]
        disagreeing = fact("logged_choices", outcome=1.0, outcome_at=NOW + 1)
        assert bring(records, "logged_choices", disagreeing).verdicts == ["conflict"]
        assert seen(records, "logged_choices", "outcome", "outcome_at") == [(12.5, NOW + 1)]

    # several tables at once

    def test_orders_put_with_their_lines_are_there_at_once_with_the_state_that_follows(
        self, records: Records, other: Records
    ) -> None:
        lines = (line(), line(line_id="2", product_id="B"))
        tables = orders_of(*lines)
        outcome = records.put_tables("orders", tables, NOW)
        assert (outcome.n_new, outcome.verdicts) == (2, ["new", "new"])
        assert other.person("customer:c1").owned == {"A", "B"}
        assert records.put_tables("orders", tables, NOW).verdicts == ["same", "same"]
        back = records.put_tables("returns", [("returns", RETURN_COLUMNS, [row("returns")])], NOW)
        assert back.n_new == 1
        assert other.person("customer:c1").owned == {"B"}
        assert records.table("orders", ["id"]).num_rows == 1

    # orders that events tell of

    def test_orders_told_by_events_come_with_them_or_not_at_all(self, records: Records, other: Records) -> None:
        assert records.append_events([event(1)], NOW, orders_of(line())) == 1
        assert other.person("customer:c1").owned == {"A"}
        broken = [("order_lines", LINE_COLUMNS, [line(order_id="2", product_id=None)])]  # a product is needed
        with pytest.raises(Exception, match=r"(?i)null"):  # which error a missing value raises is the engine's affair
            records.append_events([event(2)], NOW, broken)
        assert seen(other, "events", "message_hash") == [((1).to_bytes(16, "big"),)]

    @pytest.mark.parametrize("is_file_first", [True, False])
    def test_a_files_word_on_an_order_stands_in_place_of_the_events_as_a_whole(
        self, records: Records, is_file_first: bool
    ) -> None:
        filed = (line(line_id="1", product_id="GIFT"), line(line_id="2"), line(line_id="3", product_id="B"))
        told = (line(line_id="1"), line(line_id="2", product_id="B"))
        if not is_file_first:
            tell(records, *told)
        order(records, *filed)
        tell(records, *told, line(order_id="2", product_id="C"))
        assert sorted(seen(records, "order_lines", "order_id", "line_id", "product_id")) == [
            ("1", "1", "GIFT"), ("1", "2", "A"), ("1", "3", "B"), ("2", "1", "C"),
        ]  # fmt: skip
        assert sorted(seen(records, "orders", "order_id")) == [("1",), ("2",)]
        records.refresh_person_states()
        assert records.person("customer:c1").owned == {"A", "B", "C", "GIFT"}

    def test_another_source_is_another_order(self, records: Records) -> None:
        order(records, line(source="till"))
        tell(records, line(source="web"))
        assert sorted(seen(records, "order_lines", "source")) == [("till",), ("web",)]

    def test_a_file_that_is_being_collected_takes_over_at_its_commit(self, records: Records, other: Records) -> None:
        import_id, _ = begin(records, "orders", (line(quantity=5),))
        tell(other, line(line_id="1"), line(line_id="2", product_id="B"))
        assert len(seen(records, "order_lines", "id")) == 2
        records.commit_import(import_id, NOW, "{}")
        assert seen(other, "order_lines", "line_id", "quantity") == [("1", 5)]
        assert len(seen(other, "orders", "id")) == 1

    def test_days_touched_by_either_are_dirty(self, records: Records) -> None:
        tell(records, line(ordered_at=MONDAY + 3 * DAY))
        records.list_parts("order_lines", [(day, None, 0, 0) for day in records.dirty_days("order_lines")])
        order(records, line(ordered_at=MONDAY + 4 * DAY))
        assert records.dirty_days("order_lines") == [MONDAY // DAY + 3, MONDAY // DAY + 4]

    @pytest.mark.parametrize("is_file_first", [True, False])
    def test_returns_of_a_file_stand_in_place_of_those_of_events(self, records: Records, is_file_first: bool) -> None:
        order(records, line(quantity=3))
        told = row("returns", line_id="A@1", quantity=1, returned_at=MONDAY + 2 * DAY)
        if not is_file_first:
            tell(records, returns=(told,))
        records.put_tables("returns", [("returns", RETURN_COLUMNS, [row("returns", quantity=2)])], NOW)
        tell(records, returns=(told,))
        assert seen(records, "returns", "line_id", "quantity") == [("r1", 2)]

    def test_events_of_a_file_and_of_the_api_are_told_apart_from_orders_alike(self, records: Records) -> None:
        import_id = records.start_import("events", "events.jsonl", FORMAT, NOW, None)
        records.import_rows(import_id, "orders", ORDER_COLUMNS, headers((line(),)))
        records.import_rows(import_id, "order_lines", LINE_COLUMNS, (line(), line(line_id="2", product_id="B")))
        records.commit_import(import_id, NOW, "{}")
        assert records.dirty_days("order_lines") == [MONDAY // DAY]
        assert records.known_customers(["c1"]) == {"c1"}
        tell(records, line(), line(line_id="2", product_id="B"))
        assert len(seen(records, "order_lines", "id")) == 2
        order(records, line(quantity=4))
        assert seen(records, "order_lines", "line_id", "quantity") == [("1", 4)]
