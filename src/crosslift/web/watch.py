"""Every request has a name and slow ones are told: logs and spans say which route and how long, never what or by whom."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import Protocol
from uuid import uuid4

import structlog
from structlog.contextvars import bind_contextvars, reset_contextvars, unbind_contextvars

from crosslift.domain.decision import Decision
from crosslift.errors import BadUsage
from crosslift.settings import Settings
from crosslift.web.asked import NAME_HEADER, Asked
from crosslift.web.wire import Scope

log = structlog.get_logger()
GIVEN_NAME = re.compile(rb"[0-9a-fA-F-]{32,36}")
"""A name that a proxy gives: a UUID or 32 hexadecimal digits. Anything else could be somebody's address."""
NOTHING = nullcontext()


class Spans(Protocol):
    """Where spans of requests go."""

    def request(self, scope: Scope, asked: Asked) -> AbstractContextManager[object]:
        """Span a request; its route and status are read at its end."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """Span a part of the request under way."""

    def decided(self, decision_ids: str, *, is_degraded: bool) -> None:
        """Note on the request under way what was decided in it."""

    def close(self) -> None:
        """Send what is left."""


class NoSpans:
    """Spans of nobody: one empty context for all."""

    def request(self, scope: Scope, asked: Asked) -> AbstractContextManager[object]:
        """Do nothing."""
        return NOTHING

    def step(self, name: str) -> AbstractContextManager[object]:
        """Do nothing."""
        return NOTHING

    def decided(self, decision_ids: str, *, is_degraded: bool) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Watch:
    """Names the requests of one shop and tells of slow ones.

    Parameters
    ----------
    shop_name : str
        The name of its folder.
    slow_ms : float
        Requests that take so long are logged; 0 for none.
    spans : Spans
        Where spans go.
    """

    def __init__(self, shop_name: str, slow_ms: float, spans: Spans) -> None:
        self.shop_name = shop_name
        self._slow_ms = slow_ms
        self._spans = spans
        self.step = spans.step
        self.close = spans.close
        self._first, self._numbers = uuid4().hex[:16], count(1)

    @contextmanager
    def request(self, scope: Scope) -> Iterator[Asked]:
        """Name a request while it is answered; what is logged meanwhile carries the name and the shop."""
        asked = Asked(self._name(scope["headers"]))
        began = time.perf_counter()
        tokens = bind_contextvars(shop=self.shop_name, request_id=asked.request_id)
        try:
            with self._spans.request(scope, asked):
                yield asked
        finally:
            ms = (time.perf_counter() - began) * 1000
            if self._slow_ms and ms >= self._slow_ms:
                log.warning("slow_request", route=asked.route, status=asked.status, ms=round(ms, 1))
            unbind_contextvars("decision_id")
            reset_contextvars(**tokens)

    def decided(self, decisions: Sequence[Decision]) -> None:
        """Note what was decided in the request under way; a degraded answer has no id."""
        ids = ",".join(one.decision_id for one in decisions if one.decision_id)
        if ids:
            bind_contextvars(decision_id=ids)
        self._spans.decided(ids, is_degraded=any(one.is_degraded for one in decisions))

    def _name(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        for name, value in headers:
            if name == NAME_HEADER and GIVEN_NAME.fullmatch(value):
                return value.decode()
        return f"{self._first}{next(self._numbers):016x}"


def watch_of(shop_name: str, settings: Settings) -> Watch:
    """Make the watch of a shop as its settings say.

    Raises
    ------
    BadUsage
        If spans are asked for and OpenTelemetry is not installed.
    """
    spans: Spans = NoSpans()
    if settings["serve.traces_to"]:
        try:
            from crosslift.web.otel import sent_to
        except ImportError as error:
            raise BadUsage("serve.traces_to needs OpenTelemetry: pip install 'crosslift[otel]'") from error
        spans = sent_to(settings["serve.traces_to"], settings["serve.traces_share"], shop_name)
    return Watch(shop_name, settings["serve.slow_ms"], spans)
