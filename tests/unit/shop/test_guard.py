"""The guard over a whole shop: alarms, the look-back, and an export that shows when it was touched."""

import csv
import json
from datetime import timedelta

import pytest

from crosslift.errors import BadInput, NotFound
from crosslift.measure.guard_chain import chained


@pytest.fixture(scope="session")
def bank_home(little, tmp_path_factory):
    """Eight agents who open an account every other day; mina opens forty more in a week, unconfirmed, half of them closed."""
    home = tmp_path_factory.mktemp("bank") / "home"
    with little.open_shop(home, little.Clock()) as shop:
        shop.put_products(
            [{"product_id": "account", "title": "Account", "kind": "plan", "price": "5", "currency": "USD"}]
        )
        names = [f"a{n}" for n in range(7)] + ["mina"]
        shop.put_facts("agents", [{"agent_id": name, "name": name.title(), "team": "desk"} for name in names])
        opened, answers = [], []
        for place, name in enumerate(names):
            for n in range(40):
                add(little, opened, answers, name, days_ago=88 - 2 * n + place / 10)
        for n in range(40):
            add(little, opened, None, "mina", days_ago=45 + n / 8, closed=n % 2 == 0)
        shop.put_facts("subscriptions", opened)
        shop.put_facts("confirmations", answers)
    return home


def add(little, opened, answers, agent, days_ago, *, closed=False):
    """Open an account, and let its customer confirm it."""
    at, number = little.NOW - timedelta(days=days_ago), len(opened)
    row = {
        "subscription_id": f"s{number}", "customer_id": f"c{number}", "product_id": "account", "status": "active",
        "started_at": at.isoformat(), "recurring_price": "5", "currency": "USD", "period": "month", "agent_id": agent,
    }  # fmt: skip
    if closed:
        row |= {"status": "cancelled", "ended_at": (at + timedelta(days=9)).isoformat()}
    opened.append(row)
    if answers is not None:
        answers.append({
            "confirmation_id": f"k{number}", "customer_id": f"c{number}", "subscription_id": f"s{number}",
            "method": "signature", "proof": f"scan {number}", "at": at.isoformat(),
        })  # fmt: skip


@pytest.fixture(scope="session")
def bank(little, bank_home):
    with little.open_shop(bank_home, little.Clock()) as shop:
        yield shop


def test_alarms_name_agent_figure_value_and_the_others(bank):
    told = bank.guard.alarms()
    assert (told["n_sales"], told["n_agents"], told["not_estimable"]) == (360, 8, [])
    assert {(one["agent_id"], one["figure"]) for one in told["alarms"]} == {
        ("mina", "openings"), ("mina", "early_share"), ("mina", "unconfirmed_share"),
    }  # fmt: skip
    unconfirmed = next(one for one in told["alarms"] if one["figure"] == "unconfirmed_share")
    assert (unconfirmed["n"], unconfirmed["of"], unconfirmed["value"]) == (40, 80, 0.5)
    assert (unconfirmed["team_value"], unconfirmed["team"], unconfirmed["n_team"]) == (0.0, "desk", 7)
    assert unconfirmed["says"].startswith("Mina: share of sales the customer did not confirm 50 % (40 of 80)")
    assert all("a question, not a verdict" in one["says"] for one in told["alarms"])
    assert len(told["figures"]) == 8 * 4


def test_one_agents_figures_are_those_of_everybody_compared(bank):
    told = bank.guard.alarms(agent="a3")
    assert told["alarms"] == []
    assert {one["agent_id"] for one in told["figures"]} == {"a3"}
    everybody = [one for one in bank.guard.alarms()["figures"] if one["agent_id"] == "a3"]
    assert told["figures"] == everybody


def test_the_time_looked_at_can_be_named(bank, little):
    before = bank.guard.alarms(until=little.NOW - timedelta(days=51))
    assert before["alarms"] == []
    assert before["until"] == "2026-09-11T12:00:00+00:00"
    with pytest.raises(BadInput, match="before it begins"):
        bank.guard.alarms(since=little.NOW)


def test_the_look_back_lists_sales_fees_and_who_gets_what_back(bank):
    told = bank.guard.review("mina")
    assert (told["agent"], told["n_sales"], len(told["sales"])) == ("mina", 80, 40)
    assert {row["findings"] for row in told["sales"]} == {"not_confirmed", "not_confirmed ended_early"}
    first = told["sales"][0]
    assert (first["to_tell"], first["to_refund"], first["currency"]) == ("yes", "10", "USD")
    closed = next(row for row in told["sales"] if "ended_early" in row["findings"])
    assert closed["charged"] == closed["to_refund"] == "5"
    assert len(told["customers"]) == 40
    assert told["refunds"] == told["charged"] == [{"amount": "300.00", "currency": "USD"}]
    assert bank.guard.review("Mina")["agent"] == "mina"
    assert bank.guard.review("a1")["sales"] == []
    assert len(bank.guard.review()["sales"]) == 40
    with pytest.raises(NotFound, match="no agent 'nobody'"):
        bank.guard.review("nobody")


