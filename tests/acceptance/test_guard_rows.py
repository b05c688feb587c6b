"""The assisted-sales guard, performed: the customer's own yes, alarms per agent, the look-back with its proof (row D21)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crosslift.errors import BadInput, Refused
from crosslift.measure.guard import GuardFigure
from crosslift.wording.ethics import of_offer

TEAM = ("kai", "jun", "sol", "ren", "yui", "bo", "ana")
OPENED = 24
"""Accounts an honest agent opens in the quarter, all confirmed, one in twelve closed again."""
ROGUE = "max"


@pytest.fixture
def bank(fresh, little):
    """A branch where one agent, to meet a quota at the end of a month, opens accounts for customers who did not ask."""
    fresh.put_products([
        {"product_id": "account", "title": "Account", "kind": "plan", "price": "5", "currency": "USD"},
        {"product_id": "pen", "title": "Pen", "kind": "goods", "price": "1", "currency": "USD"},
    ])  # fmt: skip
    fresh.put_facts("agents", [{"agent_id": name, "name": name.title(), "team": "branch"} for name in (*TEAM, ROGUE)])
    opened = [
        account(little, f"{name}-{n}", name, days_ago=5 + 3.4 * n + place / 9, closed=n % 12 == 5)
        for place, name in enumerate((*TEAM, ROGUE))
        for n in range(OPENED)
    ]
    fresh.put_facts("confirmations", [signed(row) for row in opened])
    forced = [account(little, f"quota-{n}", ROGUE, days_ago=33 + n / 12, closed=n % 2 == 0) for n in range(36)]
    fresh.put_facts("subscriptions", [*opened, *forced])
    return fresh


def account(little, name, agent, days_ago, *, closed):
    at = little.NOW - timedelta(days=days_ago)
    row = {
        "subscription_id": name, "customer_id": f"c-{name}", "product_id": "account", "status": "active", "period": "month",
        "started_at": at.isoformat(), "recurring_price": "5", "currency": "USD", "agent_id": agent,
    }  # fmt: skip
    ended = {"status": "cancelled", "ended_at": (at + timedelta(days=4)).isoformat()}
    return row | ended if closed else row


def signed(row):
    return {
        "confirmation_id": f"k-{row['subscription_id']}", "customer_id": row["customer_id"], "method": "signature",
        "subscription_id": row["subscription_id"], "proof": f"scan {row['subscription_id']}", "at": row["started_at"],
    }  # fmt: skip


def test_d21_an_order_line_without_confirmation_is_flagged(fresh, clock):
    """What an agent added to an order waits three days for the customer's yes; with it there is nothing to find."""
    fresh.put_products([
        {"product_id": name, "title": name, "kind": kind, "price": "49", "currency": "USD"}
        for name, kind in (("laptop", "goods"), ("warranty", "warranty"))
    ])  # fmt: skip
    lines = [
        {"order_id": order, "line_id": str(n), "ordered_at": clock().isoformat(), "customer_id": "c1", "product_id": name,
         "quantity": 1, "unit_price": "49", "currency": "USD", "agent_id": "kai"}
        for order in ("asked", "not-asked") for n, name in enumerate(("laptop", "warranty"), 1)
    ]  # fmt: skip
    fresh.put_facts("orders", lines)
    asked = fresh.confirmations.ask("c1", "Yes, I want the warranty for 49 USD.", order="asked", agent="kai")
    assert fresh.guard.review()["sales"] == []
    clock.move(days=3)
    fresh.confirmations.confirm(asked["token"])
    [row] = fresh.guard.review()["sales"]
    assert (row["order_id"], row["line_id"], row["agent_id"], row["findings"]) == (
        "not-asked",
        "2",
        "kai",
        "not_confirmed",
    )
    [kept] = fresh.records.about(["customer:c1"])["confirmations"]
    assert '"total":{"amount":"49.00","currency":"USD"}' in kept["content"]


