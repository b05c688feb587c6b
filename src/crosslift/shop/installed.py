"""The plugins that are installed: found by their entry points, read and checked before any of them is asked anything."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from crosslift.collect.sources.known import SOURCES
from crosslift.collect.sources.source import Source
from crosslift.domain.plugin import API_VERSION, NAME, GateTerms, Kind
from crosslift.domain.rule import CODE
from crosslift.errors import BadInput
from crosslift.measure.metrics import METRICS, Metric

METHODS = {
    Kind.CANDIDATES: "propose", Kind.GATE: "judge", Kind.CHANNEL: "send", Kind.METRIC: "measure", Kind.REASON: "tell",
}  # fmt: skip
"""What a plugin of a kind is asked by; one of kind sources is data."""


@dataclass(frozen=True, slots=True)
class Installed:
    """One plugin as it is installed; nothing of it was run yet."""

    kind: Kind
    name: str
    version: str
    package: str
    point: EntryPoint


@dataclass(frozen=True, slots=True)
class Loaded:
    """One plugin, made and checked."""

    kind: Kind
    name: str
    version: str
    package: str
    made: Any


def installed() -> list[Installed]:
    """Find every plugin of this environment, by kind and name; nothing of them is imported."""
    found = [_installed(kind, point) for kind in Kind for point in entry_points(group=kind.group)]
    return sorted(dict.fromkeys(found), key=lambda one: (one.kind, one.name, one.package))


def _installed(kind: Kind, point: EntryPoint) -> Installed:
    package = point.dist
    return Installed(kind, point.name, package.version if package else "", package.name if package else "", point)


def names_in(enabled: str) -> list[str]:
    """Read the names of a setting, each once."""
    return list(dict.fromkeys(name for part in enabled.split(",") if (name := part.strip())))


def load(enabled: str) -> list[Loaded]:
    """Make the plugins a setting names.

    Raises
    ------
    BadInput
        For one that is not installed, that two packages bring, was written for another crosslift, or is none.
    """
    names = names_in(enabled)
    there = installed() if names else []
    return [made_of(_chosen(name, there)) for name in names]


def _chosen(name: str, there: Iterable[Installed]) -> Installed:
    found = [one for one in there if one.name == name]
    if not found:
        known = ", ".join(sorted({one.name for one in there})) or "none"
        raise refused(name, f"is not installed in this environment (there are: {known}); install its package")
    if len(found) > 1:
        packages = " and ".join(f"{one.package} ({one.kind})" for one in found)
        raise refused(name, f"is brought by {packages}; uninstall one of them")
    return found[0]


def refused(name: str, why: str) -> BadInput:
    """Say why a plugin is not taken, and how to go on without it."""
    return BadInput(f"plugin {name!r} {why}, or take it out of plugins.enabled", where="plugins.enabled")


def made_of(one: Installed) -> Loaded:
    """Import, make and check a plugin.

    Raises
    ------
    BadInput
        Naming it, what is wrong, and what to do.
    """
    whose = f"of {one.package} {one.version}"
    if not NAME.fullmatch(one.name):
        raise refused(
            one.name, f"{whose} has no name of small letters, digits and '-'; ask its author for a new version"
        )
    try:
        factory = one.point.load()
        made = factory() if callable(factory) else factory
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        told = f"{type(error).__name__}: {error}"
        raise refused(one.name, f"{whose} cannot be started ({told}); mend or update its package") from error
    wanted = getattr(made, "api_version", None)
    if wanted != API_VERSION:
        raise refused(
            one.name,
            f"{whose} states api_version {wanted!r} and this crosslift speaks {API_VERSION}; install a version of "
            f"{one.package} for it",
        )
    wrong = wrong_with(one.kind, made)
    if wrong:
        raise refused(one.name, f"{whose} {wrong}; ask its author for a new version")
    return Loaded(one.kind, one.name, one.version, one.package, made)


def wrong_with(kind: Kind, made: Any) -> str:
    """Say what a plugin of a kind lacks; "" for nothing."""
    method = METHODS.get(kind)
    if method is not None and not callable(getattr(made, method, None)):
        return f"is of kind {kind} and has no method {method}"
    if kind is Kind.SOURCE:
        return _wrong_sources(getattr(made, "sources", None))
    if kind is Kind.CANDIDATES and not isinstance(getattr(made, "reason", None), str):
        return 'names no reason; it may be ""'
    if kind is Kind.GATE:
        return _wrong_terms(getattr(made, "terms", None))
    return _wrong_metric(getattr(made, "metric", None)) if kind is Kind.METRIC else ""


def _wrong_sources(sources: Any) -> str:
    if not isinstance(sources, Sequence) or not sources or not all(type(one) is Source for one in sources):
        return "has no sources: one or more crosslift.collect.sources.source.Source"
    ours = {one.name for one in SOURCES}
    taken = next((one.name for one in sources if one.name in ours), None)
    return "" if taken is None else f"reads {taken}, which crosslift reads itself"


def _wrong_terms(terms: Any) -> str:
    if not isinstance(terms, GateTerms):
        return "has no terms: crosslift.domain.plugin.GateTerms"
    if not CODE.fullmatch(terms.code) or not terms.reason.strip():
        return f"has terms without a code of small letters ({terms.code!r}) or without a reason"
    return ""


def _wrong_metric(metric: Any) -> str:
    if not isinstance(metric, Metric):
        return "has no metric: crosslift.measure.metrics.Metric"
    if metric.name in {one.name for one in METRICS}:
        return f"measures {metric.name}, which crosslift measures itself"
    empty = [name for name in ("name", "title", "unit", "formula", "window", "source", "weakness")
             if not str(getattr(metric, name)).strip()]  # fmt: skip
    return f"does not say its {', '.join(empty)}" if empty else ""


def is_share(score: object) -> bool:
    """Tell whether a score is a number above 0 and at most 1."""
    return isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score) and 0 < score <= 1
