"""What another way of choosing would have earned, from choices that were logged with their probabilities."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.errors import BadInput, NotFound
from crosslift.learn.customers.attributes import columns_of
from crosslift.learn.customers.columns import values_of
from crosslift.shop.propensities import SEED
from crosslift.shop.sales import unit_of
from crosslift.stats.individual import held_out_expectations
from crosslift.stats.offpolicy import LEAST_EFFECTIVE, Logged, Valued, value_of
from crosslift.stats.trials import Difference
from crosslift.stats.weighted import Choices
from crosslift.store.ports import Records

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]
TOLERANCE = 1e-6
FAR_FROM_ONE = 0.1
"""A mean weight this far from 1 says that the logged probabilities are not those the choices were made with."""


class OffPolicy:
    """Other ways of choosing, valued by the choices of one shop.

    Parameters
    ----------
    records : Records
        Where `logged_choices` are.
    sensitive : frozenset of str
        Traits that enter no model.
    """

    def __init__(self, records: Records, sensitive: frozenset[str]) -> None:
        self._records = records
        self._sensitive = sensitive

    def value(self, shares: Mapping[str, float], clip: float | None = None) -> Row:
        """Say what choosing each action with a share would have earned a choice.

        Parameters
        ----------
        shares : mapping of str to float
            Probability of each action under the policy asked about; they sum to 1. `{"letter": 1}` always sends the letter.
        clip : float, optional
            Weights above it count as it: less noise, and a bias towards what was logged.

        Returns
        -------
        dict
            n_choices, `n_without_outcome`, effective, max_weight, mean_weight, share_clipped; `ips`, `snips`,
            `doubly_robust` and `on_policy` with value, low, high each, or None; `why` where nothing can be said, and
            `warnings`.

        Raises
        ------
        BadInput
            If the shares do not sum to 1.
        NotFound
            If no choice was logged, or none of an action that is asked about.
        """
        if not shares or any(not share >= 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > TOLERANCE:
            raise BadInput(
                f"shares {dict(shares)}: give each action 0 or more, and 1 in all, such as letter=0.7 nothing=0.3"
            )
        rows = self._records.table("logged_choices", ("unit_id", "action", "probability", "outcome", "context"))
        known = sorted(set(rows["action"].to_pylist()))
        if not known:
            raise NotFound("no choices were logged; collect `logged_choices` with the probability each was made with")
        if missing := sorted(name for name, share in shares.items() if share > 0 and name not in known):
            raise NotFound(f"no choice of {missing[0]!r} was logged; logged were {', '.join(known[:10])}")
        choices = rows.filter(pc.is_valid(rows["outcome"]))
        if choices.num_rows == 0:
            raise NotFound("of no logged choice the outcome is known yet")
        customer = pc.binary_join_element_wise("customer", choices["unit_id"], ":")
        unit = unit_of(customer, self._records.people()).combine_chunks().dictionary_encode().indices
        action, outcome, chance = (np.asarray(choices[name]) for name in ("action", "outcome", "probability"))
        target = np.array([shares.get(name, 0.0) for name in action.tolist()])
        logged = Logged.of(outcome, chance, target, np.asarray(unit))
        expected = self._expected(choices, logged, action, shares)
        found = value_of(logged, *expected, clip=clip) if expected else value_of(logged, clip=clip)
        return {
            "shares": dict(shares), "n_choices": choices.num_rows, "n_without_outcome": rows.num_rows - choices.num_rows,
            **told(found),
        }  # fmt: skip

    def _expected(
        self, choices: pa.Table, logged: Logged, action: npt.NDArray[Any], shares: Mapping[str, float]
    ) -> tuple[Floats, Floats] | None:
        """Expect the outcome of each action from what was known, by models that did not see the unit; None without context."""
        context = columns_of(choices["context"], "context:", sensitive=self._sensitive)
        columns = [values_of(name, context[name]) for name in context.column_names]
        if not columns:
            return None
        chosen, target = np.zeros(choices.num_rows), np.zeros(choices.num_rows)
        for name in sorted(set(action.tolist())):
            is_it = action == name
            of_it = Choices.of(logged.outcome, is_it, logged.probability, logged.unit)
            expected, _ = held_out_expectations(columns, of_it, seed=SEED)
            chosen[is_it] = expected[is_it]
            target += shares.get(name, 0.0) * expected
        return chosen, target


def told(found: Valued) -> Row:
    """Tell what a way of choosing is worth, what the answer rests on, and why there is none."""
    warnings = []
    if abs(found.mean_weight - 1) > FAR_FROM_ONE:
        warnings.append(
            f"weights average {found.mean_weight:.2f} instead of 1: the logged probabilities are hardly those the choices were "
            "made with, or the policy asks for what was never possible"
        )
    why = None
    if found.ips is None:
        why = (
            f"the log is worth {found.effective:.0f} choices of equal weight to this policy, at least {LEAST_EFFECTIVE} needed: "
            "log more choices, explore more, or ask about a policy nearer to the one that chose"
        )
    return {
        "effective": found.effective, "max_weight": found.max_weight, "mean_weight": found.mean_weight,
        "share_clipped": found.share_clipped, "why": why, "warnings": warnings,
        **{name: _difference(getattr(found, name)) for name in ("ips", "snips", "doubly_robust", "on_policy")},
    }  # fmt: skip


def _difference(found: Difference | None) -> Row | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}
