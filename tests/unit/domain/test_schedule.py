"""Sentences that say when something is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.schedule import NEVER, read_schedule
from crosslift.errors import BadInput

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
SENTENCES = (
    "every 1 minutes", "every 7 minutes", "every 15 minutes", "every hour", "every hour at :20", "every 6 hours at :05",
    "every day at 03:00", "every day at 2:30, skip if missed", "every weekday at 07:30", "every weekend day at 23:59",
    "every Monday at 08:00", "every Monday and Thursday at 08:00", "every Monday, Wednesday and Friday at 00:00",
    "every month on day 1 at 06:00", "every month on day 28 at 02:30, run once if missed",
)  # fmt: skip


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("said", "now", "last", "next_"),
    [
        ("every 15 minutes", "2026-11-02T09:07", "2026-11-02T09:00", "2026-11-02T09:15"),
        ("every hour", "2026-11-02T09:00", "2026-11-02T09:00", "2026-11-02T10:00"),
        ("every hour at :20", "2026-11-02T09:19", "2026-11-02T08:20", "2026-11-02T09:20"),
        ("every 6 hours", "2026-11-02T09:19", "2026-11-02T06:00", "2026-11-02T12:00"),
        ("every day at 03:00", "2026-11-02T02:59", "2026-11-01T03:00", "2026-11-02T03:00"),
        ("Every  Monday AT 08:00", "2026-11-05T12:00", "2026-11-02T08:00", "2026-11-09T08:00"),
        ("every weekday at 07:30", "2026-11-08T12:00", "2026-11-06T07:30", "2026-11-09T07:30"),
        ("every weekend day at 07:30", "2026-11-02T12:00", "2026-11-01T07:30", "2026-11-07T07:30"),
        ("every Tuesday, Thursday and Saturday at 1:05", "2026-11-06T00:00", "2026-11-05T01:05", "2026-11-07T01:05"),
        ("every month on day 1 at 06:00", "2026-11-01T05:59", "2026-10-01T06:00", "2026-11-01T06:00"),
    ],
)
def test_what_was_due_last_and_is_due_next(said, now, last, next_):
    schedule = read_schedule(said)
    assert schedule.last(at(now), UTC) == at(last)
    assert schedule.next(at(now), UTC) == at(next_)


def test_days_and_times_are_those_of_the_shop():
    schedule = read_schedule("every Monday at 08:00")
    assert schedule.last(at("2026-11-02T12:00"), SEOUL) == at("2026-11-02T08:00", SEOUL) == at("2026-11-01T23:00")


def test_a_time_the_clock_jumps_over_is_due_once_and_one_it_shows_twice_too():
    schedule = read_schedule("every day at 02:30")
    spring, autumn = at("2026-03-29T12:00", BERLIN), at("2026-10-25T12:00", BERLIN)
    assert schedule.last(spring, BERLIN) == at("2026-03-29T01:30")  # 03:30, for there is no 02:30
    assert schedule.last(autumn, BERLIN) == at("2026-10-25T00:30")  # the first of two
    assert schedule.next(at("2026-10-25T00:30"), BERLIN) == at("2026-10-26T02:30", BERLIN)


def test_never_is_never_due():
    assert NEVER.is_never
    assert read_schedule("never").last(at("2026-11-02T12:00"), UTC) is None
    assert read_schedule("Never, skip if missed").next(at("2026-11-02T12:00"), UTC) is None


def test_what_to_do_with_a_missed_one_stands_at_the_end():
    assert read_schedule("every day at 03:00, skip if missed").skips_missed
    assert not read_schedule("every day at 03:00, run once if missed").skips_missed
    assert not read_schedule("every day at 03:00").skips_missed


@pytest.mark.parametrize(
    "said",
    ["", "daily", "every day", "every day at 3", "every day at 24:00", "every 0 minutes", "every minutes", "every 5 minute",
     "every minute at :05", "every Funday at 08:00", "every Monday or Friday at 08:00", "every month on day 29 at 06:00",
     "every month on day 0 at 06:00", "every hour at :60", "every day at 03:00, sometimes", "0 3 * * *", "every day at ٣:00"],
)  # fmt: skip
def test_what_says_no_time_is_refused_with_examples(said):
    with pytest.raises(BadInput, match=r"jobs\.learn: .* says no time; write 'never'.*every Monday"):
        read_schedule(said, "jobs.learn")


instants = st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(st.sampled_from(SENTENCES), instants, st.sampled_from([UTC, SEOUL, BERLIN, ZoneInfo("Asia/Kathmandu")]))
def test_last_and_next_enclose_now_and_follow_each_other(said, now, zone):
    schedule = read_schedule(said)
    last, following = schedule.last(now, zone), schedule.next(now, zone)
    assert last <= now < following
    assert schedule.last(following, zone) == following
    assert schedule.last(following - timedelta(microseconds=1), zone) == last
    assert schedule.next(last, zone) == following
