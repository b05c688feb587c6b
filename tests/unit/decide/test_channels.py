from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from crosslift.decide.channels import choose
from crosslift.domain.channel import Bar, Because, HourCounts, Hours, Wishes
from crosslift.domain.customer import Person
from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.domain.placement import MESSAGES
from crosslift.domain.policy import GENTLE
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
    ValueFirst,
)

NOON = datetime(2026, 11, 2, 12, 20, tzinfo=UTC)
NOW = int(NOON.timestamp() * 1_000_000)
ALL = frozenset({"email", "sms", "push"})
FREE = PressureLimits()
OPEN = Person("customer:c1", True, consents={("marketing", "*"): True})
NIGHT = QuietHours(time(21), time(8))


def granted(*channels, also=()):
    return replace(OPEN, consents={**{("marketing", name): True for name in channels}, **dict.fromkeys(also, True)})


def chosen(person=OPEN, limits=FREE, now=NOON, zones=None, reachable=ALL, **given):
    return choose(person, limits, MESSAGES, now, zones or {}, reachable=reachable, **given)


def contact(days_ago, channel="email", minutes=0):
    return Contact(NOW - round(days_ago * DAY) + minutes * 60_000_000, channel, "tea", ContactState.CONFIRMED)


def pressed(*contacts, reactions=(), person=OPEN, **given):
    return replace(person, pressure=PressureState(1, contacts, tuple(reactions)), **given)


def counts(**hours):
    """Sent and answered by hour: h9=(100, 20)."""
    told = {int(name[1:]): pair for name, pair in hours.items()}
    return HourCounts(*(tuple(told.get(hour, (0, 0))[place] for hour in range(24)) for place in (0, 1)))


def flat(sent, answered):
    return HourCounts((sent,) * 24, (answered,) * 24)


def barred(choice):
    return {one.channel: one.code for one in choice.barred}


# what is open


def test_without_anything_known_the_first_channel_by_name_goes_out_at_once():
    found = chosen()
    assert [one.channel for one in found.times] == ["email", "push", "sms"]
    assert (found.best.at, found.best.placement, found.best.not_now) == (NOW, "email", None)
    assert found.best.because == ()
    assert found.times[-1].because == (Because.ONLY_CHANNEL,)
    assert isinstance(found.best.response, NotEstimable)


def test_no_consent_means_no_channel_and_that_is_an_answer():
    found = chosen(granted("email", also=[("personalization", "*")]))
    assert [one.channel for one in found.times] == ["email"]
    assert barred(found) == {"push": Bar.NO_CONSENT, "sms": Bar.NO_CONSENT}
    nobody = chosen(Person("customer:c1", True))
    assert (nobody.best, nobody.times) == (None, ())
    assert set(barred(nobody).values()) == {Bar.NO_CONSENT}


def test_a_channel_nobody_has_an_address_for_is_out():
    assert barred(chosen(reachable=frozenset({"sms"}))) == {"email": Bar.NO_ADDRESS, "push": Bar.NO_ADDRESS}


@pytest.mark.parametrize(
    ("person", "limits", "code"),
    [
        (replace(OPEN, open_cases=1), FREE, Bar.SOLVE_FIRST),
        (pressed(reactions=[Reacted(NOW - DAY, Reaction.MUTED)]), FREE, Bar.MUTED),
        (pressed(reactions=[Reacted(NOW - DAY, Reaction.COMPLAINED)]), GENTLE, Bar.COOLING_DOWN),
        (OPEN, PressureLimits(value_first=ValueFirst(1)), Bar.VALUE_FIRST),
        (OPEN, PressureLimits(caps=(Cap(0, 1.0),)), Bar.CAPPED),
        (OPEN, PressureLimits(quiet_hours=(QuietHours(time(8), time(20)), QuietHours(time(20), time(8)))), Bar.QUIET_HOURS),
        (pressed(contact(0.5)), PressureLimits(caps=(Cap(1, 30.0),), quiet_hours=(NIGHT,)), Bar.CAPPED),
    ],
)  # fmt: skip
def test_what_protects_a_person_leaves_no_channel(person, limits, code):
    found = chosen(person, limits)
    assert found.best is None
    assert set(barred(found).values()) == {code}


