"""A licence counts while agent and firm both hold it, as of this very moment."""

import pytest

from crosslift.errors import NotFound

MINA = {"agent_id": "mina", "name": "Mina Kim", "team": "desk", "licences": "insurance; tax"}


@pytest.fixture
def shop(little, tmp_path):
    with little.open_shop(tmp_path / "bank", shop_licences="tax, funds, insurance") as shop:
        yield shop


def test_a_licence_counts_where_agent_and_firm_both_hold_it(little, tmp_path, shop):
    assert shop.licences_of("mina") == frozenset()
    shop.put_facts("agents", [MINA, {"agent_id": "jo", "name": "Jo", "licences": ["funds", "loans"]}])
    assert shop.licences_of("mina") == {"insurance", "tax"}
    assert shop.licences_of("jo") == {"funds"}
    assert shop.licences_of(None) == shop.licences_of("nobody") == frozenset()
    with little.open_shop(tmp_path / "bank") as unlicensed:
        assert unlicensed.licences_of("mina") == frozenset()


def test_a_licence_taken_away_is_gone_at_once_also_in_another_process(little, tmp_path, shop):
    shop.put_facts("agents", [{**MINA, "updated_at": "2026-10-01T00:00:00Z"}])
    with little.open_shop(tmp_path / "bank", shop_licences="tax") as other:
        assert other.licences_of("mina") == {"tax"}
        shop.put_facts("agents", [{**MINA, "licences": "", "updated_at": "2026-10-02T00:00:00Z"}])
        assert other.licences_of("mina") == frozenset()
        shop.put_facts("agents", [{**MINA, "updated_at": "2026-10-03T00:00:00Z"}])
        assert other.licences_of("mina") == {"tax"}
        shop.put_facts("agents", [{**MINA, "active": False, "updated_at": "2026-10-04T00:00:00Z"}])
        assert other.licences_of("mina") == frozenset()


def test_agents_come_by_file_too_and_are_listed(little, tmp_path, shop):
    rows = [MINA, {"agent_id": "jo", "name": "Jo", "active": "no", "region": "north"}]
    shop.collect(little.write(tmp_path / "agents.csv", rows))
    assert [(one.agent_id, one.team, one.is_active) for one in shop.agents.list()] == [
        ("jo", None, False), ("mina", "desk", True),
    ]  # fmt: skip
    assert shop.agents.get("mina").licences == {"insurance", "tax"}
    with pytest.raises(NotFound, match="no agent 'kai'"):
        shop.agents.get("kai")


def test_an_agent_may_have_a_copy_of_what_is_kept_and_be_erased(shop):
    shop.put_facts("agents", [MINA])
    at = "2026-10-01T09:00:00Z"
    call = {"activity_id": "1", "at": at, "kind": "call", "customer_id": "c1", "staff": "Mina Kim"}
    shop.put_facts("activities", [call])
    assert b"PK" in shop.privacy.export("agent:mina")
    certificate = shop.privacy.erase("agent:mina")
    assert certificate["is_complete"]
    assert certificate["removed"]["agents"] == 1
    assert shop.agents.list() == []
    shop.put_facts("agents", [MINA])
    assert shop.agents.list() == []
