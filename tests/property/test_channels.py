"""Channel and hour: never where or when it may not be, the declared wish wherever it can be had, whatever the order."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crosslift.decide.channels import choose
from crosslift.decide.pressure import attention, judge_contacts, local_at
from crosslift.domain.channel import Bar, HourCounts, Hours, Wishes
from crosslift.domain.customer import Person
from crosslift.domain.decision import Request
from crosslift.domain.placement import MESSAGES, PLACEMENTS
from crosslift.domain.pressure import (
    DAY,
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

CHANNELS = ("email", "sms", "push")
DAYS = 3.0
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Seoul",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "no zone",
)
TURNS = [
    datetime(2026, 3, 28, 23, tzinfo=UTC),
    datetime(2026, 10, 24, 22, tzinfo=UTC),
    datetime(2026, 10, 3, 12, tzinfo=UTC),
]
"""Days on which clocks are moved in Berlin and on Lord Howe."""

some_channels = st.frozensets(st.sampled_from(CHANNELS))
moments = st.one_of(
    st.sampled_from(TURNS),
    st.builds(lambda seconds: TURNS[0] + timedelta(seconds=seconds), st.integers(0, 500 * 86_400)),
)
clock = st.builds(time, st.integers(0, 23), st.sampled_from((0, 30, 59)))
spans = st.tuples(clock, clock).filter(lambda pair: pair[0] != pair[1])
scoped = st.sampled_from(((), ("email",), ("sms", "push")))
limits_made = st.builds(
    lambda caps, cooldowns, quiet: PressureLimits(tuple(caps), tuple(cooldowns), tuple(quiet)),
    st.lists(st.builds(Cap, st.integers(0, 3), st.sampled_from((0.5, 1.0, 7.0)), scoped), max_size=3),
    st.lists(st.builds(Cooldown, st.sampled_from(Reaction), st.sampled_from((1.0, 14.0)), st.just("all")), max_size=1),
    st.lists(st.builds(lambda pair, on: QuietHours(*pair, on), spans, scoped), max_size=2),
)
consents_made = st.builds(
    lambda messages, known: {
        (purpose, name): True for purpose, names in (("marketing", messages), ("personalization", known)) for name in names
    },
    some_channels, some_channels,
)  # fmt: skip
ages = st.integers(0, 20 * DAY)


@st.composite
def asked(draw):
    """A person, limits and everything else that is asked with."""
    now = draw(moments)
    at = int(now.timestamp() * 1_000_000)
    contacts = draw(st.lists(
        st.builds(
            lambda age, channel, state, left: Contact(at - age, channel, "tea", state, at + left), ages,
            st.sampled_from((*CHANNELS, "web")), st.sampled_from(ContactState), st.sampled_from((-1, DAY, 300 * DAY)),
        ), max_size=8,
    ))  # fmt: skip
    reactions = draw(st.lists(
        st.builds(
            lambda age, what, product, channel: Reacted(at - age, what, product, "", channel), ages, st.sampled_from(Reaction),
            st.sampled_from(("tea", "tea", "tea", "")), st.sampled_from(CHANNELS),
        ), max_size=8,
    ))  # fmt: skip
    person = Person(
        "customer:c1", True, consents=draw(consents_made), open_cases=draw(st.sampled_from((0, 0, 0, 1))),
        pressure=PressureState(1, tuple(contacts), tuple(reactions)), timezone=draw(st.sampled_from((None, *ZONES))),
    )  # fmt: skip
    counts = st.tuples(st.integers(0, 300), st.floats(0, 1)).map(
        lambda pair: HourCounts((pair[0],) * 24, (int(pair[0] * pair[1]),) * 24)
    )
    wishes = Wishes(
        tuple(draw(st.lists(st.sampled_from((*CHANNELS, "fax")), unique=True, max_size=2))),
        tuple(Hours(*pair) for pair in draw(st.lists(spans, max_size=2))),
    )
    given_with = {
        "wishes": wishes, "reachable": draw(some_channels), "told": draw(st.dictionaries(st.sampled_from(CHANNELS), counts)),
        "days": DAYS,
    }  # fmt: skip
    return person, draw(limits_made), now, given_with


def judged(person, limits, channel, at):
    """Ask what a decision would ask at an instant."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    asks = attention(Request(channel, moment, customer_id="c1"), PLACEMENTS[channel], person, {})
    return judge_contacts(person, limits, asks), asks


