from datetime import date

import pytest

from crosslift.domain.membership import PersonFacts, RecentEvent, day_begins, predicate
from crosslift.domain.profile import Profile, ReturnVisits, Stage
from crosslift.domain.segment_grammar import parse

NOW = day_begins(date(2026, 1, 31))
MINUTE = 60_000_000


def is_in(line, facts=None, now=NOW, **figures):
    return predicate(parse(line))(facts or PersonFacts(Profile("customer:1", NOW, **figures)), now)


def test_the_third_grinder_within_the_hour_makes_a_member_and_the_hour_ends_it():
    rule = 'count("Product Viewed", category = "Grinders", last = 1 hour) >= 3'
    views = [RecentEvent("Product Viewed", NOW - m * MINUTE, "G-1", "Grinders/Hand") for m in (2, 1)]
    profile = Profile("anonymous:1", 0)
    assert not is_in(rule, PersonFacts(profile, events=views))
    views.append(RecentEvent("Product Viewed", NOW, "G-2", "Grinders"))
    assert is_in(rule, PersonFacts(profile, events=views))
    assert is_in(rule, PersonFacts(profile, events=views), NOW + 58 * MINUTE)
    assert not is_in(rule, PersonFacts(profile, events=views), NOW + 58 * MINUTE + 1)


def test_events_are_told_apart_by_product_and_properties():
    events = [
        RecentEvent("Content Viewed", NOW, "G-1", None, {"content_id": "guide", "page": 2}),
        RecentEvent("Content Viewed", NOW, None, None, {"content_id": "faq"}),
        RecentEvent("Content Viewed", NOW),
    ]
    facts = PersonFacts(Profile("customer:1", 0), events=events)
    assert is_in('count("Content Viewed", last = 1 day) = 3', facts)
    assert is_in('count("Content Viewed", content_id = "guide", page = "2", last = 1 day) = 1', facts)
    assert is_in('count("Content Viewed", product = "G-1", last = 1 day) = 1', facts)
    assert is_in('count("Content Viewed", category = "Grinders", last = 1 day) = 0', facts)


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "=", "!="])
def test_an_unknown_figure_is_on_no_side_of_a_limit(sign):
    assert not is_in(f"clv {sign} 10")
    assert is_in(f"not clv {sign} 10")
    assert not is_in(f"clv {sign} 10", clv=float("nan"))
    assert is_in(f"clv {sign} 10", clv=11.0) == (sign in (">", ">=", "!="))


def test_unknown_texts_and_instants_are_nothing_and_can_be_asked_for():
    assert not is_in('market is "KR"')
    assert not is_in('market is not "KR"')
    assert is_in('market is unknown and last_order_at is unknown and trait("skin") is unknown')
    assert is_in('market is not "KR"', market="JP")
    assert is_in('stage in ("buy", "use")', stage=Stage.USE)
    assert not is_in("last_order_at < 1 day ago")


def test_instants_are_compared_with_the_beginning_of_a_day_and_with_a_time_ago():
    midnight = day_begins(date(2026, 1, 30))
    assert is_in('last_order_at >= "2026-01-30"', last_order_at=midnight)
    assert not is_in('last_order_at >= "2026-01-30"', last_order_at=midnight - 1)
    assert is_in("last_order_at <= 1 day ago", last_order_at=midnight)
    assert not is_in("last_order_at < 1 day ago", last_order_at=midnight)


def test_figures_of_several_rows_are_added_up():
    facts = Profile(
        "customer:1", 0, categories={"Tea": 0.2, "Tea/Green": 0.1}, goals=("traffic",),
        returning_intent=(ReturnVisits("Tea/Green", 2, 0), ReturnVisits("Tea", 1, 0), ReturnVisits("Pots", 4, 0)),
    )  # fmt: skip
    person = PersonFacts(facts, usage={"seats": 0.9})
    assert is_in('share(category = "Tea") = 0.3 and share(category = "Pots") = 0', person)
    assert is_in('share(brand = "Tea") is unknown', person)
    assert is_in('revisits("Tea") = 3', person)
    assert is_in('goals has "traffic" and not goals has "leads"', person)
    assert is_in('usage_share("seats") > 0.8 and usage_share("api calls") is unknown', person)


def test_traits_are_texts_and_where_they_read_as_such_numbers():
    person = PersonFacts(Profile("customer:1", 0, traits={"age": "34", "skin": "dry"}))
    assert is_in('trait("age") >= 18 and trait("age") is "34" and trait("skin") in ("oily", "dry")', person)
    assert not is_in('trait("skin") >= 0', person)


def test_the_word_on_a_channel_counts_before_the_word_on_all():
    said = {("marketing", "*"): True, ("marketing", "email"): False, ("personalization", "app"): True}
    person = PersonFacts(Profile("customer:1", 0), said)
    assert is_in('consent("marketing") and not consent("marketing", channel = "email")', person)
    assert is_in('consent("marketing", channel = "sms")', person)
    assert is_in('consent("personalization", channel = "app") and not consent("personalization")', person)


def test_who_lacks_something_neither_holds_nor_owns_it():
    person = PersonFacts(Profile("customer:1", 0), holdings=frozenset({"plan"}), owned=frozenset({"camera"}))
    assert is_in('holds("plan") and owns("camera") and lacks("bag")', person)
    assert not is_in('lacks("plan") or lacks("camera") or holds("camera") or owns("plan")', person)
