"""What a decision may know of a person."""

import pytest

from crosslift.domain.customer import ConsentStatus, Person, Purpose

WEB, EMAIL, ALL = (("marketing", "web"), ("marketing", "email"), ("marketing", "*"))


def test_missing_consent_is_no():
    assert not Person().allows(Purpose.MARKETING, "email")
    assert not Person(consents={EMAIL: True}).allows(Purpose.MARKETING, "web")
    assert not Person(consents={EMAIL: True}).allows(Purpose.PERSONALIZATION, "email")


@pytest.mark.parametrize(
    ("consents", "allowed"),
    [
        ({EMAIL: True}, True), ({EMAIL: False}, False), ({ALL: True}, True), ({ALL: False}, False),
        ({ALL: True, EMAIL: False}, False), ({ALL: False, EMAIL: True}, True), ({ALL: True, WEB: False}, True),
    ],
)  # fmt: skip
def test_the_word_on_a_channel_goes_before_that_on_all(consents, allowed):
    assert Person(consents=consents).allows(Purpose.MARKETING, "email") is allowed


def test_a_person_nobody_knows_has_nothing():
    person = Person()
    assert (person.identity, person.is_known, person.owned, person.entries) == (None, False, frozenset(), {})


def test_the_words_of_the_ledger_are_fixed():
    assert [p.value for p in Purpose] == ["contextual", "personalization", "marketing", "evaluation"]
    assert [s.value for s in ConsentStatus] == ["granted", "pending", "denied", "withdrawn"]
