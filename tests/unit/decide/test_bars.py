from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crosslift.decide.bars import Bars
from crosslift.decide.moments import Situation
from crosslift.domain.customer import Person
from crosslift.domain.membership import PersonFacts
from crosslift.domain.profile import Profile
from crosslift.domain.rule import Gate, Moment, Rule, Selector
from crosslift.domain.trait import AGE_TRAITS

MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
NOW = int(MONDAY.timestamp() * 1_000_000)
NO_TEXTS = Rule("no-texts", Gate.ALLOWED, "no_texts", "mina", "they cost money", Moment(channels=("sms",)))
NO_MONDAYS = Rule("no-mondays", Gate.APPLICABLE, "not_today", "mina", "everybody is busy", Moment(weekdays=(1,)))
GOLD = Rule("gold", Gate.SUITABLE, "by_phone", "mina", "they have an adviser", who='trait("tier") = "gold"')
GROWN = Rule(
    "grown", Gate.ALLOWED, "minor", "mina", "children are not written to", Moment(channels=("email",)), younger_than=18
)


def bar(*rules, traits=None, may_use=True, channel="sms", local=MONDAY):
    consents = {("marketing", "*"): True, ("personalization", channel): may_use}
    facts = PersonFacts(Profile("customer:c1", NOW, traits=traits or {}), consents)
    person = Person("customer:c1", True, consents=consents, facts=facts)
    here = Situation(channel, channel, False, False, None, None, local)
    return Bars(rules).of(person, NOW)(here)


def test_the_first_rule_that_stops_everything_here_gives_its_code():
    assert bar(NO_TEXTS, NO_MONDAYS) == "no_texts"
    assert bar(NO_TEXTS, NO_MONDAYS, channel="email") == "not_today"
    assert bar(NO_TEXTS, NO_MONDAYS, channel="email", local=MONDAY.replace(day=3)) is None
    assert bar() is None


def test_rules_about_certain_offers_wait_until_there_are_offers():
    assert bar(replace(NO_TEXTS, stops=Selector(kinds=("upgrade",)))) is None
    assert bar(replace(NO_TEXTS, stops=Selector(not_products=("guide",)))) is None


def test_a_condition_is_asked_of_the_person_only_as_far_as_they_allowed():
    assert bar(GOLD, traits={"tier": "gold"}) == "by_phone"
    assert bar(GOLD, traits={"tier": "tin"}) is None
    assert bar(GOLD, traits={"tier": "gold"}, may_use=False) is None


@pytest.mark.parametrize(("age", "code"), [("30", None), ("12", "minor"), ("", "minor")])
def test_who_is_not_known_to_be_old_enough_is_too_young(age, code):
    assert bar(GROWN, traits={"age": age} if age else {}, channel="email") == code
    assert bar(GROWN, traits={"age": "30"}, channel="email", may_use=False) == "minor"


def test_what_must_be_known_is_what_the_rules_that_count_ask():
    assert Bars([GOLD, GROWN]).needs.traits == {"tier", *AGE_TRAITS}
    assert not Bars([NO_TEXTS, replace(GOLD, stops=Selector(kinds=("upgrade",)))]).needs.traits
