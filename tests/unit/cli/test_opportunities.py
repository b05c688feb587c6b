"""Opportunities, the journey, how people feel, what they speak of, and goals, on the terminal."""

import pytest

GOAL = ("--figure", "revenue", "--target", "1000", "--from", "2026-01-01", "--to", "2027-01-01", "--author", "mina")


@pytest.fixture
def home(own_home, run, tmp_path):
    """With reviews of yesterday."""
    said = (
        "feedback_id,at,customer_id,kind,text\nf1,2026-10-31T00:00:00Z,c1,review,The delivery took ages and I hate it\n"
    )
    (tmp_path / "feedback.csv").write_text(said, encoding="utf-8")
    assert run("--home", own_home, "collect", tmp_path / "feedback.csv").code == 0
    return own_home


def measure(run, home, *more):
    told = run("--home", home, "measure", *more)
    assert told.code == 0, told.err
    return told


def test_lists_are_told_largest_first_with_their_basis(home, run):
    period = ("--from", "2026-07-01", "--to", "2026-11-02")
    page = measure(run, home, "opportunities", *period, "--most", "2").out
    assert "Products that sell and have no companion: " in page
    assert (
        "sized by companions that came along with comparable products, offered or not: what there is to win at most"
        in page
    )
    found = measure(run, home, "opportunities", *period, "--json").json
    assert found["n_found"]["no_companion"] > len(found["lists"]["no_companion"]) == 10
    nothing = measure(run, home, "opportunities", "--from", "2020-01-01", "--to", "2020-02-01").out
    assert nothing == "Nothing was found in this period.\n"


def test_the_journey_is_a_table(home, run):
    page = measure(run, home, "journey", "--from", "2026-07-01", "--to", "2026-11-02").out
    assert "buying: " in page
    assert "an offer has its place" in page
    empty = measure(run, home, "journey", "--from", "2020-01-01", "--to", "2020-02-01").out
    assert empty == "Nothing happened in this period.\n"


def test_how_people_feel_is_told_by_the_holdout(home, run):
    unknown = run("--home", home, "measure", "satisfaction")
    assert (unknown.code, "no holdout" in unknown.err) == (1, True)
    agreed = ("holdout", "--share", "50%", "--author", "mina", "--reason", "proof", "--agree")
    assert run("--home", home, "experiments", *agreed).code == 0
    page = measure(run, home, "satisfaction").out
    assert "0 answers of people with offers and 0 of those held back" in page


def test_what_people_speak_of_is_told_by_words_of_our_lists(home, run):
    page = measure(run, home, "feedback", "--from", "2026-10-01", "--to", "2026-11-02").out
    assert "1 sayings (1 review)" in page
    assert "delivery" in page
    assert "took ages" in page
    assert measure(run, home, "feedback", "--from", "2020-01-01", "--to", "2020-02-01").out.startswith(
        "Nobody said anything"
    )


def test_goals_are_set_shown_and_dropped_and_a_quota_is_refused(home, run):
    assert "No goal is set" in measure(run, home, "goals").out
    assert measure(run, home, "set-goal", "autumn", "--title", "Sell more", *GOAL).out == "autumn: new\n"
    page = measure(run, home, "goals").out
    assert "Sell more" in page
    assert "running" in page
    quota = run("--home", home, "measure", "set-goal", "push", "--title", "5 warranties per agent", *GOAL)
    assert (quota.code, "not sold to help" in quota.err) == (1, True)
    assert measure(run, home, "drop-goal", "autumn", "--json").json == {"goal_id": "autumn", "outcome": "dropped"}
    assert measure(run, home, "goals", "--json").json["goals"] == []
