"""What holds for every verb: help, exit codes, one JSON value on stdout, errors as messages."""

import json
import re

import pytest

from crosslift.settings import VERSION

VERBS = ("collect", "learn", "decide", "measure", "serve", "demo", "keys", "doctor")


def test_help_lists_every_verb_and_every_exit_code(run):
    ran = run("--help")
    assert ran.code == 0
    assert all(re.search(rf"^\s+{verb}\s", ran.out, re.MULTILINE) for verb in VERBS)
    told = "0 done, 1 refused with a message, 2 usage, 3 data-quality gate, 4 conflict, 5 not ready"
    assert told in " ".join(ran.out.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(run, verb):
    ran = run(verb, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"crosslift {verb} [OPTIONS]" in ran.out


def test_the_version_is_printed(run):
    assert run("--version").out == f"crosslift {VERSION}\n"


@pytest.mark.parametrize("wrong", [["sell"], ["learn", "--frce"], ["decide", "-k", "three"], ["keys"], []])
def test_a_call_that_makes_no_sense_is_usage(run, wrong):
    ran = run(*wrong)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_exit_code_1_refused_with_a_message(run, tmp_path):
    ran = run("--home", tmp_path / "h", "collect", tmp_path / "none.csv")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("crosslift: ")
    assert "none.csv" in ran.err


def test_exit_code_2_usage(run, stocked_home):
    ran = run("--home", stocked_home, "decide", "--cart", "P00", "-k", "0")
    assert (ran.code, ran.err) == (2, "crosslift: k = 0: at least one offer must be asked for\n")


def test_exit_code_3_data_too_poor(run, tmp_path):
    ran = run("--home", tmp_path / "h", "learn")
    assert ran.code == 3
    assert "no order holds two products" in ran.err


def test_exit_code_4_conflict(run, own_home, little, pantry):
    rows = [{**row, "quantity": 9} for row in little.order_rows(pantry.orders[:3])]
    ran = run("--home", own_home, "collect", little.write(own_home / "changed.csv", rows))
    assert ran.code == 4
    assert f"{len(rows)} rows came again with other content" in ran.err
    assert "conflict" not in ran.out.splitlines()[0]


def test_exit_code_5_not_ready(run, tmp_path):
    ran = run("--home", tmp_path / "h", "decide", "--cart", "P00")
    assert (ran.code, ran.out) == (5, "")
    assert "nothing has been learned yet; run `crosslift learn` first" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("collect", "none.csv"), 1, "bad_input"),
        (("decide", "-k", "0"), 2, "bad_usage"),
        (("learn",), 3, "quality_gate"),
        (("decide", "--cart", "P00"), 5, "not_ready"),
        (("decide", "--replay", "feed"), 1, "not_found"),
        (("keys", "revoke", "feed"), 1, "not_found"),
        (("measure", "--from", "2026-11-02", "--to", "2026-11-01"), 1, "bad_input"),
        (("measure", "--from", "soon"), 2, "bad_usage"),
    ],
)
def test_an_error_in_json_is_one_value_with_code_and_message(run, tmp_path, arguments, code, error):
    accepts = () if arguments[0] == "keys" else ("--json",)
    ran = run("--home", tmp_path / "h", *arguments, *accepts)
    assert ran.code == code
    assert ran.err.startswith("crosslift: ")
    if accepts:
        assert ran.json["error"]["code"] == error
        assert ran.json["error"]["message"] in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("collect", "{home}/orders.csv"), ("collect", "--dry-run", "{home}/orders.csv"), ("collect", "--quality"),
        ("learn",), ("learn", "--list"), ("decide", "--cart", "P00"), ("decide", "--cart", "P00,nope", "--explain"),
        ("measure",), ("measure", "offline"), ("keys", "create"), ("keys", "list"),
        ("keys", "webhook", "spring"), ("doctor",), ("doctor", "--settings"),
    ],
)  # fmt: skip
def test_with_json_nothing_else_stands_on_stdout(run, own_home, arguments):
    ran = run("--home", own_home, *(a.format(home=own_home) for a in arguments), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("\n") == 1
    json.loads(ran.out)


def test_a_conflict_in_json_is_one_value_too(run, own_home, little, pantry):
    rows = [{**row, "quantity": 9} for row in little.order_rows(pantry.orders[:3])]
    ran = run("--home", own_home, "collect", little.write(own_home / "changed.csv", rows), "--json")
    assert ran.code == 4
    assert ran.json["imports"][0]["findings"][0]["code"] == "conflict"
    assert ran.json["error"]["code"] == "conflict"
    assert ran.err == f"crosslift: {ran.json['error']['message']}\n"


def test_the_traceback_is_for_those_who_ask(run, tmp_path):
    assert "Traceback" not in run("--home", tmp_path / "h", "learn").err
    assert "Traceback" in run("--debug", "--home", tmp_path / "h", "learn").err


def test_the_home_may_come_from_the_environment(run, stocked_home, monkeypatch):
    monkeypatch.setenv("CROSSLIFT_HOME", str(stocked_home))
    assert run("decide", "--cart", "P00", "--json").json["offers"][0]["product"] == "P01"


def test_as_a_program_of_its_own(run_crosslift, stocked_home):
    assert json.loads(run_crosslift("--home", stocked_home, "decide", "--cart", "P00", "--json", check=0).stdout)[
        "offers"
    ]
    stopped = run_crosslift("--home", stocked_home, "decide", "-k", "0", check=2)
    assert stopped.stderr == "crosslift: k = 0: at least one offer must be asked for\n"