def full_hours(now, zone):
    """Give every full hour of a clock within the days asked about, as it is shown first, and now."""
    at = int(now.timestamp() * 1_000_000)
    day = local_at(now, zone, None, {})
    tz = day.tzinfo
    found = {at}
    for n in range(int(DAYS) + 2):
        for hour in range(24):
            shown = datetime.combine(day.date() + timedelta(days=n), time(hour), tz)
            found.add(int(shown.timestamp() * 1_000_000))
    return sorted(one for one in found if at <= one <= at + DAYS * DAY)


@settings(max_examples=80, deadline=None)
@given(asked())
def test_a_chosen_time_passes_everything_a_decision_would_ask_then(made):
    person, limits, now, more = made
    found = choose(person, limits, MESSAGES, now, {}, **more)
    begin = int(now.timestamp() * 1_000_000)
    for one in found.times:
        stop, asks = judged(person, limits, one.channel, one.at)
        assert stop is None
        assert asks.local == one.local
        assert not any(
            hours.hold(asks.local.time()) for hours in limits.quiet_hours
            if not hours.channels or one.channel in hours.channels
        )  # fmt: skip
        assert person.consents.get(("marketing", one.channel))
        assert one.channel in more["reachable"]
        assert begin <= one.at <= begin + DAYS * DAY
        assert 0 <= one.pressure <= 1
    if any(one.reaction is Reaction.MUTED and not one.product_id for one in person.pressure.reactions):
        assert found.best is None
    names = sorted([one.channel for one in found.times] + [one.channel for one in found.barred])
    assert names == sorted(CHANNELS)


@settings(max_examples=80, deadline=None)
@given(asked())
def test_a_barred_channel_is_barred_at_every_full_hour_and_says_why(made):
    person, limits, now, more = made
    for one in choose(person, limits, MESSAGES, now, {}, **more).barred:
        if one.code == Bar.NO_CONSENT:
            assert not person.consents.get(("marketing", one.channel))
        elif one.code == Bar.NO_ADDRESS:
            assert one.channel not in more["reachable"]
        else:
            stops = {judged(person, limits, one.channel, at)[0] for at in full_hours(now, person.timezone)}
            assert None not in stops
            told = {Bar.MUTED: "cooling_down"}.get(one.code, one.code)
            assert told in {str(stop) for stop in stops} or one.code == Bar.QUIET_HOURS


@settings(max_examples=80, deadline=None)
@given(asked())
def test_the_declared_channel_and_hours_win_wherever_they_can_be_had(made):
    person, limits, now, more = made
    found, wishes = choose(person, limits, MESSAGES, now, {}, **more), more["wishes"]
    if found.best is None:
        return
    places = [wishes.place_of(one.channel) for one in found.times]
    assert places[0] == min(places)
    for one in found.times:
        hours = [
            at for at in full_hours(now, person.timezone)
            if wishes.hold(judged(person, limits, one.channel, at)[1].local.time())
            and judged(person, limits, one.channel, at)[0] is None
        ]  # fmt: skip
        assert not hours or wishes.hold(one.local.time())


@settings(max_examples=60, deadline=None)
@given(asked(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_means_nothing(made, chance):
    person, limits, now, more = made
    told = choose(person, limits, MESSAGES, now, {}, **more)

    def shuffled(values):
        return tuple(chance.sample(list(values), len(values)))

    state = person.pressure
    other = replace(
        person, pressure=replace(state, contacts=shuffled(state.contacts), reactions=shuffled(state.reactions))
    )
    other = replace(other, consents=dict(shuffled(person.consents.items())))
    turned = PressureLimits(shuffled(limits.caps), shuffled(limits.cooldowns), shuffled(limits.quiet_hours))
    again = choose(other, turned, shuffled(MESSAGES), now, {}, **{**more, "told": dict(shuffled(more["told"].items()))})
    assert again == told


@settings(max_examples=60, deadline=None)
@given(asked(), st.sampled_from(CHANNELS))
@example((Person("customer:c1", True, consents={("marketing", "email"): True}), PressureLimits(), TURNS[0],
          {"reachable": frozenset(CHANNELS), "days": DAYS}), "email")  # fmt: skip
def test_a_withdrawal_takes_its_channel_away_and_leaves_the_others_as_they_were(made, gone):
    person, limits, now, more = made
    before = choose(person, limits, MESSAGES, now, {}, **more)
    after = choose(
        replace(person, consents={**person.consents, ("marketing", gone): False}), limits, MESSAGES, now, {}, **more
    )
    assert gone not in {one.channel for one in after.times}
    assert next(one.code for one in after.barred if one.channel == gone) == Bar.NO_CONSENT

    def when(choice):
        return {one.channel: one.at for one in choice.times if one.channel != gone}

    assert when(after) == when(before)
