"""ID tokens of an OpenID provider (OpenID Connect Core 1.0, 3.1.3.7): believed after every check, or not at all."""

from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any

from joserfc import errors, jwt
from joserfc.jwk import KeySet

from crosslift.errors import Refused

SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures that are believed: those whose key to check is not the key to sign. Neither `none` nor any with a shared secret."""
PUBLIC = frozenset({"RSA", "EC", "OKP"})
LEEWAY_SECONDS = 60
LONGEST = 20_000
Claims = Mapping[str, Any]


class UnknownKey(Refused):
    """No key there is fits the signature; the provider may have new ones."""


def verified(
    token: str, keys: Sequence[Mapping[str, Any]], algorithms: Sequence[str], issuer: str, client_id: str, nonce: str,
    now: int,
) -> Claims:  # fmt: skip
    """Give what an ID token claims.

    Parameters
    ----------
    keys : sequence of mapping
        The provider's JSON Web Keys.
    algorithms : sequence of str
        Those the provider says it signs with.
    nonce : str
        What was sent along when the sign-in began.
    now : int
        Seconds since 1970, UTC.

    Raises
    ------
    UnknownKey
        If none of the keys fits.
    Refused
        If anything else is not as it must be.
    """
    if not token or len(token) > LONGEST:
        raise Refused("the provider gave no ID token, or one that is too long")
    allowed = [one for one in SIGNED if one in algorithms]
    usable = [dict(key) for key in keys if key.get("kty") in PUBLIC and key.get("use", "sig") == "sig"]
    try:
        found = jwt.decode(token, KeySet.import_key_set({"keys": usable}), algorithms=allowed)
    except (errors.InvalidKeyIdError, errors.BadSignatureError) as error:
        raise UnknownKey("the ID token is not signed by the provider") from error
    except (errors.JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(f"the ID token cannot be believed: {type(error).__name__}") from error
    _check(found.claims, issuer, client_id, nonce, now)
    return found.claims


def _check(claims: Claims, issuer: str, client_id: str, nonce: str, now: int) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    issued, expires = _number(claims.get("iat")), _number(claims.get("exp"))
    wrong = {
        "issuer": claims.get("iss") != issuer,
        "audience": client_id not in audiences,
        "authorized party": claims.get("azp", client_id if len(audiences) == 1 else None) != client_id,
        "end": expires is None or now >= expires + LEEWAY_SECONDS,
        "beginning": issued is None or issued > now + LEEWAY_SECONDS,
        "nonce": not compare_digest(str(claims.get("nonce", "")).encode(errors="replace"), nonce.encode()),
        "subject": not isinstance(claims.get("sub"), str) or not 1 <= len(claims["sub"]) <= 255,
    }
    named = [name for name, is_wrong in wrong.items() if is_wrong]
    if named:
        raise Refused(f"the ID token has the wrong {named[0]}")


def _number(value: object) -> float | None:
    """Give an instant as seconds, None for what is none."""
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12 else None
    )
