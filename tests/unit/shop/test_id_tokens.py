"""ID tokens: whatever is claimed or sent, it is believed whole or refused, and nothing else is raised."""

import base64
import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from crosslift.errors import Refused
from crosslift.shop.id_tokens import LEEWAY_SECONDS, UnknownKey, verified

NOW = 1_800_000_000
TOLD = {"iss": "https://login.example", "aud": "shop", "sub": "7", "exp": NOW + 60, "iat": NOW, "nonce": "n"}
ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.lists(st.text(max_size=4), max_size=3)
)


@cache
def key():
    return OKPKey.generate_key("Ed25519", {"kid": "one"})


def check(token, keys=None):
    published = [key().as_dict(private=False)] if keys is None else keys
    return verified(token, published, ("Ed25519", "HS256", "none"), "https://login.example", "shop", "n", NOW)


def signed(claims):
    return jwt.encode({"alg": "Ed25519", "kid": "one"}, claims, key(), algorithms=["Ed25519"])


def test_a_token_that_is_right_is_believed_up_to_a_minute_late():
    assert check(signed(TOLD))["sub"] == "7"
    assert check(signed({**TOLD, "exp": NOW - LEEWAY_SECONDS + 1}))["sub"] == "7"
    with pytest.raises(Refused, match="wrong end"):
        check(signed({**TOLD, "exp": NOW - LEEWAY_SECONDS}))


@given(st.dictionaries(st.sampled_from([*TOLD, "azp"]), ANY, min_size=1, max_size=3))
def test_any_other_claim_is_refused_or_changes_nothing_that_counts(claims):
    try:
        found = check(
            signed({**TOLD, **json.loads(json.dumps(claims).replace("NaN", "null").replace("Infinity", "9"))})
        )
    except Refused:
        return
    assert found["iss"] == TOLD["iss"]
    assert found["nonce"] == "n"
    assert found["aud"] in ("shop", ["shop"]) or "shop" in found["aud"]


@given(st.text(max_size=60) | st.tuples(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=20)))
def test_any_text_is_refused(token):
    if isinstance(token, tuple):
        token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in token)
    with pytest.raises(Refused):
        check(token)


def test_keys_that_are_no_public_keys_to_sign_with_are_not_used():
    right = signed(TOLD)
    for keys in (
        [], [{"kty": "oct", "k": "c2VjcmV0", "kid": "one"}], [{**key().as_dict(private=False), "use": "enc"}],
        [{"kty": "RSA"}], [{"kty": "OKP", "crv": "Ed25519", "x": "?", "kid": "one"}],
    ):  # fmt: skip
        with pytest.raises(Refused):
            check(right, keys)
    other = RSAKey.generate_key(2048, {"kid": "two"}).as_dict(private=False)
    with pytest.raises(UnknownKey):
        check(right, [other])
