"""`crosslift policies`: what it prints for people and programs, and how it ends."""

import json

import pytest

from crosslift.domain.policy import HELPFUL

WHO = ("--author", "mina", "--reason", "fewer offers")
TEXT = 'name = "ours"\nextends = "helpful"\n\n[offers]\nat_most = 1\n'


@pytest.fixture
def policies(run, tmp_path):
    """Run `policies` on a shop that has nothing else."""
    return lambda *words: run("--home", tmp_path / "home", "policies", *words)


@pytest.fixture
def file(tmp_path):
    def write(text=TEXT, encoding="utf-8"):
        (tmp_path / "ours.toml").write_bytes(text.encode(encoding))
        return tmp_path / "ours.toml"

    return write


def told(policies, *words, code=0):
    done = policies(*words, "--json")
    assert done.code == code, done.err
    return json.loads(done.out)


def test_a_policy_goes_from_a_file_into_force_and_back(policies, file):
    assert policies("draft", file(), *WHO).out == "ours, version 1, draft\n"
    assert policies("diff", "ours").out == (
        f"ours: version 1 against nothing in force\n  [offers] at_most: was {HELPFUL.max_offers}, is 1\n"
    )
    assert policies("publish", "ours", "1", "--author", "mina").out == "ours, version 1, is in force\n"
    policies("draft", file(TEXT.replace("1", "2")), *WHO)
    assert told(policies, "diff", "ours")["changes"] == ["[offers] at_most: was 1, is 2"]
    policies("publish", "ours", "2", "--author", "mina")
    assert policies("rollback", "ours", "1", *WHO).out == "ours, version 1, is in force again\n"
    page = policies("list").out
    assert "ours" in page
    assert "crosslift's own" in page
    assert page.endswith("The shop is not stopped.\n")
    assert [one["version"] for one in told(policies, "list")["policies"]] == [HELPFUL.version, 1, 1, 1]


def test_a_policy_is_shown_as_it_was_written_or_whole(policies, file):
    policies("draft", file("# mine\n" + TEXT), *WHO)
    assert policies("show", "ours").out == "# mine\n" + TEXT
    assert 'after = "declined"' in policies("show", "ours", "--whole").out
    assert told(policies, "show", "helpful")["state"] == "built_in"
    assert policies("show", "ours", "--version", "7").code == 1


def test_checking_says_what_it_is_made_of_and_what_it_changes(policies, file):
    done = policies("check", file('packs = ["market/us"]\n' + TEXT))
    assert done.code == 0
    assert done.out.startswith(
        f"ours: made of helpful {HELPFUL.version}, then market/us, then the text itself; the later wins\n"
    )
    assert 'packs: was nothing, is ["market/us"]' in done.out
    assert "  changes nothing\n" in policies("check", file('name = "ours"\nextends = "helpful"\n')).out


def test_every_fault_is_printed_with_its_line_and_ends_with_1(policies, file):
    done = policies("check", file(TEXT.replace("at_most = 1", "at_mst = 1\nexplore = 20").replace("helpful", "helpul")))
    assert done.code == 1
    assert done.err == (
        "crosslift: line 2: extends: 'helpul' is not known; did you mean helpful?\n"
        '  line 5: offers.at_mst: "at_mst" is not known; did you mean at_most?\n'
        '  line 6: offers.explore: 20 is not a share from 0 % to 100 %, such as "20 %"; did you mean "20 %"?\n'
    )
    assert len(told(policies, "draft", file("name = 1"), *WHO, code=1)["error"]["problems"]) == 1


def test_what_would_be_refused_ends_with_1_when_checked_and_when_published(policies, file):
    nagging = file(TEXT + '[[cooldowns]]\nafter = "declined"\nlasts = "1 day"\n')
    done = policies("check", nagging)
    assert done.code == 1
    assert "  refused: nagging" in done.out
    policies("draft", nagging, *WHO)
    done = policies("publish", "ours", "1", "--author", "mina")
    assert done.code == 1
    assert "is not published: nagging" in done.err


