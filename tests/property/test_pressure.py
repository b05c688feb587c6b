"""Pressure: more contacts never open what was closed, their order means nothing, windows are exact, clocks are right."""

import os
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crosslift.decide import pressure
from crosslift.decide.pauses import pauses
from crosslift.domain.customer import Person
from crosslift.domain.decision import NoOffer, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.pressure import (
    DAY,
    SCOPES,
    Cap,
    Contact,
    ContactState,
    Cooldown,
    PressureLimits,
    PressureState,
    QuietHours,
    Reacted,
    Reaction,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NOW = int(NOON.timestamp() * 1_000_000)
CHANNELS = ("web", "email", "desk")
TOPICS = ("table", "table/cups", "sweet")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Seoul",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
)
PLACES = ("popup", "email", "cart", "desk")

spans = st.sampled_from((1 / 24, 0.5, 1.0, 7.0, 30.0))
ages = st.one_of(
    st.integers(-5, 40 * DAY),
    st.builds(lambda span, around: round(span * DAY) + around, spans, st.sampled_from((-1, 0, 1))),
)
contacts = st.builds(
    lambda age, channel, topic, state, left: Contact(NOW - age, channel, topic, state, NOW + left),
    ages, st.sampled_from(CHANNELS), st.sampled_from(TOPICS), st.sampled_from(ContactState), st.integers(-2, 2),
)  # fmt: skip
caps = st.builds(
    Cap, st.integers(0, 4), spans, st.sampled_from(((), ("web",), ("web", "email"))),
    st.sampled_from(((), (), ("table",), ("sweet",))),
)  # fmt: skip
limits_of_caps = st.lists(caps, max_size=4).map(lambda made: PressureLimits(caps=tuple(made)))
reactions = st.builds(
    Reacted, ages.map(lambda age: NOW - age), st.sampled_from(Reaction), st.sampled_from(("cup", "tea", "honey", "gone")),
    st.sampled_from(("", "table")),
)  # fmt: skip
cooldowns = st.builds(
    Cooldown, st.sampled_from(Reaction), spans, st.sampled_from(SCOPES), st.integers(1, 3), st.sampled_from((1.0, 30.0))
)
local_times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 30, 59)))


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


@pytest.fixture(scope="module")
def known(little):
    shelves = {"tea": "leaves", "honey": "sweet", "cup": "table/cups", "spoon": "table"}
    return little.knowledge(
        little.orders(*[["tea", "honey"], ["tea", "cup"], ["tea", "spoon"], ["n00"]] * 20),
        little.products(*({"product_id": name, "category": shelf} for name, shelf in shelves.items())),
    )


def judged(given_contacts, limits, placement="popup", **state):
    who = Person("customer:c1", pressure=PressureState(1, tuple(given_contacts), **state))
    asked = pressure.attention(Request(placement, NOON, customer_id="c1"), PLACEMENTS[placement], who, {})
    return pressure.judge_contacts(who, limits, asked), who, asked


def counts(contact, cap):
    """Tell by plain rules whether a contact takes room in a cap."""
    is_there = contact.state is ContactState.CONFIRMED or (
        contact.state is ContactState.RESERVED and contact.expires_at > NOW
    )
    is_in = contact.at + timedelta(days=cap.days) // timedelta(microseconds=1) > NOW
    return is_there and is_in and (not cap.channels or contact.channel in cap.channels)


@settings(max_examples=300)
@given(st.lists(contacts, max_size=12), limits_of_caps, st.sampled_from(PLACES))
def test_caps_are_what_counting_by_plain_rules_gives(made, limits, placement):
    found, _, asked = judged(made, limits, placement)
    asks = placement != "cart"
    full = [
        cap for cap in limits.caps
        if not cap.topics and (not cap.channels or asked.channel in cap.channels)
        and sum(counts(one, cap) for one in made) >= cap.most
    ]  # fmt: skip
    assert found is (NoOffer.CAPPED if asks and full else None)


@settings(max_examples=300)
@given(st.lists(contacts, max_size=10), st.lists(contacts, max_size=4), limits_of_caps, st.sampled_from(PLACES))
def test_more_contacts_never_open_what_was_closed(known, made, more, limits, placement):
    items = np.arange(known.n_items, dtype=np.int32)
    fewer, one, asked = judged(made, limits, placement)
    both, two, _ = judged([*made, *more], limits, placement)
    assert fewer is None or both is fewer
    before = pressure.used_up(one.pressure, limits, known, items, asked)
    assert not (before & ~pressure.used_up(two.pressure, limits, known, items, asked)).any()


