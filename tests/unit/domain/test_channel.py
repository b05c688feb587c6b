from datetime import time

import pytest

from crosslift.domain.channel import Hours, Wishes, wishes_of


def hours(text):
    found = wishes_of({"preferred_hours": text})
    return [(one.start.isoformat("minutes"), one.end.isoformat("minutes")) for one in found.hours], found.unread


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18-21", [("18:00", "21:00")]),
        ("18:30 – 20:00", [("18:30", "20:00")]),
        ("22~1", [("22:00", "01:00")]),
        ("18시-21시", [("18:00", "21:00")]),
        ("１８時〜２１時", [("18:00", "21:00")]),
        ("9", [("09:00", "10:00")]),
        ("9:30", [("09:30", "10:30")]),
        ("23", [("23:00", "00:00")]),
        ("20-24", [("20:00", "00:00")]),
        ("Evening, 7-8", [("18:00", "23:00"), ("07:00", "08:00")]),
        ("night", [("23:00", "05:00")]),
        ("", []),
    ],
)
def test_hours_are_read_as_people_write_them(text, expected):
    assert hours(text) == (expected, ())


@pytest.mark.parametrize("text", ["noonish", "25-26", "18-25", "18:75-20", "24:30", "18-24:30", "-3", "6pm"])
def test_hours_nobody_can_read_are_a_wish_nobody_knows(text):
    assert hours(text) == ([], (text,))


def test_channels_are_in_the_order_of_the_wish_under_their_own_names():
    found = wishes_of({"preferred_channel": "문자; E-Mail, sms , fax"})
    assert found.channels == ("sms", "email", "fax")
    assert [found.place_of(name) for name in ("sms", "email", "fax", "push")] == [0, 1, 2, 3]


def test_whoever_declared_nothing_has_no_wish():
    assert wishes_of({}) == Wishes()
    assert not Wishes().hold(time(12))


def test_declared_hours_may_pass_midnight_and_end_before_their_end():
    late = Hours(time(22), time(1))
    assert [late.hold(time(hour)) for hour in (21, 22, 0, 1)] == [False, True, True, False]
    assert Hours(time(9), time(9)).hold(time(3))
