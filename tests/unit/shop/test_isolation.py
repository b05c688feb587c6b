"""The wall around a plugin: late, raising and hanging calls stay behind it, and too many of them end it."""

import threading

import pytest

from crosslift.errors import BadInput
from crosslift.shop.isolation import ANSWER, BUSY, ERROR, SLOW, Limits, NoAnswer, Threads, Wall

LONG = 10.0


class Hand:
    """A clock somebody turns."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def given_up():
    return []


@pytest.fixture
def wall(hand, given_up):
    return Wall("slow", Limits(3, 60.0, 10, 2), given_up.append, hand)


@pytest.fixture
def stuck():
    """What a hanging call waits for; let go at the end."""
    event = threading.Event()
    yield event
    event.set()


def fail(wall, call, seconds=LONG, **more):
    with pytest.raises(NoAnswer) as raised:
        wall.ask(call, seconds, **more)
    return raised.value.cause, str(raised.value)


def boom():
    raise ValueError("Mina Kim, 010-1234-5678")


def test_an_answer_in_time_is_given(wall):
    assert wall.ask(lambda: 7, LONG) == 7
    assert set(wall.n_failed.values()) == {0}


def test_what_it_raises_is_named_by_kind_and_place_and_never_by_what_it_says(wall, capsys):
    cause, why = fail(wall, boom)
    assert (cause, why) == (ERROR, f"ValueError in test_isolation.py, line {boom.__code__.co_firstlineno + 1}")
    printed = capsys.readouterr()
    assert "plugin_failed" in printed.out + printed.err
    assert "Mina" not in printed.out + printed.err


def test_a_time_out_of_its_own_is_an_error_and_not_a_late_answer(wall):
    def raises():
        raise TimeoutError

    assert fail(wall, raises)[0] == ERROR


def test_the_end_of_a_program_inside_it_is_an_error_of_its_own(wall):
    def ends():
        raise SystemExit(3)

    assert fail(wall, ends)[0] == ERROR


def test_who_asks_goes_on_while_it_hangs_and_further_calls_are_turned_away_at_once(wall, stuck):
    assert fail(wall, stuck.wait, 0.01) == (SLOW, "no answer within 10 ms")
    assert fail(wall, stuck.wait, 0.01)[0] == SLOW
    assert fail(wall, lambda: 7) == (BUSY, "all its 2 threads still wait for earlier calls")


def test_an_answer_that_cannot_be_is_a_failure(wall):
    assert fail(wall, lambda: -1, check=lambda answer: "it is negative" if answer < 0 else "") == (
        ANSWER,
        "it is negative",
    )


def test_what_it_may_raise_on_purpose_is_passed_on_and_no_failure(wall):
    def refuses():
        raise BadInput("row 3 has no price")

    with pytest.raises(BadInput, match="row 3"):
        wall.ask(refuses, LONG, lets=(BadInput,))
    assert wall.n_failed[ERROR] == 0


def test_it_is_given_up_once_after_so_many_failures_within_the_window(wall, hand, given_up):
    for second in (0.0, 50.0, 100.0):
        hand.now = second
        fail(wall, boom)
    assert given_up == []
    hand.now = 105.0
    fail(wall, boom)
    assert len(given_up) == 1
    assert given_up[0].startswith("error: ValueError in ")
    fail(wall, boom)
    assert len(given_up) == 1


def test_a_late_answer_among_many_good_ones_ends_nothing(wall, given_up):
    for _ in range(5):
        fail(wall, boom)
        for _ in range(5):
            wall.ask(lambda: 7, LONG)
    assert given_up == []
    for _ in range(3):
        fail(wall, boom)
    assert len(given_up) == 1


def test_forgiven_it_starts_anew(wall, given_up):
    fail(wall, boom)
    fail(wall, boom)
    wall.forgive()
    fail(wall, boom)
    assert given_up == []


def test_threads_are_used_again_and_do_not_hold_up_the_end_of_the_process():
    threads = Threads("plugin-t", 2)
    names = {threads.start(threading.current_thread).result(LONG).name for _ in range(5)}
    assert names <= {"plugin-t-1", "plugin-t-2"}
    assert threads.start(threading.current_thread).result(LONG).daemon
