"""What messages say about who is who."""

import pytest

from crosslift.collect.evidence import identity_evidence
from crosslift.collect.identity import evidence_table, map_people
from crosslift.collect.sources.segment import Message
from crosslift.domain.identity import Limits

NOW = 1_700_000_000_000_000
AT = "2024-01-01T00:00:00Z"
AT_MICROS = 1_704_067_200_000_000


def found(*messages, customers=()):
    return identity_evidence([Message(**{"timestamp": AT, **message}) for message in messages], NOW, customers)


def test_a_login_is_a_message_that_names_browser_and_customer():
    for kind in ("track", "page", "identify"):
        assert found({"type": kind, "user_id": "c1", "anonymous_id": "a1"}) == [
            ("anonymous:a1", "customer:c1", "login", AT_MICROS)
        ]


def test_a_message_of_one_of_them_says_nothing():
    assert (
        found({"user_id": "c1"}, {"anonymous_id": "a1"}, {"anonymous_id": "a1", "traits": {"email": "x@y.example"}})
        == []
    )


def test_an_alias_renames_a_browser_or_a_known_customer():
    renamed = {"type": "alias", "previous_id": "old", "user_id": "c1"}
    assert found(renamed) == [("anonymous:old", "customer:c1", "alias", AT_MICROS)]
    assert found(renamed, customers={"old"}) == [("customer:old", "customer:c1", "alias", AT_MICROS)]
    assert found({"type": "alias", "previous_id": "c1", "user_id": "c1"}, customers={"c1"}) == []


def test_an_identify_call_gives_what_a_person_is_recognized_by():
    traits = {"email": " Jane@Shop.example ", "phone": "010-1234-5678", "loyalty_id": "K-7", "plan": "gold",
              "address": {"country": "kr"}}  # fmt: skip
    assert found({"type": "identify", "user_id": "c1", "traits": traits}) == [
        ("email:jane@shop.example", "customer:c1", "email", AT_MICROS),
        ("phone:+821012345678", "customer:c1", "phone", AT_MICROS),
        ("loyalty:K-7", "customer:c1", "loyalty", AT_MICROS),
    ]
    assert found({"type": "group", "user_id": "c1", "traits": traits}) == []


def test_a_device_names_its_customer():
    assert found({"user_id": "c1", "context": {"device": {"id": "d1", "type": "ios"}}}) == [
        ("device:d1", "customer:c1", "device", AT_MICROS)
    ]


@pytest.mark.parametrize(
    "message",
    [
        {"user_id": "null", "anonymous_id": "a1"},
        {"user_id": "c1", "anonymous_id": "undefined"},
        {"type": "identify", "user_id": "c1", "traits": {"email": "info@shop.example", "phone": "000"}},
        {
            "type": "identify",
            "user_id": "c1",
            "traits": {"email": ["x"], "phone": {}, "address": "Seoul", "country": 3},
        },
        {"user_id": "c1", "context": {"device": "phone"}},
    ],
)
def test_what_names_nobody_is_left_out(message):
    assert found(message) == []


def test_a_message_without_a_time_is_of_its_arrival():
    assert identity_evidence([Message(user_id="c1", anonymous_id="a1")], NOW) == [
        ("anonymous:a1", "customer:c1", "login", NOW)
    ]


def test_evidence_is_what_people_are_mapped_by():
    told = found(
        {"user_id": "c1", "anonymous_id": "a1"}, {"type": "alias", "previous_id": "a0", "user_id": "c1"},
        {"type": "identify", "user_id": "c2", "traits": {"email": "jane@shop.example"}},
        {"type": "identify", "user_id": "c1", "traits": {"email": "jane@shop.example"}},
    )  # fmt: skip
    people = map_people(evidence_table(told), [], Limits())
    assert {people.person_of[name] for name in ("anonymous:a0", "anonymous:a1", "customer:c1", "customer:c2")} == {
        "customer:c1"
    }
