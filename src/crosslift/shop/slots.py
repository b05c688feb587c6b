"""What a draft would have earned at each slot, from the shop's own log: slots that exploration could fill otherwise.

Each slot was logged with the probability of what it held. The decision is made again under the draft; where both hold the same,
the slot speaks for the draft, with a weight of one over that probability.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.decision import Action, Decision
from crosslift.domain.policy import RELEVANCE, Policy
from crosslift.errors import BadUsage
from crosslift.shop.off_policy import told
from crosslift.shop.propensities import SEED
from crosslift.shop.simulating import MOST
from crosslift.stats.folds import deal
from crosslift.stats.offpolicy import Logged, value_of
from crosslift.store.ports import Records

Row = dict[str, Any]
Changed = Callable[[str, Callable[[Policy], Policy]], tuple[Policy, Decision, Decision] | str]
Floats = npt.NDArray[np.float64]
DAY = 86_400_000_000
FOLDS = 5
PRIOR = 20.0
"""So many slots of the mean are added to each kind and place before its own are believed."""


@dataclass(slots=True)
class _Log:
    """Slots that exploration could have filled otherwise, a row each."""

    outcome: list[float] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    target: list[float] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    chosen: list[tuple[str, int]] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    n_fixed: int = 0
    n_empty: int = 0

    def add(self, unit: str, recorded: Decision, drafted: Decision, accepted: frozenset[str | None]) -> None:
        """Add the slots of a decision: held the same for sure, left empty by the draft, or to be compared."""
        for place, one in enumerate(recorded.offers):
            if one.slot_probability is None or one.slot_probability >= 1:
                self.n_fixed += 1
            elif place >= len(drafted.offers):
                self.n_empty += 1
            else:
                asked = drafted.offers[place]
                self.outcome.append(float(bool(accepted & {one.product_id, None})))
                self.probability.append(one.slot_probability)
                self.target.append(float(asked.product_id == one.product_id))
                self.unit.append(unit)
                self.chosen.append((one.kind, place))
                self.asked.append((asked.kind, place))


class Slots:
    """Drafts valued by the slots of one shop's decisions.

    Parameters
    ----------
    records : Records
        Where decisions and what people did are.
    clock : callable
        Gives the present instant.
    changed : callable
        Makes a recorded decision again under another policy: `Simulation.changed`.
    """

    def __init__(self, records: Records, clock: Callable[[], datetime], changed: Changed) -> None:
        self._records, self._clock, self._changed = records, clock, changed

    def value(self, draft: Policy, days: int = 30, most: int = MOST, clip: float | None = None) -> Row:
        """Say what share of slots would have been accepted under a draft that does not explore.

        Parameters
        ----------
        draft : Policy
            Decisions of the policy of its name are looked at; of all policies where that decided nothing.
        days, most : int
            How far back, and how many decisions at most, the newest.
        clip : float, optional
            Weights above it count as it.

        Returns
        -------
        dict
            n_decisions, n_slots that exploration could fill otherwise, `n_fixed` that it could not and `n_empty` that the draft
            leaves empty, neither compared; `not_replayed` by why; and what `OffPolicy.value` gives. A slot is valued by itself:
            what the others of its list held is taken as it was.

        Raises
        ------
        BadUsage
            For days or decisions below 1.
        """
        if days < 1 or most < 1:
            raise BadUsage(f"{days} days and {most} decisions: both are 1 or more")
        now = self._clock()
        since = int((now - timedelta(days=days)).timestamp() * 1_000_000)
        decided = self._decided(draft.name, since, int(now.timestamp() * 1_000_000), most)
        accepted = self._accepted(since)
        found, lost = _Log(), Counter[str]()
        calm = replace(draft, epsilon=0.0)
        for decision_id, unit in decided:
            made = self._changed(decision_id, lambda _: calm)
            if isinstance(made, str):
                lost[made] += 1
            else:
                found.add(unit, made[1], made[2], accepted.get(decision_id, frozenset()))
        about: Row = {
            "policy": draft.name, "days": days, "n_decisions": len(decided), "n_slots": len(found.outcome),
            "n_fixed": found.n_fixed, "n_empty": found.n_empty, "not_replayed": dict(sorted(lost.items())),
        }  # fmt: skip
        if not found.outcome:
            why = "no slot of these decisions could have held something else: let the policy explore ([offers] explore)"
            return {**about, "why": why, "warnings": []}
        logged = Logged.of(found.outcome, found.probability, found.target, np.array(found.unit))
        return {**about, **told(value_of(logged, *_expected(found, logged), clip=clip))}

    def _decided(self, name: str, since: int, until: int, most: int) -> Sequence[tuple[str, str]]:
        """Give decisions and whose they were, in the order of time; nobody's is its own."""
        where = "at >= ? and at <= ? and purpose <> 'evaluation' and not is_withheld and policy <> ?"
        for named in (" and policy = ?", ""):
            values = (since, until, RELEVANCE.name, *((name,) if named else ()), most)
            rows = self._records.table(
                "decisions", ("decision_id", "identity"), f"{where}{named} order by at desc, rowid desc limit ?", values
            ).to_pylist()
            if rows:
                break
        return [(row["decision_id"], row["identity"] or row["decision_id"]) for row in reversed(rows)]

    def _accepted(self, since: int) -> Mapping[str, frozenset[str | None]]:
        """Give the products accepted by decision; None speaks for every offer of it."""
        rows = self._records.table(
            "responses", ("decision_id", "product_id"), "at >= ? and action = ?", (since, Action.ACCEPT.value)
        )
        found: dict[str, frozenset[str | None]] = {}
        for decision_id, product in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            found[decision_id] = found.get(decision_id, frozenset()) | {product}
        return found


def _expected(found: _Log, logged: Logged) -> tuple[Floats, Floats]:
    """Expect the outcome of a kind at a place from the slots of other people: of what was held, and of what the draft asks."""
    part = deal(np.zeros(int(logged.unit.max()) + 1), FOLDS, seed=SEED)[logged.unit]
    chosen, asked = np.empty(part.size), np.empty(part.size)
    for fold in range(FOLDS):
        inside, rest = np.flatnonzero(part == fold), np.flatnonzero(part != fold)
        mean = float(logged.outcome[rest].mean()) if rest.size else 0.0
        sums, sizes = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
        for row in rest.tolist():
            sums[found.chosen[row]] += logged.outcome[row]
            sizes[found.chosen[row]] += 1
        for row in inside.tolist():
            for into, key in ((chosen, found.chosen[row]), (asked, found.asked[row])):
                into[row] = (sums[key] + PRIOR * mean) / (sizes[key] + PRIOR)
    return chosen, asked
