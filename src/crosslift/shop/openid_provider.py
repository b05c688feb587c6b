"""An OpenID provider as it is asked: what it says of itself, its keys, a code exchanged for what it claims of somebody."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from crosslift.deliver.outbound import fetch, target_of
from crosslift.errors import BadInput, BadUsage, Refused, TryAgain
from crosslift.settings import Settings

WELL_KNOWN = "/.well-known/openid-configuration"
DISCOVERY_MINUTES = 60
KEYS_SECONDS = 30
"""Keys are asked for again at most so often, when a signature fits none."""
_MINUTE = 60_000_000
_LONGEST = 4_000
T = TypeVar("T")


class Ask(Protocol):
    """Fetches from the provider."""

    def __call__(self, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
        """Give what an address answers; a body is posted."""


class Provider(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Keys(msgspec.Struct):
    """A provider's keys (RFC 7517)."""

    keys: list[dict[str, Any]]


class Tokens(msgspec.Struct):
    """What a code is exchanged for."""

    id_token: str
    access_token: str = ""


class OpenIDProvider:
    """The provider that the settings name.

    Parameters
    ----------
    settings : Settings
        Those under `oidc`.
    clock : callable
        Gives the present instant.
    ask : Ask, optional
        Fetches from it; over the network by default.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime], ask: Ask | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._ask: Ask = ask or partial(asked, allows_private=settings["oidc.allow_private"])
        self._provider: tuple[int, Provider] | None = None
        self._keys: tuple[int, list[dict[str, Any]]] | None = None

    def said(self) -> Provider:
        """Give what it says of itself, asked for once an hour.

        Raises
        ------
        Refused
            If it is another than the settings name, or leads where nothing may be asked.
        TryAgain
            If it does not answer.
        """
        known, now = self._provider, self._now()
        if known is None or now - known[0] >= DISCOVERY_MINUTES * _MINUTE:
            issuer: str = self._settings["oidc.issuer"]
            found = _decoded(self._ask(issuer.rstrip("/") + WELL_KNOWN), Provider)
            if found.issuer != issuer:
                raise Refused(f"the provider calls itself {found.issuer[:200]!r}; oidc.issuer has to be just that")
            self._check(found)
            self._provider = known = (now, found)
        return known[1]

    def claims_of(self, code: str, verifier: str, nonce: str, callback: str) -> Mapping[str, Any]:
        """Exchange a code for what the provider claims of whoever brought it, every claim checked.

        Raises
        ------
        Refused
            If the code or anything that is told is not as it must be.
        TryAgain
            If it does not answer.
        """
        provider = self.said()
        tokens = self._exchanged(provider, code, verifier, callback)
        return self._whole(provider, self._verified(provider, tokens.id_token, nonce), tokens)

    def _check(self, provider: Provider) -> None:
        """Refuse a provider that would send anybody elsewhere than over TLS."""
        places = (provider.authorization_endpoint, provider.end_session_endpoint or "https://")
        if not self._settings["oidc.allow_private"] and not all(one.startswith("https://") for one in places):
            raise Refused("the provider is not asked over https; oidc.allow_private lets it")

    def _exchanged(self, provider: Provider, code: str, verifier: str, callback: str) -> Tokens:
        if not 1 <= len(code) <= _LONGEST:
            raise Refused("the provider sent no code")
        client, secret = self._settings["oidc.client_id"], self._secret()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": callback, "client_id": client,
            "code_verifier": verifier,
        }  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret and "client_secret_basic" in provider.token_endpoint_auth_methods_supported:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif secret:
            form["client_secret"] = secret
        return _decoded(self._ask(provider.token_endpoint, urlencode(form).encode(), headers), Tokens)

    def _verified(self, provider: Provider, token: str, nonce: str) -> Mapping[str, Any]:
        from crosslift.shop.id_tokens import UnknownKey, verified

        algorithms = provider.id_token_signing_alg_values_supported
        for keys in (partial(self._known_keys, provider), partial(self._new_keys, provider)):
            try:
                return verified(
                    token, keys(), algorithms, provider.issuer, self._settings["oidc.client_id"], nonce,
                    self._now() // 1_000_000,
                )  # fmt: skip
            except UnknownKey as error:
                unknown = error
        raise unknown

    def _known_keys(self, provider: Provider) -> Sequence[Mapping[str, Any]]:
        return self._keys[1] if self._keys else self._new_keys(provider)

    def _new_keys(self, provider: Provider) -> Sequence[Mapping[str, Any]]:
        """Ask for the keys again: the provider may have changed them."""
        now = self._now()
        if self._keys is None or now - self._keys[0] >= KEYS_SECONDS * 1_000_000:
            self._keys = (now, _decoded(self._ask(provider.jwks_uri), Keys).keys)
        return self._keys[1]

    def _whole(self, provider: Provider, claims: Mapping[str, Any], tokens: Tokens) -> Mapping[str, Any]:
        """Ask for more about somebody where their ID token does not hold their address."""
        if claims.get("email") or not provider.userinfo_endpoint or not tokens.access_token:
            return claims
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        told = _decoded(self._ask(provider.userinfo_endpoint, b"", headers), dict[str, Any])
        if told.get("sub") != claims["sub"]:
            raise Refused("the provider tells of somebody else")
        return {**told, **claims}

    def _secret(self) -> str:
        file = self._settings["oidc.client_secret_file"]
        try:
            return Path(file).read_text(encoding="utf-8").strip() if file else ""
        except (OSError, UnicodeDecodeError) as error:
            raise BadUsage(f"oidc.client_secret_file cannot be read: {type(error).__name__}") from error

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def asked(
    address: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, allows_private: bool = False
) -> bytes:
    """Fetch from a provider: an address of the public internet, over TLS, led nowhere else; unless the settings allow more.

    Raises
    ------
    Refused
        If it leads inside, or does not answer 200.
    TryAgain
        If nobody answers now.
    """
    try:
        target = target_of(
            address, allows_private=allows_private, what="provider", setting="oidc.allow_private"
        )  # fmt: skip
    except BadInput as error:
        raise Refused(str(error)) from error
    return fetch(target, "POST" if body else "GET", body, headers)


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TryAgain(f"the provider answers with something else: {type(error).__name__}") from error
