"""Policies as text: whatever can be said is read back exactly; whatever is written is read or refused with a line."""

import re
import tomllib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crosslift.domain.offer import OfferKind
from crosslift.domain.policy import HELPFUL, RELEVANCE, Goal, Policy
from crosslift.domain.policy_changes import changes
from crosslift.domain.policy_packs import read_pack
from crosslift.domain.policy_text import read_policy, schema, write_policy
from crosslift.domain.pressure import Cap, Cooldown, PressureLimits, QuietHours, Reaction, ValueFirst
from crosslift.domain.rule import Daypart, Gate, Moment, Rule, Selector
from crosslift.domain.value import Bar, Lever, Objective, ValueTerms
from crosslift.domain.variant import VariantSet
from crosslift.errors import BadInput

WORDS = st.text(min_size=1, max_size=12).filter(str.strip)
IDS = st.lists(WORDS, max_size=3).map(tuple)
TEXTS = st.text(max_size=20)
COUNTS = st.integers(1, 50)
AMOUNTS = st.floats(0, 1e9)
SHARES = st.one_of(st.floats(0, 1), st.integers(0, 100).map(lambda n: n / 100))
ANY_SHARES = st.one_of(st.floats(0, 50), st.integers(0, 400).map(lambda n: n / 100))
DAYS = st.one_of(st.floats(1e-6, 40), st.integers(1, 40).map(float), st.integers(1, 200).map(lambda n: n / 24))
NO_DAYS = st.just(0.0) | DAYS
CONDITIONS = st.sampled_from(["", "orders >= 3", 'not consent("marketing") and orders > 1', 'goals has "more \\"'])
ZONES = [UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3, minutes=30)), timezone(timedelta(seconds=45))]
INSTANTS = st.builds(
    lambda at, zone: at.replace(tzinfo=UTC).astimezone(zone),
    st.datetimes(datetime(1980, 1, 1), datetime(2190, 1, 1)),  # noqa: DTZ001 - given its zone beside
    st.sampled_from(ZONES),
)
NUMBERED = st.dictionaries(WORDS, COUNTS, max_size=3)
TITLES = st.dictionaries(WORDS, WORDS, min_size=1, max_size=2)
MAYBE = st.none() | st.booleans()
DAY = st.sampled_from(["", "12-24", "02-29", "2026-12-24"])

