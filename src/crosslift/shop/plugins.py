"""The plugins a shop has switched on: asked behind a wall, given up when they fail too often, switched by people."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import structlog

from crosslift.collect.sources.source import Source
from crosslift.decide import consent
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.decide.plugged import with_gates
from crosslift.domain.audit import Entry
from crosslift.domain.customer import Person
from crosslift.domain.decision import Request
from crosslift.domain.placement import LISTED, Placement
from crosslift.domain.plugin import AskedGate, Kind, Notice, Proposed, Question
from crosslift.domain.policy import Policy
from crosslift.errors import BadInput, CrossliftError, NotFound
from crosslift.measure.metrics import Measured
from crosslift.settings import Settings
from crosslift.shop import answers, installed
from crosslift.shop.installed import Loaded
from crosslift.shop.isolation import Limits, Wall
from crosslift.shop.plugged import Plugged, question_of
from crosslift.store.ports import Records

log = structlog.get_logger()
RUNNING, FAILED, OFF, INSTALLED, REFUSED = "running", "failed", "off", "installed", "refused"
"""Asked; given up after too many failures; switched off by a person; not named in the settings; cannot be taken."""
ONLINE = frozenset({Kind.CANDIDATES, Kind.GATE})
"""Kinds that are asked within a decision."""
LOOK_SECONDS = 2.0
"""How often it is read what a person or another process switched."""
MOST_KEPT = 64
"""Policies kept with their gates."""


@dataclass(slots=True)
class Plugin:
    """One plugin that is switched on in the settings, its wall, and whether it is asked."""

    loaded: Loaded
    wall: Wall
    state: str = RUNNING
    why: str = ""
    at: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.loaded.name


class Round(NamedTuple):
    """What is asked of plugins in one decision: the gates, the policy with their rules, and the live values beside them."""

    gates: tuple[AskedGate, ...]
    policy: Policy
    plugins: "Plugins"

    def beside(
        self, overlay: Overlay, knowledge: Knowledge, request: Request, placement: Placement, person: Person
    ) -> Plugged:
        """Ask for products, and put them and the gates beside the live values."""
        may_use_history = consent.evaluate(request, person, placement).may_use_history
        question = question_of(request, placement, person, may_use_history=may_use_history)
        is_asked = LISTED[1] in self.policy.candidates and LISTED[1] in placement.sources
        is_asked = is_asked and (not request.kinds or LISTED[1] in request.kinds)
        proposed = self.plugins.propose(question) if is_asked else ()
        return Plugged(overlay, knowledge, question, proposed, self.gates, self.plugins.judges())


class Plugins:
    """Everything that plugins do in one shop.

    Parameters
    ----------
    settings : Settings
        `plugins.*`: nothing runs because it is installed.
    monotonic : callable, optional
        Seconds that only grow.

    Raises
    ------
    BadInput
        For a plugin that cannot be taken, naming it and what to do.
    """

    def __init__(
        self, settings: Settings, records: Records, clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._settings, self._records, self._clock, self._monotonic = settings, records, clock, monotonic
        knobs = ("most_failures", "window_seconds", "window_calls", "threads")
        limits = Limits(*(settings[f"plugins.{name}"] for name in knobs))
        self._all = {one.name: self._walled(one, limits) for one in installed.load(settings["plugins.enabled"])}
        for one in self._all.values():
            self._check_reason(one.loaded)
        self.is_online = any(one.loaded.kind in ONLINE for one in self._all.values())
        """Whether a decision asks any of them."""
        self._policies: dict[int, tuple[Policy, tuple[AskedGate, ...], Policy]] = {}
        self._looked_at = -LOOK_SECONDS
        self._look()

    def _walled(self, one: Loaded, limits: Limits) -> Plugin:
        return Plugin(one, Wall(one.name, limits, lambda why: self._given_up(one.name, why), self._monotonic))

    def _check_reason(self, one: Loaded) -> None:
        """Refuse a source whose reasons nobody can tell."""
        if one.kind is not Kind.CANDIDATES or not one.made.reason:
            return
        voice = self._all.get(one.made.reason)
        if voice is None or voice.loaded.kind is not Kind.REASON:
            raise installed.refused(
                one.name, f"needs the reasons of {one.made.reason!r}; name that one in the list too"
            )

    def of(self, kind: Kind, *, also_failed: bool = False) -> list[Plugin]:
        """Give the plugins of a kind that are asked, in the order of the settings."""
        self._look()
        states = (RUNNING, FAILED) if also_failed else (RUNNING,)
        return [one for one in self._all.values() if one.loaded.kind is kind and one.state in states]

    def round(self, policy: Policy) -> Round:
        """Begin a decision: the gates that are asked in it, and the policy with their rules.

        A gate that failed too often still stands: what it is about is not offered until a person switches it.
        """
        gates = tuple(
            AskedGate(one.name, one.loaded.version, one.loaded.made.terms)
            for one in self.of(Kind.GATE, also_failed=True)
        )
        kept = self._policies.get(id(policy))
        if kept is None or kept[0] is not policy or kept[1] != gates:
            if len(self._policies) >= MOST_KEPT:
                self._policies.clear()
            kept = self._policies[id(policy)] = (policy, gates, with_gates(policy, gates))
        return Round(gates, kept[2], self)

    def propose(self, question: Question) -> tuple[Proposed, ...]:
        """Ask every source for products; one that does not answer is skipped."""
        seconds = self._settings["plugins.online_ms"] / 1000
        voices = {one.name: one for one in self.of(Kind.REASON)}
        found: list[Proposed] = []
        for one in self.of(Kind.CANDIDATES):
            voice = voices.get(one.loaded.made.reason)
            told_by = (voice.loaded, voice.wall) if voice else None
            found += answers.proposed(one.loaded, one.wall, question, seconds, told_by)
        return tuple(found)

    def judges(self) -> list[answers.Gatekeeper]:
        """Give the gates as decisions ask them; one that failed too often does not answer any more."""
        seconds = self._settings["plugins.online_ms"] / 1000
        return [
            answers.Gatekeeper(one.name, one.loaded, one.wall if one.state == RUNNING else None, seconds)
            for one in self.of(Kind.GATE, also_failed=True)
        ]

    def sources(self) -> list[Source]:
        """Give the exports that plugins read; one that fails refuses its file and is named."""
        return [
            source for one in self.of(Kind.SOURCE) for source in answers.sources_of(one.loaded, one.wall, self._seconds)
        ]

    def measure(self, lines: pa.Table) -> list[Measured]:
        """Work out the figures of plugins over the order lines of a period; one that fails is not estimable, and says why."""
        return [answers.figure_of(one.loaded, one.wall, self._seconds, lines) for one in self.of(Kind.METRIC)]

    def channels(self) -> dict[str, Callable[[Notice], None]]:
        """Give the channels of plugins by name; each raises TryAgain for what did not arrive."""
        return {one.name: partial(answers.sent, one.loaded, one.wall, self._seconds) for one in self.of(Kind.CHANNEL)}

    @property
    def _seconds(self) -> float:
        """How long a call may take that no request waits for."""
        return float(self._settings["plugins.offline_seconds"])

    def listed(self) -> list[dict[str, Any]]:
        """Give every plugin, installed or running: name, kind, version, package, api_version, state, why, at, failures."""
        self._look()
        rows = [self._told(one) for one in self._all.values()]
        others = (one for one in installed.installed() if one.name not in self._all)
        return rows + [{**_row(one.kind, one.name, one.version, one.package), "state": INSTALLED} for one in others]

    def _told(self, one: Plugin) -> dict[str, Any]:
        loaded = one.loaded
        row = _row(loaded.kind, loaded.name, loaded.version, loaded.package)
        told = {"api_version": loaded.made.api_version, "state": one.state, "why": one.why, "at": one.at}
        return {**row, **told, "failures": dict(one.wall.n_failed)}

    def failures(self) -> Iterator[tuple[str, Kind, str, Mapping[str, int]]]:
        """Give name, kind, state and failures by cause since this process began, for whoever watches."""
        for one in self._all.values():
            yield one.name, one.loaded.kind, one.state, one.wall.n_failed

    def troubled(self) -> list[str]:
        """Name the plugins that were given up."""
        self._look()
        return [one.name for one in self._all.values() if one.state == FAILED]

    def switch(self, name: str, *, is_on: bool) -> dict[str, Any]:
        """Switch a plugin off, or on again; every process follows within seconds.

        Raises
        ------
        NotFound
            If none of that name is in the settings.
        """
        one = self._all.get(name)
        if one is None:
            raise NotFound(f"no plugin {name!r} in plugins.enabled; there are {', '.join(self._all) or 'none'}")
        kept = "" if is_on else _kept(OFF, "a person switched it off", self._clock())
        at = int(self._clock().timestamp() * 1_000_000)
        self._records.set_meta(_key(name), kept, Entry(at, "plugin.on" if is_on else "plugin.off", name))
        self._follow(one, kept)
        return self._told(one)

    def _given_up(self, name: str, why: str) -> None:
        """Ask a plugin no more; whoever looks is told, in every process."""
        kept = _kept(FAILED, why, self._clock())
        self._follow(self._all[name], kept)
        try:
            self._records.set_meta(_key(name), kept)
        except CrossliftError as error:
            log.error("plugin_state_not_kept", plugin=name, why=str(error))

    def _look(self) -> None:
        """Read now and then what was switched elsewhere; while the records are down everything stays."""
        now = self._monotonic()
        if not self._all or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            for name, one in self._all.items():
                self._follow(one, self._records.meta(_key(name)))
        except CrossliftError as error:
            log.error("plugin_states_not_read", why=str(error))

    def _follow(self, one: Plugin, kept: str) -> None:
        state, why, at = msgspec.json.decode(kept, type=tuple[str, str, str]) if kept else (RUNNING, "", "")
        if state == RUNNING and one.state != RUNNING:
            one.wall.forgive()
        one.state, one.why, one.at = state, why, at


def catalog(settings: Settings) -> list[dict[str, Any]]:
    """Give every plugin installed or named, and why one named cannot be taken; raises nothing and asks nothing."""
    named = installed.names_in(settings["plugins.enabled"])
    rows = []
    for one in installed.installed():
        row = _row(one.kind, one.name, one.version, one.package)
        try:
            installed.load(one.name) if one.name in named else None
            rows.append({**row, "state": RUNNING if one.name in named else INSTALLED})
        except BadInput as error:
            rows.append({**row, "state": REFUSED, "why": str(error)})
    return rows


def _row(kind: Kind, name: str, version: str, package: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"api_version": None, "state": "", "why": "", "at": "", "failures": {}}
    return {"name": name, "kind": kind.value, "version": version, "package": package, **empty}


def _key(name: str) -> str:
    return f"plugin:{name}"


def _kept(state: str, why: str, at: datetime) -> str:
    return msgspec.json.encode((state, why[:500], at.isoformat())).decode()