@settings(max_examples=200)
@given(st.lists(contacts, max_size=10), limits_of_caps, st.randoms(use_true_random=False))
def test_the_order_of_contacts_means_nothing(known, made, limits, chance):
    items = np.arange(known.n_items, dtype=np.int32)
    shuffled = chance.sample(made, len(made))
    found, one, asked = judged(made, limits)
    again, two, _ = judged(shuffled, limits)
    assert found is again
    assert np.array_equal(
        pressure.used_up(one.pressure, limits, known, items, asked),
        pressure.used_up(two.pressure, limits, known, items, asked),
    )


@given(spans, st.integers(1, 5), st.sampled_from((-1, 0, 1)))
def test_a_window_is_exact_to_the_microsecond(days, most, around):
    limits = PressureLimits(caps=(Cap(most, days),))
    at = NOW - round(days * DAY) + around
    made = [Contact(at, "web", "", ContactState.CONFIRMED) for _ in range(most)]
    assert judged(made, limits)[0] is (NoOffer.CAPPED if around > 0 else None)


def candidates_of(known):
    """Give every product as a candidate."""
    items, none = np.arange(known.n_items, dtype=np.int32), np.zeros(known.n_items)
    return pressure.Candidates(items, none, none.astype(np.int8), none, none, none, ("complement",))


@settings(max_examples=200)
@given(st.lists(reactions, max_size=12), st.lists(cooldowns, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_reactions_means_nothing_and_only_an_answer_forgets(known, made, asked, chance):
    limits = PressureLimits(cooldowns=tuple(asked))
    everything = candidates_of(known)

    def resting(rows):
        mask = pauses(PressureState(reactions=tuple(rows)), limits, known, NOW).mask(known, everything)
        return set() if mask is None else set(np.flatnonzero(mask).tolist())

    before = resting(made)
    assert before == resting(chance.sample(made, len(made)))
    refusal = Reacted(NOW, Reaction.DECLINED, "tea")
    assert before <= resting([*made, refusal])


SEEN_OF_ONE = Cooldown(Reaction.SEEN, 1, scope="product", n_times=1, within_days=1)


@settings(max_examples=200)
@given(
    st.lists(contacts, max_size=10), st.lists(reactions, max_size=12), limits_of_caps, st.lists(cooldowns, max_size=3),
    st.sampled_from(PLACES),
)  # fmt: skip
@example(
    [], [Reacted(NOW, Reaction.SEEN, "cup"), Reacted(NOW, Reaction.CLICKED, "tea")], PressureLimits(),
    [SEEN_OF_ONE, replace(SEEN_OF_ONE, scope="category"), replace(SEEN_OF_ONE, scope="all")], "popup",
)  # fmt: skip
def test_what_is_kept_of_a_person_decides_the_same_again(known, made, told, limits, cooling, placement):
    limits = replace(limits, cooldowns=tuple(cooling))
    found = candidates_of(known)

    def ask(who):
        _, _, asked = judged((), limits, placement)
        gate = pressure.LastGate(known, who, limits, asked)
        verdict = np.zeros(known.n_items, dtype=np.uint16)
        gate.judge(found, verdict)
        return verdict.tolist(), gate.stop, gate.read()

    person = Person("customer:c1", pressure=PressureState(1, tuple(made), tuple(told)))
    verdict, stop, read = ask(person)
    again = ask(replace(person, pressure=read))
    assert again[:2] == (verdict, stop)
    assert set(again[2].reactions) <= set(read.reactions)


@settings(max_examples=150)
@given(
    local_times, local_times, st.sampled_from(ZONES),
    st.sampled_from(("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-07-01")),
    st.integers(0, 36 * 60 - 1),
)  # fmt: skip
@example(time(1, 30), time(2), "Europe/Berlin", "2026-10-25", 30)
def test_quiet_hours_agree_with_a_model_that_knows_every_minute(start, end, zone, day, minute):
    if start == end:
        return
    quiet_minutes, at = set(), start.hour * 60 + start.minute
    while at != end.hour * 60 + end.minute:
        quiet_minutes.add(at)
        at = (at + 1) % (24 * 60)
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=6) + timedelta(minutes=minute)
    local = moment.astimezone(ZoneInfo(zone))
    limits = PressureLimits(quiet_hours=(QuietHours(start, end),))
    who = Person("customer:c1")
    asked = pressure.attention(Request("popup", moment, customer_id="c1"), PLACEMENTS["popup"], who, {"*": zone})
    is_quiet = pressure.judge_contacts(who, limits, asked) is NoOffer.QUIET_HOURS
    assert is_quiet is (local.hour * 60 + local.minute in quiet_minutes)
