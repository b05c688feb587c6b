"""`crosslift measure guard`: what it prints for people and programs, and how it ends."""

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def sold(little, tmp_path_factory):
    """Seven agents who open an account a week; mina opens thirty in her last week, and nobody confirmed those."""
    home = tmp_path_factory.mktemp("guard") / "home"
    with little.open_shop(home, little.Clock(NOW)) as shop:
        opened, answers = [], []
        for place in range(7):
            for n in range(12 if place else 42):
                number, days = len(opened), 10 + 6 * n if n < 12 else 12 + n / 10
                at = (NOW - timedelta(days=days)).isoformat()
                opened.append({
                    "subscription_id": f"s{number}", "customer_id": f"c{number}", "product_id": "account", "status": "active",
                    "started_at": at, "recurring_price": "5", "currency": "EUR", "period": "year",
                    "agent_id": f"a{place}" if place else "mina",
                })  # fmt: skip
                if n < 12:
                    answers.append({"confirmation_id": f"k{number}", "customer_id": f"c{number}", "method": "code",
                                    "subscription_id": f"s{number}", "proof": f"sms {number}", "at": at})  # fmt: skip
        shop.put_facts("subscriptions", opened)
        shop.put_facts("confirmations", answers)
    return home


def test_alarms_are_printed_as_questions(run, sold):
    done = run("--home", sold, "measure", "guard")
    assert done.code == 0, done.err
    assert "114 assisted sales of 7 agents" in done.out
    assert "mina: share of sales the customer did not confirm 71 % (30 of 42)" in done.out
    assert "This is a question, not a verdict" in done.out
    early = (NOW - timedelta(days=60)).date()
    calm = run("--home", sold, "measure", "guard", "--since", early - timedelta(days=20), "--to", early).out
    assert "nobody's sales are unlike those of their team, as far as can be told" in calm
    told = run("--home", sold, "measure", "guard", "--json").json
    assert {one["agent_id"] for one in told["alarms"]} == {"mina"}


def test_too_few_agents_are_said_to_be_too_few(run, tmp_path):
    out = run("--home", tmp_path / "new", "measure", "guard").out
    assert "0 assisted sales of 0 agents" in out
    assert "nobody could be judged" in out
    assert "unlike" not in out


def test_the_look_back_shows_sales_customers_and_refunds(run, sold):
    out = run("--home", sold, "measure", "guard", "--agent", "mina").out
    assert "42 sales of mina" in out
    assert "30 call for something" in out
    assert "not_confirmed" in out
    assert "… and 10 more" in out
    assert "30 customers to be told; to be refunded: 150.00 EUR" in out
    assert run("--home", sold, "measure", "guard", "--agent", "a1").out.splitlines()[-1] == (
        "0 customers to be told; to be refunded: nothing"
    )
    assert len(run("--home", sold, "measure", "guard", "--review", "--json").json["sales"]) == 30
    assert run("--home", sold, "measure", "guard", "--agent", "nobody").code == 1


def test_the_time_is_named_in_the_shops_zone(run, sold):
    first = (NOW - timedelta(days=14)).date().isoformat()
    told = run("--home", sold, "measure", "guard", "--review", "--since", first, "--to", NOW.date(), "--json").json
    assert told["since"] == f"{first}T00:00:00+00:00"
    assert 0 < len(told["sales"]) < 30
    assert run("--home", sold, "measure", "guard", "--from", "soon").code == 2


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_export_is_written_verified_and_found_out_when_touched(run, sold, tmp_path, form):
    file = tmp_path / f"mina.{form}"
    done = run("--home", sold, "measure", "guard", "--agent", "mina", "--export", file)
    assert done.code == 0, done.err
    assert "written to" in done.out
    assert run("--home", sold, "measure", "guard", "--verify", file).out.endswith(
        "whole and in order, sealed by this shop\n"
    )
    assert run("--home", sold, "measure", "guard", "--verify", file, "--json").json["is_whole"]
    file.write_text(file.read_text(encoding="utf-8").replace("not_confirmed", "ended_early", 1), encoding="utf-8")
    done = run("--home", sold, "measure", "guard", "--verify", file)
    assert done.code == 1
    assert "row 1 does not follow" in done.err
    assert run("--home", sold, "measure", "guard", "--verify", file, "--json").json["error"]["code"] == "refused"


def test_options_that_make_no_sense_together_are_refused(run, sold, tmp_path):
    done = run("--home", sold, "measure", "guard", "--verify", tmp_path / "x.csv", "--agent", "mina")
    assert done.code == 2
    assert "leave the other options out" in done.err
