"""`crosslift customers segments`, `clusters` and `markets`: what they print for people and programs, and how they end."""

import json

import pytest

AUTHOR = ("--author", "mina", "--reason", "a guide for them")
MARKED = "customer_id,email,market,goals\njane,j@mail.example,KR,more traffic\njune,u@mail.example,KR,\n"
SAID = "feedback_id,at,customer_id,kind,rating,scale\nf1,2026-01-01T00:00:00Z,june,nps,3,10\n"


@pytest.fixture
def known(run, tmp_path):
    """A shop with two customers, of whom one wants something and the other is cross; gives a runner of `customers` on it."""
    for name, text in (("c", MARKED), ("f", SAID)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert run("--home", tmp_path / "home", "collect", tmp_path / "c.csv", tmp_path / "f.csv").code == 0
    return lambda *words: run("--home", tmp_path / "home", "customers", *words)


@pytest.fixture
def written(known):
    """Two segments of them."""
    for name, rule in (("wanting", 'goals has "more traffic"'), ("cross", "nps<=6")):
        done = known("segments", "put", name, rule, "--title", f"en=People {name}", "--title", "ko=고객", *AUTHOR)
        assert done.code == 0, done.err
    return known


def told(known, *words):
    done = known(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_segment_is_written_listed_and_evaluated(written):
    assert written("segments", "put", "cross", "nps <= 6", *AUTHOR).out == "cross, version 1: nps <= 6\n"
    assert told(written, "segments", "evaluate") == {"cross": 1, "wanting": 1}
    page = written("segments", "list").out
    assert "People wanting" in page
    assert 'goals has "more traffic"' in page
    assert [one["n_members"] for one in told(written, "segments", "list")] == [1, 1]
    assert "wanting" in written("segments", "evaluate").out


def test_members_are_listed_and_people_named_their_segments(written):
    assert told(written, "segments", "members", "wanting") == ["customer:jane"]
    assert written("segments", "members", "cross").out == "1 people\n  customer:june\n"
    assert told(written, "segments", "of", "june") == ["cross"]
    assert written("segments", "of", "email:j@mail.example").out == "wanting\n"
    assert written("segments", "of", "nobody").code == 1
    assert written("segments", "members", "nothing").code == 1


def test_a_segment_switched_off_keeps_its_history(written):
    done = written("segments", "switch", "cross", "--off", *AUTHOR)
    assert done.out == "cross, version 2, off: nps <= 6\n"
    assert told(written, "segments", "of", "june") == []
    assert written("segments", "of", "june").out == "in no segment\n"
    assert written("segments", "put", "cross", "nps <= 5", *AUTHOR).out == "cross, version 3, off: nps <= 5\n"


def test_a_rule_that_cannot_be_read_says_where_and_what_is_known(known):
    done = known("segments", "put", "odd", "ordrs >= 3", "--title", "en=Odd", *AUTHOR)
    assert done.code == 1
    assert "character 1: 'ordrs' is not known; did you mean orders?" in done.err
    assert known("segments", "put", "odd", "orders >= 3", "--title", "Odd", *AUTHOR).code == 2


def test_what_cannot_be_told_yet_says_why(written):
    assert "No groups to tell: nothing was learned of customers yet" in written("clusters").out
    assert told(written, "clusters")["clusters"] == []
    assert "two are needed to compare" in written("markets").out
    assert told(written, "markets")["patterns"] == []
    card = written("segments", "persona", "wanting").out
    assert "1 people" in card
    assert "at least 5 needed" in card
    assert told(written, "segments", "persona", "wanting")["goals"] == []
