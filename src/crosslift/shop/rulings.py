"""Which policies are in force, which experiments are on, whether the shop is stopped: as of a change number.

So every process follows at once.
"""

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from crosslift.decide.assignment import arms_of_label
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Request
from crosslift.domain.experiment import EVERYWHERE, Experiment, TrialKind
from crosslift.domain.policy import BUILT_IN, RELEVANCE, Policy
from crosslift.domain.policy_text import read_policy, write_policy
from crosslift.errors import BadInput, BadUsage, WillNotWork
from crosslift.store.ports import Records
from crosslift.store.trial_rows import experiment_of

log = structlog.get_logger()
MOST_KEPT = 64
"""Policies kept as they were read."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is in force as of a change number.

    Attributes
    ----------
    published : mapping of str to int
        Version in force of each policy of the shop.
    stop : mapping or None
        Who stopped the shop, when and why.
    experiments : tuple of Experiment
        Those that are on, whether their time has come or not.
    promotions : tuple of Experiment
        Those of which an arm was promoted.
    """

    change_number: int
    published: Mapping[str, int]
    stop: Mapping[str, Any] | None
    experiments: tuple[Experiment, ...] = ()
    promotions: tuple[Experiment, ...] = ()

    def stops(self, request: Request) -> bool:
        """Tell whether the stop switch silences a request: all but evaluation, and ranking behind a merchant's own rules."""
        is_exempt = request.purpose is Purpose.EVALUATION or request.policy == RELEVANCE.name
        return self.stop is not None and not is_exempt

    def promoted(self, name: str, market: str | None, placement: str) -> str | None:
        """Name the policy that was promoted over another in a market alone; one promoted in all is in force itself."""
        for trial in self.promotions:
            is_here = not trial.placements or placement in trial.placements
            if trial.kind is TrialKind.POLICY and is_here and name in trial.policies.values():
                arm = trial.promoted.get(market) if market else None
                if arm is not None and not trial.is_active:
                    return trial.policies[arm]
        return None

    def bare(self, name: str) -> Policy:
        """Give name and number of the policy in force and nothing of what it says: all that a stopped shop needs of it.

        Raises
        ------
        BadUsage
            If there is none of that name.
        """
        version = self.published.get(name, BUILT_IN[name].version if name in BUILT_IN else None)
        if version is None:
            raise BadUsage(f"no policy {name!r}; crosslift policies list shows them")
        return Policy(name, version, ())


class Rulings(Collection[str]):
    """The policies there are, by name, and which version of each holds.

    One instance serves all threads. A version once read is the same object from then on: what was worked out for it holds.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.Lock()
        self._now: Ruling | None = None
        self._kept: dict[tuple[str, int], Policy] = {}

    def at(self, change_number: int) -> Ruling:
        """Give what is in force, no older than a change number read in the decision's own query."""
        now = self._now
        if now is not None and now.change_number >= change_number:
            return now
        with self._lock:
            now = self._now
            if now is not None and not self._records.policies_changed_since(now.change_number):
                now = replace(now, change_number=max(now.change_number, change_number))
            else:
                read = self._records.policies_in_force()
                published = {row["name"]: row["version"] for row in read.published}
                trials = tuple(map(experiment_of, read.experiments))
                running = tuple(trial for trial in trials if trial.is_active)
                promoted = tuple(trial for trial in trials if trial.promoted)
                now = Ruling(read.change_number, published, read.stop, running, promoted)
            self._now = now
        return now

    def last(self) -> Ruling | None:
        """Give what was in force when somebody last looked; nothing is read."""
        return self._now

    def kept(self, name: str) -> Policy | None:
        """Give the policy that was in force under a name when somebody last looked, if it is in memory; nothing is read."""
        version = self._now.published.get(name) if self._now is not None else None
        return BUILT_IN.get(name) if version is None else self._kept.get((name, version))

    def rendered(self, label: str | None, market: str | None = None, placement: str = "") -> dict[str, str]:
        """Give the arms of a decision that the caller renders, texts and layouts: its own, else what was promoted."""
        arms, now = arms_of_label(label), self._now
        if now is None:
            return {}
        variants = (trial.experiment_id for trial in now.experiments if trial.kind is TrialKind.VARIANT)
        found = {name: arms[name] for name in variants if name in arms}
        for trial in now.promotions:
            arm = trial.promoted.get(market or EVERYWHERE) or trial.promoted.get(EVERYWHERE)
            is_here = not trial.placements or placement in trial.placements
            if arm and is_here and trial.kind is TrialKind.VARIANT:
                found.setdefault(trial.experiment_id, arm)
        return found

    def now(self) -> Ruling:
        """Give what is in force at this moment."""
        return self.at(self._records.person(None).change_number)

    def named(self, name: str, ruling: Ruling | None = None) -> Policy:
        """Give the policy in force under a name.

        Parameters
        ----------
        ruling : Ruling, optional
            As of which it is meant; by default at this moment.

        Raises
        ------
        BadUsage
            If there is none of that name.
        WillNotWork
            If it was published by another version of crosslift that this one cannot read.
        """
        version = (ruling or self.now()).published.get(name)
        found = BUILT_IN.get(name) if version is None else self.version(name, version)
        if found is None:
            raise BadUsage(f"no policy {name!r}; there are {', '.join(self)}")
        return found

    def readable(self, name: str, ruling: Ruling | None = None) -> Policy | None:
        """Give the policy in force, None where this version of crosslift cannot read it."""
        try:
            return self.named(name, ruling)
        except WillNotWork as error:
            log.error("policy_unreadable", policy=name, why=str(error))
            return None

    def in_force(self) -> list[Policy]:
        """Give every policy in force at this moment that this version of crosslift can read."""
        return [policy for name in self if (policy := self.readable(name)) is not None]

    def version(self, name: str, version: int) -> Policy | None:
        """Give one version of a policy, whatever became of it; None where nobody knows it."""
        if name in BUILT_IN and BUILT_IN[name].version == version:
            return BUILT_IN[name]
        if (name, version) not in self._kept:
            row = self._records.policy(name, version)
            if row is None:
                return None
            read = policy_of(row)
            with self._lock:
                self._kept.setdefault((name, version), read)
                if len(self._kept) > MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
        return self._kept.get((name, version))

    def __contains__(self, name: object) -> bool:
        known = self._now
        return name in BUILT_IN or (known is not None and name in known.published) or name in self.now().published

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*BUILT_IN, *sorted(self.now().published))))

    def __len__(self) -> int:
        return len(list(iter(self)))


def policy_of(row: Mapping[str, Any]) -> Policy:
    """Read the policy of a row.

    Raises
    ------
    WillNotWork
        If this version of crosslift cannot read it.
    """
    name, version = row["name"], row["version"]
    try:
        return replace(read_policy(row["resolved"]), version=version)
    except BadInput as error:
        raise WillNotWork(
            f"policy {name!r}, version {version}, cannot be read by this version of crosslift ({error}); draft it anew, or "
            f"put another version in force: crosslift policies rollback {name}"
        ) from error


def whole_of(row: Mapping[str, Any]) -> str:
    """Write the policy of a row as it stands by itself, with its number; as it was kept where it cannot be read any more."""
    try:
        return write_policy(policy_of(row))
    except WillNotWork:
        return str(row["resolved"])
