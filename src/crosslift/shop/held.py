"""Who is in which arm of a holdout, as far as this shop drew it itself."""

from dataclasses import dataclass

import pyarrow as pa

from crosslift.domain.experiment import Experiment, TrialKind, UnitKind
from crosslift.errors import BadInput, NotFound
from crosslift.measure.arms import Arms, arms_of
from crosslift.measure.trial import SRM_ALARM
from crosslift.stats.trials import sample_ratio
from crosslift.store.ports import Records
from crosslift.store.trial_rows import experiment_of


@dataclass(frozen=True, slots=True)
class Held:
    """A holdout of customers.

    Attributes
    ----------
    whose : pa.Table
        identity, person_id of identities that belong to another's person.
    """

    trial: Experiment
    arms: Arms
    whose: pa.Table

    @property
    def is_broken(self) -> bool:
        """Whether the arms are not as large as planned: the draw or the record of it is broken."""
        counts = [self.arms.counts.get(arm, 0) for arm in self.trial.arms]
        return sum(counts) > 0 and sample_ratio(counts, list(self.trial.arms.values())).p_value < SRM_ALARM

    @classmethod
    def read(cls, records: Records, experiment_id: str) -> "Held":
        """Read a holdout.

        Raises
        ------
        NotFound
            If there is none of that id.
        BadInput
            If it is a trial that keeps back nothing, or does not assign customers.
        """
        versions = [experiment_of(row) for row in records.experiment_versions(experiment_id)]
        if not versions:
            raise NotFound(
                f"there is no holdout {experiment_id!r}; `crosslift experiments holdout` makes the standing one"
            )
        trial = versions[-1]
        if trial.kind is not TrialKind.HOLDOUT or trial.unit is not UnitKind.CUSTOMER:
            raise BadInput(f"{experiment_id!r} is not a holdout of customers; what is asked is told by its two arms")
        whose = records.people()
        drawn = records.table("experiment_arms", ("unit", "arm", "at"), "experiment_id = ?", (experiment_id,))
        return cls(trial, arms_of(drawn, whose, dict(trial.arms)), whose)
