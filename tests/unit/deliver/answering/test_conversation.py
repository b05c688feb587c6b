"""A conversation as it travels: ours, whole, bounded, and of one person."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.deliver.answering.conversation import LONGEST, MOST_LETTERS, MOST_TURNS, Seal, masked
from crosslift.errors import Refused

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
SEAL = Seal(b"k" * 32)


def begun(text="Hello", identity="anonymous:b1"):
    talk = SEAL.begin(identity, text, NOW)
    talk.say(text, is_ours=False)
    return talk


@given(st.lists(st.text(max_size=600), max_size=30), st.text(max_size=20))
def test_it_comes_back_as_it_was_and_never_grows_beyond_its_bound(said, product):
    talk = begun()
    for number, text in enumerate(said):
        talk.say(text.encode("utf-8", "replace").decode(), is_ours=number % 2 == 1)
        talk.speak_of(f"P{number}")
    sealed = SEAL.sealed(talk)
    assert len(sealed) <= LONGEST
    assert SEAL.opened(sealed, "anonymous:b1", NOW) == talk
    assert len(talk.turns) <= MOST_TURNS
    assert all(len(turn.text) <= MOST_LETTERS for turn in talk.turns)


def test_the_same_beginning_has_the_same_name_and_another_person_another():
    assert begun().conversation_id == begun().conversation_id
    assert begun().conversation_id != begun(identity="anonymous:b2").conversation_id


@pytest.mark.parametrize("at", [0, 5, 16, 30, -1])
def test_a_single_altered_letter_is_refused(at):
    sealed = list(SEAL.sealed(begun()))
    sealed[at] = "A" if sealed[at] != "A" else "B"
    with pytest.raises(Refused, match="is not ours or was altered"):
        SEAL.opened("".join(sealed[:-1] if at == -1 else sealed), "anonymous:b1", NOW)


@pytest.mark.parametrize("text", ["", "x", "A" * (LONGEST + 1), "ü", base64.urlsafe_b64encode(b"0" * 40).decode()])
def test_what_was_never_ours_is_refused(text):
    with pytest.raises(Refused):
        SEAL.opened(text, None, NOW)


def test_the_seal_of_another_shop_opens_nothing():
    with pytest.raises(Refused):
        Seal(b"o" * 32).opened(SEAL.sealed(begun()), "anonymous:b1", NOW)


def test_another_person_and_a_day_later_begin_anew():
    sealed = SEAL.sealed(begun())
    assert SEAL.opened(sealed, "customer:c1", NOW) is None
    assert SEAL.opened(sealed, None, NOW) is None
    assert SEAL.opened(sealed, "anonymous:b1", NOW + timedelta(hours=23)) is not None
    assert SEAL.opened(sealed, "anonymous:b1", NOW + timedelta(hours=25)) is None


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "378282246310005"]
)
def test_a_number_as_long_as_a_cards_is_not_kept(number):
    talk = begun(f"I paid with {number} today")
    assert "****" in talk.transcript()
    assert number not in talk.transcript()


def test_telephone_and_order_numbers_stay():
    assert masked("call 010-1234-5678 about order 20260305001") == "call 010-1234-5678 about order 20260305001"


def test_a_transcript_says_who_said_what_a_line_each():
    talk = begun("two\nlines")
    talk.say("Yes.", is_ours=True)
    assert talk.transcript() == "> two lines\n< Yes."
