"""Experiments and the standing holdout: written in versions, in force on the very next decision, counted by first arm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog

from crosslift.collect import experiments as doors
from crosslift.collect.experiments import Items
from crosslift.decide.sources import SOURCES
from crosslift.domain.experiment import HELD, TREATED, Experiment, TrialKind, UnitKind
from crosslift.domain.money import MICROS
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import RELEVANCE
from crosslift.errors import BadInput, Conflict, NotFound
from crosslift.shop.logged import WINDOW_DAYS, accepted_value
from crosslift.shop.rulings import Rulings
from crosslift.store.offer_rows import micros
from crosslift.store.ports import Records
from crosslift.store.trial_rows import experiment_of, experiment_row

log = structlog.get_logger()
Row = dict[str, Any]
Rows = list[Row]
STANDING = "standing-holdout"
"""The holdout that a merchant agrees to at set-up."""
MOST_HELD = 0.5
MONTH = 30


class Experiments:
    """The experiments of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept.
    rulings : Rulings
        The policies that arms may name.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, rulings: Rulings, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._rulings = rulings
        self._clock = clock

    def put(self, items: Items | Mapping[str, Any], author: str | None = None, reason: str | None = None) -> Rows:
        """Write experiments, each as its first or next version; the same content once more changes nothing.

        Parameters
        ----------
        items : mapping, or sequence of mapping
            One or several, in the fields of `collect.experiments.ExperimentText`.
        author, reason : str, optional
            Who writes them and why, where an experiment does not say so itself.

        Returns
        -------
        list of dict
            experiment_id, version and outcome of each: new, replaced or same.

        Raises
        ------
        BadInput
            Naming the experiment and the field; nothing is kept then.
        Conflict
            If it changes kind, unit, arms or limits of one that has units already, meets another one, or somebody else wrote
            it at the same moment; those before it in the list are kept.
        """
        given = [items] if isinstance(items, Mapping) else items
        now, unit = self._clock(), self.default_unit()
        begun = {row["experiment_id"]: experiment_of(row) for row in self._records.experiments()}
        read = []
        for number, one in enumerate(given, 1):
            trial = doors.read_item(one, number, unit, now, author, reason)
            if before := begun.get(trial.experiment_id):
                starts_at = before.starts_at if one.get("starts_at") is None else trial.starts_at
                trial = replace(trial, starts_at=starts_at, promoted=before.promoted)
            read.append(trial)
        for trial in read:
            self._check_words(trial)
        return [self._keep(trial) for trial in read]

    def put_file(self, path: str | Path, author: str | None = None, reason: str | None = None) -> Rows:
        """Write the experiments of a TOML file; otherwise as `put`."""
        return self.put(doors.read_file(Path(path)), author, reason)

    def stop(self, experiment_id: str, author: str, reason: str) -> Row:
        """End an experiment at once, in every process; arms that were given stay on record.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        before = self.get(experiment_id)
        return self._keep(replace(before, is_active=False, author=author, reason=reason))

    def resume(self, experiment_id: str, author: str, reason: str) -> Row:
        """Let an experiment that was stopped go on as it was; arms that were given count. NotFound if there is none."""
        return self._keep(replace(self.get(experiment_id), is_active=True, author=author, reason=reason))

    def hold_out(self, share: float, author: str, reason: str, *, has_agreed: bool = False) -> Row:
        """Agree to the standing holdout: from a share of the people every offer is kept back, so that its profit can be proven.

        Parameters
        ----------
        share : float
            Of the people, above 0 and at most half.
        has_agreed : bool
            Whether the merchant has been told what it costs and agrees; without, it is only told.

        Returns
        -------
        dict
            experiment_id, version, outcome (`told` where nobody agreed yet) and expected_cost.

        Raises
        ------
        BadInput
            For a share that proves nothing or costs too much.
        """
        if not 0 < share <= MOST_HELD:
            raise BadInput(f"share = {share}: hold out between 0 and {MOST_HELD:.0%} of the people, such as 0.05")
        cost = self.expected_cost(share)
        if not has_agreed:
            return {"experiment_id": STANDING, "version": None, "outcome": "told", "expected_cost": cost}
        standing = [experiment_of(row) for row in self._records.experiments() if row["experiment_id"] == STANDING]
        before = standing[0] if standing and standing[0].is_active else None
        if before is not None and before.arms.get(HELD) == share:
            kept = {"experiment_id": STANDING, "version": before.version, "outcome": "same"}
            return {**kept, "expected_cost": before.expected_cost}
        begins_at = self._clock() if before is None else before.starts_at
        trial = Experiment(
            STANDING, 0, TrialKind.HOLDOUT, {HELD: share, TREATED: 1 - share}, author, reason, begins_at,
            unit=before.unit if before else self.default_unit(), expected_cost=cost,
        )  # fmt: skip
        return {**self._keep(trial), "expected_cost": cost}

    def expected_cost(self, share: float) -> str:
        """Say what a holdout of a share costs a month, from what people accepted so far; never a number without that."""
        found = accepted_value(self._records, micros(self._clock()))
        if not found:
            return (
                f"Nobody has accepted an offer in the last {WINDOW_DAYS} days, so what withholding them costs is not known yet. "
                f"It is at most {share:.1%} of what offers will bring."
            )
        sums = " and ".join(
            f"{Decimal(value) / MICROS * MONTH / WINDOW_DAYS * Decimal(str(share)):,.2f} {currency}"
            for currency, value in sorted(found.items())
        )
        return (
            f"At most about {sums} of sales a month: {share:.1%} of what people accepted in the last {WINDOW_DAYS} days, at the "
            "prices shown. Part of it they would have bought anyway, and how much is what the holdout finds out."
        )

    def default_unit(self) -> UnitKind:
        """Say who is assigned as one where nobody says: the company in a shop that knows companies, else the person."""
        found = self._records.table("accounts", ("account_id",), "kind is null or kind <> 'household'")
        return UnitKind.ACCOUNT if found.num_rows else UnitKind.CUSTOMER

    def list(self) -> Rows:
        """Give the newest version of every experiment by id, with its version and whether it runs now."""
        now = self._clock()
        return [self._told(experiment_of(row), now) for row in self._records.experiments()]

    def show(self, experiment_id: str) -> Row:
        """Give one experiment, the units first assigned to each arm, people who crossed over, and every version.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        versions, now = self._versions(experiment_id), self._clock()
        counted = self._records.count_arms(experiment_id)
        units = {arm: counted.get(arm, 0) for arm in sorted({*versions[-1].arms, *counted})}
        return {
            **self._told(versions[-1], now), "units": units, "n_crossovers": self._records.crossovers(experiment_id),
            "versions": [self._told(one, now) for one in versions],
        }  # fmt: skip

    def get(self, experiment_id: str) -> Experiment:
        """Give the newest version of an experiment. NotFound if there is none of that id."""
        return self._versions(experiment_id)[-1]

    def set_promoted(self, trial: Experiment, promoted: Mapping[str, str], author: str, reason: str) -> Row:
        """Write which arm of a trial holds by default since it is over, and end it."""
        return self._keep(replace(trial, promoted=promoted, is_active=False, author=author, reason=reason))

    def _versions(self, experiment_id: str) -> Sequence[Experiment]:
        found = [experiment_of(row) for row in self._records.experiment_versions(experiment_id)]
        if not found:
            raise NotFound(f"no experiment {experiment_id!r}; `crosslift experiments list` shows them")
        return found

    @staticmethod
    def _told(trial: Experiment, now: datetime) -> Row:
        has_begun, has_ended = trial.starts_at <= now, trial.ends_at is not None and trial.ends_at <= now
        state = "stopped" if not trial.is_active else "ended" if has_ended else "running" if has_begun else "waiting"
        return {**doors.plain(trial), "version": trial.version, "state": state, "promoted": dict(trial.promoted)}

    def _check_words(self, trial: Experiment) -> None:
        """Refuse words nobody knows, before anything is kept."""
        for name, given, known in (
            ("placements", trial.placements, PLACEMENTS), ("strategies", trial.strategies, SOURCES),
            ("policies", tuple(trial.policies.values()), self._rulings),
        ):  # fmt: skip
            for word in given:
                if word not in known:
                    raise BadInput(
                        f"{word!r} is none of {', '.join(known)}", where=f"experiment {trial.experiment_id}, {name}"
                    )
        if RELEVANCE.name in trial.policies.values():
            raise BadInput(
                f"policy {RELEVANCE.name!r} takes part in no experiment; publish one of your own that ranks alike",
                where=f"experiment {trial.experiment_id}, policies",
            )

    def _keep(self, trial: Experiment) -> Row:
        rows = self._records.experiment_versions(trial.experiment_id)
        before = experiment_of(rows[-1]) if rows else None
        if before is not None and _same(before, trial):
            return {"experiment_id": trial.experiment_id, "version": before.version, "outcome": "same"}
        if trial.is_active:
            self._check_against(trial, before)
        standing = None if before is None else before.version
        version = self._records.save_experiment(experiment_row(trial, micros(self._clock())), standing)
        if version is None:
            raise Conflict(
                f"experiment {trial.experiment_id!r} was written by somebody else meanwhile; look at it again"
            )
        log.info("experiment_written", experiment_id=trial.experiment_id, version=version, is_active=trial.is_active)
        outcome = "new" if before is None else "replaced"
        return {"experiment_id": trial.experiment_id, "version": version, "outcome": outcome}

    def _check_against(self, trial: Experiment, before: Experiment | None) -> None:
        """Refuse what could not be analyzed: other arms or units than some were assigned to, two policies for one request."""
        if before is not None and self._records.count_arms(trial.experiment_id):
            for name in ("kind", "unit", "policies", "limits"):
                if getattr(before, name) != getattr(trial, name):
                    raise Conflict(
                        f"experiment {trial.experiment_id!r} has units already; its {name} stays. Make another one"
                    )
            if set(before.arms) != set(trial.arms):
                raise Conflict(
                    f"experiment {trial.experiment_id!r} has units in {', '.join(sorted(before.arms))}; its arms stay, their "
                    "shares may change for who comes next"
                )
        for row in self._records.experiments():
            other = experiment_of(row)
            if other.experiment_id == trial.experiment_id or not other.is_active:
                continue
            if trial.group and trial.group == other.group and trial.unit is not other.unit:
                raise Conflict(
                    f"experiment {trial.experiment_id!r} assigns each {trial.unit} and {other.experiment_id!r} each "
                    f"{other.unit}; those of one group ({trial.group!r}) assign the same, else they meet"
                )
            if trial.kind is TrialKind.POLICY and _meet(trial, other):
                raise Conflict(
                    f"experiment {trial.experiment_id!r} and {other.experiment_id!r} would both choose the policy of one "
                    "request; give both the same group, or different placements or times"
                )


def _same(before: Experiment, trial: Experiment) -> bool:
    """Compare all but version, author and reason."""
    return before == replace(trial, version=before.version, author=before.author, reason=before.reason)


def _meet(one: Experiment, other: Experiment) -> bool:
    """Tell whether two trials of policies could meet in one request."""
    if other.kind is not TrialKind.POLICY or not other.is_active or (one.group and one.group == other.group):
        return False
    is_apart = one.placements and other.placements and not set(one.placements) & set(other.placements)
    ends_before = one.ends_at is not None and one.ends_at <= other.starts_at
    begins_after = other.ends_at is not None and other.ends_at <= one.starts_at
    return not (is_apart or ends_before or begins_after)
