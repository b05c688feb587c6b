"""What each customer will be worth: expected orders and value of the days ahead, with an interval, the model and why.

An order counts with its day (UTC); orders of one day are one purchase with the sum of their values. Customers are followed
from their first order in the data; the models and their mathematics stand in `stats.customer_value`. None of them knows
seasons or growth: a Christmas ahead that the data have not shown is not in the figure. `replay` tells how the same
forecast, made earlier, would have met what came since.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.profile_codes import Unknown
from crosslift.errors import BadInput
from crosslift.stats.btyd import Histories, log_gap
from crosslift.stats.customer_value import NoValues, Values, customer_values
from crosslift.stats.value_model import Future, ValueModel

DAY = 86_400_000_000
LEVEL = 0.8
MIN_REPEATERS = 50
MIN_SPAN_DAYS = 90
SEED = 20_260_101

SCHEMA = pa.schema(
    [
        ("person_id", pa.string()), ("expected_orders", pa.float64()), ("p_alive", pa.float64()),
        ("churn_risk", pa.float64()), ("clv", pa.float64()), ("clv_low", pa.float64()), ("clv_high", pa.float64()),
        ("clv_basis", pa.string()), ("clv_model", pa.string()),
    ]
)  # fmt: skip
FORECASTS = ("expected_orders", "p_alive", "churn_risk")
MONEY = ("clv", "clv_low", "clv_high")


@dataclass(frozen=True, slots=True)
class CustomerValues:
    """What `find_values` found.

    Attributes
    ----------
    table : pa.Table
        One row a person with an order: person_id; expected_orders within the horizon; p_alive now; churn_risk, the
        probability of having left by the end of the horizon; clv, clv_low, clv_high, discounted, in the currency of the
        values; clv_basis; clv_model. Null where nothing can be said.
    unknown : mapping of str to str
        Why a column is null for everybody, by its name: a code of `profile_codes.Unknown`, and the numbers behind it.
    evidence : mapping of str to value
        The model: ``model``, ``parameters``, ``log_likelihood``, ``aic`` (each candidate, above the best),
        ``regularity`` (shape of the gaps with low, high, n), ``amounts`` (parameters), ``amounts_follow_frequency``
        (correlation with low and high), ``notes`` (codes with values), ``n_people``, ``n_repeaters``, ``span_days``.
    fitted : ValueModel or None
        What `ask` says the same of some of these people with; None where nothing can be said.
    """

    table: pa.Table
    unknown: Mapping[str, str]
    evidence: Mapping[str, Any]
    fitted: ValueModel | None = None


def find_values(
    orders: pa.Table,
    *,
    as_of: int,
    horizon_days: int,
    rate_per_year: float,
    basis: str,
    min_repeaters: int = MIN_REPEATERS,
    min_span_days: int = MIN_SPAN_DAYS,
    level: float = LEVEL,
    seed: int = SEED,
) -> CustomerValues:
    """Work out what each customer will be worth in the days ahead.

    Parameters
    ----------
    orders : pa.Table
        One row an order: person_id (rows without one are left out), ordered_at (microseconds UTC), value (margin or
        revenue, after returns; where it is null the mean of the person's other orders stands in, or of everybody's).
    as_of : int
        Now, microseconds UTC; later orders are not looked at.
    horizon_days : int
        How far ahead.
    rate_per_year : float
        Discount rate, 0.1 for 10 % a year.
    basis : str
        "margin" or "revenue": what the values are, written into the table.
    min_repeaters : int
        People with orders on two days or more, below which nothing is said.
    min_span_days : int
        Days from the first order to now, below which nothing is said.
    level : float
        Of the interval from clv_low to clv_high: at most (1 − level)/2 of what may come lies below, as much above.
    seed : int
        Of the intervals in small shops.

    Raises
    ------
    BadInput
        If a column is missing, a value is not finite, or horizon, rate or level are out of range.
    """
    people = _People.read(orders, as_of)
    span = int(people.age.max(initial=0))
    evidence = {"n_people": people.names.size, "n_repeaters": int((people.x > 0).sum()), "span_days": span}
    if span < min_span_days:
        why = f"{Unknown.SHORT_HISTORY}: orders of {span} days, at least {min_span_days} needed"
        return CustomerValues(_table(people, None, None, basis), dict.fromkeys((*FORECASTS, *MONEY), why), evidence)
    found = customer_values(
        people.histories(), people.means, horizon=float(horizon_days), rate_per_year=rate_per_year, seed=seed,
        has_first=True, level=level, min_repeaters=min_repeaters,
    )  # fmt: skip
    if isinstance(found, NoValues):
        why = _why(found, min_repeaters)
        return CustomerValues(_table(people, None, None, basis), dict.fromkeys((*FORECASTS, *MONEY), why), evidence)
    unknown = dict.fromkeys(MONEY, found.unknown["clv"]) if "clv" in found.unknown else {}
    return CustomerValues(_table(people, found, found.model, basis), unknown, evidence | _evidence(found), found.fitted)


def ask(orders: pa.Table, fitted: ValueModel, *, as_of: int, model: str, basis: str) -> pa.Table:
    """Work out what some customers will be worth by models fitted before: what `find_values` said of the same orders.

    Parameters
    ----------
    orders, as_of, basis
        As in `find_values`; the values of an order that is not known must not be all that a person has.
    fitted : ValueModel
        `CustomerValues.fitted`.
    model : str
        Its name, ``evidence["model"]``.

    Returns
    -------
    pa.Table
        As `CustomerValues.table`.
    """
    people = _People.read(orders, as_of)
    found = fitted.future(people.histories(), people.means) if people.names.size else None
    return _table(people, found, model, basis)


def replay(
    orders: pa.Table,
    *,
    as_of: int,
    days: int,
    min_repeaters: int = MIN_REPEATERS,
    min_span_days: int = MIN_SPAN_DAYS,
    level: float = LEVEL,
) -> Mapping[str, float | str] | None:
    """Make the forecast of some days ago and lay it beside what came since.

    Parameters
    ----------
    orders, as_of, min_repeaters, min_span_days, level
        As in `find_values`.
    days : int
        Held out, up to `as_of`.

    Returns
    -------
    mapping or None
        ``model``; ``orders``, ``expected_orders`` (days with an order, of the people known then); ``value``,
        ``expected_value`` (not discounted); ``covered`` (share of people whose value lies in their interval), ``above``
        and ``below`` it; ``correlation`` of value and expected value over people. None where no forecast could be made.
    """
    then = as_of - days * DAY
    limits = {"min_repeaters": min_repeaters, "min_span_days": min_span_days}
    forecast = find_values(
        orders, as_of=then, horizon_days=days, rate_per_year=0.0, basis="revenue", level=level, **limits
    )
    if forecast.unknown:
        return None
    instants = orders["ordered_at"].cast(pa.int64())
    since = orders.filter(pc.and_(pc.greater(instants, then), pc.less_equal(instants, as_of)))
    came = _People.read(since, as_of)
    place = pc.index_in(pa.array(came.names), forecast.table["person_id"].combine_chunks())
    known = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    at = place.drop_null().to_numpy()
    value, n_orders = np.zeros(forecast.table.num_rows), np.zeros(forecast.table.num_rows)
    n_orders[at] = came.x[known] + 1
    value[at] = came.means[known] * n_orders[at]
    expected, low, high = (forecast.table[name].to_numpy() for name in MONEY)
    slack = 1e-9 * np.abs(value) + 1e-9
    return {
        "model": forecast.evidence["model"],
        "orders": float(n_orders.sum()),
        "expected_orders": float(pc.sum(forecast.table["expected_orders"]).as_py()),
        "value": float(value.sum()),
        "expected_value": float(expected.sum()),
        "covered": float(((value >= low - slack) & (value <= high + slack)).mean()),
        "above": float((value > high + slack).mean()),
        "below": float((value < low - slack).mean()),
        "correlation": float(np.corrcoef(value, expected)[0, 1]),
    }


@dataclass(frozen=True, slots=True)
class _People:
    """People with orders and their purchase histories in days; arrays of shape (people,)."""

    names: npt.NDArray[np.object_]
    x: npt.NDArray[np.int64]
    t_x: npt.NDArray[np.float64]
    age: npt.NDArray[np.float64]
    log_gaps: npt.NDArray[np.float64]
    means: npt.NDArray[np.float64]

    @classmethod
    def read(cls, orders: pa.Table, as_of: int) -> "_People":
        missing = [name for name in ("person_id", "ordered_at", "value") if name not in orders.column_names]
        if missing:
            raise BadInput(f"orders have no {missing[0]}; give person_id, ordered_at and value")
        instants = orders["ordered_at"].cast(pa.int64())
        kept = orders.filter(pc.and_(pc.is_valid(orders["person_id"]), pc.less_equal(instants, as_of)))
        coded = pc.dictionary_encode(kept["person_id"].combine_chunks())
        person = coded.indices.to_numpy().astype(np.int64)
        day = kept["ordered_at"].cast(pa.int64()).to_numpy() // DAY
        value = _values(kept["value"].cast(pa.float64()).to_numpy(zero_copy_only=False), person)
        first_day = int(day.min(initial=as_of // DAY))
        width = as_of // DAY - first_day + 1
        visits, of_visit = np.unique(person * width + day - first_day, return_inverse=True)
        who, when = visits // width, (visits % width).astype(np.float64)
        n_visits = np.bincount(who, minlength=len(coded.dictionary))
        last = np.cumsum(n_visits) - 1
        first = last - n_visits + 1
        same = np.flatnonzero(np.diff(who) == 0)
        log_gaps = np.bincount(who[same], log_gap(when[same + 1] - when[same], 1.0), minlength=n_visits.size)
        totals = np.bincount(who[of_visit], value, minlength=n_visits.size)
        return cls(
            coded.dictionary.to_numpy(zero_copy_only=False), n_visits - 1, when[last] - when[first],
            width - 1 - when[first], np.asarray(log_gaps, np.float64), np.asarray(totals / n_visits, np.float64),
        )  # fmt: skip

    def histories(self) -> Histories:
        return Histories.of(self.x, self.t_x, self.age, self.log_gaps, grain=1.0)


def _values(value: npt.NDArray[np.float64], person: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Fill values that are not known with the person's mean, or everybody's."""
    if np.isinf(value).any():
        raise BadInput("an order has an infinite value; values are margin or revenue in the shop's currency")
    known = np.isfinite(value)
    if known.all():
        return value
    n_known = np.bincount(person[known], minlength=int(person.max()) + 1)
    means = np.bincount(person[known], value[known], minlength=n_known.size) / np.maximum(n_known, 1)
    everybody = value[known].mean() if known.any() else 0.0
    return np.where(known, value, np.where(n_known > 0, means, everybody)[person])


