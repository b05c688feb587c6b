"""Experiments as somebody writes them, in TOML or JSON, made into experiments."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from crosslift.collect.toml_tables import read_tables
from crosslift.domain.experiment import HELD, TREATED, Experiment, TrialKind, UnitKind
from crosslift.errors import BadInput

Items = Sequence[Mapping[str, Any]]


class ExperimentText(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An experiment as it is written; `crosslift.domain.experiment.Experiment` says what each field means.

    A holdout may name the share that is `held` in place of its arms.
    """

    experiment_id: str
    kind: TrialKind
    arms: dict[str, float] = {}
    held: float | None = None
    unit: UnitKind | None = None
    placements: list[str] = []
    strategies: list[str] = []
    group: str = ""
    policies: dict[str, str] = {}
    expected_cost: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    active: bool = True
    limits: dict[str, float] = {}
    author: str | None = None
    reason: str | None = None


def read_file(path: Path) -> Items:
    """Read the tables `[[experiments]]` of a TOML file; BadInput, naming the file, if it holds something else."""
    return read_tables(path, "experiments")


def read_item(
    item: Mapping[str, Any], number: int, unit: UnitKind, now: datetime, author: str | None, reason: str | None
) -> Experiment:
    """Make an experiment of what was written, as version 0: the store numbers it.

    Parameters
    ----------
    number : int
        Its place, from 1, named where it is wrong.
    unit : UnitKind
        Who is assigned as one where it names nobody.
    now : datetime
        When it begins where it names no instant.
    author, reason : str, optional
        Who writes and why, where it does not say so itself.

    Raises
    ------
    BadInput
        Naming the experiment and the field.
    """
    try:
        told = msgspec.convert(item, ExperimentText)
    except msgspec.ValidationError as error:
        raise BadInput(str(error), where=f"experiment {number}") from None
    return Experiment(
        told.experiment_id, 0, told.kind, _arms(told, number), told.author or author or "", told.reason or reason or "",
        _utc(told.starts_at) or now, _utc(told.ends_at), told.unit or unit, tuple(told.placements),
        tuple(told.strategies), told.group, told.policies, told.expected_cost, told.active, told.limits,
    )  # fmt: skip


def plain(trial: Experiment) -> dict[str, Any]:
    """Write an experiment in the fields it can be put with again."""
    return {
        "experiment_id": trial.experiment_id, "kind": trial.kind.value, "arms": dict(trial.arms),
        "unit": trial.unit.value, "placements": list(trial.placements), "strategies": list(trial.strategies),
        "group": trial.group, "policies": dict(trial.policies), "expected_cost": trial.expected_cost,
        "starts_at": trial.starts_at.isoformat(), "ends_at": trial.ends_at and trial.ends_at.isoformat(),
        "active": trial.is_active, "limits": dict(trial.limits), "author": trial.author, "reason": trial.reason,
    }  # fmt: skip


def _arms(told: ExperimentText, number: int) -> Mapping[str, float]:
    if told.held is None:
        return told.arms
    if told.arms or told.kind is not TrialKind.HOLDOUT:
        raise BadInput("name either its arms or, of a holdout, the share that is held", where=f"experiment {number}")
    return {HELD: told.held, TREATED: 1 - told.held}


def _utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
