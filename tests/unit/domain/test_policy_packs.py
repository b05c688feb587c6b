"""Bases, packs and the own text worked together: what wins, what adds up, what stays."""

from dataclasses import replace

import pytest

from crosslift.domain.policy import GENTLE, Policy
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_packs import read_pack, resolved
from crosslift.domain.policy_text import read_policy, read_sheet, write_policy
from crosslift.errors import BadInput


def rule(name, more=""):
    return (
        f'[[rules]]\nid = "{name}"\ngate = "allowed"\ncode = "not_now"\nowner = "law"\nreason = "of {name}"\n{more}\n'
    )


LAW = read_pack(
    'pack = "market/xx"\ntitle = { en = "X" }\nabout = "X."\n[offers]\nat_most = 5\n[pressure]\ncontact_costs = { sms = 1.0 }\n'
    '[[quiet_hours]]\nfrom = "20:00"\nuntil = "09:00"\nmarkets = ["XX"]\nlaw = "Act 1"\n'
    '[[caps]]\nat_most = 1\nwithin = "1 day"\nchannels = ["phone"]\n'
    + rule("xx-silence", 'law = "Act 2"')
    + rule("xx-advice")
)
CALM = read_pack(
    'pack = "sector/calm"\ntitle = { en = "Calm" }\nabout = "Calm."\n[offers]\nat_most = 4\nexplore = "1 %"\n'
    + rule("calm")
)
PACKS = {"market/xx": LAW, "sector/calm": CALM}
BASE = Policy("helpful", 3, ("complement",), max_offers=12, max_per_kind={"upgrade": 1}, pressure=GENTLE)
BASES = {"helpful": BASE}


def made(text, bases=BASES):
    return resolved(read_sheet(text, POLICY), bases, PACKS)


def ids(policy):
    return [one.rule_id for one in policy.rules]


def faults(text, bases=BASES):
    with pytest.raises(BadInput) as refused:
        made(text, bases)
    return list(refused.value.problems)


OURS = 'name = "ours"\nextends = "helpful"\n'
BOTH = OURS + 'packs = ["market/xx", "sector/calm"]\n'


def test_what_is_not_said_is_as_in_the_policy_it_extends():
    policy = made(OURS + "[offers]\nusual = 2\n")
    assert policy == replace(BASE, name="ours", version=1, default_offers=2)


def test_a_policy_may_stand_by_itself():
    text = 'name = "ours"\n[offers]\nsources = ["complement"]\n'
    assert made(text) == read_policy(text)
    assert faults('name = "ours"\n')[0].startswith("line 1: offers: sources is missing")


def test_the_later_wins_of_base_packs_and_own_text():
    assert made(OURS).max_offers == 12
    assert made(OURS + 'packs = ["market/xx"]\n').max_offers == 5
    assert made(BOTH).max_offers == 4
    assert made(BOTH + "[offers]\nat_most = 9\n").max_offers == 9
    assert made(BOTH + '[offers]\nat_most = "none"\n').max_offers is None
    assert made(BOTH).epsilon == 0.01


def test_tables_of_names_are_laid_over_each_other_name_by_name():
    policy = made(BOTH + "[offers]\nat_most_of_kind = { held = 2 }\n[pressure]\ncontact_costs = { email = 0.1 }\n")
    assert policy.max_per_kind == {"upgrade": 1, "held": 2}
    assert policy.pressure.costs == {"sms": 1.0, "email": 0.1}


def test_own_rules_come_after_those_of_packs():
    policy = made(BOTH + rule("ours"))
    assert ids(policy) == ["xx-silence", "xx-advice", "calm", "ours"]
    assert policy.packs == ("market/xx", "sector/calm")


def test_a_rule_of_the_same_id_takes_the_place_of_one_that_no_law_asks_for():
    policy = made(BOTH + rule("xx-advice", 'who = "orders > 2"'))
    assert ids(policy) == ["xx-silence", "xx-advice", "calm"]
    assert policy.rules[1].who == "orders > 2"
    assert ids(made('without = ["xx-advice", "calm"]\n' + BOTH)) == ["xx-silence"]


def test_what_a_law_asks_for_goes_only_with_its_pack():
    law = "is what a law asks for"
    assert faults('without = ["xx-silence"]\n' + BOTH) == [
        f"line 1: without[1]: 'xx-silence' {law} (Act 2): it goes only with its pack"
    ]
    assert faults(BOTH + rule("xx-silence")) == [
        f"line 5: rules[1].id: 'xx-silence' {law} of market/xx (Act 2): give yours another id"
    ]
    base = made(BOTH)
    of_base = {"kept": base}
    assert faults('name = "x"\nextends = "kept"\nwithout = ["xx-silence"]\n', of_base)[0].startswith(
        "line 3: without[1]:"
    )
    assert faults('name = "x"\nextends = "kept"\n' + rule("xx-silence"), of_base)[0].startswith("line 4: rules[1].id:")
    assert "xx-silence" not in ids(made(OURS + 'packs = ["sector/calm"]\n'))


def test_caps_of_packs_add_up_and_own_ones_take_the_place_of_those_of_the_base():
    own = '[[caps]]\nat_most = 9\nwithin = "7 days"\n'
    assert len(made(BOTH).pressure.caps) == len(BASE.pressure.caps) + 1
    assert made(BOTH + own).pressure.caps == (made(OURS + own).pressure.caps[0], LAW.entries("pressure.caps")[0])
    quiet = made(BOTH + '[[quiet_hours]]\nfrom = "22:00"\nuntil = "06:00"\n').pressure.quiet_hours
    assert [(one.start.hour, one.law) for one in quiet] == [(22, ""), (20, "Act 1")]


def test_packs_of_the_policy_it_extends_stay_and_are_not_laid_over_it_again():
    kept = {"kept": made(BOTH + "[offers]\nat_most = 9\n" + rule("shop"))}
    text = 'name = "x"\nextends = "kept"\n[[caps]]\nat_most = 9\nwithin = "7 days"\n' + rule("mine")
    policy = made(text, kept)
    assert (policy.max_offers, policy.packs) == (9, ("market/xx", "sector/calm"))
    assert ids(policy) == ["xx-silence", "xx-advice", "calm", "shop", "mine"]
    assert LAW.entries("pressure.caps")[0] in policy.pressure.caps
    assert made('packs = ["market/xx"]\n' + text, kept) == policy


def test_the_whole_text_of_a_policy_drafted_again_is_the_same_policy():
    policy = made(BOTH + rule("ours"))
    assert made(write_policy(policy)) == policy


def test_what_nobody_knows_is_named():
    assert faults('name = "x"\nextends = "helpul"\n') == ["line 2: extends: no policy 'helpul'"]
    assert faults('name = "x"\nextends = "x"\n')[0].startswith("line 2: extends: a policy does not extend itself")
    assert faults(OURS + 'packs = ["market/uk"]\n') == ["line 3: packs[1]: no pack 'market/uk'"]
    assert faults('without = ["xx-advise"]\n' + BOTH) == [
        "line 1: without[1]: nothing inherited has the id 'xx-advise'; did you mean xx-advice?"
    ]


def test_a_pack_has_a_head_of_its_own():
    with pytest.raises(BadInput) as refused:
        read_pack('name = "x"\npack = "market/xx"\n')
    assert [one.split(":")[1].strip() for one in refused.value.problems] == [
        "name",
        "title is missing",
        "about is missing",
    ]
