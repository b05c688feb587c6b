"""Canonical columns in a delivery of Standard Webhooks: one answer, several, or none."""

import pytest

from crosslift.errors import BadInput

SAID = {"kind": "nps", "rating": 3, "scale": 10, "customer_id": "c1"}


def test_what_the_sender_leaves_out_follows_from_the_delivery(heard):
    rows = heard("standard", {"type": "survey.answered", "timestamp": "2026-03-01T09:00:00Z", "data": SAID}, "msg_1")
    assert rows == {"msg_1": SAID | {"feedback_id": "msg_1", "at": "2026-03-01T09:00:00Z"}}
    assert heard("standard", {"data": SAID}, "msg_1")["msg_1"]["at"] == "2026-03-05T12:00:00+00:00"


def test_what_the_sender_says_stands(heard):
    own = SAID | {"feedback_id": "f9", "at": "2026-02-01", "store": "north"}
    assert heard("standard", {"timestamp": "2026-03-01", "data": own}, "msg_1") == {"f9": own}


def test_several_answers_are_told_apart_by_their_place(heard):
    assert list(heard("standard", {"data": [SAID, SAID | {"feedback_id": "b"}, SAID]}, "m")) == ["m:1", "b", "m:3"]


def test_an_answer_may_lie_open_in_the_body(heard):
    assert heard("standard", {"type": "mention", "kind": "mention", "text": "Great!"}, "m")["m"]["text"] == "Great!"


@pytest.mark.parametrize(
    ("given", "customer"),
    [
        ({"email": "Jane@Mail.example"}, "jane@mail.example"), ({"customer_id": 17, "email": "x@y.example"}, "17"),
        ({"customer_id": "guest"}, None), ({}, None), ({"email": 5}, None),
    ],
)  # fmt: skip
def test_the_customer_is_named_by_id_or_address(heard, given, customer):
    row = heard("standard", {"data": {"kind": "mention", "text": "Hm."} | given}, "m")["m"]
    assert row["customer_id"] == customer
    assert "email" not in row


@pytest.mark.parametrize("body", [{}, {"type": "ping"}, {"data": []}, {"data": None}, {"data": ["x"]}, {"data": [{}]},
                                  {"data": [SAID] * 1001}])  # fmt: skip
def test_a_body_without_an_answer_says_what_is_missing(heard, body):
    with pytest.raises(BadInput, match="data: an answer with at least kind and rating, answer or text is missing"):
        heard("standard", body)
