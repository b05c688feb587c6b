"""GET /v1/customers/{customer}/contact-time: by which channel and when to write to a person."""

import msgspec
import pytest

from crosslift.web.api import contact_times

AT = "2026-03-01T00:00:00Z"


@pytest.fixture
def jane(door):
    """A customer with two addresses who prefers texts after work; it is nine in the evening in Seoul."""
    record = {"customer_id": "jane", "email": "jane@mail.example", "phone": "+82 10 1234 5678", "market": "KR",
              "traits": '{"timezone": "Asia/Seoul", "preferred_channel": "sms", "preferred_hours": "18-20"}'}  # fmt: skip
    door.ask("PUT", "/v1/facts/customers", {"customers": [record]})
    allow(door, "*")
    return "jane"


def allow(door, channel, status="granted", at=AT):
    entry = {
        "customer_id": "jane",
        "purpose": "marketing",
        "channel": channel,
        "status": status,
        "source": "form",
        "at": at,
    }
    assert door.ask("POST", "/v1/consents", {"consents": [entry]}).status_code == 200


def ask(door, customer="jane", **params):
    return door.ask("GET", f"/v1/customers/{customer}/contact-time", params=params)


def test_the_best_channel_and_time_come_with_reasons(door, jane):
    answer = ask(door)
    assert answer.status_code == 200
    found = msgspec.json.decode(answer.content, type=contact_times.ContactTime)
    assert (found.best.channel, found.best.send_at, found.best.local) == (
        "sms", "2026-04-02T09:00:00+00:00", "2026-04-02T18:00:00+09:00",
    )  # fmt: skip
    assert found.best.because == ["preferred_channel", "preferred_hours"]
    assert found.best.not_now == "quiet_hours"
    assert [one.channel for one in found.others] == ["email"]
    assert [(one.channel, one.code) for one in found.barred] == [("push", "no_address")]
    assert found.declared == contact_times.Declared(["sms"], ["18:00-20:00"], [])


def test_a_withdrawal_counts_on_the_next_question(door, jane):
    allow(door, "sms", "withdrawn", "2026-03-20T00:00:00Z")
    found = ask(door, "customer:jane").json()
    assert found["best"]["channel"] == "email"
    assert {"channel": "sms", "placement": "sms", "code": "no_consent"} in found["barred"]


def test_channels_and_days_are_the_askers(door, jane):
    none = ask(door, channel="push").json()
    assert (none["best"], none["others"]) == (None, [])
    assert ask(door, channel=["push", "email"], reachable="push").json()["best"]["channel"] == "email"
    assert ask(door, channel="sms", days=0.25).json()["barred"] == [
        {"channel": "sms", "placement": "sms", "code": "quiet_hours"}
    ]


@pytest.mark.parametrize(
    "params", [{"days": 0}, {"days": 32}, {"days": "nan"}, {"days": "soon"}, {"channel": ["x"] * 21}]
)
def test_wrong_parameters_are_named(door, problem, params):
    problem(ask(door, **params), 422, "bad_input")


@pytest.mark.parametrize("params", [{"channel": "fax"}, {"policy": "none"}])
def test_what_there_is_not_is_refused(door, jane, problem, params):
    problem(ask(door, **params), 400, "bad_usage")


def test_nobody_knows_a_stranger(door, problem):
    problem(ask(door, "nobody-9"), 404, "not_found")
