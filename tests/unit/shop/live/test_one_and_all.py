"""What is read of one person and what is read of everybody are the same facts, of which the same rules find the same people."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.domain.condition import every, needs
from crosslift.domain.membership import predicate
from crosslift.domain.segment_grammar import parse
from crosslift.learn.customers.segments import memberships
from crosslift.shop.live.person import facts_of
from crosslift.shop.live.tables import people_now
from crosslift.testing.segments_contract import NOW, rules

SENSITIVE = frozenset({"a_b"})
EVERYTHING = """
orders >= 1 and open_cases > 0; nps >= 7; rating < 3; sentiment < 0; trait("a") is known; trait("차") > 1 or trait("a") > 1 or trait("A") > 1 or
trait("%") > 1 or trait("a/b") > 1; goals has "A";
goals has "a"; goals has "%"; share(category = "Grinders") > 0.1; share(brand = "%") = 0; revisits("차") >= 2;
usage_share("a") >= 0.5 or usage_share("차") > 0 or usage_share("A") > 0 or usage_share("%") > 0; holds("a"); owns("A"); lacks("%"); consent("marketing"); consent("marketing", channel = "a");
consent("personalization", channel = "b"); count("a", last = 3650 days) >= 1; count("A", category = "Grinders", last = 60 days) >= 1;
count("차", product = "a v", last = 60 days) >= 1; count("%", channel = "a", last = 60 days) >= 1; count("a", size = "1", last = 60 days) >= 1;
count("a", last = 1 hour) >= 1; last_order_at > 2 days ago; stage is not "buy"; market is unknown; contribution_class is "unknown";
trait("a_b") is known; trait("a/b.b") is known; recency_days is unknown; activities = 0
"""  # noqa: E501 - a list of rules


def in_bulk(shop, named):
    found = memberships(
        named, people_now(shop.records, shop.frames, needs(named.values()), NOW, SENSITIVE), NOW
    )  # fmt: skip
    people = found.column("person_id").to_pylist()
    return people, {name: dict(zip(people, found.column(name).to_pylist(), strict=True)) for name in named}


def one_by_one(shop, people, named):
    needed = needs(named.values())
    facts = {person: facts_of(shop.records, shop.frames, person, needed, NOW, SENSITIVE) for person in people}
    return {
        name: {person: is_in(found, NOW) for person, found in facts.items()}
        for name, is_in in ((name, predicate(rule)) for name, rule in named.items())
    }


def test_every_condition_there_is_finds_somebody_and_the_same_people_both_ways(crowd):
    named = {" ".join(text.split()): parse(" ".join(text.split())) for text in EVERYTHING.strip().split(";")}
    people, bulk = in_bulk(crowd, named)
    assert bulk == one_by_one(crowd, people, named)
    found_nobody = {name for name, members in bulk.items() if not any(members.values())}
    assert found_nobody <= {'trait("a_b") is known'}


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(asked=st.lists(rules(), min_size=1, max_size=12))
def test_random_rules_find_the_same_people_both_ways(crowd, asked):
    named = {f"segment {number}": rule for number, rule in enumerate(asked)}
    people, bulk = in_bulk(crowd, named)
    assert bulk == one_by_one(crowd, people, named)


def test_everybody_is_who_acts_and_nobody_who_was_erased_or_only_wrote(crowd):
    people, _ = in_bulk(crowd, {"any": parse('count("a", last = 3650 days) >= 0')})
    assert people == sorted(set(people))
    assert "customer:c09" not in people
    assert "customer:c06" not in people  # merged into c05
    assert {"customer:c03", "customer:c04", "customer:c05"} <= set(people)
    assert "anonymous:b77" in people  # has a profile only
    assert not [person for person in people if person.startswith("email:")]
    identities = set(crowd.records.table("identities", ["identity"]).column("identity").to_pylist())
    assert "email:c1@mail.example" in identities
    asked = needs([parse("orders >= 0")])
    for nobody in ("customer:c09", "customer:never", "email:nobody@mail.example"):
        assert facts_of(crowd.records, crowd.frames, nobody, asked, NOW, SENSITIVE) is None


@pytest.mark.parametrize("name", ["email:c1@mail.example", "anonymous:b1", "customer:c01"])
def test_a_person_is_the_same_under_every_name(crowd, name):
    asked = needs([every([parse('trait("a") is known'), parse('count("a", last = 3650 days) >= 0')])])
    found, wanted = (
        facts_of(crowd.records, crowd.frames, one, asked, NOW, SENSITIVE) for one in (name, "customer:c01")
    )
    assert found == wanted
    assert found.profile.person_id == "customer:c01"
