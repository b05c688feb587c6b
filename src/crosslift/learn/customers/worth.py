"""What each person will be worth: their orders handed to the models of `clv`, the answers put beside the people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.profile import ClvBasis
from crosslift.learn.customers.clv import FORECASTS, MONEY, ask, find_values
from crosslift.learn.customers.figures import MICROS
from crosslift.learn.customers.orders import Orders
from crosslift.learn.customers.people import People
from crosslift.settings import Settings
from crosslift.stats.value_model import ValueModel

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FIGURES = (*FORECASTS, *MONEY)


ENOUGH = 0.95
"""Share of buyers whose margin has to be known before value is counted in margin."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was fitted, as plain values.

    Attributes
    ----------
    basis : ClvBasis
        What values are counted in.
    model : str or None
        Name of the models; None where nothing can be said.
    fitted : mapping
        `ValueModel.plain`, empty where nothing can be said.
    unknown : mapping of str to str
        Why a figure is missing for everybody.
    evidence : mapping
        See `clv.CustomerValues`.
    """

    basis: ClvBasis
    model: str | None
    fitted: Mapping[str, Any]
    unknown: Mapping[str, str]
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worth:
    """What each person will be worth; `figures` are arrays of shape (people,), nan where nothing can be said.

    `unknown` says why a figure is missing for everybody.
    """

    figures: Mapping[str, Floats]
    model: str | None
    unknown: Mapping[str, str]


def basis_of(has_margins: Bools, n_orders: npt.NDArray[np.int64]) -> ClvBasis:
    """Say what value is counted in: margin where it is known of nearly all buyers, else revenue."""
    known = has_margins[n_orders > 0]
    return ClvBasis.MARGIN if len(known) and known.mean() >= ENOUGH else ClvBasis.REVENUE


def learn_worth(
    orders: Orders, people: People, basis: ClvBasis, settings: Settings, as_of: int
) -> tuple[Learned, Worth]:
    """Fit the models to everybody's orders and ask them of everybody."""
    found = find_values(
        _orders(orders, people, basis), as_of=as_of, horizon_days=settings["profile.clv_horizon_days"],
        rate_per_year=settings["profile.discount_rate_per_year"], basis=basis.value,
    )  # fmt: skip
    model: str | None = found.evidence.get("model")
    fitted = found.fitted.plain if found.fitted else {}
    learned = Learned(basis, model, fitted, found.unknown, _finite(found.evidence))
    return learned, Worth(_figures(found.table, orders, people, basis), model, found.unknown)


def worth_of(orders: Orders, people: People, learned: Learned, as_of: int) -> Worth:
    """Ask models that were fitted before: of the same orders they say the same."""
    if not learned.fitted or learned.model is None or not len(orders.person):
        figures: Mapping[str, Floats] = dict.fromkeys(FIGURES, np.full(len(people), np.nan))
    else:
        table = ask(
            _orders(orders, people, learned.basis), ValueModel.read(learned.fitted), as_of=as_of, model=learned.model,
            basis=learned.basis.value,
        )  # fmt: skip
        figures = _figures(table, orders, people, learned.basis)
    return Worth(figures, learned.model, learned.unknown)


def _orders(orders: Orders, people: People, basis: ClvBasis) -> pa.Table:
    """Write orders as `clv` reads them: person_id, ordered_at, value."""
    value = (orders.margin if basis is ClvBasis.MARGIN else orders.spent) / MICROS
    return pa.table({
        "person_id": people.ids.take(pa.array(orders.person)),
        "ordered_at": orders.at,
        "value": pa.array(value, mask=~_is_known(orders, basis)),
    })  # fmt: skip


def _is_known(orders: Orders, basis: ClvBasis) -> Bools:
    return orders.has_margin if basis is ClvBasis.MARGIN else orders.is_priced


def _figures(table: pa.Table, orders: Orders, people: People, basis: ClvBasis) -> dict[str, Floats]:
    """Put answers beside the people; of whoever has no order of known value, what comes is not valued."""
    place = np.asarray(pc.index_in(table.column("person_id"), value_set=people.ids), np.int64)
    is_valued = np.bincount(orders.person[_is_known(orders, basis)], minlength=len(people)) > 0
    figures = {}
    for name in FIGURES:
        column = np.full(len(people), np.nan)
        column[place] = np.asarray(table.column(name), np.float64)
        figures[name] = np.where(is_valued, column, np.nan) if name in MONEY else column
    return figures


def _finite(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Give evidence as it can be stored: a number that is none is null."""
    stored: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(evidence))
    return stored