def test_the_same_look_back_has_the_same_hashes(bank):
    once, again = bank.guard.review("mina"), bank.guard.review("mina")
    assert once == again
    assert once["sales"][-1]["hash"] == once["manifest"]["last"]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_export_is_whole_until_somebody_touches_it(bank, tmp_path, form):
    file = tmp_path / f"mina.{form}"
    told = bank.guard.export(file, "mina")
    assert (told["n_rows"], told["file"]) == (40, str(file))
    found = bank.guard.verify(file)
    assert (found.is_whole, found.n_rows, found.problems) == (True, 40, ())

    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("c330", "c9", 1), encoding="utf-8")
    assert not bank.guard.verify(file).is_whole
    rows = json.loads(text) if form == "json" else None
    file.write_text(
        json.dumps([*rows[:3], *rows[4:]]) if rows else "".join(text.splitlines(keepends=True)[:-1]), encoding="utf-8"
    )
    found = bank.guard.verify(file)
    assert (found.is_whole, found.n_rows, found.is_sealed_by_us) == (False, 39, True)
    assert "39 rows, the manifest says 40" in found.problems


def test_who_writes_the_list_and_its_manifest_anew_lacks_the_shops_seal(bank, tmp_path):
    file = tmp_path / "mina.json"
    bank.guard.export(file, "mina")
    manifest = json.loads((tmp_path / "mina.json.manifest.json").read_text(encoding="utf-8"))
    rows = [{name: value for name, value in row.items() if name != "hash"} for row in json.loads(file.read_bytes())]
    forged, new = chained(rows[1:], manifest["head"])
    file.write_text(json.dumps(forged), encoding="utf-8")
    (tmp_path / "mina.json.manifest.json").write_text(json.dumps({**new, "seal": manifest["seal"]}), encoding="utf-8")
    found = bank.guard.verify(file)
    assert (found.problems, found.is_sealed_by_us, found.is_whole) == ((), False, False)


def test_an_empty_list_is_a_list_too(bank, tmp_path):
    bank.guard.export(tmp_path / "a1.csv", "a1")
    assert bank.guard.verify(tmp_path / "a1.csv").is_whole


def test_files_that_are_no_look_back_are_named(bank, tmp_path):
    with pytest.raises(BadInput, match=r"a \.csv or a \.json"):
        bank.guard.export(tmp_path / "mina.pdf")
    with pytest.raises(BadInput, match="cannot be written"):
        bank.guard.export(tmp_path / "nowhere" / "mina.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        bank.guard.verify(tmp_path / "mina.csv")
    (tmp_path / "x.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "x.json.manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="no list or manifest"):
        bank.guard.verify(tmp_path / "x.json")
    (tmp_path / "y.csv").write_text("a,b\n1,2,3\n", encoding="utf-8")
    (tmp_path / "y.csv.manifest.json").write_text('{"seal":"ü"}', encoding="utf-8")
    assert not bank.guard.verify(tmp_path / "y.csv").is_whole


def test_the_csv_opens_in_any_spreadsheet(bank, tmp_path):
    bank.guard.export(tmp_path / "mina.csv", "mina")
    with (tmp_path / "mina.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["agent_id"] == "mina"
    assert list(rows[0])[-1] == "hash"


def test_orders_and_contacts_count_as_well(little, tmp_path):
    with little.open_shop(tmp_path / "shop", little.Clock(), guard_openings_per="contact") as shop:
        shop.put_products(
            [{"product_id": "care", "title": "Care", "kind": "warranty", "price": "9", "currency": "USD"}]
        )
        for n in range(7):
            sold = [
                {
                    "order_id": f"o{n}-{i}", "ordered_at": (little.NOW - timedelta(days=9, hours=i)).isoformat(),
                    "product_id": "care", "quantity": 1, "unit_price": "9.00", "currency": "USD", "customer_id": f"c{n}-{i}",
                    "staff": f"a{n}",
                }
                for i in range(12)
            ]  # fmt: skip
            shop.put_facts("orders", sold)
            calls = [
                {"activity_id": f"{n}-{i}", "at": (little.NOW - timedelta(days=9)).isoformat(), "kind": "call",
                 "customer_id": "c", "staff": f"a{n}"}
                for i in range(60 if n else 4)
            ]  # fmt: skip
            shop.put_facts("activities", calls)
        told = shop.guard.alarms()
        [alarm] = [one for one in told["alarms"] if one["figure"] == "openings"]
        assert (alarm["agent_id"], alarm["n"], alarm["of"]) == ("a0", 12, 4)
        assert "sales for each contact with a customer 3.00" in alarm["says"]
        assert shop.guard.review("a2")["refunds"] == [{"amount": "108.00", "currency": "USD"}]
        now = little.NOW.isoformat()
        back = {"order_id": "o2-0", "product_id": "care", "quantity": 1, "returned_at": now, "refund_amount": "9"}
        shop.put_facts("returns", [back])
        assert shop.guard.review("a2")["refunds"] == [{"amount": "99.00", "currency": "USD"}]
