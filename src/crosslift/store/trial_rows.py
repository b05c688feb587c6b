"""An experiment as the row it is kept as, and back."""

from collections.abc import Mapping
from typing import Any

import msgspec

from crosslift.domain.experiment import Experiment, TrialKind, UnitKind
from crosslift.store.offer_rows import instant, micros


def experiment_row(trial: Experiment, created_at: int) -> dict[str, Any]:
    """Write an experiment as a row, its version aside: the store numbers it."""
    return {
        "experiment_id": trial.experiment_id, "kind": trial.kind.value, "arms": _json(dict(trial.arms)),
        "unit": trial.unit.value, "placements": _json(list(trial.placements)), "strategies": _json(list(trial.strategies)),
        "exclusion_group": trial.group, "policies": _json(dict(trial.policies)), "expected_cost": trial.expected_cost,
        "starts_at": micros(trial.starts_at), "ends_at": micros(trial.ends_at), "is_active": trial.is_active,
        "author": trial.author, "reason": trial.reason, "created_at": created_at,
        "limits": _json(dict(trial.limits)), "promoted": _json(dict(trial.promoted)),
    }  # fmt: skip


def experiment_of(row: Mapping[str, Any]) -> Experiment:
    """Read an experiment back."""
    return Experiment(
        row["experiment_id"], row["version"], TrialKind(row["kind"]), msgspec.json.decode(row["arms"]), row["author"],
        row["reason"], instant(row["starts_at"]), instant(row["ends_at"]), UnitKind(row["unit"]),
        tuple(msgspec.json.decode(row["placements"])), tuple(msgspec.json.decode(row["strategies"])), row["exclusion_group"],
        msgspec.json.decode(row["policies"]), row["expected_cost"], bool(row["is_active"]),
        msgspec.json.decode(row["limits"]), msgspec.json.decode(row["promoted"]),
    )  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