def test_wrong_calls_end_with_the_code_of_their_kind(policies, file):
    policies("draft", file("needs_approval = true\n" + TEXT), *WHO)
    assert policies("publish", "ours", "1", "--author", "mina").code == 1
    assert policies("publish", "ours", "1", "--author", "mina", "--approved-by", "jun").code == 0
    assert policies("rollback", "ours", "1", *WHO).code == 2
    assert policies("publish", "nothing", "1", "--author", "mina").code == 1
    assert policies("draft", file()).code == 2
    assert policies("check", file().with_name("nowhere.toml")).code == 1
    assert "save it as UTF-8" in policies("check", file('name = "é"', "latin-1")).err


def test_the_stop_switch_is_turned_and_told(policies):
    assert policies("stop", *WHO).out.endswith("by mina: fewer offers\n")
    assert "The shop is stopped since" in policies("list").out
    assert told(policies, "stop", "--author", "jun", "--reason", "too")["author"] == "mina"
    assert policies("resume", *WHO).out == "The shop is not stopped.\n"
    assert told(policies, "list")["stop"]["is_stopped"] is False


def test_the_schema_is_printed_as_json(policies):
    schema = json.loads(policies("schema").out)
    assert schema["properties"]["name"]["description"] == "What requests call the policy by."


def test_a_shop_decides_by_its_own_policy(run, own_home, file):
    def decide(*words):
        return run("--home", own_home, "decide", "--cart", "P00,P02,P04", "--json", *words)

    assert decide("--policy", "ours").code == 2
    run("--home", own_home, "policies", "draft", file(), *WHO)
    run("--home", own_home, "policies", "publish", "ours", "1", "--author", "mina")
    assert len(decide("--policy", "ours").json["offers"]) == 1
    assert len(decide().json["offers"]) > 1


def test_packs_are_listed_told_and_their_sample_offers_printed(policies):
    listed = policies("packs").out
    assert "market/kr" in listed
    assert "sector/bank" in listed
    one = policies("packs", "market/kr").out
    assert "kr-of-age (eligible, too_young)" in one
    assert "[Youth Protection Act, article 28(1)]" in one
    assert policies("packs", "market/kr", "--offers").out.startswith("# Sample offers of the pack market/kr")
    assert told(policies, "packs", "sector/bank")["rules"][0]["code"] == "no_goal"
    assert [one["name"] for one in told(policies, "packs")["packs"]][:2] == ["market/eu", "market/jp"]


def test_a_pack_nobody_has_is_refused_with_those_there_are(policies):
    done = policies("packs", "market/uk")
    assert done.code != 0
    assert "there are market/eu, market/jp, market/kr" in done.err


def test_what_levers_won_is_told(run, own_home, file):
    home = ("--home", own_home)
    [best] = json.loads(run(*home, "decide", "--placement", "home", "-k", "1", "--json").out)["offers"]
    others = [f"P{n:02}" for n in range(24) if f"P{n:02}" != best["product"]]
    lever = (
        '[[levers]]\nid = "push"\nfactor = 90\nauthor = "mina"\nreason = "new"\nuntil = 2099-01-01T00:00:00Z\n'
        f'products = {others}\nmay_win = "20 %"\n'
    )
    run(*home, "policies", "draft", file(TEXT + lever), *WHO)
    run(*home, "policies", "publish", "ours", "1", "--author", "mina")
    run(*home, "decide", "--placement", "home", "--policy", "ours")
    page = run(*home, "policies", "levers", "ours")
    assert page.code == 0, page.err
    assert all(word in page.out for word in ("push", "on", "20.0%", "of relevance")), page.out
    [one] = json.loads(run(*home, "policies", "levers", "ours", "--json").out)["levers"]
    assert (one["n_won"], one["author"], one["cost"]["n_ranked"]) == (1, "mina", 1)
    assert run(*home, "policies", "levers", "nobody").code == 2
