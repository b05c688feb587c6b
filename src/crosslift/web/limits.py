"""How often somebody may ask: token buckets by key and by address, in bounded memory; else they are told when to come back."""

import math
from collections.abc import Callable, MutableMapping
from ipaddress import ip_address
from typing import Any

import structlog

from crosslift.settings import Settings
from crosslift.web.problems import Problem

log = structlog.get_logger()
MOST = 20_000
"""Buckets kept of one kind; the one that rested longest goes first, and whoever had it begins with a full one."""
BURST_SECONDS = 10
"""So many seconds' worth may come at once."""
_HINT = "ask less often; limits.{knob} sets the rate"


class Buckets:
    """Token buckets of one rate.

    Parameters
    ----------
    rate : float
        Tokens a second; 0 for no limit.
    burst : float
        Tokens in a full bucket.
    clock : callable
        Gives seconds that only grow.

    Examples
    --------
    >>> now = [0.0]
    >>> buckets = Buckets(1, 2, lambda: now[0])
    >>> [buckets.take("a") for _ in range(3)]
    [0.0, 0.0, 1.0]
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._kept: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> float:
        """Take a token; gives 0, or the seconds until there is one."""
        if not self._rate:
            return 0.0
        now = self._clock()
        tokens, at = self._kept.pop(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._kept[name] = (tokens if wait else tokens - 1, now)
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return wait

    def __len__(self) -> int:
        return len(self._kept)


class Limits:
    """The limits of one server.

    Parameters
    ----------
    settings : Settings
        Those under `limits`, and `serve.trusted_proxies`.
    clock : callable
        Gives seconds that only grow.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        key, address = settings["limits.key_per_second"], settings["limits.address_per_second"]
        tries = settings["limits.sign_ins_per_minute"]
        self._keys = Buckets(key, key * BURST_SECONDS, clock)
        self._addresses = Buckets(address, address * BURST_SECONDS, clock)
        self._tries = Buckets(tries / 60, tries, clock)
        self._proxies = frozenset(one.strip() for one in settings["serve.trusted_proxies"].split(",") if one.strip())
        self._was_warned = False

    def key(self, name: str) -> None:
        """Count a request with a secret key, or of a session; 429 if there are too many."""
        _refuse(self._keys.take(name), "key_per_second")

    def address(self, scope: MutableMapping[str, Any]) -> None:
        """Count a request that speaks for nobody in particular, by where it came from; 429 if there are too many."""
        _refuse(self._addresses.take(self.address_of(scope)), "address_per_second")

    def sign_in(self, scope: MutableMapping[str, Any], login: str) -> None:
        """Count a try to sign in, by where it came from and by login; 429 if there are too many."""
        waits = (self._tries.take(f"at {self.address_of(scope)}"), self._tries.take(f"as {login[:200].lower()}"))
        _refuse(max(waits), "sign_ins_per_minute")

    def address_of(self, scope: MutableMapping[str, Any]) -> str:
        """Give the address of the caller, of IPv6 the network: a proxy's header counts only where the proxy is trusted."""
        peer = str((scope.get("client") or ("", 0))[0])
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        if said and peer in self._proxies:
            for one in reversed(b",".join(said).decode("latin-1").split(",")):
                peer = one.strip()
                if peer not in self._proxies:
                    break
        elif said and not self._was_warned:
            self._was_warned = True
            log.warning(
                "proxy_not_trusted", why="X-Forwarded-For is ignored; set serve.trusted_proxies to the proxy's address"
            )
        return _network(peer)

    def is_tls(self, scope: MutableMapping[str, Any]) -> bool:
        """Tell whether the caller's connection is encrypted, as far as can be known."""
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        peer = str((scope.get("client") or ("", 0))[0])
        return scope.get("scheme") == "https" or (peer in self._proxies and said[-1:] == [b"https"])


def _network(address: str) -> str:
    try:
        found = ip_address(address[:50])
    except ValueError:
        return address[:50]
    mapped = getattr(found, "ipv4_mapped", None)
    if found.version == 4 or mapped is not None:
        return str(mapped or found)
    return ":".join(found.exploded.split(":")[:4])


def _refuse(wait: float, knob: str) -> None:
    if wait:
        raise Problem(
            429, "too_many_requests", _HINT.format(knob=knob), headers={"Retry-After": str(max(1, math.ceil(wait)))}
        )
