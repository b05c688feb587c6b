"""`crosslift customers contacts`, `mute` and `unmute`."""

import json


def test_what_is_muted_is_shown_and_taken_back(run, own_home):
    def ask(*words):
        return run("--home", own_home, "customers", *words)

    assert ask("mute", "c1", "--product", "P01").out == "P01 is left alone until it is taken back\n"
    assert ask("mute", "c1").out == "everything is left alone until it is taken back\n"
    shown = json.loads(ask("contacts", "c1", "--json").out)
    assert (shown["person_id"], shown["open_cases"], shown["contacts"]) == ("customer:c1", 0, [])
    assert sorted(one["product"] or "" for one in shown["muted"]) == ["", "P01"]
    page = ask("contacts", "customer:c1").out
    assert "customer:c1: 0 open cases" in page
    assert "everything" in page
    assert ask("unmute", "c1", "--product", "P01").out == "taken back: 1\n"
    assert ask("unmute", "c1").out == "taken back: 1\n"
    assert ask("unmute", "c1").out == "taken back: 0\n"


def test_what_nobody_knows_is_not_muted(run, own_home):
    done = run("--home", own_home, "customers", "mute", "c1", "--category", "Shelf1")
    assert done.code == 1
    assert "no category 'Shelf1' in the catalog or the offers; did you mean shelf 1?" in done.err
    assert json.loads(run("--home", own_home, "customers", "contacts", "c1", "--json").out)["muted"] == []


def test_a_product_and_a_category_are_not_muted_in_one_word(run, tmp_path):
    done = run("--home", tmp_path / "home", "customers", "mute", "c1", "--product", "T-40", "--category", "Tea")
    assert done.code == 2
    assert "not both" in done.err
