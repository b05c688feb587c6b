"""What every store of records owes to assisted sales: who sells as of this moment, answers kept for good, and both forgotten."""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator
from typing import Any

import pytest

from crosslift.store.ports import Records, Row
from crosslift.testing import facts_contract
from crosslift.testing.facts_contract import NOW, bring, fact
from crosslift.testing.records_rows import DAY, MONDAY, order, seen
from crosslift.testing.records_rows import line as order_line


def mina(**given: Any) -> Row:
    """Build an agent."""
    return fact("agents", **{"updated_at": MONDAY, **given})


def answer(**given: Any) -> Row:
    """Build a confirmation."""
    return fact("confirmations", **given)


def answers(records: Records) -> list[Row]:
    """Read who answered what, and what is kept of it, in the order it came."""
    return seen(records, "confirmations", "customer_id", "answer", "content", "proof")


class AgentsContract:
    """Cases for any engine; `records` is an empty one."""

    @pytest.fixture
    def records(self) -> Iterator[Records]:
        """Give an empty store."""
        raise NotImplementedError

    # who sells

    def test_an_agent_is_as_the_newest_version_has_it_whichever_came_first(self, records: Records) -> None:
        bring(records, "agents", mina(licences='["funds"]', updated_at=MONDAY + DAY))
        bring(records, "agents", mina(licences='["tax"]'))
        found = records.agent("mina")
        assert found is not None
        assert (found["name"], found["team"], found["licences"], bool(found["is_active"])) == (
            "Mina", None, '["funds"]', True,
        )  # fmt: skip

    def test_nobody_is_known_before_the_import_counts_nor_under_another_id(self, records: Records) -> None:
        import_id, _ = facts_contract.started(records, "agents", mina())
        assert records.agent("mina") is None
        records.commit_import(import_id, NOW, "{}")
        assert records.agent("mina") is not None
        assert records.agent("jo") is None

    def test_what_is_taken_back_gives_the_licences_of_before(self, records: Records) -> None:
        bring(records, "agents", mina())
        bring(records, "agents", mina(licences="[]", updated_at=MONDAY + DAY))
        last = records.imports()[-1].import_id
        records.undo_import(last, [])
        found = records.agent("mina")
        assert found is not None
        assert found["licences"] == '["tax"]'

    # what customers answered

    def test_an_answer_is_kept_for_good(self, records: Records) -> None:
        bring(records, "confirmations", answer())
        outcome = bring(records, "confirmations", answer(answer="no"))
        assert (outcome.n_new, outcome.n_replaced, outcome.conflicts) == (0, 0, [("y1",)])
        assert answers(records) == [("c1", "yes", None, "scan 12")]

    def test_an_answer_is_the_customers_and_told_with_everything_about_them(self, records: Records) -> None:
        bring(records, "confirmations", answer())
        assert [row["confirmation_id"] for row in records.about(["customer:c1"])["confirmations"]] == ["y1"]
        assert records.count_about(["customer:c1"]) == {"confirmations": 1}
        assert records.page(["customer:c1"], 20) == (records.about(["customer:c1"]), {"confirmations": 1}, [])
        assert records.known_customers(["c1", "c2"]) == {"c1"}

    def test_of_an_erased_customer_the_answer_stays_without_what_it_showed(self, records: Records) -> None:
        bring(records, "confirmations", answer(content='{"lines":[]}'), answer(confirmation_id="y2", customer_id="c2"))
        counts, _ = records.erase({"erased:x": ["customer:c1"]}, NOW)
        assert counts["confirmations"] == 1
        assert answers(records) == [("erased:x", "yes", None, None), ("c2", "yes", None, "scan 12")]
        bring(records, "confirmations", answer(confirmation_id="y3", content="{}"))
        assert answers(records)[-1][1:] == ("yes", None, None)
        assert not any("c1" in row for row in answers(records))

    # agents have rights too

    def test_what_is_kept_of_an_agent_is_told_under_their_own_name(self, records: Records) -> None:
        bring(records, "agents", mina())
        assert [row["name"] for row in records.about(["agent:mina"])["agents"]] == ["Mina"]
        assert records.count_about(["agent:mina"]) == {"agents": 1}
        assert "agents" not in records.about(["customer:mina"])

    def test_an_erased_agent_leaves_no_name_and_does_not_come_back_but_has_sold(self, records: Records) -> None:
        bring(records, "agents", mina(), mina(name="Mina Kim", updated_at=NOW), mina(agent_id="jo", name="Jo"))
        bring(
            records, "activities", fact("activities", staff="Mina Kim"), fact("activities", activity_id="2", staff="Jo")
        )
        order(records, order_line(attributes='{"agent_id":"mina"}'))
        counts, traces = records.erase({"erased:x": ["agent:mina"]}, NOW)
        assert (counts["agents"], set(traces)) == (2, {"Mina", "Mina Kim"})
        assert records.agent("mina") is None
        assert seen(records, "activities", "staff") == [("mina",), ("Jo",)]
        assert seen(records, "order_lines", "attributes") == [('{"agent_id":"mina"}',)]
        bring(records, "agents", mina(updated_at=NOW + DAY))
        assert records.agent("mina") is None
        assert records.agent("jo") is not None
