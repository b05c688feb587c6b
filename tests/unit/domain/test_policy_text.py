"""A policy's text: what is said in it, and how every fault is named at once with its line."""

from datetime import UTC, datetime, time

import pytest

from crosslift.domain.policy import HELPFUL, RELEVANCE
from crosslift.domain.policy_forms import Vocabulary
from crosslift.domain.policy_text import read_policy, schema, write_policy
from crosslift.domain.pressure import Cap, QuietHours, ValueFirst
from crosslift.domain.rule import Daypart, Gate, Moment, Rule, Selector
from crosslift.domain.value import Lever, Objective
from crosslift.errors import BadInput

HEAD = 'name = "ours"\n[offers]\nsources = ["complement", "upgrade"]\n'
WHOLE = """
name = "ours"
timezones = { KR = "Asia/Seoul", "*" = "UTC" }

[offers]
sources = ["complement", "upgrade"]
at_most = 6
explore = "2 %"
near_date = "2 weeks"
need_closed_for = "0 days"

[pressure]
contact_costs = { email = 0.02 }

[value]
objectives = { cart = "margin", "*" = "relevance" }
margin_from = "12.5 %"

[[caps]]
at_most = 2
within = "36 hours"
channels = ["email"]

[[quiet_hours]]
from = 21:00:00
until = "08:00"

[value_first]
useful_contacts = 3

[[levers]]
id = "spring"
factor = 1.5
author = "mina"
reason = "clear the shelves"
until = 2026-05-01T00:00:00Z
categories = ["Tea"]

[[rules]]
id = "calm-mornings"
gate = "applicable"
code = "too_early"
owner = "mina"
reason = "Nobody wants a pop-up before coffee."
who = "orders >= 1"
when.dayparts = ["morning"]
when.on_page_less_than = "1 minute"
[rules.stops]
kinds = ["upgrade"]
price_from = "150 %"
"""


def test_a_policy_says_what_a_merchandiser_reads():
    policy = read_policy(WHOLE)
    assert (policy.name, policy.version, policy.max_offers, policy.epsilon) == ("ours", 1, 6, 0.02)
    assert (policy.near_date_days, policy.closed_days, policy.timezones["KR"]) == (14, 0.0, "Asia/Seoul")
    assert policy.pressure.caps == (Cap(2, 1.5, ("email",)),)
    assert policy.pressure.quiet_hours == (QuietHours(time(21), time(8)),)
    assert policy.pressure.value_first == ValueFirst(3)
    assert policy.pressure.costs == {"email": 0.02}
    assert policy.value.objective("cart") is Objective.MARGIN
    assert policy.value.margin_floor == 0.125
    assert policy.value.levers == (
        Lever("spring", 1.5, "mina", "clear the shelves", datetime(2026, 5, 1, tzinfo=UTC), categories=("Tea",)),
    )
    reason = "Nobody wants a pop-up before coffee."
    assert policy.rules == (
        Rule("calm-mornings", Gate.APPLICABLE, "too_early", "mina", reason, who="orders >= 1",
             moment=Moment(dayparts=(Daypart.MORNING,), below_dwell_seconds=60.0),
             stops=Selector(kinds=("upgrade",), min_price_ratio=1.5)),
    )  # fmt: skip
    assert policy.rules[0].condition is not None


@pytest.mark.parametrize("policy", [HELPFUL, RELEVANCE])
def test_the_built_in_policies_are_written_as_text(policy):
    text = write_policy(policy)
    assert read_policy(text) == policy
    assert f'name = "{policy.name}"\nversion = {policy.version}\n' in text


def test_what_is_as_by_default_is_written_all_the_same_so_that_the_text_outlives_the_default():
    text = write_policy(RELEVANCE)
    assert "usual = 3" in text
    assert "sets = false" in text
    assert "at_most = " not in text


def faults(text, **known):
    with pytest.raises(BadInput) as refused:
        read_policy(text, Vocabulary(**known))
    assert str(refused.value) == refused.value.problems[0]
    return list(refused.value.problems)


def test_every_fault_is_named_at_once_with_line_path_and_a_guess():
    assert faults("""\
name = "Ours"
[offers]
sorces = ["complement"]
at_most = "many"
max_per_category = 2
explore = 20
near_date = 30
margin_from = 0.1

[[caps]]
at_most = 1
within = "1 fortnite"

[[rules]]
id = "a"
gate = "sutable"
code = "Too Early"
reason = "because"
who = "ordrs > 3"
kinds = ["upgrade"]
[rules.when]
months = [3, 14]
""") == [
        "line 1: name: 'Ours': small letters, digits, - and _, at most 60, such as our-shop",
        'line 3: offers.sorces: "sorces" is not known; did you mean sources?',
        'line 4: offers.at_most: "many" is not a whole number from 1 to 1,000,000',
        'line 5: offers.max_per_category: "max_per_category" is not known; did you mean at_most_of_category?',
        'line 6: offers.explore: 20 is not a share from 0 % to 100 %, such as "20 %"; did you mean "20 %"?',
        'line 7: offers.near_date: 30 is not a number of whole days such as "7 days"; did you mean "30 days"?',
        'line 8: offers.margin_from: "margin_from" is not known; it belongs in [value]',
        "line 12: caps[1].within: 'fortnite' is no unit of time",
        "line 14: rules[1]: owner is missing: who answers for it.",
        'line 16: rules[1].gate: "sutable" is not one of eligible, applicable, suitable, allowed; did you mean suitable?',
        "line 17: rules[1].code: 'Too Early': small letters, digits and _, such as too_early",
        "line 19: rules[1].who: cannot be read: character 1: 'ordrs' is not known; did you mean orders?",
        'line 20: rules[1].kinds: "kinds" is not known; it belongs in [[rules]] under stops',
        "line 22: rules[1].when.months[2]: 14 is not a whole number from 1 to 12",
    ]  # fmt: skip


