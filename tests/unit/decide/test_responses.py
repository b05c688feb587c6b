from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crosslift.decide.responses import SETTLES_AFTER, START_RATE, counted_by_hour, own_counts, responses
from crosslift.domain.channel import HourCounts
from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.domain.pressure import (
    DAY,
    MOST_READ,
    SIGHTING_DAYS,
    Contact,
    ContactState,
    PressureState,
    Reacted,
    Reaction,
)

NOW = int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp() * 1_000_000)
HOUR = DAY // 24


def mail(at, channel="email", state=ContactState.CONFIRMED):
    return Contact(at, channel, "tea", state)


def answer(at, channel="email", reaction=Reaction.CLICKED):
    return Reacted(at, reaction, "tea", "", channel)


def own(contacts, reactions=(), channels=("email",), zone=UTC):
    return own_counts(PressureState(1, tuple(contacts), tuple(reactions)), channels, zone, NOW)


def at_hours(counts):
    pairs = zip(counts.sent, counts.answered, strict=True)
    return {hour: pair for hour, pair in enumerate(pairs) if pair[0]}


def every_hour(sent, answered):
    return HourCounts((sent,) * 24, (answered,) * 24)


def test_messages_are_counted_by_channel_and_hour():
    found = counted_by_hour([("sms", 9, True), ("email", 20, False), ("sms", 9, False), ("sms", 23, True)])
    assert list(found) == ["email", "sms"]
    assert at_hours(found["sms"]) == {9: (2, 1), 23: (1, 1)}
    assert at_hours(found["email"]) == {20: (1, 0)}


def test_an_answer_belongs_to_the_newest_message_before_it_and_each_is_answered_once():
    first, second = NOW - 20 * DAY, NOW - 10 * DAY + HOUR
    found = own(
        [mail(first), mail(second)], [answer(second + HOUR), answer(second + 2 * HOUR, reaction=Reaction.ACCEPTED)]
    )
    assert at_hours(found["email"]) == {12: (1, 0), 13: (1, 1)}


def test_an_answer_is_never_one_to_a_message_that_did_not_go_out():
    later = [mail(NOW - 9 * DAY, state=ContactState.RELEASED), mail(NOW - 8 * DAY, state=ContactState.RESERVED)]
    assert at_hours(own([mail(NOW - 10 * DAY), *later], [answer(NOW - 7 * DAY)])["email"]) == {12: (1, 1)}


def test_the_hour_is_the_persons_own():
    found = own([mail(NOW - 10 * DAY)], zone=ZoneInfo("Asia/Seoul"))
    assert at_hours(found["email"]) == {21: (1, 0)}


@pytest.mark.parametrize(
    "contact",
    [
        mail(NOW - SETTLES_AFTER + 1), mail(NOW - SIGHTING_DAYS * DAY - 1), mail(NOW - 9 * DAY, "sms"),
        mail(NOW - 9 * DAY, state=ContactState.RESERVED), mail(NOW - 9 * DAY, state=ContactState.RELEASED),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_says_nothing(contact):
    assert own([contact]) == {}


def test_an_answer_to_a_message_that_is_too_young_is_not_an_older_ones():
    found = own([mail(NOW - 9 * DAY), mail(NOW - DAY)], [answer(NOW - DAY + 1)])
    assert at_hours(found["email"]) == {12: (1, 0)}


def test_a_look_a_no_and_another_channels_click_are_no_answers():
    reactions = [answer(NOW - 8 * DAY, reaction=Reaction.SEEN), answer(NOW - 8 * DAY, reaction=Reaction.DECLINED),
                 answer(NOW - 8 * DAY, "web")]  # fmt: skip
    assert at_hours(own([mail(NOW - 9 * DAY)], reactions)["email"]) == {12: (1, 0)}


def test_messages_older_than_the_answers_that_are_read_say_nothing():
    many = [answer(NOW - 5 * DAY + place, "web", Reaction.SEEN) for place in range(MOST_READ)]
    assert own([mail(NOW - 9 * DAY)], many) == {}
    assert at_hours(own([mail(NOW - 9 * DAY)], many[1:])["email"]) == {12: (1, 0)}


def test_before_anything_was_sent_all_channels_are_alike_and_no_number_is_told():
    found = responses({}, {}, ("email", "sms"))
    assert found["email"].mean == found["sms"].mean == START_RATE
    assert found["email"].best_hours(range(24)) == set(range(24))
    assert found["email"].at(9, "email") == NotEstimable("no message by email is old enough to have been answered")


def test_a_channel_is_drawn_toward_all_and_an_hour_toward_its_channel():
    evening = HourCounts(tuple(1000 if hour in (9, 19) else 0 for hour in range(24)),
                         tuple({9: 20, 19: 200}.get(hour, 0) for hour in range(24)))  # fmt: skip
    found = responses({"email": evening, "sms": every_hour(1, 0)}, {}, ("email", "sms", "push"))
    assert found["email"].mean == pytest.approx(0.11, abs=0.002)
    assert 0.08 < found["sms"].mean < found["push"].mean < 0.11
    assert found["email"].best_hours(range(24)) == {19}
    assert found["email"].best_hours({9, 10}) == {10}
    figure = found["email"].at(19, "email")
    assert isinstance(figure, Estimate)
    assert figure.low < figure.value < figure.high
    assert (figure.n, figure.value) == (2000, pytest.approx(0.192, abs=0.002))
    assert isinstance(found["push"].at(19, "push"), NotEstimable)


def test_own_answers_outweigh_what_is_usual_as_they_grow():
    told = {"email": every_hour(100, 20), "sms": every_hour(100, 5)}
    means = []
    for n in (0, 2, 10, 40):
        texts = HourCounts((*(0,) * 9, n, *(0,) * 14), (*(0,) * 9, n, *(0,) * 14))
        found = responses(told, {"sms": texts}, ("email", "sms"))
        means.append(found["sms"].mean)
        assert found["email"].mean == pytest.approx(0.2, abs=0.01)
    assert means == sorted(means)
    assert means[0] == pytest.approx(0.05, abs=0.01)
    assert means[-1] > 0.6


def test_an_hour_at_which_this_person_never_answers_goes_behind_one_at_which_they_do():
    counts = HourCounts(tuple(10 if hour in (9, 20) else 0 for hour in range(24)),
                        tuple(10 if hour == 9 else 0 for hour in range(24)))  # fmt: skip
    found = responses({"email": every_hour(100, 20)}, {"email": counts}, ("email",))["email"]
    assert found.best_hours({9, 20}) == {9}
    assert found.hour_mean[9] > found.hour_mean[10] > found.hour_mean[20]
