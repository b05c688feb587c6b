"""`crosslift offers coupons`: from a file to the till and back."""

import json

import pytest

FILE = """
[[campaigns]]
campaign_id = "thanks"
kind = "percent_off"
titles = { en = "Thanks" }
value = 0.1
most = 20
budget = 100
ends_at = 2036-01-01T00:00:00Z

[[campaigns]]
campaign_id = "spring"
kind = "amount_off"
titles = { en = "Spring" }
value = 5
budget = 9
code = "SPRING"
per_person = 9
ends_at = 2036-01-01T00:00:00Z
"""
BY = ("--author", "mina", "--reason", "come back")


@pytest.fixture
def coupons(run, own_home, tmp_path):
    """A shop with two campaigns; gives a runner of `offers coupons` on it."""
    (tmp_path / "campaigns.toml").write_text(FILE, encoding="utf-8")
    done = run("--home", own_home, "offers", "coupons", "put", tmp_path / "campaigns.toml", *BY)
    assert (done.code, done.out) == (0, "thanks, version 1: new\nspring, version 1: new\n"), done.err
    return lambda *words: run("--home", own_home, "offers", "coupons", *words)


def test_a_code_is_given_once_and_used_once(coupons):
    given = json.loads(coupons("issue", "thanks", "c1", "--json").out)
    assert coupons("issue", "thanks", "c1").out == "has an open code already; --replace gives a new one\n"
    assert "open" in coupons("show", given["code"]).out
    use = ("redeem", given["code"], "--order", "o1", "--customer", "c1", "--line", "P00:2:19.99")
    assert coupons(*use).out == "3.99 USD off\n"
    assert coupons(*use).out == "3.99 USD off, as before\n"
    assert coupons("release", given["code"], "--order", "o1").out == "given back\n"
    assert coupons("release", given["code"], "--order", "o1").out == "was given back already\n"


def test_a_refusal_ends_with_its_reason(coupons):
    assert coupons("redeem", "spring", "--order", "o1", "--cart-value", "40").out == "5.00 USD off\n"
    done = coupons("redeem", "spring", "--order", "o2", "--cart-value", "40")
    assert done.code == 1
    assert "budget_spent: This campaign has given away all it had." in done.err
    assert (
        json.loads(coupons("redeem", "x", "--order", "o2", "--cart-value", "40", "--json").out)["refusal"] == "unknown"
    )
    assert coupons("redeem", "spring", "--order", "o3", "--line", "P00").code == 2


def test_campaigns_are_listed_reported_and_taken_back(coupons):
    listed = coupons("list").out
    assert "SPRING" in listed
    assert "personal" in listed
    assert json.loads(coupons("report", "spring", "--json").out)["left"] == "9.00"
    assert coupons("withdraw", "spring", *BY).out == "spring, version 2, taken back\n"
    assert json.loads(coupons("list", "--json").out)[0]["active"] is False
    assert "given" not in coupons("report", "thanks").err


def test_a_file_of_something_else_is_refused(coupons, tmp_path):
    (tmp_path / "wrong.toml").write_text("[[offers]]\n", encoding="utf-8")
    done = coupons("put", tmp_path / "wrong.toml", *BY)
    assert done.code == 1
    assert "[[campaigns]]" in done.err