moments = st.builds(
    Moment, placements=IDS, channels=IDS, markets=IDS, devices=IDS, dayparts=st.lists(st.sampled_from(Daypart)).map(tuple),
    months=st.lists(st.integers(1, 12)).map(tuple), weekdays=st.lists(st.integers(1, 7)).map(tuple), starts_on=DAY,
    ends_on=DAY, below_dwell_seconds=st.none() | st.floats(0.001, 86_400), interrupts=MAYBE, is_assisted=MAYBE,
    cart_has=IDS, cart_lacks=IDS,
)  # fmt: skip
selectors = st.builds(
    Selector, products=IDS, categories=IDS, kinds=IDS,
    offer_kinds=st.lists(st.sampled_from([kind.value for kind in OfferKind])).map(tuple), tags=IDS, goals=IDS,
    attributes=st.dictionaries(WORDS, TEXTS, max_size=2), min_price_ratio=st.none() | ANY_SHARES, lacks_goal=st.booleans(),
    lacks_licence=st.booleans(), is_paid_incentive=MAYBE, not_products=IDS, not_categories=IDS, not_tags=IDS,
)  # fmt: skip
rules = st.builds(
    Rule, rule_id=WORDS, gate=st.sampled_from(Gate), code=st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True),
    owner=WORDS, reason=WORDS, moment=moments, who=CONDITIONS, stops=selectors, law=TEXTS, spares_needs=st.booleans(),
    younger_than=st.none() | st.integers(1, 150),
)  # fmt: skip
goals = st.builds(Goal, goal_id=WORDS, titles=TITLES, offers=IDS, categories=IDS, not_offers=IDS)
caps = st.builds(Cap, most=st.integers(0, 9), days=DAYS, channels=IDS, topics=IDS)
cooldowns = st.builds(
    Cooldown, after=st.sampled_from(Reaction), days=DAYS, scope=st.sampled_from(["product", "category", "all"]),
    n_times=COUNTS, within_days=DAYS, law=TEXTS,
)  # fmt: skip
HOURS = st.lists(st.times(), min_size=2, max_size=2, unique=True)
quiet = st.builds(lambda hours, *rest: QuietHours(*hours, *rest), HOURS, IDS, IDS, TEXTS)
firsts = st.builds(
    ValueFirst, n_useful=st.integers(0, 9), needs_win=st.booleans(), win_events=IDS, channels=IDS, markets=IDS
)
limits = st.builds(
    PressureLimits, caps=st.lists(caps, max_size=3).map(tuple), cooldowns=st.lists(cooldowns, max_size=2).map(tuple),
    quiet_hours=st.lists(quiet, max_size=2).map(tuple), value_first=st.none() | firsts,
    costs=st.dictionaries(WORDS, AMOUNTS, max_size=2), must_solve_first=st.booleans(),
)  # fmt: skip
levers = st.builds(
    Lever, lever_id=WORDS, factor=st.floats(0, 1000), author=WORDS, reason=WORDS, ends_at=INSTANTS, products=IDS,
    categories=IDS, max_share=st.none() | SHARES,
)  # fmt: skip
bars = st.builds(
    Bar, bar_id=WORDS, amount=AMOUNTS, currency=st.sampled_from(["USD", "KRW"]), titles=TITLES, markets=IDS,
    worth=AMOUNTS, max_overshoot=ANY_SHARES,
)  # fmt: skip
terms = st.builds(
    ValueTerms, objectives=st.dictionaries(WORDS, st.sampled_from(Objective), max_size=2),
    context_weights=st.dictionaries(WORDS, st.floats(0, 1000), max_size=2), margin_floor=st.none() | st.floats(-5, 1),
    max_cross_ratio=st.none() | ANY_SHARES, max_step=st.none() | ANY_SHARES, min_worth=st.floats(-1e6, 1e6),
    start_accept=st.dictionaries(WORDS, SHARES, max_size=2), max_accept=SHARES,
    tax_rates=st.dictionaries(WORDS, ANY_SHARES, max_size=2),
    levers=st.lists(levers, max_size=2, unique_by=lambda one: one.lever_id).map(tuple),
    bars=st.lists(bars, max_size=2, unique_by=lambda one: one.bar_id).map(tuple),
)  # fmt: skip
options = st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True), min_size=2, max_size=8, unique=True)
variants = options.flatmap(
    lambda names: st.builds(
        VariantSet, set_id=WORDS, options=st.just(tuple(names)), placements=IDS,
        levers=st.dictionaries(st.sampled_from(names), IDS, max_size=3), floor=st.floats(0.001, 1 / len(names)),
    )
)  # fmt: skip
policies = st.builds(
    Policy, name=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True), version=st.integers(0, 10_000),
    candidates=st.lists(WORDS, min_size=1, max_size=4).map(tuple), default_offers=COUNTS, max_offers=st.none() | COUNTS,
    max_per_category=st.none() | COUNTS, max_per_kind=NUMBERED, reserved=NUMBERED, excludes_owned=st.booleans(),
    gates_evaluation=st.booleans(), prefers_slow_stock=st.booleans(), slow_floor=SHARES, near_date_days=COUNTS,
    offers_sets=st.booleans(), max_sets=st.integers(0, 9), closed_days=NO_DAYS, returning_days=NO_DAYS,
    is_holdout_exempt=st.booleans(),
    rules=st.lists(rules, max_size=2, unique_by=lambda one: one.rule_id).map(tuple), pressure=limits, value=terms,
    goals=st.lists(goals, max_size=2, unique_by=lambda one: one.goal_id).map(tuple), epsilon=SHARES, packs=IDS,
    timezones=st.dictionaries(WORDS, WORDS, max_size=2), needs_approval=st.booleans(),
    variants=st.lists(variants, max_size=2, unique_by=lambda one: one.set_id).map(tuple),
)  # fmt: skip


