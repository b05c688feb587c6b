"""`crosslift experiments`: from a file to its end, and the holdout that is agreed to."""

import pytest

BY = ("--author", "mina", "--reason", "what do offers bring")
FILE = '[[experiments]]\nexperiment_id = "words"\nkind = "variant"\narms = { short = 0.5, long = 0.5 }\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "trials.toml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


@pytest.fixture
def crosslift(run, own_home):
    return lambda *words: run("--home", own_home, *words)


def test_written_listed_shown_and_stopped(crosslift, file):
    assert "words, version 1: new" in crosslift("experiments", "put", file, *BY).out
    assert "words, version 1: same" in crosslift("experiments", "put", file, *BY).out
    assert "short 50.0%, long 50.0%  running" in crosslift("experiments", "list").out
    assert "0 people were in two arms" in crosslift("experiments", "show", "words").out
    assert "stopped" in crosslift("experiments", "stop", "words", *BY).out
    assert crosslift("experiments", "list", "--json").json[0]["state"] == "stopped"


def test_a_holdout_is_told_before_it_is_agreed_to(crosslift):
    told = crosslift("experiments", "holdout", "--share", "0.05", *BY)
    assert "not known yet" in told.out
    assert "Nothing is held out yet" in told.out
    assert (
        "standing-holdout, version 1: new" in crosslift("experiments", "holdout", "--share", "0.05", *BY, "--agree").out
    )


@pytest.mark.parametrize("share", ["0.05", "5%", "5 %"])
def test_a_share_is_written_as_in_policies_or_as_a_number(crosslift, share):
    crosslift("experiments", "holdout", "--share", share, *BY, "--agree")
    assert crosslift("experiments", "list", "--json").json[0]["arms"] == {"held": 0.05, "treated": 0.95}


def test_what_is_no_share_is_refused(crosslift):
    done = crosslift("experiments", "holdout", "--share", "five", *BY)
    assert done.code == 2
    assert "write 5% or 0.05" in done.err


def test_what_is_wrong_is_said(crosslift):
    assert "between 0 and 50" in crosslift("experiments", "holdout", "--share", "2", *BY).err
    assert "no experiment 'x'" in crosslift("experiments", "show", "x").err
