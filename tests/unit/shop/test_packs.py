"""The packs that crosslift brings: each can be read, calls itself as its file is called, and names what exists."""

from datetime import time
from zoneinfo import available_timezones

import pytest

from crosslift.collect.offers import read_file
from crosslift.decide.sources import SOURCES
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_forms import Vocabulary
from crosslift.domain.policy_packs import read_pack, resolved
from crosslift.domain.policy_text import read_sheet
from crosslift.errors import NotFound
from crosslift.settings import Settings
from crosslift.shop.packs import Packs
from crosslift.wording.ethics import of_offer, of_policy

PACKS = Packs()


def test_packs_are_named_after_their_files(repo):
    folder = repo / "src/crosslift/packs"
    files = [str(file.relative_to(folder)).removesuffix(".toml") for file in folder.rglob("*.toml")]
    assert list(PACKS) == sorted(name for name in files if not name.endswith(".offers"))
    assert {f"{name}.offers" for name in PACKS} == {name for name in files if name.endswith(".offers")}
    assert len(PACKS) == len(list(PACKS))
    assert "market/nowhere" not in PACKS
    assert "../settings" not in PACKS


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_can_be_read_and_names_what_exists(name, repo):
    text = (repo / f"src/crosslift/packs/{name}.toml").read_text(encoding="utf-8")
    vocabulary = Vocabulary(tuple(SOURCES), tuple(PLACEMENTS), frozenset(available_timezones()))
    assert read_pack(text, vocabulary) == PACKS[name]
    assert PACKS[name].name == name
    assert {"en", "ko", "ja"} <= PACKS[name].titles.keys()


def test_nobody_is_called_at_night_in_the_united_states():
    [hours] = PACKS["market/us"].entries("pressure.quiet_hours")
    assert (hours.start, hours.end, hours.markets) == (time(21), time(8), ("US",))
    assert hours.law == "47 CFR 64.1200(c)(1)"


def test_a_pack_tells_what_it_holds_and_which_law_stands_behind_it():
    told = PACKS.told("market/kr")
    assert told["about"].startswith("No text message")
    assert any("quiet_hours" in one and "article 50(3)" in one for one in told["says"])
    assert not any(one.startswith("rules") for one in told["says"])
    first = told["rules"][0]
    assert (first["id"], first["gate"], first["law"]) == (
        "kr-of-age",
        "eligible",
        "Youth Protection Act, article 28(1)",
    )
    assert told["offers"].count("[[offers]]") == 2


def test_an_unknown_pack_is_named_with_those_there_are():
    with pytest.raises(NotFound, match=r"no pack 'market/uk'; there are market/eu, market/jp"):
        PACKS.told("market/uk")


def test_rules_of_a_pack_are_called_after_it():
    for name in PACKS:
        assert all(one.rule_id.startswith(f"{name.partition('/')[2]}-") for one in PACKS[name].entries("rules"))


def holding(name):
    """Give a policy that extends the default and holds to a pack."""
    text = f'name = "ours"\nextends = "helpful"\npacks = ["{name}"]\n'
    return resolved(read_sheet(text, POLICY), BUILT_IN, PACKS)


@pytest.mark.parametrize("name", PACKS)
def test_a_policy_that_holds_to_a_pack_passes_the_ethics_lint(name):
    assert [str(one) for one in of_policy(holding(name))] == []


@pytest.mark.parametrize("name", PACKS)
def test_sample_offers_speak_three_languages_hide_nothing_and_serve_goals_there_are(name, repo):
    drafts = read_file(repo / f"src/crosslift/packs/{name}.offers.toml", Settings.load({}, environment={})).drafts
    goals = {goal.goal_id for goal in PACKS[name].entries("goals")}
    ids = {draft.offer.offer_id for draft in drafts}
    for draft in drafts:
        sold = draft.offer
        assert {"en", "ko", "ja"} == sold.titles.keys() == sold.benefits.keys()
        assert [str(one) for one in of_offer(sold)] == []
        assert set(sold.goals) <= goals
        assert sold.step_of is None or sold.step_of in ids
        assert sold.staff_brief


def test_goals_are_named_in_three_languages():
    named = [goal for name in PACKS for goal in PACKS[name].entries("goals")]
    assert named
    assert all({"en", "ko", "ja"} == goal.titles.keys() for goal in named)
