"""`crosslift audit` on the command line."""

import json
import sqlite3
from contextlib import closing


def test_what_the_command_line_did_is_listed_under_the_account(run, own_home):
    run("--home", own_home, "keys", "create", "--label", "till")
    [entry] = run("--home", own_home, "audit", "list", "--action", "key.", "--json").json
    assert (entry["action"], entry["details"]["label"]) == ("key.create", "till")
    assert entry["actor"].startswith("cli:")
    assert "key.create" in run("--home", own_home, "audit", "list").out


def test_an_audit_nobody_edited_is_whole_and_an_edited_one_is_told_with_code_3(run, own_home):
    run("--home", own_home, "keys", "create")
    ran = run("--home", own_home, "audit", "verify")
    assert (ran.code, "whole        yes" in ran.out) == (0, True)
    with closing(sqlite3.connect(own_home / "records.db", isolation_level=None)) as raw:
        raw.execute("drop trigger audit_refuses_update")
        raw.execute("update audit set actor = 'nobody' where seq = 1")
    ran = run("--home", own_home, "audit", "verify")
    assert (ran.code, "entry 1 was altered" in ran.out) == (3, True)
    ran = run("--home", own_home, "audit", "verify", "--json")
    assert (ran.code, ran.json["is_whole"]) == (3, False)


def test_a_head_that_was_written_down_is_compared(run, own_home):
    run("--home", own_home, "keys", "create")
    head = run("--home", own_home, "audit", "verify", "--json").json["head"]
    assert run("--home", own_home, "audit", "verify", "--head", head, "--json").json["heads_noted"] >= 2
    assert run("--home", own_home, "audit", "verify", "--head", f"1:{'0' * 64}").code == 3
    assert run("--home", own_home, "audit", "verify", "--head", "x").code == 2


def test_an_export_never_writes_over_a_file(run, own_home, tmp_path):
    run("--home", own_home, "keys", "create")
    out = tmp_path / "audit.jsonl"
    assert run("--home", own_home, "audit", "export", out).code == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines[-1]["action"] == "audit.export"
    assert run("--home", own_home, "audit", "export", out).code == 1
    first = run("--home", own_home, "audit", "export").out.splitlines()[0]
    assert json.loads(first)["seq"] == 1
