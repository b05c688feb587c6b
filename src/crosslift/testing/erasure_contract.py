"""What every records engine owes to those who are to be forgotten: who was last heard of when, and that they are gone."""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from crosslift.store.ports import Records, Row
from crosslift.testing import facts_contract
from crosslift.testing.records_rows import COLUMNS, DAY, MONDAY, bring, event, line, order, row, seen, slim

NOW = MONDAY + 400 * DAY
THEN = MONDAY + 7 * DAY
FACTS: Mapping[str, Mapping[str, Any]] = {
    "activities": {"at": THEN}, "cases": {"opened_at": THEN}, "feedback": {"at": THEN}, "payments_failed": {"at": THEN},
    "confirmations": {"at": THEN}, "account_members": {"since": THEN}, "assignments": {"at": THEN},
    "logged_choices": {"at": THEN},
}  # fmt: skip
ROWS: Mapping[str, Mapping[str, Any]] = {
    "consents": {"at": THEN}, "usage": {"at": THEN}, "subscriptions": {"started_at": THEN, "status": "ended"},
    "order_lines": {"ordered_at": THEN},
}  # fmt: skip
LATER: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("cases", {"opened_at": MONDAY, "closed_at": THEN}), ("cases", {"opened_at": MONDAY, "updated_at": THEN}),
    ("payments_failed", {"at": MONDAY, "updated_at": THEN}), ("account_members", {"since": MONDAY, "updated_at": THEN}),
    ("logged_choices", {"at": MONDAY, "outcome": 1.0, "outcome_at": THEN}),
)  # fmt: skip


def heard(records: Records) -> dict[str, tuple[int | None, bool]]:
    """Give when each identity was last heard of, and whether a contract binds it."""
    told = records.last_heard(NOW).to_pylist()
    return {one["identity"]: (one["at"], one["is_bound"]) for one in told}


def contract(**given: Any) -> Row:
    """Build a subscription."""
    return row("subscriptions", started_at=MONDAY, **given)


