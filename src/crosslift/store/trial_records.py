"""The part of the records port that keeps experiments: their versions, and the arm each unit was first given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crosslift.domain.experiment import Assigned, UnitKind


@dataclass(frozen=True, slots=True)
class FirstArm:
    """A first assignment, to be stored with the decision that made it.

    Attributes
    ----------
    index : int
        The place of that decision among those recorded together.
    identities : tuple of str
        Every identity of the person as it was read; empty where the unit is no person.
    """

    index: int
    assigned: Assigned
    identities: tuple[str, ...] = ()


class TrialRecords(Protocol):
    """Experiments as versions, first arms written once.

    Running experiments are read with the policies in force (`PolicyRecords.policies_in_force`): a change holds from the very
    next decision on, in every process.
    """

    def save_experiment(self, row: Mapping[str, Any], standing: int | None) -> int | None:
        """Add the next version of an experiment; the change number moves.

        Parameters
        ----------
        standing : int or None
            The version it was written against.

        Returns
        -------
        int or None
            Its number; None, and nothing kept, if another version stands by now.
        """

    def experiments(self) -> list[dict[str, Any]]:
        """Give the newest version of every experiment by id, ended ones too."""

    def experiment_versions(self, experiment_id: str) -> list[dict[str, Any]]:
        """Give every version of an experiment, oldest first."""

    def first_arms(self, units: Sequence[str]) -> list[Assigned]:
        """Give what units (`kind:id`) were first assigned to, in all experiments."""

    def count_arms(self, experiment_id: str) -> dict[str, int]:
        """Count the units first assigned to each arm."""

    def crossovers(self, experiment_id: str) -> int:
        """Count the people whose identities were given different arms before they were known to be one."""


def unit_of(assigned: Assigned) -> str:
    """Name a unit as it is kept."""
    return f"{assigned.unit_kind}:{assigned.unit_id}"


def assigned_of(row: Mapping[str, Any]) -> Assigned:
    """Read a first assignment back."""
    kind, _, unit_id = row["unit"].partition(":")
    return Assigned(row["experiment_id"], UnitKind(kind), unit_id, row["arm"], row["at"], row["version"])