def _table(people: _People, found: Values | Future | None, model: str | None, basis: str) -> pa.Table:
    n = people.names.size
    columns: dict[str, Any] = {name: pa.nulls(n, SCHEMA.field(name).type) for name in SCHEMA.names}
    columns["person_id"] = pa.array(people.names, pa.string())
    if found is not None:
        columns |= {
            "expected_orders": found.expected_orders, "p_alive": found.p_alive, "churn_risk": found.churn_risk,
            "clv_model": [model] * n,
        }  # fmt: skip
        if not np.isnan(found.clv).all():
            columns |= {"clv": found.clv, "clv_low": found.low, "clv_high": found.high, "clv_basis": [basis] * n}
    return pa.table(columns, SCHEMA)


def _why(found: NoValues, min_repeaters: int) -> str:
    if found.code == "few_repeaters":
        return f"{Unknown.FEW_REPEATERS}: {found.number:.0f} people came back, at least {min_repeaters} needed"
    return f"{Unknown.NO_MODEL}: no model of purchases fits these orders"


def _evidence(found: Values) -> dict[str, Any]:
    """Write down the models, as plain data for the snapshot and the report."""
    choice, fitted = found.choice, found.choice.fitted
    evidence: dict[str, Any] = {
        "model": found.model,
        "parameters": choice.model.parameters,
        "log_likelihood": fitted.log_likelihood,
        "aic": dict(choice.aic),
        "regularity": asdict(choice.regularity),
        "notes": [list(note) for note in found.notes],
    }
    if found.amounts is not None:
        evidence["amounts"] = asdict(found.amounts.model)
    if found.link is not None:
        evidence["amounts_follow_frequency"] = asdict(found.link)
    return evidence
