"""The vocabulary of events."""

import pytest

from crosslift.domain.event import VOCABULARY, Channel, channel_of, name_of, normalized


@pytest.mark.parametrize("name", VOCABULARY)
def test_every_name_is_its_own(name):
    assert name_of(name) == name_of(name.upper()) == name


def test_the_vocabulary_names_nothing_twice():
    assert len(set(VOCABULARY)) == len(VOCABULARY)


@pytest.mark.parametrize(
    ("word", "channel"),
    [("Browser", "web"), (" iOS ", "app"), ("in-store", "till"), ("Call Centre", "phone"), ("Sales visit", "sales"),
     ("help desk", "desk"), ("Kiosk", "Kiosk"), ("", None), (" ", None), ("SERVER", None)],
)  # fmt: skip
def test_channels_are_written_in_one_word(word, channel):
    assert channel_of(word) == channel


@pytest.mark.parametrize("channel", list(Channel))
def test_a_channel_is_its_own(channel):
    assert channel_of(channel.value) == channel.value


def test_queries_that_mean_the_same_are_the_same():
    assert normalized(" ＭＵＧ  Cup ") == "mug cup"