PIECES = st.sampled_from(
    ["name = ", '"a"', "[offers]\n", "[[rules]]\n", "[[caps]]\n", "sources = ", "[", "]", "{", "}", '"""', "'", "\n", "=", "#",
     "within = ", '"7 days"', "1e999", "0x" + "f" * 5_000, "-0", "nan", "2026-01-01", "extends", ".", ",", "true", "\\", "\r\n",
     "who = ", '"orders >"', "when.", "months", "[13]", "\x00", "차", "packs", '"market/us"', "without", "id = ", "9" * 5_000]
)  # fmt: skip
HEAD = 'name = "a"\n[offers]\nsources = ["complement"]\n'


@given(policies)
@example(HELPFUL)
@example(RELEVANCE)
def test_a_policy_is_read_back_exactly_as_it_was_written(policy):
    text = write_policy(policy)
    assert read_policy(text) == policy
    assert write_policy(read_policy(text)) == text


@given(policies)
@example(HELPFUL)
def test_what_is_written_fits_the_published_schema(policy):
    assert list(misfits(schema(), json_of(tomllib.loads(write_policy(policy))))) == []


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=60), st.booleans())
@example("a = " + "[" * 5_000, False)
@example(HEAD + "near_date = 0x" + "f" * 5_000, False)
def test_whatever_is_typed_is_read_or_refused_with_lines_of_the_text(typed, is_begun):
    text = HEAD + typed if is_begun else typed
    for read in (read_policy, read_pack):
        made, refused = tried(read, text)
        if refused is not None:
            lines = [re.match(r"line (\d+): .", problem) for problem in refused.problems]
            assert all(found and 1 <= int(found[1]) <= text.count("\n") + 1 for found in lines), refused.problems
            assert lines or "too deeply" in str(refused)
        elif read is read_policy:
            assert read_policy(write_policy(made)) == made


@given(policies, st.data())
def test_a_slip_in_a_whole_policy_is_refused_or_changes_no_more_than_it_says(policy, data):
    lines = write_policy(policy).split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    slip = data.draw(st.sampled_from(["", "x", "= 1", "[offers]", "at_most = 1", '"']))
    with suppress(BadInput):
        read_policy("\n".join([*lines[:place], slip, *lines[place + 1 :]]))


@given(policies, policies)
def test_changes_are_told_exactly_where_something_is_other(before, after):
    same = replace(after, name=before.name, version=before.version)
    assert changes(before, before) == []
    assert (changes(before, same) == []) == (before == same)
    assert all("\n" not in one for one in changes(before, after))


def tried(read, text):
    try:
        return read(text), None
    except BadInput as error:
        return None, error


def json_of(value):
    """Give a TOML value as JSON would have it."""
    if isinstance(value, dict):
        return {key: json_of(one) for key, one in value.items()}
    if isinstance(value, list):
        return [json_of(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


KINDS = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list, "object": dict}


def misfits(wanted, value, path="$"):
    """Name where a value does not fit the part of JSON Schema that ours uses."""
    assert wanted.keys() <= {
        "$schema", "title", "description", "type", "minLength", "pattern", "enum", "const", "anyOf", "items", "properties",
        "required", "additionalProperties", "minimum", "maximum", "format",
    }  # fmt: skip
    if "anyOf" in wanted and all(list(misfits(one, value)) for one in wanted["anyOf"]):
        yield path
    is_kind = isinstance(value, KINDS[wanted["type"]]) if "type" in wanted else True
    if not is_kind or (isinstance(value, bool) and wanted.get("type") in ("integer", "number")):
        yield path
        return
    if value not in wanted.get("enum", [value]) or value != wanted.get("const", value):
        yield path
    if isinstance(value, str) and (
        len(value) < wanted.get("minLength", 0) or not re.search(wanted.get("pattern", ""), value)
    ):
        yield path
    if isinstance(value, int | float) and not wanted.get("minimum", value) <= value <= wanted.get("maximum", value):
        yield path
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from misfits(wanted.get("items", {}), one, f"{path}[{place}]")
    if isinstance(value, dict):
        yield from (f"{path}.{name} is missing" for name in wanted.get("required", ()) if name not in value)
        others = wanted.get("additionalProperties", {})
        for key, one in value.items():
            inner = wanted.get("properties", {}).get(key, others)
            yield from [f"{path}.{key}"] if inner is False else misfits(inner, one, f"{path}.{key}")
