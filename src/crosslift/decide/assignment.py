"""Which arm of which trial: what was stored first counts, and only who has none yet is drawn one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crosslift.domain.chance import Chance, uniform
from crosslift.domain.experiment import HELD, Assigned, Experiment, TrialKind, UnitKind
from crosslift.errors import BadUsage


def _unheard(purpose: str) -> float:
    raise BadUsage(f"a draw for {purpose!r} was asked of a decision without chance")


@dataclass(frozen=True, slots=True)
class Lot:
    """What chance and trials say of one decision.

    Attributes
    ----------
    chance : Chance
        Its own draws; asked only where a policy explores.
    arm : str or None
        The arms of the request, as its record names them.
    withholds : frozenset of str or None
        Sources that a holdout withholds here, empty for all of them; None where nothing is withheld.
    """

    chance: Chance = _unheard
    arm: str | None = None
    withholds: frozenset[str] | None = None


NO_LOT = Lot()


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms of one request.

    Attributes
    ----------
    of : mapping of experiment id to arm
        Every trial the request belongs to.
    fresh : tuple of Assigned
        First assignments, to be stored with the decision.
    crossovers : tuple of str
        Trials in which the person's identities were given different arms before they were known to be one: the earliest
        counts, and the conflict is recorded.
    """

    of: Mapping[str, str]
    fresh: tuple[Assigned, ...] = ()
    crossovers: tuple[str, ...] = ()

    def held(self, trials: Sequence[Experiment]) -> tuple[Experiment, ...]:
        """Give the holdouts that withhold something from this request."""
        return tuple(t for t in trials if t.kind is TrialKind.HOLDOUT and self.of.get(t.experiment_id) == HELD)

    def withholds(self, trials: Sequence[Experiment]) -> frozenset[str] | None:
        """Name the sources that are withheld, empty for all; None where nothing is."""
        held = self.held(trials)
        if not held:
            return None
        return frozenset() if any(not t.strategies for t in held) else frozenset(s for t in held for s in t.strategies)

    def policy(self, trials: Sequence[Experiment]) -> str | None:
        """Name the policy that a trial of policies asks for; None where none does."""
        for trial in trials:
            if trial.kind is TrialKind.POLICY and trial.experiment_id in self.of:
                return trial.policies[self.of[trial.experiment_id]]
        return None

    @property
    def label(self) -> str | None:
        """The arms as the decision's record names them, by experiment id; None without a trial."""
        return ",".join(f"{name}={arm}" for name, arm in sorted(self.of.items())) or None


def arms_of_label(label: str | None) -> dict[str, str]:
    """Read the arms a decision's record names.

    Examples
    --------
    >>> arms_of_label("cart-words=long,standing-holdout=treated")
    {'cart-words': 'long', 'standing-holdout': 'treated'}
    """
    parts = (one.partition("=") for one in label.split(",")) if label else ()
    return {name: arm for name, _, arm in parts}


def assign(
    trials: Sequence[Experiment],
    units: Mapping[UnitKind, str],
    stored: Sequence[Assigned],
    now: datetime,
    placement: str,
    secret: bytes,
) -> Arms:
    """Find the arm of each trial that a request belongs to.

    Parameters
    ----------
    units : mapping of unit kind to str
        Ids the request has; a trial whose unit is not among them is not met (no stable id, no trial). For
        `UnitKind.CUSTOMER` a browser stands in until the customer is known.
    stored : sequence of Assigned
        Assignments of these units, and of every other identity of the person.
    secret : bytes
        The shop's; with it an assignment can be drawn again by whoever audits it.

    Returns
    -------
    Arms
        Of the trials of one exclusion group at most one, drawn by the unit and the group's name alone; a unit that has a
        stored arm in one of them stays there.
    """
    arms: dict[str, str] = {}
    fresh: list[Assigned] = []
    crossed: list[str] = []
    at = int(now.timestamp() * 1_000_000)
    earliest: dict[str, Assigned] = {}
    for one in sorted(stored, key=lambda a: (a.at, a.unit_kind, a.unit_id)):
        first = earliest.setdefault(one.experiment_id, one)
        if first.arm != one.arm and one.experiment_id not in crossed:
            crossed.append(one.experiment_id)
    running = [trial for trial in trials if trial.runs_at(now, placement)]
    for trial in running:
        unit = _unit(trial.unit, units)
        if unit is None or not _is_invited(trial, trials, unit, units, earliest, now, secret):
            continue
        known = earliest.get(trial.experiment_id)
        if known is not None:
            arms[trial.experiment_id] = known.arm
            continue
        kind, unit_id = unit
        arm = draw(trial, _drawn_by(trial, unit_id, units), secret)
        arms[trial.experiment_id] = arm
        fresh.append(Assigned(trial.experiment_id, kind, unit_id, arm, at, trial.version))
    return Arms(arms, tuple(fresh), tuple(name for name in crossed if name in arms))


def draw(trial: Experiment, unit_id: str, secret: bytes) -> str:
    """Draw an arm by its share; the same unit, trial and secret always give the same."""
    u, edge = uniform(secret, unit_id, f"arm:{trial.experiment_id}"), 0.0
    for arm in sorted(trial.arms):
        edge += trial.arms[arm]
        if u < edge:
            return arm
    return max(trial.arms)


def _unit(kind: UnitKind, units: Mapping[UnitKind, str]) -> tuple[UnitKind, str] | None:
    if kind in units:
        return kind, units[kind]
    if kind is UnitKind.CUSTOMER and UnitKind.ANONYMOUS in units:
        return UnitKind.ANONYMOUS, units[UnitKind.ANONYMOUS]
    return None


def _drawn_by(trial: Experiment, unit_id: str, units: Mapping[UnitKind, str]) -> str:
    """Name what an arm is drawn by: of a customer the browser, where there is one, so that nobody changes arms by signing in."""
    return units.get(UnitKind.ANONYMOUS, unit_id) if trial.unit is UnitKind.CUSTOMER else unit_id


def _is_invited(
    trial: Experiment, trials: Sequence[Experiment], unit: tuple[UnitKind, str], units: Mapping[UnitKind, str],
    stored: Mapping[str, Assigned], now: datetime, secret: bytes,
) -> bool:  # fmt: skip
    """Tell whether a unit takes part in this one of the trials that exclude each other."""
    if not trial.group:
        return True
    rivals = sorted(
        t.experiment_id
        for t in trials
        if t.group == trial.group and t.is_active and t.starts_at <= now and (t.ends_at is None or now < t.ends_at)
    )
    met = [stored[name] for name in rivals if name in stored]
    if met:  # who was in two before their identities were known to be one stays in the first
        return min(met, key=lambda one: (one.at, one.experiment_id)).experiment_id == trial.experiment_id
    place = int(uniform(secret, _drawn_by(trial, unit[1], units), f"group:{trial.group}") * len(rivals))
    return rivals[min(place, len(rivals) - 1)] == trial.experiment_id
