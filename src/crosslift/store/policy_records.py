"""The part of the records port that keeps policies: their versions, which are in force, and the shop's stop switch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class PoliciesRead:
    """What is in force, in one reading.

    Attributes
    ----------
    change_number : int
        Of the shop, when it was read.
    published : sequence of mapping
        The published version of each policy, by name.
    stop : mapping or None
        Who stopped the shop, when and why; None while it is not stopped.
    experiments : sequence of mapping
        The newest version of each experiment that is on or has a promoted arm, by id.
    """

    change_number: int
    published: Sequence[Mapping[str, Any]]
    stop: Mapping[str, Any] | None
    experiments: Sequence[Mapping[str, Any]] = ()


class PolicyRecords(Protocol):
    """Policies as records: no version is ever changed or lost, each step has an author and a reason."""

    def save_policy(self, row: Mapping[str, Any], above: int = 0) -> int:
        """Add the next version of a policy as a draft, its number above one; gives that number."""

    def policies(self, name: str | None = None) -> list[dict[str, Any]]:
        """Give every version of every policy (of one, by `name`), by name, the newest version first."""

    def policy(self, name: str, version: int) -> dict[str, Any] | None:
        """Give one version of a policy, whatever became of it."""

    def publish_policy(self, change: Mapping[str, Any], standing: int | None) -> bool:
        """Put the version that a change names in force in place of the one that stands; the change number moves.

        A version that is not kept here, as one of the engine's own, leaves none of that name published. False, and nothing
        done, if another one than `standing` is in force by now.
        """

    def switch_policies(self, change: Mapping[str, Any]) -> bool:
        """Stop or resume the shop; the change number moves. False if it is so already."""

    def policies_in_force(self) -> PoliciesRead:
        """Give what is published, the stop switch, experiments that are on or promoted, and the change number, in one reading."""

    def policies_changed_since(self, change_number: int) -> bool:
        """Tell whether a policy, the stop switch or an experiment changed after a change number."""

    def policy_changes(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Give what was done with policies and the stop switch, newest first."""
