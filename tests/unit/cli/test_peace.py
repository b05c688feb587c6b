"""`crosslift customers contacts`, `mute` and `unmute`."""

import json


def test_what_is_muted_is_shown_and_taken_back(run, tmp_path):
    def ask(*words):
        return run("--home", tmp_path / "home", "customers", *words)

    assert ask("mute", "c1", "--product", "T-40").out == "T-40 is left alone until it is taken back\n"
    assert ask("mute", "c1").out == "everything is left alone until it is taken back\n"
    shown = json.loads(ask("contacts", "c1", "--json").out)
    assert (shown["person_id"], shown["open_cases"], shown["contacts"]) == ("customer:c1", 0, [])
    assert sorted(one["product"] or "" for one in shown["muted"]) == ["", "T-40"]
    page = ask("contacts", "customer:c1").out
    assert "customer:c1: 0 open cases" in page
    assert "everything" in page
    assert ask("unmute", "c1", "--product", "T-40").out == "taken back: 1\n"
    assert ask("unmute", "c1").out == "taken back: 1\n"
    assert ask("unmute", "c1").out == "taken back: 0\n"


def test_a_product_and_a_category_are_not_muted_in_one_word(run, tmp_path):
    done = run("--home", tmp_path / "home", "customers", "mute", "c1", "--product", "T-40", "--category", "Tea")
    assert done.code == 2
    assert "not both" in done.err
