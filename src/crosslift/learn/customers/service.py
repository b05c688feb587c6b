"""What serving people took: cases and contacts, what they cost, and what is still open.

A case costs what the merchant wrote beside it, else as much as a contact. A contact the customer began costs its minutes,
where none are noted the setting for one; while a case with a cost of its own is open, contacts are part of it. Cases and
contacts of an account are known to all its members and cost none of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.contact import UNSETTLED, ActivityKind, Direction
from crosslift.learn.customers.accounts import Accounts
from crosslift.learn.customers.bought import latest, total
from crosslift.learn.customers.exchange import Amounts, Exchange, known
from crosslift.learn.customers.people import Numbers

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ASKED_BY = (ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.CHAT)
"""Kinds taken as begun by the customer where no direction is noted."""
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Rates:
    """What service costs in the reporting currency: an hour, and a contact whose length nobody noted; 0 counts nothing."""

    per_hour: float
    per_contact: float


@dataclass(frozen=True, slots=True)
class Service:
    """Arrays of shape (people,).

    Attributes
    ----------
    cost : int64 array
        Micros.
    is_known : bool array
        False where a case was charged in a currency without a rate.
    n_contacts : int64 array
        Cases, and contacts the person began.
    open_cases, n_activities : int64 array
        Their accounts' included.
    last_activity_at, last_asked_at : int64 array
        Newest activity of any kind, and newest one the person began or case they opened; −1 for none.
    """

    cost: Ints
    is_known: Bools
    n_contacts: Ints
    open_cases: Ints
    n_activities: Ints
    last_activity_at: Ints
    last_asked_at: Ints

    @classmethod
    def of(
        cls,
        cases: pa.Table,
        activities: pa.Table,
        person_of_case: Numbers,
        person_of_activity: Numbers,
        accounts: Accounts,
        exchange: Exchange,
        rates: Rates,
        as_of: int,
        n_people: int,
    ) -> "Service":
        """Add up cases and activities; `person_of_…` is −1 where a row names nobody."""
        opened, at = (_instants(*column) for column in ((cases, "opened_at"), (activities, "at")))
        cost = exchange.amounts(cases.column("cost_micros"), cases.column("currency"), opened)
        is_asked = _asked(activities)
        spent = _of_contacts(activities, is_asked, rates)
        covered = _covered(person_of_activity, at, person_of_case, opened, _closed(cases, as_of), cost)
        case_cost = np.where(cost.is_known, cost.micros, _micros(rates.per_contact))
        settled = pc.is_in(cases.column("status"), value_set=pa.array([status.value for status in UNSETTLED]))
        is_open = np.asarray(pc.fill_null(settled, False), np.bool_)
        case_rows, case_people = accounts.reached(person_of_case, cases.column("account_id"))
        rows, people = accounts.reached(person_of_activity, activities.column("account_id"))
        asked = latest(person_of_activity, np.where(is_asked, at, -1), n_people)
        return cls(
            total(person_of_case, case_cost, n_people) + total(person_of_activity, np.where(covered, 0, spent), n_people),
            total(person_of_case, cost.is_foreign, n_people) == 0,
            total(person_of_case, np.ones(len(opened), np.int64), n_people)
            + total(person_of_activity, is_asked, n_people),
            total(case_people, is_open[case_rows], n_people),
            np.bincount(people, minlength=n_people),
            latest(people, at[rows], n_people),
            np.maximum(asked, latest(person_of_case, opened, n_people)),
        )  # fmt: skip


def _instants(table: pa.Table, name: str) -> Ints:
    return np.asarray(table.column(name), np.int64)


def _micros(amount: float) -> int:
    return round(amount * 1_000_000)


def _closed(cases: pa.Table, as_of: int) -> Ints:
    has_end, end = known(cases.column("closed_at"))
    return np.where(has_end, end, as_of)


def _asked(activities: pa.Table) -> Bools:
    """Tell which activities the customer began."""
    direction = activities.column("direction")
    by_kind = pc.is_in(activities.column("kind"), value_set=pa.array([kind.value for kind in ASKED_BY]))
    said = pc.equal(direction, Direction.IN.value)
    return np.asarray(pc.if_else(pc.is_valid(direction), pc.fill_null(said, False), by_kind), np.bool_)


def _of_contacts(activities: pa.Table, is_asked: Bools, rates: Rates) -> Ints:
    minutes = np.asarray(activities.column("duration_minutes").cast(pa.float64()), np.float64)
    by_length = np.rint(np.nan_to_num(minutes) / MINUTES * rates.per_hour * 1e6).astype(np.int64)
    return np.where(is_asked, np.where(np.isnan(minutes), _micros(rates.per_contact), by_length), 0)


def _covered(person: Numbers, at: Ints, owner: Numbers, opened: Ints, closed: Ints, cost: Amounts) -> Bools:
    """Tell which contacts fall into a case of the same person whose cost is known.

    Cases and contacts are put in one line by person and time; the latest end of the person's cases so far tells.
    """
    charged = np.flatnonzero(cost.is_known & (owner >= 0))
    ends = np.unique(np.concatenate([closed[charged], at]))
    who = np.concatenate([owner[charged], person]).astype(np.int64)
    when = np.concatenate([opened[charged], at])
    is_contact = np.arange(len(who)) >= len(charged)
    end = np.concatenate([np.searchsorted(ends, closed[charged]), np.full(len(at), -1)])
    order = np.lexsort((is_contact, when, who))
    width = len(ends) + 1
    reach = np.maximum.accumulate(who[order] * width + end[order] + 1) - who[order] * width
    until = np.concatenate([[-1], ends])[np.maximum(reach, 0)]
    found = np.zeros(len(who), np.bool_)
    found[order] = (until >= when[order]) & (reach > 0)
    return found[len(charged) :] & (person >= 0)
