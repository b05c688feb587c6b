"""Signatures of webhooks: published vectors, altered bytes, other secrets, old deliveries."""

import base64
import hashlib
import hmac
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.signature import REPLAY_SECONDS, BodySignature, StandardWebhooks
from crosslift.errors import BadInput, Refused

SAMPLES = Path(__file__).parents[1] / "collect" / "answers" / "samples"
NOW = 1614265330_000_000
SECOND = 1_000_000
SHARED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}  # fmt: skip
BODY = b'{"test": 2432232314}'
STANDARD = StandardWebhooks()
TYPEFORM = BodySignature("typeform-signature", prefix="sha256=")


def accepts(secrets=(SHARED,), headers=HEADERS, body=BODY, now=NOW):
    try:
        STANDARD.verify(secrets, headers, body, now)
    except Refused:
        return False
    return True


def test_the_vector_of_the_standard():
    """TestWebhookSign of svix-webhooks and of the libraries of standard-webhooks/standard-webhooks."""
    assert STANDARD.sign(SHARED, HEADERS["webhook-id"], "1614265330", BODY) == HEADERS["webhook-signature"]
    assert accepts()
    assert accepts([SHARED.removeprefix("whsec_")])


def test_the_vector_of_typeform():
    """Typeform's documented example, compact as it is sent, signed under 123456 in the tests of triggerdotdev/trigger.dev."""
    body = msgspec.json.encode(msgspec.json.decode((SAMPLES / "typeform.json").read_bytes()))
    given = {"typeform-signature": "sha256=VsvwNrh0fT5VWF+05H3azXZXJyFkhHTtONMxIVm6PZ4="}
    TYPEFORM.verify(["other", "123456"], given, body, NOW)
    for wrong in (body + b"\n", body.replace(b'"number":2', b'"number":5')):
        with pytest.raises(Refused, match="not that of these bytes"):
            TYPEFORM.verify(["123456"], given, wrong, NOW)


def test_a_digest_is_written_as_the_sender_writes_it():
    """The three encodings, against Python's own hmac as the help pages of Tally and Judge.me use it."""
    mac = hmac.new(b"a secret of its own", BODY, hashlib.sha256)
    assert BodySignature("tally-signature").sign("a secret of its own", BODY) == base64.b64encode(mac.digest()).decode()
    assert BodySignature("judgeme-hmac-sha256", is_hex=True).sign("a secret of its own", BODY) == mac.hexdigest()
    assert TYPEFORM.sign("a secret of its own", BODY).startswith("sha256=")


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="},
        {"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {
            "webhook-signature": "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        },
        {"webhook-signature": "ü"},
        {"webhook-signature": " "},
    ],
)
def test_what_was_altered_is_refused(change):
    assert not accepts(headers=HEADERS | change)


def test_other_bytes_another_secret_or_none_are_refused():
    assert not accepts(body=BODY + b" ")
    assert not accepts(["whsec_" + base64.b64encode(b"x" * 32).decode()])
    assert not accepts([])


def test_of_several_signatures_and_secrets_one_is_enough():
    fresh = STANDARD.written(b"y" * 32)
    both = "v1,bm90aGluZw== v1a,x " + HEADERS["webhook-signature"]
    assert accepts([fresh, SHARED], HEADERS | {"webhook-signature": both})


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [
        (0, True),
        (REPLAY_SECONDS, True),
        (-REPLAY_SECONDS, True),
        (REPLAY_SECONDS + 1, False),
        (-REPLAY_SECONDS - 1, False),
    ],
)
def test_a_delivery_counts_for_five_minutes(seconds, counts):
    assert accepts(now=NOW + seconds * SECOND) is counts


def test_an_old_delivery_is_told_how_old_it_is():
    with pytest.raises(Refused, match="signed 900 seconds ago"):
        STANDARD.verify([SHARED], HEADERS, BODY, NOW + 900 * SECOND)


@pytest.mark.parametrize("time", ["", "soon", "-1", "1614265330.5", "१६", "9" * 400])
def test_a_time_that_cannot_be_read_is_refused_even_when_signed(time):
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": time,
        "webhook-signature": STANDARD.sign(SHARED, "m", time, BODY),
    }
    with pytest.raises(Refused, match="at no time that can be read"):
        STANDARD.verify([SHARED], headers, BODY, NOW)


@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(min_size=24, max_size=64))
def test_a_signature_is_of_one_body_alone(body, other, chance):
    for scheme in (STANDARD, TYPEFORM):
        secret = scheme.written(chance)
        scheme.check_secret(secret)
        if scheme is STANDARD:
            headers = HEADERS | {"webhook-signature": scheme.sign(secret, HEADERS["webhook-id"], "1614265330", body)}
        else:
            headers = {"typeform-signature": scheme.sign(secret, body)}
        scheme.verify([secret], headers, body, NOW)
        if other != body:
            with pytest.raises(Refused):
                scheme.verify([secret], headers, other, NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64", "whsec_" + "A" * 88, "whsec_ü"])
def test_a_secret_of_the_standard_is_24_to_64_bytes_of_base64(secret):
    with pytest.raises(BadInput, match="a secret of Standard Webhooks"):
        STANDARD.check_secret(secret)


def test_a_short_secret_is_refused():
    with pytest.raises(BadInput, match="a secret of 6 characters can be guessed"):
        TYPEFORM.check_secret("123456")
