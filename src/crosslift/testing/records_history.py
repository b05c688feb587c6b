"""The second half of the contract of records: people, events, columnar copies, decisions, snapshots, keys."""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from crosslift.collect.rows import CONSENT_COLUMNS
from crosslift.errors import CrossliftError
from crosslift.store.ports import Records
from crosslift.testing.records_rows import DAY, MONDAY, begin, bring, event, line, order, row, seen, slim


class HistoryContract:
    """What `RecordsContract` inherits; `records` and `other` come from the subclass."""

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
            "key_id": "k1", "kind": "secret", "key_hash": "h1", "label": "server", "created_at": 1, "revoked_at": None,
            "roles": '["admin"]', "expires_at": None, "used_at": None, "replaces": None,
        }  # fmt: skip
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
