"""Who is in which arm: each unit once, by its first arm, whatever it met later (intention to treat)."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

DAY = 86_400_000_000
COLUMNS = ("unit", "arm", "at")


@dataclass(frozen=True, slots=True)
class Arms:
    """The units of one trial.

    Attributes
    ----------
    units : pa.Table
        unit, arm, at (microseconds UTC): the first arm of each unit, and since when it is in the trial.
    counts : mapping of str to int
        Units of each arm, arms nobody is in included.
    n_crossed : int
        Units that met more than one arm, under names that were found to be one only later; they count in their first.
    """

    units: pa.Table
    counts: Mapping[str, int]
    n_crossed: int


def arms_of(assigned: pa.Table, person_of: pa.Table, planned: Mapping[str, float]) -> Arms:
    """Give each unit its first arm.

    Parameters
    ----------
    assigned : pa.Table
        unit (`kind:id`), arm, at.
    person_of : pa.Table
        identity, person_id of every identity that belongs to another's person.
    planned : mapping of str to float
        Arms with their planned shares.
    """
    joined = assigned.select(list(COLUMNS)).join(person_of, "unit", "identity", join_type="left outer")
    unit = pc.coalesce(joined["person_id"], joined["unit"])
    rows = pa.table({"unit": unit, "arm": joined["arm"], "at": joined["at"]})
    rows = rows.sort_by([("unit", "ascending"), ("at", "ascending"), ("arm", "ascending")])
    firsts = rows.group_by("unit", use_threads=False).aggregate(
        [("arm", "first"), ("at", "first"), ("arm", "count_distinct")]
    )
    units = pa.table({"unit": firsts["unit"], "arm": firsts["arm_first"], "at": firsts["at_first"]})
    met = {row["values"]: row["counts"] for row in pc.value_counts(units["arm"]).to_pylist()}
    n_crossed = pc.sum(pc.greater(firsts["arm_count_distinct"], 1)).as_py() or 0
    return Arms(units, {arm: met.get(arm, 0) for arm in sorted({*planned, *met})}, int(n_crossed))
