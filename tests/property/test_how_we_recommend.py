"""The page on how we recommend says what the policy says: each part of a policy changes it, and no figure on it is our own."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.decide import sources
from crosslift.domain.experiment import Experiment, TrialKind
from crosslift.domain.guardrail import Guardrail, Sign
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, Goal, Policy
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.pressure import Cap, Cooldown, QuietHours, Reaction, ValueFirst
from crosslift.domain.rule import Gate, Moment, Rule
from crosslift.domain.value import Bar, Lever, Objective
from crosslift.domain.variant import VariantSet
from crosslift.wording.how_we_recommend import SOURCES, how_we_recommend
from crosslift.wording.in_force import InForce
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.messages import text as say
from crosslift.wording.pressure import pressure_words

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LEVER = Lever("l", 3.0, "mina", "full shelves", datetime(2027, 2, 3, tzinfo=UTC), products=("mug",), max_share=0.17)
CHANGED = {
    "name": {"name": "ours"},
    "packs": {"packs": ("market/jp",)},
    "pressure.caps": {"pressure.caps": (Cap(5, 13.0, ("email",)),)},
    "pressure.cooldowns": {"pressure.cooldowns": (Cooldown(Reaction.RETURNED, 44.0, "category"),)},
    "pressure.quiet_hours": {"pressure.quiet_hours": (QuietHours(time(22, 15), time(6)),)},
    "pressure.value_first": {"pressure.value_first": ValueFirst(6, needs_win=True)},
    "rules": {"rules": (Rule("r", Gate.SUITABLE, "not_now", "mina", "Not at this moment."),)},
    "goals": {"goals": (Goal("calm", {"en": "calm mornings"}),)},
    "value.levers": {"value.levers": (LEVER,)},
    "value.bars": {"value.bars": (Bar("free", 47.0, "USD", {"en": "free delivery"}),)},
    "variants": {"variants": (VariantSet("words", ("warm", "plain")),)},
    "guardrails": {"guardrails": (Guardrail("few-noes", Sign.DECLINED, 0.08),)},
    "candidates": {"candidates": ("complement",)},
    "default_offers": {"default_offers": 7},
    "max_offers": {"max_offers": 9},
    "max_per_category": {"max_per_category": 4},
    "max_per_kind": {"max_per_kind": {"upgrade": 6}},
    "reserved": {"reserved": {"upgrade": 5}},
    "max_extras": {"max_extras": {"checkout": 7}},
    "excludes_owned": {"excludes_owned": False},
    "prefers_slow_stock": {"prefers_slow_stock": False},
    "slow_floor": {"slow_floor": 0.37},
    "near_date_days": {"near_date_days": 41},
    "closed_days": {"closed_days": 17.0},
    "returning_days": {"returning_days": 16.0},
    "offers_sets": {"offers_sets": False},
    "max_sets": {"max_sets": 8},
    "is_holdout_exempt": {"epsilon": 0.03, "is_holdout_exempt": True},
    "epsilon": {"epsilon": 0.023},
    "pressure.must_solve_first": {"pressure.must_solve_first": False},
    "pressure.costs": {"pressure.costs": {"email": 0.4}, "value.objectives": {"*": Objective.MARGIN}},
    "value.objectives": {"value.objectives": {"cart": Objective.MARGIN}},
    "value.context_weights": {"value.context_weights": {"cart:upgrade": 1.7}},
    "value.margin_floor": {"value.margin_floor": 0.12},
    "value.max_cross_ratio": {"value.max_cross_ratio": 6.5},
    "value.max_step": {"value.max_step": 0.45},
    "value.min_worth": {"value.min_worth": 0.9, "value.objectives": {"*": Objective.MARGIN}},
}
"""For each part of a policy a change that shoppers are told of."""
UNTOLD = {
    "gates_evaluation": "nobody is shown what is made of the past",
    "value.start_accept": "a guess of a probability, in force until decisions are logged",
    "value.max_accept": "bounds that guess",
    "value.tax_rates": "how a margin is worked out; prices hold the tax already",
    "timezones": "by which clock a person's local time is read",
    "needs_approval": "who publishes, not what holds",
}
"""What is not told, and why not."""


def page(policy, language="en", **more):
    return how_we_recommend(InForce(policy, NOW, "USD", ("health", "shoe size"), **more), language)


def text(told):
    return "\n".join([*told.lead, *(one for section in told.sections for one in (section.heading, *section.sentences))])


def changed(policy, values):
    for path, value in values.items():
        part, _, name = path.rpartition(".")
        policy = replace(policy, **({part: replace(getattr(policy, part), **{name: value})} if part else {name: value}))
    return policy


def test_every_part_of_a_policy_is_told_or_left_out_for_a_reason():
    parts = {one.attribute for one in POLICY.fields} | {
        one.attribute for section in POLICY.sections for one in section.fields
    }
    assert parts - {"version", "extends", "without"} == CHANGED.keys() | UNTOLD.keys()
    assert not CHANGED.keys() & UNTOLD.keys()


@pytest.mark.parametrize("part", CHANGED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_of_the_policy_changes_the_page(part, language):
    values = CHANGED[part]
    before = changed(HELPFUL, {name: value for name, value in values.items() if name != part})
    assert text(page(before, language)) != text(page(changed(before, {part: values[part]}), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_settings_and_trials_change_the_page(language):
    trial = Experiment("held", 1, TrialKind.HOLDOUT, {"held": 0.07, "treated": 0.93}, "mina", "to know", NOW)
    pages = {
        text(page(HELPFUL, language)), text(page(HELPFUL, language, is_contextual_only=True)),
        text(page(HELPFUL, language, is_stopped=True)), text(page(HELPFUL, language, others=("calm",))),
        text(page(HELPFUL, language, experiments=(trial,))), text(page(HELPFUL, language, n_weighed=31)),
        text(page(HELPFUL, language, n_banned=31)),
        text(how_we_recommend(InForce(HELPFUL, NOW, "USD", ("religion",)), language)),
    }  # fmt: skip
    assert len(pages) == 8
    assert text(page(HELPFUL, language, experiments=(replace(trial, is_active=False),))) == text(
        page(HELPFUL, language)
    )
    assert "7%" in text(page(HELPFUL, language, experiments=(trial,)))


shares = st.integers(0, 1000).map(lambda n: n / 1000)
counts = st.integers(1, 60)
days = st.one_of(st.integers(1, 170).map(float), st.integers(1, 100).map(lambda n: n / 24))
words = st.sampled_from(["Warm things", "따뜻한 것", "温かいもの"])
kinds = st.sampled_from([*SOURCES, "own-kind"])
channels = st.lists(st.sampled_from(["email", "web", "desk", "fax"]), max_size=2, unique=True).map(tuple)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given its zone
levers = st.builds(
    Lever, lever_id=st.just("l"), factor=counts.map(lambda n: n / 8), author=words, reason=words, ends_at=instants,
    products=st.just(("mug",)) | st.just(()), slow_stock=st.booleans(), min_relevance=shares, max_share=st.none() | shares,
)  # fmt: skip
rules = st.builds(
    Rule, rule_id=st.just("r"), gate=st.sampled_from(Gate), code=st.just("no"), owner=words, reason=words,
    law=st.just("") | words,
    moment=st.builds(Moment, below_dwell_seconds=st.none() | counts.map(float), interrupts=st.booleans()),
)  # fmt: skip
pressures = st.builds(
    lambda caps, pauses, quiet, first, solve, costs: replace(
        HELPFUL.pressure, caps=caps, cooldowns=pauses, quiet_hours=quiet, value_first=first, must_solve_first=solve, costs=costs
    ),
    st.lists(st.builds(Cap, counts, days, channels), max_size=2).map(tuple),
    st.lists(st.builds(Cooldown, st.sampled_from([*set(Reaction) - {Reaction.SEEN}]), days, st.sampled_from(["product", "all"]),
                       st.integers(1, 3), days, st.just("") | words), max_size=2).map(tuple),
    st.lists(st.builds(QuietHours, st.sampled_from([time(21), time(20, 30)]), st.sampled_from([time(7), time(8, 5)]), channels),
             max_size=2).map(tuple),
    st.none() | st.builds(ValueFirst, st.integers(0, 9), st.booleans(), channels=channels), st.booleans(),
    st.dictionaries(st.sampled_from(["email", "fax"]), counts.map(lambda n: n / 4), max_size=2),
)  # fmt: skip
values = st.builds(
    lambda objectives, weights, margin, ratio, step, worth, levers, bars: replace(
        HELPFUL.value, objectives=objectives, context_weights=weights, margin_floor=margin, max_cross_ratio=ratio, max_step=step,
        min_worth=worth, levers=levers, bars=bars,
    ),
    st.dictionaries(st.sampled_from(["*", *PLACEMENTS]), st.sampled_from(Objective), max_size=4),
    st.dictionaries(st.sampled_from(["upgrade", "cart:offer", "fax:own"]), counts.map(lambda n: n / 8), max_size=2),
    st.none() | shares, st.none() | counts.map(lambda n: n / 8), st.none() | shares, counts.map(lambda n: n / 4),
    st.lists(levers, max_size=1).map(tuple),
    st.lists(st.builds(Bar, st.just("b"), counts.map(float), st.just("USD"), st.fixed_dictionaries({"en": words})),
             max_size=1).map(tuple),
)  # fmt: skip
policies = st.builds(
    Policy, name=st.just("ours"), version=counts, candidates=st.lists(kinds, unique=True).map(tuple), default_offers=counts,
    max_offers=st.none() | counts, max_per_category=st.none() | counts, max_per_kind=st.dictionaries(kinds, counts, max_size=2),
    reserved=st.dictionaries(kinds, counts, max_size=2), excludes_owned=st.booleans(), prefers_slow_stock=st.booleans(),
    slow_floor=shares, near_date_days=counts, offers_sets=st.booleans(), max_sets=counts, closed_days=st.just(0.0) | days,
    returning_days=st.just(0.0) | days, is_holdout_exempt=st.booleans(), rules=st.lists(rules, max_size=1).map(tuple),
    pressure=pressures, value=values, epsilon=shares,
    goals=st.lists(st.builds(Goal, st.just("g"), st.fixed_dictionaries({"en": words})), max_size=1).map(tuple),
    variants=st.lists(st.just(VariantSet("words", ("warm", "plain"), levers={"warm": ("l",)})), max_size=1).map(tuple),
)  # fmt: skip


@given(policies, st.sampled_from(LANGUAGES), st.integers(1, 99).map(lambda n: n / 200))
def test_every_figure_on_the_page_stands_in_the_policy(policy, language, held):
    arms = {"held": held, "treated": 1 - held}
    trial = Experiment(
        "held", 1, TrialKind.HOLDOUT, arms, "mina", "to know", NOW, placements=("cart",), strategies=("offer",)
    )
    told = text(page(policy, language, experiments=(trial,)))
    known = {form for number in numbers((policy, trial)) for form in forms(number)}
    said = {token.replace(",", "") for token in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", told)}
    assert {f"{Decimal(one).normalize():f}" for one in said} <= known
    assert pressure_words(told, language) == []


@given(policies)
def test_the_sources_told_are_those_that_decisions_ask(policy):
    asked = {name for one in PLACEMENTS.values() for name in sources.sources_of(policy, one, ())}
    told = {name for name in SOURCES if say(f"how.source.{name}", "en") in page(policy).sections[0].sentences}
    assert told == asked & set(SOURCES)
    assert set(SOURCES) == sources.SOURCES.keys()


def numbers(value):
    """Walk over every number, date and clock time of a value; how many entries a list has counts too."""
    if isinstance(value, bool | str):
        return
    if isinstance(value, int | float | date | time):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from numbers(getattr(value, one.name))
    elif isinstance(value, dict | tuple):
        yield len(value)
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)


def forms(number):
    """Write a number as a page may: itself, in percent, days as hours and minutes; the parts of a date and of a clock."""
    if isinstance(number, date):
        return {str(number.year), str(number.month), str(number.day)}
    if isinstance(number, time):
        return {str(number.hour), str(number.hour % 12 or 12), str(number.minute)}
    exact = (number, number * 100, number * 24, number * 1440)
    return {f"{Decimal(f'{round(one, 6):.12g}').normalize():f}" for one in exact}