def test_a_rule_of_the_policy_bars_where_and_when_it_holds():
    found = chosen(bars=lambda here: "not_on_monday" if here.channel == "sms" or here.local.isoweekday() == 1 else None)
    assert barred(found) == {"sms": "not_on_monday"}
    assert found.best.local == datetime(2026, 11, 3, tzinfo=UTC)
    assert found.best.not_now == "not_on_monday"


# the time


def test_quiet_hours_put_a_message_off_until_they_end_on_the_persons_clock():
    seoul = replace(OPEN, timezone="Asia/Seoul")  # 21:20 there
    found = chosen(seoul, PressureLimits(quiet_hours=(QuietHours(time(21), time(8, 30)),)))
    assert found.best.local.isoformat() == "2026-11-03T08:30:00+09:00"
    assert (found.best.not_now, found.time_zone) == (Bar.QUIET_HOURS, "Asia/Seoul")


def test_a_full_cap_puts_a_message_off_until_there_is_room():
    found = chosen(pressed(contact(6.5)), PressureLimits(caps=(Cap(1, 7.0, ("email",)),)))
    mail = next(one for one in found.times if one.channel == "email")
    assert mail.local == datetime(2026, 11, 3, 1, tzinfo=UTC)  # the week is over at 00:20
    assert mail.not_now == Bar.CAPPED
    assert found.best.channel == "push"
    assert barred(chosen(pressed(contact(6.5)), PressureLimits(caps=(Cap(1, 7.0, ("email",)),)), days=0.25)) == {
        "email": Bar.CAPPED
    }


def test_a_pause_ends_within_the_time_looked_at():
    complained = pressed(reactions=[Reacted(NOW - 13 * DAY, Reaction.COMPLAINED)])
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.COMPLAINED, 14.0, "all"),))
    assert chosen(complained, limits).best.local == datetime(2026, 11, 3, 13, tzinfo=UTC)


def test_an_hour_that_clocks_skip_moves_on():
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in Berlin, where 02:00 is 03:00
    night = PressureLimits(quiet_hours=(QuietHours(time(22), time(2)),))
    found = chosen(replace(OPEN, timezone="Europe/Berlin"), night, before)
    assert found.best.local.isoformat() == "2026-03-29T03:00:00+02:00"
    wish = Wishes(hours=(Hours(time(2), time(3)),))
    assert chosen(replace(OPEN, timezone="Europe/Berlin"), FREE, before, wishes=wish).best.local.isoformat() == (
        "2026-03-30T02:00:00+02:00"
    )


def test_an_hour_that_comes_twice_is_taken_when_it_comes_first():
    before = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 01:30 in Berlin, where 02:00 comes at 00:00 and 01:00 UTC
    wish = Wishes(hours=(Hours(time(2), time(3)),))
    found = chosen(replace(OPEN, timezone="Europe/Berlin"), FREE, before, wishes=wish)
    assert found.best.local.isoformat() == "2026-10-25T02:00:00+02:00"


def test_hours_begin_where_a_zone_has_them():
    found = chosen(
        replace(OPEN, timezone="Asia/Kathmandu"), PressureLimits(quiet_hours=(QuietHours(time(18), time(19)),))
    )
    assert found.best.local.isoformat() == "2026-11-02T19:00:00+05:45"


def test_the_market_and_the_shop_say_the_zone_where_the_person_does_not():
    zones = {"*": "America/New_York", "JP": "Asia/Tokyo"}
    assert chosen(zones=zones).time_zone == "America/New_York"
    assert chosen(zones=zones, market="JP").time_zone == chosen(replace(OPEN, market="JP"), zones=zones).time_zone
    assert chosen().time_zone == "UTC"


# what they declared


def test_a_declared_channel_and_hour_win_over_everything_learned():
    told = {"email": flat(100, 60), "sms": flat(100, 1)}
    found = chosen(wishes=Wishes(("sms",), (Hours(time(18), time(20)),)), told=told)
    assert (found.best.channel, found.best.local) == ("sms", datetime(2026, 11, 2, 18, tzinfo=UTC))
    assert found.best.because == (Because.PREFERRED_CHANNEL, Because.PREFERRED_HOURS)
    assert found.times[1].channel == "email"


