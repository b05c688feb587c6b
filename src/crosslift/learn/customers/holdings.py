"""What people hold at an instant: products of running contracts, their accounts' included."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.holding import HELD, SubscriptionStatus
from crosslift.learn.customers import written
from crosslift.learn.customers.accounts import Accounts
from crosslift.learn.customers.exchange import known
from crosslift.learn.customers.people import Numbers, ranked

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What each person holds; arrays of shape (people,).

    Attributes
    ----------
    products : pa.Array of string
        JSON lists of product ids, sorted.
    n_held : int64 array
        Products held.
    n_ever : int64 array
        Contracts the person ever had, ended ones included.
    """

    products: pa.Array
    n_held: Ints
    n_ever: Ints

    @classmethod
    def of(cls, subscriptions: pa.Table, person: Numbers, accounts: Accounts, as_of: int, n_people: int) -> "Holdings":
        """Read contracts; a cancelled one is held until its end. `person` is −1 where an account is the holder."""
        status = subscriptions.column("status")
        has_end, end = known(subscriptions.column("ended_at"))
        runs = np.asarray(pc.is_in(status, value_set=pa.array([one.value for one in HELD])), np.bool_)
        leaves = np.asarray(pc.fill_null(pc.equal(status, SubscriptionStatus.CANCELLED.value), False), np.bool_)
        begun = np.asarray(subscriptions.column("started_at"), np.int64) <= as_of
        is_held = begun & ((runs & (~has_end | (end > as_of))) | (leaves & has_end & (end > as_of)))
        rows, people = accounts.reached(person, subscriptions.column("account_id"))
        product, products = ranked(subscriptions.column("product_id"))
        held = is_held[rows]
        key = np.unique(people[held].astype(np.int64) << 32 | product[rows][held])
        holder, what = (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32)
        texts = written.quoted(products).take(pa.array(what))
        return cls(
            written.lists(holder, texts, n_people),
            np.bincount(holder, minlength=n_people),
            np.bincount(people, minlength=n_people),
        )