class ErasureContract:
    """Cases for any engine; `records` is an empty one."""

    # who was last heard of when

    @pytest.mark.parametrize("dataset", [*FACTS, *ROWS])
    def test_a_fact_of_any_kind_tells_that_somebody_was_heard_of(self, records: Records, dataset: str) -> None:
        """By the time it speaks of, not by that of its arrival."""
        if dataset in FACTS:
            facts_contract.bring(records, dataset, facts_contract.fact(dataset, **FACTS[dataset]))
        elif dataset == "order_lines":
            order(records, line(**ROWS[dataset]))
        else:
            bring(records, dataset, (row(dataset, **ROWS[dataset]),))
        assert heard(records) == {"customer:c1": (THEN, False)}

    @pytest.mark.parametrize(("dataset", "given"), LATER)
    def test_what_was_told_of_it_later_counts(self, records: Records, dataset: str, given: Mapping[str, Any]) -> None:
        """A case that was closed, a payment that came in after all."""
        facts_contract.bring(records, dataset, facts_contract.fact(dataset, **given))
        assert heard(records)["customer:c1"][0] == THEN

    def test_the_newest_counts(self, records: Records) -> None:
        """Returns are those of the customer who bought; an answer to an offer is one; a contract that ended has ended."""
        order(records, line(), line(order_id="2", customer_id="c2"))
        bring(records, "returns", (row("returns", returned_at=THEN),))
        bring(records, "subscriptions", (contract(customer_id="c3", status="ended", ended_at=THEN),))
        bring(records, "customers", (row("customers", customer_id="c4", created_at=MONDAY, updated_at=THEN),))
        records.record_decisions([slim("d1", "customer:c2")], [])
        records.record_responses([], [("r1", "d1", "A", "click", None, THEN)])
        assert {name: at for name, (at, _) in heard(records).items()} == {f"customer:c{n}": THEN for n in (1, 2, 3, 4)}

    def test_who_has_no_fact_with_a_time_was_first_seen_at_some_time(self, records: Records) -> None:
        """And an address in a record is no fact of its own."""
        bring(records, "customers", (row("customers", email="jane@x.org"),))
        [told] = records.last_heard(NOW).to_pylist()
        assert (told["identity"], told["at"], told["is_bound"]) == ("customer:c1", None, False)
        assert told["first_seen_at"] > MONDAY

    def test_somebody_who_was_identified_was_heard_of_under_both_names(self, records: Records) -> None:
        """A log-in is a sign of life."""
        records.add_evidence([("anonymous:a", "customer:c1", "login", THEN)], NOW)
        assert heard(records) == {"anonymous:a": (THEN, False), "customer:c1": (THEN, False)}

    def test_what_is_pending_taken_back_or_replaced_tells_nothing(self, records: Records) -> None:
        """Only what counts counts."""
        bring(records, "customers", (row("customers", created_at=THEN),))
        bring(records, "customers", (row("customers", created_at=MONDAY),))
        bring(records, "consents", (row("consents", customer_id="c2", at=THEN),))
        records.undo_import(records.imports()[-1].import_id, [])
        pending = records.start_import("consents", "x", "x", MONDAY, None)
        records.import_rows(pending, "consents", COLUMNS["consents"], [row("consents", at=THEN)])
        assert heard(records)["customer:c1"][0] == MONDAY
        assert heard(records).get("customer:c2", (None, False))[0] is None

    @pytest.mark.parametrize(
        ("given", "is_bound"),
        [
            ({"status": "active"}, True), ({"status": "paused"}, True), ({"status": "active", "ended_at": NOW - 1}, False),
            ({"status": "cancelled", "ended_at": NOW + 1}, True), ({"status": "cancelled", "ended_at": NOW - 1}, False),
            ({"status": "cancelled"}, False), ({"status": "ended"}, False),
        ],
    )  # fmt: skip
    def test_a_running_contract_binds(self, records: Records, given: Mapping[str, Any], is_bound: bool) -> None:
        """The person's own, or that of an account the person belongs to."""
        own = contract(subscription_id="s1", **given)
        shared = contract(subscription_id="s2", customer_id=None, account_id="acme", **given)
        bring(records, "subscriptions", (own, shared))
        members = (("c2", None), ("c3", NOW - 1), ("c4", NOW + 1))
        facts_contract.bring(
            records, "account_members",
            *(facts_contract.fact("account_members", customer_id=who, until=until) for who, until in members),
        )  # fmt: skip
        bound = {name for name, (_, is_one) in heard(records).items() if is_one}
        assert bound == ({"customer:c1", "customer:c2", "customer:c4"} if is_bound else set())

    # that they are gone

    def test_several_are_erased_at_once_each_with_a_mark_of_its_own(self, records: Records) -> None:
        """Totals of units stand, everybody else stays, and nobody is heard of under a mark."""
        for n in (1, 2, 3):
            who = f"c{n}"
            fact = facts_contract.fact("assignments", unit_id=who)
            facts_contract.bring(records, "assignments", fact)
            order(records, line(order_id=str(n), customer_id=who))
            bring(records, "customers", (row("customers", customer_id=who, email=f"{who}@x.org"),))
            records.record_decisions([slim(f"d{n}", f"customer:{who}")], [])
        counts, traces = records.erase({"erased:x.0": ["customer:c1"], "erased:x.1": ["customer:c2"]}, NOW)
        assert (counts["customers"], counts["order_lines"], counts["assignments"], counts["decisions"]) == (2, 2, 2, 2)
        assert set(traces) == {"c1", "c2", "c1@x.org", "c2@x.org"}
        assert sorted(seen(records, "assignments", "unit_id")) == [("c3",), ("erased:x.0",), ("erased:x.1",)]
        assert seen(records, "order_lines", "customer_id") == [(None,), (None,), ("c3",)]
        assert seen(records, "customers", "customer_id") == [("c3",)]
        assert set(heard(records)) == {"customer:c3"}

    def test_more_people_than_one_transaction_takes_are_erased(self, records: Records) -> None:
        """However many names they have."""
        people = {f"erased:x.{n}": [f"customer:c{n}", *(f"device:{n}-{m}" for m in range(30))] for n in range(150)}
        bring(records, "customers", tuple(row("customers", customer_id=f"c{n}") for n in range(151)))
        assert records.erase(people, NOW)[0]["customers"] == 150
        assert seen(records, "customers", "customer_id") == [("c150",)]

    @pytest.mark.parametrize("n_people", [1, 40])
    def test_inputs_of_decisions_that_name_one_of_them_go(self, records: Records, n_people: int) -> None:
        """Few or many, however deep the name is; inputs that name others stay."""
        deep = [{"who": {"c0": [1, 2.5, None]}}, ["customer:c0"], ["c0x", "customer:c0x"]]
        inputs = [(f"d{n}", NOW, zlib.compress(msgspec.msgpack.encode([n, one]))) for n, one in enumerate(deep)]
        records.record_decisions([slim(f"d{n}", None) for n in range(len(deep))], inputs)
        counts, _ = records.erase({f"erased:x.{n}": [f"customer:c{n}"] for n in range(n_people)}, NOW)
        assert counts["decision_inputs"] == 2
        left = [decision[1] is not None for n in range(3) if (decision := records.decision(f"d{n}")) is not None]
        assert left == [False, False, True]

    @pytest.mark.parametrize("is_idle", [True, False])
    def test_who_was_only_silent_comes_back_with_something_newer(self, records: Records, is_idle: bool) -> None:
        """Old files bring nobody back; whoever asked to be forgotten stays so."""
        bring(records, "customers", (row("customers", email="jane@x.org", created_at=MONDAY),))
        records.erase({"erased:x": ["customer:c1", "anonymous:a"]}, NOW, is_idle=is_idle)
        bring(records, "customers", (row("customers", email="jane@x.org", created_at=MONDAY, updated_at=NOW),))
        order(records, line(ordered_at=NOW - DAY))
        records.append_events([event(1, at=NOW - 1), event(2, at=NOW - 1, identity="anonymous:a")], NOW)
        assert not records.known_customers(["c1"])
        assert seen(records, "order_lines", "customer_id") == [(None,)]
        assert seen(records, "events", "identity") == []
        records.append_events([event(3, at=NOW + 1, identity="anonymous:a")], NOW)
        order(records, line(order_id="2", ordered_at=NOW + DAY))
        bring(records, "customers", (row("customers", email="jane@x.org", created_at=MONDAY, updated_at=NOW),))
        assert records.known_customers(["c1"]) == ({"c1"} if is_idle else set())
        assert seen(records, "order_lines", "customer_id") == [(None,), ("c1" if is_idle else None,)]
        assert seen(records, "customers", "email") == ([("jane@x.org",)] if is_idle else [])
        assert seen(records, "events", "identity") == ([("anonymous:a",)] if is_idle else [])

    def test_who_asks_to_be_forgotten_after_a_silence_stays_forgotten(self, records: Records) -> None:
        """The stronger word counts, also for a name that was not heard again."""
        names = ["customer:c1", "anonymous:a"]
        records.erase({"erased:x": names}, MONDAY, is_idle=True)
        records.erase({"erased:y": names}, MONDAY + 1)
        records.erase({"erased:z": names}, MONDAY + 2, is_idle=True)
        assert records.append_events([event(1, at=NOW), event(2, at=NOW, identity="anonymous:a")], NOW) == 0
