"""`crosslift offers`: the library from a file, by hand, and promises at the till."""

import json

import pytest

FILE = """
[[offers]]
offer_id = "visit"
kind = "service"
title_en = "Setup visit"
title_ko = "설치 방문"
benefit_en = ["brews on day one"]
currency = "USD"
lines = [{ price = "20" }, { price = "2", period = "month", n_periods = 12, label_en = "care" }]
total = "44"
cancellation_en = "until the day before"
cancellation_ko = "전날까지"
beside = ["P00", "LATER"]

[[offers]]
offer_id = "advice"
kind = "advice"
title_en = "Advice"
is_free = true
"""
BY = ("--author", "mina", "--reason", "asked for")


@pytest.fixture
def offers(run, own_home, tmp_path):
    """A shop with two offers; gives a runner of `offers` on it."""
    (tmp_path / "offers.toml").write_text(FILE, encoding="utf-8")
    done = run("--home", own_home, "offers", "put", tmp_path / "offers.toml", *BY)
    assert done.code == 0, done.err
    assert (
        done.out
        == "2 new, 0 replaced, 0 as they were\n  nobody knows LATER yet; what is put beside it waits until it is collected\n"
    )
    return lambda *words: run("--home", own_home, "offers", *words)


def test_the_same_file_changes_nothing_and_says_so(offers, tmp_path):
    assert json.loads(offers("put", tmp_path / "offers.toml", *BY, "--json").out)["same"] == 2


def test_a_wrong_file_is_refused_by_line_and_field_and_nothing_is_kept(offers, tmp_path):
    (tmp_path / "wrong.toml").write_text(FILE.replace('total = "44"', 'total = "4"'), encoding="utf-8")
    done = offers("put", tmp_path / "wrong.toml", *BY)
    assert done.code == 1
    assert (
        "wrong.toml: 1 thing is wrong, nothing was collected; first: line 2, total: hidden_cost: its total 4 is"
        in done.err
    )
    assert offers("put", tmp_path / "no.toml").code == 1
    assert [one["version"] for one in json.loads(offers("list", "--json").out)] == [1, 1]


def test_offers_are_listed_shown_and_taken_back(offers):
    page = offers("list", "--language", "ko").out
    assert "설치 방문" in page
    assert "44 USD" in page
    assert "free" in page
    assert offers("withdraw", "visit", *BY).out == "visit, version 2, taken back\n"
    assert "visit" not in offers("list").out
    assert "taken back" in offers("list", "--all").out
    told = offers("show", "visit").out
    assert "visit, version 2, taken back, " in told
    assert "by mina: asked for" in told
    assert "brews on day one" in told
    assert [one["active"] for one in json.loads(offers("show", "visit", "--json").out)] == [True, False]
    assert json.loads(offers("withdraw", "visit", *BY, "--json").out)["outcome"] == "same"
    assert offers("show", "nothing").code == 1


def test_a_promise_is_opened_and_redeemed_at_the_till(offers, run, own_home):
    decided = run("--home", own_home, "decide", "--placement", "product", "--product", "P00", "--json").json
    receipt = offers("promise", decided["decision_id"], "--product", "visit").out
    assert "Setup visit  (open, holds until " in receipt
    assert "  price: 20.00 USD\n  care: 2.00 USD a month, 12 times\n  in all: 44.00 USD, tax included\n" in receipt
    assert "  until the day before\n  From the shop: brews on day one\n" in receipt
    code = receipt.split()[0]
    assert json.loads(offers("promise", code, "--json").out)["product"] == "visit"
    assert offers("redeem", code, "--order", "o-1").out.endswith("redeemed now\n")
    assert offers("redeem", code, "--order", "o-1").out.endswith("was redeemed with o-1 already\n")
    again = offers("redeem", code, "--order", "o-2", "--json")
    assert (again.code, again.json["error"]["code"]) == (4, "conflict")
    assert json.loads(offers("redeem", code, "--order", "o-1", "--json").out)["is_new"] is False
    assert offers("promise", "AAAA2222").code == 1


def test_what_cards_lack_is_listed_with_the_languages(offers):
    told = json.loads(offers("gaps", "--json", "--language", "en", "--language", "ko").out)
    visit = next(one for one in told["rows"] if one["id"] == "visit")
    assert (visit["gaps"], visit["benefit_in"]) == (["benefit"], ["ko"])
    assert told["languages"] == ["en", "ko"]
    shown = offers("gaps", "--most", "1").out
    assert shown.startswith(f"{told['n_lacking']} of {told['n_looked_at']} lack something: ")
