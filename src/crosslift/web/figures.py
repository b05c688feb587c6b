"""What the operator watches: Prometheus figures of one server, in a registry of its own."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from crosslift.domain.decision import Decision
from crosslift.shop.plugins import RUNNING, Plugins

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)


class Figures:
    """Counts requests and decisions.

    Parameters
    ----------
    snapshot_age : callable
        Gives the seconds since the snapshot in force was learned, nan before the first.
    """

    def __init__(self, snapshot_age: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[Counter | str, ...], Counter] = {}
        self._requests = Counter(
            "crosslift_requests", "Requests answered.", ("verb", "status"), registry=self.registry
        )  # fmt: skip
        self._decisions = Counter(
            "crosslift_decisions", "Decisions made; no_offer is empty where something was offered.",
            ("placement", "no_offer"), registry=self.registry,
        )  # fmt: skip
        self._degraded = Counter(
            "crosslift_degraded", "Answers from memory while the store was down; no_offer is empty where something was offered.",
            ("placement", "no_offer"), registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "crosslift_decision_seconds", "From a checked request to a durable decision.", buckets=BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        age = Gauge(
            "crosslift_snapshot_age_seconds", "Since the snapshot in force was learned.", registry=self.registry
        )
        age.set_function(snapshot_age)
        ProcessCollector(registry=self.registry)

    def watch(self, plugins: Plugins) -> None:
        """Count what plugins did not answer, and show which were given up."""
        self.registry.register(PluginFigures(plugins))

    def answered(self, verb: str, status: int) -> None:
        """Count one request; verbs are route patterns, so that their number stays small."""
        self._child(self._requests, verb, str(status)).inc()

    def decided(self, decision: Decision, seconds: float) -> None:
        """Count one decision and its time."""
        if decision.is_degraded:
            self._child(self._degraded, decision.placement, decision.no_offer or "").inc()
            return
        self._child(self._decisions, decision.placement, decision.no_offer or "").inc()
        self._seconds.observe(seconds)

    def _child(self, counter: Counter, *labels: str) -> Counter:
        """Give a counter under its labels; those it has are found without the lock and the checks of the library."""
        child = self._children.get((counter, *labels))
        if child is None:
            child = self._children[counter, *labels] = counter.labels(*labels)
        return child

    def text(self) -> bytes:
        """Give all figures in the Prometheus text format."""
        return generate_latest(self.registry)


class PluginFigures(Collector):
    """What became of the plugins of one shop, read when somebody asks."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins

    def collect(self) -> Iterable[Metric]:
        """Give the failures of each plugin by cause, and whether it is asked."""
        errors = CounterMetricFamily(
            "crosslift_plugin_errors",
            "Calls of plugins without an answer that can be used.",
            labels=("plugin", "cause"),
        )
        running = GaugeMetricFamily(
            "crosslift_plugin_running", "1 while a plugin is asked, 0 once it is not.", labels=("plugin",)
        )
        for name, _, state, failures in self._plugins.failures():
            running.add_metric((name,), float(state == RUNNING))
            for cause, n in failures.items():
                errors.add_metric((name, cause), n)
        yield errors
        yield running