def test_words_from_outside_the_text_are_checked_where_they_are_known():
    text = (
        HEAD + 'at_most_of_kind = { upgrad = 1 }\n[value]\nweights = { "cart:complement" = 2.0, "crt:upgrade" = 1.0 }\n'
    )
    known = {"sources": ("complement", "upgrade"), "placements": ("cart", "home"), "zones": frozenset({"Asia/Seoul"})}
    assert faults('timezones = { KR = "Asia/Soul" }\n' + text, **known) == [
        "line 1: timezones.KR: 'Asia/Soul' is not known; did you mean Asia/Seoul?",
        "line 5: offers.at_most_of_kind.upgrad: 'upgrad' is not known; did you mean upgrade?",
        "line 7: value.weights.\"crt:upgrade\": 'crt' is not known; did you mean cart?",
    ]
    assert read_policy(text).max_per_kind == {"upgrad": 1}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("usual = 1.5", "usual: 1.5 is not a whole number from 1 to 1,000,000"),
        ("usual = true", "usual: true is not a whole number"),
        ("explore = nan", "explore: nan is not a share"),
        ('explore = "101 %"', 'explore: "101 %" is not a share from 0 % to 100 %'),
        ('near_date = "0 days"', 'near_date: "0 days": more than nothing and at most 36,500 days'),
        ('near_date = "36 hours"', 'near_date: "36 hours" is not a number of whole days'),
        ('near_date = "5 dys"', "near_date: 'dy' is no unit of time; did you mean day?"),
        ('sets = "yes"', 'sets: "yes" is not true or false'),
        ("at_most_of_kind = 3", "at_most_of_kind: 3 is not a table in braces of names, each with a whole number"),
        ('at_most_of_kind = { "" = 3 }', 'at_most_of_kind."": a name must not be empty'),
        ("usual = " + "9" * 400, "usual: a huge number is not a whole number"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_expected(line, what):
    assert faults(HEAD + line + "\n")[0].startswith(f"line 4: offers.{what}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('name = "ours"\n', "line 1: offers: sources is missing; name some, or begin with: extends"),
        ("[offers]\nsources = []\n", "line 1: name is missing: what requests call the policy by."),
        (HEAD + "[rules]\nid = 1\n", "line 4: rules: write [[rules]] in double brackets: there may be several"),
        ('name = "ours"\noffers = 3\n', "line 2: offers: write [offers] as a heading, its keys below it"),
        (HEAD + "[[caps]]\nat_most = -1\nwithin = '1 day'", "line 5: caps[1].at_most: -1 is not a whole number from 0"),
        (HEAD + "[[quiet_hours]]\nfrom='21:00'\nuntil='21:00'", "line 4: quiet_hours[1]: quiet hours from 21:00 to 21:00"),
        (HEAD + "[[quiet_hours]]\nfrom='25:00'\nuntil='9'", 'line 5: quiet_hours[1].from: "25:00" is no time of day'),
        ('name = "ours"\nsources = [\n', "line 3: this is no TOML: "),
        ('name = "ours"\n[offers\n', "line 2: this is no TOML, column 8: "),
        ('extends = "helpful"\nname = "ours"', "line 1: extends: only a text that is drafted may say this"),
    ],
)  # fmt: skip
def test_a_wrong_outline_is_told_where_it_begins(text, what):
    assert faults(text)[0].startswith(what)


def test_levers_end_after_they_begin_and_ids_are_given_once():
    lever = 'id = "x"\nfactor = 2\nauthor = "m"\nreason = "r"\nuntil = 2026-05-01T00:00:00Z\n'
    assert faults(HEAD + f"[[levers]]\n{lever}from = 2026-06-01T00:00:00Z\n") == [
        "line 4: levers[1]: it ends before it begins"
    ]
    assert faults(HEAD + f"[[levers]]\n{lever}[[levers]]\n{lever}") == [
        "line 11: levers[2].id: 'x' is the id of levers[1] too"
    ]
    assert "is not an instant with its zone" in faults(HEAD + f"[[levers]]\n{lever}from = 2026-06-01T00:00:00\n")[0]


def test_a_text_of_any_length_is_refused_in_time():
    with pytest.raises(BadInput, match="at most 500,000 are read"):
        read_policy("#" * 500_001)
    with pytest.raises(BadInput, match="nested too deeply"):
        read_policy("a = " + "[" * 10_000)


def test_the_schema_names_every_key_and_refuses_others():
    described = schema()
    assert described["properties"]["offers"]["properties"]["explore"]["anyOf"][1] == {
        "type": "number", "minimum": 0.0, "maximum": 1.0,
    }  # fmt: skip
    rule = described["properties"]["rules"]["items"]
    assert rule["required"] == ["id", "gate", "code", "owner", "reason"]
    assert rule["properties"]["stops"]["additionalProperties"] is False
    assert rule["properties"]["gate"]["enum"] == ["eligible", "applicable", "suitable", "allowed"]
