"""Spans by OpenTelemetry, for who installed `crosslift[otel]`: a request, what is decided in it, and its commit."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from crosslift.settings import VERSION
from crosslift.web.asked import Asked
from crosslift.web.wire import Scope

PARENT = b"traceparent"
SEND_SECONDS = 5
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class OtelSpans:
    """Spans of one shop, named by route, with ids and numbers alone; a failure is named by its class, without its message.

    Parameters
    ----------
    provider : TracerProvider
        Closed with the shop.
    shop_name : str
        Every span carries it.
    """

    def __init__(self, provider: TracerProvider, shop_name: str) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("crosslift", VERSION)
        self._shop_name = shop_name
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, scope: Scope, asked: Asked) -> Iterator[None]:
        """Span a request, below the caller's span where it names one."""
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == PARENT), "")
        parent = self._propagator.extract({"traceparent": given}, Context())
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with self._span("request", parent, SpanKind.SERVER) as span:
            try:
                yield
            finally:
                span.update_name(asked.route)
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", asked.route.partition(" ")[2])
                span.set_attribute("http.response.status_code", asked.status)
                span.set_attribute("crosslift.request_id", asked.request_id)
                if asked.status >= 500:
                    span.set_status(StatusCode.ERROR)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Span a part of the request under way."""
        with self._span(name, None, SpanKind.INTERNAL):
            yield

    def decided(self, decision_ids: str, *, is_degraded: bool) -> None:
        """Note on the request under way what was decided in it."""
        span = get_current_span()
        span.set_attribute("crosslift.degraded", is_degraded)
        if decision_ids:
            span.set_attribute("crosslift.decision_id", decision_ids)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    @contextmanager
    def _span(self, name: str, parent: Context | None, kind: SpanKind) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            parent,
            kind,
            {"crosslift.shop": self._shop_name},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise


def sent_to(endpoint: str, share: float, shop_name: str) -> OtelSpans:
    """Send a share of all traces to a collector, by OTLP over HTTP, from a thread of its own.

    Whoever asks names the trace, not whether it is kept: strangers ask as well.
    """
    ratio = TraceIdRatioBased(share)
    provider = TracerProvider(
        ParentBased(ratio, remote_parent_sampled=ratio, remote_parent_not_sampled=ratio),
        Resource.create({"service.name": "crosslift", "service.version": VERSION}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=SEND_SECONDS)))
    return OtelSpans(provider, shop_name)