def test_the_next_declared_channel_stands_in_and_what_was_put_off_still_wins():
    wishes = Wishes(("sms", "push"))
    assert chosen(granted("email", "push"), wishes=wishes).best.channel == "push"
    capped = pressed(contact(4.0, "sms"))
    found = chosen(capped, PressureLimits(caps=(Cap(1, 7.0, ("sms",)),)), wishes=wishes)
    assert (found.best.channel, found.best.local.day) == ("sms", 5)


def test_declared_hours_within_quiet_hours_are_no_reason_to_be_silent():
    found = chosen(limits=PressureLimits(quiet_hours=(NIGHT,)), wishes=Wishes(hours=(Hours(time(22), time(23)),)))
    assert found.best.at == NOW
    assert Because.PREFERRED_HOURS not in found.best.because


def test_a_declared_hour_that_holds_now_is_now():
    assert chosen(wishes=Wishes(hours=(Hours(time(12), time(13)),))).best.at == NOW


def test_declared_minutes_are_kept():
    found = chosen(wishes=Wishes(hours=(Hours(time(18, 40), time(18, 50)),)))
    assert found.best.local == datetime(2026, 11, 2, 18, 40, tzinfo=UTC)


# what was learned, and pressure


def test_the_channel_that_is_answered_more_goes_first():
    found = chosen(told={"email": flat(100, 5), "sms": flat(100, 20), "push": flat(100, 5)})
    assert found.best.channel == "sms"
    assert found.best.because[0] is Because.ANSWERED_CHANNEL
    assert isinstance(found.best.response, Estimate)
    assert found.best.response.value == pytest.approx(0.2, abs=0.02)


def test_the_hour_that_is_answered_more_is_waited_for():
    told = {"email": counts(h9=(1000, 50), h19=(1000, 200))}
    found = chosen(granted("email"), told=told)
    assert found.best.local == datetime(2026, 11, 2, 19, tzinfo=UTC)
    assert found.best.because == (Because.ANSWERED_HOUR, Because.ONLY_CHANNEL)


def test_own_answers_count_with_consent_alone():
    told = {"email": flat(100, 20), "sms": flat(100, 10)}
    texts = [contact(days, "sms") for days in range(3, 18)]
    clicks = [Reacted(one.at + 60_000_000, Reaction.CLICKED, "tea", "", "sms") for one in texts]
    allowed = pressed(*texts, reactions=clicks, person=granted("email", "sms", also=[("personalization", "*")]))
    assert chosen(allowed, told=told).best.channel == "sms"
    assert chosen(pressed(*texts, reactions=clicks, person=granted("email", "sms")), told=told).best.channel == "email"


def test_where_answers_say_nothing_the_channel_with_most_room_goes_first():
    limits = PressureLimits(caps=(Cap(4, 7.0, ("email",)), Cap(4, 7.0, ("push",)), Cap(4, 7.0, ("sms",))))
    used = pressed(contact(1.0), contact(2.0), contact(1.0, "push"), contact(2.0, "sms"), contact(3.0, "sms"))
    found = chosen(used, limits)
    assert [(one.channel, one.pressure) for one in found.times] == [("push", 0.25), ("email", 0.5), ("sms", 0.5)]
    assert found.best.because == (Because.LEAST_PRESSURE,)


def test_what_is_equally_good_goes_out_earlier():
    limits = PressureLimits(quiet_hours=(QuietHours(time(12), time(14), ("email", "push")),))
    found = chosen(limits=limits)
    assert (found.best.channel, found.best.at) == ("sms", NOW)
    assert found.best.because == (Because.EARLIEST,)
    assert found.best.local - found.times[1].local == timedelta(hours=-1, minutes=-40)


def test_a_channel_open_at_declared_hours_goes_before_one_that_is_answered_more():
    night = PressureLimits(quiet_hours=(QuietHours(time(21), time(8), ("email", "push")),))
    told = {"email": flat(100, 60), "sms": flat(100, 1)}
    found = chosen(limits=night, wishes=Wishes(hours=(Hours(time(22), time(23)),)), told=told)
    assert (found.best.channel, found.best.local.hour) == ("sms", 22)


def test_quiet_hours_are_no_reason_where_something_else_bars_the_day():
    limits = PressureLimits(caps=(Cap(1, 30.0),), quiet_hours=(NIGHT,))
    found = chosen(pressed(contact(0.5)), limits, NOON.replace(hour=22))
    assert set(barred(found).values()) == {Bar.CAPPED}
