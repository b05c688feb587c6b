"""What every engine has to keep when it asks rules in bulk: the members are those that the rule finds one by one.

    class TestDuckdb(SegmentsContract):
        def lazies(self, tables): ...

`rules()` and `people()` make them at random, out of few words, so that rules hit.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.domain.condition import (
    FIGURES,
    LISTS,
    MOMENTS,
    SECOND,
    SHARES,
    UNITS,
    WORDS,
    Ago,
    Compares,
    Condition,
    Consents,
    Count,
    Figure,
    Has,
    Hold,
    Is,
    Known,
    Leaf,
    Moment,
    Not,
    Number,
    Possesses,
    Revisits,
    Share,
    Sign,
    Trait,
    UsageShare,
    When,
    Word,
    every,
    needs,
    some,
)
from crosslift.domain.membership import PersonFacts, RecentEvent, day_begins, predicate
from crosslift.domain.profile import Profile, ReturnVisits
from crosslift.domain.segment_calls import PURPOSES
from crosslift.domain.segment_grammar import parse
from crosslift.errors import BadUsage
from crosslift.learn.customers.segment_tables import Lazy, people_of
from crosslift.learn.customers.segments import members, memberships

NOW = day_begins(date(2026, 1, 31))
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

WORDS_USED = ("a", 'a"b', "A", "차", "%", "a/b")
_TEXTS = st.sampled_from(WORDS_USED)
_CATEGORIES = st.sampled_from(["Grinders", "Grinders/Hand", "Grinders, used", "차/녹차", "차", "%"])
_LIMITS = st.sampled_from([-1.0, 0.0, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 7.5])
_COMPARABLE = [Sign.LESS, Sign.AT_MOST, Sign.MORE, Sign.AT_LEAST]
_FIGURES_USED = ["n_orders", "recency_days", "clv", "last_nps", "churn_risk"]
_WORDS_USED = ["stage", "market", "rfm_segment", "cluster", "persona"]


def words(column: str) -> st.SearchStrategy[str]:
    """Texts that can stand in a column."""
    return st.sampled_from(WORDS[column].choices) if WORDS[column].choices else _TEXTS


def rules(texts: st.SearchStrategy[str] = _TEXTS, *, is_wide: bool = False) -> st.SearchStrategy[Condition]:
    """Make rules of a few conditions; `is_wide` takes every column and any limit, else the few that `people` vary."""
    figures, named, lists = (
        (list(FIGURES), list(WORDS), list(LISTS)) if is_wide else (_FIGURES_USED, _WORDS_USED, ["goals"])
    )
    categories = texts if is_wide else _CATEGORIES
    limits = st.integers(-(10**8), 10**8).map(lambda n: n / 1000) if is_wide else _LIMITS
    seconds = st.builds(lambda n, unit: n * UNITS[unit], st.integers(1, 50), st.sampled_from(list(UNITS)))
    properties = st.dictionaries(st.sampled_from(["channel", "size", "content_id"]), texts, max_size=2)
    numbers: st.SearchStrategy[Number] = st.one_of(
        st.builds(Figure, st.sampled_from(figures)),
        st.builds(Trait, texts),
        st.builds(Share, st.sampled_from(list(SHARES)), categories),
        st.builds(UsageShare, texts),
        st.builds(Revisits, categories),
        st.builds(
            Count, texts, seconds, st.none() | categories, st.none() | texts,
            properties.map(lambda found: tuple(sorted(found.items()))),
        ),
    )  # fmt: skip
    one_word = st.sampled_from(named).flatmap(
        lambda column: st.tuples(st.just(Word(column)), st.lists(words(column), min_size=1, max_size=3, unique=True))
    )
    one_trait = st.tuples(st.builds(Trait, texts), st.lists(texts, min_size=1, max_size=3, unique=True))
    moments = st.builds(Moment, st.sampled_from(list(MOMENTS) if is_wide else ["last_order_at", "last_seen_at"]))
    dates = st.dates(date(1970, 1, 1), date(2100, 1, 1)) if is_wide else st.dates(date(2026, 1, 28), date(2026, 2, 1))
    bounds = st.one_of(dates, st.builds(Ago, seconds))
    some_leaves: st.SearchStrategy[Leaf] = st.one_of(
        st.builds(Compares, numbers, st.sampled_from(Sign), limits),
        st.builds(lambda told, no: Is(told[0], tuple(told[1]), no), one_word | one_trait, st.booleans()),
        st.builds(When, moments, st.sampled_from(_COMPARABLE), bounds),
        st.builds(Known, numbers | st.builds(Word, st.sampled_from(named)) | moments, st.booleans()),
        st.builds(Has, st.sampled_from(lists), texts),
        st.builds(Consents, st.sampled_from(PURPOSES), st.none() | texts),
        st.builds(Possesses, st.sampled_from(Hold), texts),
    )
    return st.recursive(
        some_leaves,
        lambda part: st.one_of(
            st.builds(Not, part),
            st.lists(part, min_size=2, max_size=3).map(every),
            st.lists(part, min_size=2, max_size=3).map(some),
        ),
        max_leaves=6,
    )


def _events() -> st.SearchStrategy[RecentEvent]:
    values = st.one_of(_TEXTS, st.sampled_from([1, 1.0, True, None, ["a"]]))
    at = st.integers(-60, 60).map(lambda minutes: NOW + minutes * 60 * SECOND) | st.integers(0, 60).map(
        lambda days: NOW - days * DAY
    )
    properties = st.dictionaries(st.sampled_from(["channel", "size"]), values)
    return st.builds(RecentEvent, _TEXTS, at, st.none() | _TEXTS, st.none() | _CATEGORIES, properties)


def people() -> st.SearchStrategy[list[PersonFacts]]:
    """Make up to 20 people, of whom much is unknown."""
    number = st.none() | st.sampled_from([-1.0, 0.0, 0.3, 1.0, 2.0, 2.5, 7.5, float("nan")])
    at = st.none() | st.sampled_from([NOW - days * DAY for days in range(4)]) | st.just(NOW - HOUR)
    shares = st.dictionaries(_CATEGORIES, st.sampled_from([0.1, 0.2, 0.3, 0.5]), max_size=3)
    profile = st.builds(
        Profile,
        person_id=st.just(""),
        as_of=st.just(NOW),
        n_orders=st.integers(0, 4),
        recency_days=number,
        clv=number,
        last_nps=number,
        churn_risk=number,
        stage=st.none() | words("stage"),
        market=st.none() | _TEXTS,
        rfm_segment=st.none() | _TEXTS,
        cluster=st.none() | _TEXTS,
        persona=st.none() | _TEXTS,
        last_order_at=at,
        last_seen_at=at,
        categories=shares,
        brands=shares,
        traits=st.dictionaries(_TEXTS, st.one_of(_TEXTS, st.sampled_from(["2", "0.5", " 3 ", "1e9"]))),
        goals=st.lists(_TEXTS, max_size=2).map(tuple),
        returning_intent=st.lists(
            st.builds(ReturnVisits, _CATEGORIES, st.integers(1, 3), st.just(NOW)), max_size=2
        ).map(tuple),
    )
    one = st.builds(
        PersonFacts,
        profile=profile,
        consents=st.dictionaries(st.tuples(st.sampled_from(PURPOSES), st.sampled_from(["*", "a"])), st.booleans()),
        holdings=st.frozensets(_TEXTS, max_size=2),
        owned=st.frozensets(_TEXTS, max_size=2),
        usage=st.dictionaries(_TEXTS, st.sampled_from([0.2, 0.5, 1.0])),
        events=st.lists(_events(), max_size=12),
    )
    return st.lists(one, min_size=1, max_size=20).map(_named)


def _named(found: list[PersonFacts]) -> list[PersonFacts]:
    return [
        replace(facts, profile=replace(facts.profile, person_id=f"customer:{number:02}"))
        for number, facts in enumerate(found)
    ]


def looks(person_id: str, category: str, *minutes_ago: int) -> PersonFacts:
    """Somebody who looked at products of a category, so many minutes before `NOW`."""
    viewed = [RecentEvent("Product Viewed", NOW - m * 60 * SECOND, "G-1", category) for m in minutes_ago]
    return PersonFacts(Profile(person_id, NOW), events=viewed)


class SegmentsContract:
    """The suite; the engine comes from the subclass."""

    def lazies(self, tables: Mapping[str, pa.Table]) -> Mapping[str, Lazy]:
        """Wrap tables as frames of the engine, as `Frames.lazies` does."""
        raise NotImplementedError

    def members(self, rule: str, *facts: PersonFacts) -> set[str]:
        """Ask in bulk, and hold it to asking one by one."""
        condition = parse(rule)
        found = members(condition, people_of(facts, needs([condition]), self.lazies), NOW)
        is_in = predicate(condition)
        assert found == {person.profile.person_id for person in facts if is_in(person, NOW)}
        return found

    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow]
    )
    @given(st.lists(rules(), min_size=1, max_size=12), people())
    def test_random_rules_find_the_same_random_people(self, asked: list[Condition], found: list[PersonFacts]) -> None:
        named = {f"segment {number}": rule for number, rule in enumerate(asked)}
        table = memberships(named, people_of(found, needs(asked), self.lazies), NOW)
        assert table.column("person_id").to_pylist() == [person.profile.person_id for person in found]
        for name, rule in named.items():
            is_in = predicate(rule)
            assert table.column(name).to_pylist() == [is_in(person, NOW) for person in found]

    def test_three_grinders_this_hour_make_a_member(self) -> None:
        rule = 'count("Product Viewed", category = "Grinders", last = 1 hour) >= 3'
        found = self.members(
            rule,
            looks("keen", "Grinders/Hand", 0, 1, 60),
            looks("twice", "Grinders", 5, 9),
            looks("yesterday", "Grinders", 61, 62, 63),
            looks("elsewhere", "Grinders, used", 1, 2, 3),
            looks("tomorrow", "Grinders", -1, -2, -3),
        )
        assert found == {"keen"}

    def test_an_unknown_value_is_on_no_side_of_a_limit(self) -> None:
        known, unknown = Profile("known", NOW, clv=10.0, market="KR"), Profile("unknown", NOW)
        both = PersonFacts(known), PersonFacts(unknown)
        assert self.members("clv > 5 or clv <= 5 or clv != 5", *both) == {"known"}
        assert self.members('market is not "JP"', *both) == {"known"}
        assert self.members("not (clv > 5)", *both) == {"unknown"}
        assert self.members("clv is unknown and market is unknown", *both) == {"unknown"}

    def test_a_cluster_and_a_persona_are_asked_by_their_ids(self) -> None:
        tea, pots = "frequent+category:Tea/Green", "category:Pots"
        regular = PersonFacts(Profile("regular", NOW, cluster=tea, persona="frequent"))
        once = PersonFacts(Profile("once", NOW, cluster=pots, persona=pots))
        visitor = PersonFacts(Profile("visitor", NOW))
        everybody = (regular, once, visitor)
        assert self.members(f'cluster is "{tea}"', *everybody) == {"regular"}
        assert self.members('persona in ("frequent", "category:Pots") and cluster is not "x"', *everybody) == {
            "regular",
            "once",
        }
        assert self.members(f'not (persona is "{pots}")', *everybody) == {"regular", "visitor"}
        assert self.members("cluster is unknown", *everybody) == {"visitor"}

    def test_a_plan_without_its_backup_is_found(self) -> None:
        bare = PersonFacts(Profile("bare", NOW), holdings=frozenset({"plan-pro"}))
        covered = PersonFacts(Profile("covered", NOW), holdings=frozenset({"plan-pro", "backup"}))
        bought = PersonFacts(Profile("bought", NOW), holdings=frozenset({"plan-pro"}), owned=frozenset({"backup"}))
        rule = 'holds("plan-pro") and lacks("backup")'
        assert self.members(rule, bare, covered, bought, PersonFacts(Profile("nobody", NOW))) == {"bare"}

    def test_the_word_on_a_channel_counts_before_the_word_on_all(self) -> None:
        every_channel, no_mail = {("marketing", "*"): True}, {("marketing", "*"): True, ("marketing", "email"): False}
        yes, no = PersonFacts(Profile("yes", NOW), every_channel), PersonFacts(Profile("no mail", NOW), no_mail)
        silent = PersonFacts(Profile("silent", NOW))
        assert self.members('consent("marketing", channel = "email")', yes, no, silent) == {"yes"}
        assert self.members('not consent("marketing")', yes, no, silent) == {"silent"}

    def test_shares_of_a_category_hold_what_lies_below_it(self) -> None:
        shares = {"Coffee/Beans": 0.3, "Coffee": 0.2, "Coffee makers": 0.4}
        drinker, stranger = Profile("drinker", NOW, categories=shares), Profile("stranger", NOW)
        both = PersonFacts(drinker), PersonFacts(stranger)
        assert self.members('share(category = "Coffee") = 0.5', *both) == {"drinker"}
        assert self.members('share(category = "Tea") = 0', *both) == {"drinker"}
        assert self.members('share(category = "Tea") is unknown', *both) == {"stranger"}

    def test_visits_to_a_category_after_a_purchase_hold_what_lies_below_it(self) -> None:
        back = (ReturnVisits("Grinders/Hand", 2, NOW), ReturnVisits("Grinders", 1, NOW), ReturnVisits("Tea", 5, NOW))
        keen, stranger = Profile("keen", NOW, returning_intent=back), Profile("stranger", NOW)
        both = PersonFacts(keen), PersonFacts(stranger)
        assert self.members('revisits("Grinders") = 3', *both) == {"keen"}
        assert self.members('revisits("Grinders") = 0 and revisits("Grinders") is known', *both) == {"stranger"}

    def test_goals_instants_and_properties_of_events_are_found(self) -> None:
        read = RecentEvent("Content Viewed", NOW, None, None, {"content_id": "guide", "page": 2.0})
        goal = Profile("goal", NOW, goals=("more traffic",), last_order_at=NOW - DAY, first_order_at=NOW - 9 * DAY)
        both = PersonFacts(goal, events=[read]), PersonFacts(Profile("none", NOW))
        assert self.members('goals has "more traffic"', *both) == {"goal"}
        assert self.members("last_order_at <= 1 day ago and not last_order_at < 1 day ago", *both) == {"goal"}
        assert self.members('first_order_at >= "2026-01-22" and first_order_at < "2026-01-23"', *both) == {"goal"}
        rule = 'count("Content Viewed", content_id = "guide", page = "2", last = 1 minute) = 1'
        assert self.members(rule, *both) == {"goal"}

    def test_traits_are_compared_as_texts_and_as_numbers(self) -> None:
        old, odd = Profile("old", NOW, traits={"age": "71"}), Profile("odd", NOW, traits={"age": "old"})
        both = PersonFacts(old), PersonFacts(odd)
        assert self.members('trait("age") >= 18', *both) == {"old"}
        assert self.members('trait("age") in ("old", "71")', *both) == {"old", "odd"}
        assert self.members('trait("age") is known and trait("skin") is unknown', *both) == {"old", "odd"}

    def test_bad_answers_and_full_plans_are_found(self) -> None:
        cross = PersonFacts(Profile("cross", NOW, last_nps=6), usage={"api calls": 0.8})
        happy = PersonFacts(Profile("happy", NOW, last_nps=9), usage={"api calls": 0.79})
        assert self.members("nps <= 6", cross, happy) == {"cross"}
        assert self.members('usage_share("api calls") >= 0.8', cross, happy) == {"cross"}

    def test_nobody_is_a_member_of_anything(self) -> None:
        rule = parse('orders >= 0 and not consent("marketing")')
        table = memberships({"everybody": rule}, people_of([], needs([rule]), self.lazies), NOW)
        assert table.num_rows == 0
        assert table.column_names == ["person_id", "everybody"]

    def test_a_rule_that_asks_a_table_nobody_gave_says_so(self) -> None:
        frames = people_of([PersonFacts(Profile("a", NOW))], needs([]), self.lazies)
        with pytest.raises(BadUsage, match="asks events"):
            members(parse('count("A", last = 1 day) > 0'), frames, NOW)