def test_d21_only_the_customer_confirms_and_only_what_they_saw(fresh, clock, little, tmp_path):
    row = account(little, "s1", "kai", 1, closed=False) | {"product_id": "account", "customer_id": "c1"}
    fresh.put_facts("subscriptions", [row])
    with pytest.raises(Refused):
        fresh.confirmations.ask("kai", "Yes.", subscription="s1")
    token = fresh.confirmations.ask("c1", "Yes, 5 a month.", subscription="s1")["token"]
    fresh.put_facts("subscriptions", [{**row, "recurring_price": "9"}])
    with pytest.raises(Refused, match="has changed"):
        fresh.confirmations.confirm(token)
    fresh.put_facts("subscriptions", [row])
    fresh.confirmations.confirm(token)
    fresh.put_facts("subscriptions", [{**row, "recurring_price": "9"}])
    [found] = fresh.guard.review()["sales"]
    assert (found["findings"], found["charged"], found["to_refund"]) == ("charged_more", "9", "4")


def test_d21_sudden_openings_raise_an_alarm_about_whoever_made_them_and_nobody_else(bank):
    told = bank.guard.alarms()
    assert {one["agent_id"] for one in told["alarms"]} == {ROGUE}
    assert {one["figure"] for one in told["alarms"]} == set(GuardFigure)
    for alarm in told["alarms"]:
        assert alarm["p"] <= bank.settings["guard.max_q_value"]
        assert alarm["value"] > alarm["team_value"]
        assert "a question, not a verdict" in alarm["says"]


def test_d21_too_few_agents_are_not_judged(fresh, little):
    fresh.put_facts("subscriptions", [account(little, f"{a}{n}", a, 20 + n, closed=a == "kai") for a in ("kai", "jun")
                                      for n in range(9)])  # fmt: skip
    told = fresh.guard.alarms()
    assert told["alarms"] == told["figures"] == []
    assert all("at least 6 are needed" in one["why"] for one in told["not_estimable"])


def test_d21_nobody_who_sells_is_set_a_number_in_any_language(fresh):
    offer = {
        "offer_id": "card", "kind": "service", "title_en": "Card", "is_free": True, "author": "mina", "reason": "new",
    }  # fmt: skip
    fresh.offers.put([{**offer, "staff_brief": "For people who pay by cash."}])
    fine = fresh.offers.get("card")
    assert of_offer(fine) == []
    for brief in ("Monthly quota: 8 cards", "이번 달 할당 8건", "今月のノルマは八枚"):
        [found] = of_offer(replace(fine, staff_brief=brief))
        assert found.rule_id.startswith("individual_quota.")
        assert found.is_severe
    with pytest.raises(BadInput):
        fresh.policies.draft('name = "ours"\nextends = "helpful"\nquota_per_agent = 8\n', "mina", "sell more")


def test_example_42_quota_driven_openings_raise_an_alarm_and_leave_a_look_back_list(bank, tmp_path):
    """Whoever was opened an account they did not ask for is on the list, with every fee, and no row can go unseen."""
    assert {one["agent_id"] for one in bank.guard.alarms()["alarms"]} == {ROGUE}
    told = bank.guard.export(tmp_path / "max.csv", ROGUE)
    assert (told["n_sales"], told["n_rows"]) == (60, 38)
    assert len(told["customers"]) == 36
    assert {one["customer_id"] for one in told["customers"]} == {f"c-quota-{n}" for n in range(36)}
    fees = [2 * 5] * 18 + [5] * 18  # a month and a bit of those still open; one month of those closed after four days
    assert told["refunds"] == [{"amount": f"{sum(fees)}.00", "currency": "USD"}]
    assert bank.guard.verify(tmp_path / "max.csv").is_whole
    text = (tmp_path / "max.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "max.csv").write_text("".join(text[:9] + text[10:]), encoding="utf-8")
    assert not bank.guard.verify(tmp_path / "max.csv").is_whole
