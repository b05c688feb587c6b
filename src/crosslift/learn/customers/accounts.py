"""Companies and households: who belongs to which now, and what is said to an account as said to its members."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.account import AccountKind
from crosslift.learn.customers import written
from crosslift.learn.customers.exchange import known
from crosslift.learn.customers.people import NOBODY, Numbers, People, ranked

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Memberships in force, each once; arrays of shape (memberships,).

    Attributes
    ----------
    names : pa.Array of string
        Account ids in sorted order.
    account, person : int32 array
        Places in `names`, ascending, and people.
    is_household : bool array, shape (accounts,)
    """

    names: pa.Array
    account: Numbers
    person: Numbers
    is_household: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, members: pa.Table, accounts: pa.Table, person: Numbers, as_of: int) -> "Accounts":
        """Read who belongs where at an instant; `person` is whom each row of `members` speaks of."""
        has_since, since = known(members.column("since"))
        has_until, until = known(members.column("until"))
        in_force = (person >= 0) & (~has_since | (since <= as_of)) & (~has_until | (until > as_of))
        account, names = ranked(members.column("account_id"))
        key = np.unique(account[in_force].astype(np.int64) << 32 | person[in_force])
        households = accounts.filter(pc.equal(accounts.column("kind"), AccountKind.HOUSEHOLD.value))
        is_household = pc.is_in(names, value_set=households.column("account_id").combine_chunks())
        return cls(
            names, (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32),
            np.asarray(is_household, np.bool_),
        )  # fmt: skip

    def reached(self, person: Numbers, account: pa.ChunkedArray) -> tuple[Ints, Numbers]:
        """Give for rows that name a person or an account the rows and the people they reach; an account means its members.

        Parameters
        ----------
        person : int32 array, shape (rows,)
            −1 where a row names none; only then its account counts.
        account : pa.ChunkedArray of string, shape (rows,)

        Returns
        -------
        rows, people : arrays of the same length
        """
        place = np.asarray(pc.fill_null(pc.index_in(account, value_set=self.names), NOBODY), np.int64)
        of_account = np.flatnonzero((person < 0) & (place >= 0))
        begin, end = (np.searchsorted(self.account, place[of_account], side=side) for side in ("left", "right"))
        n = end - begin
        member = np.repeat(begin, n) + np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        own = np.flatnonzero(person >= 0)
        return np.concatenate([own, np.repeat(of_account, n)]), np.concatenate([person[own], self.person[member]])

    def companies(self, people: People) -> pa.Array:
        """Write the companies of each person as a JSON list; an account of unknown kind is taken for one."""
        rows = np.flatnonzero(~self.is_household[self.account])
        rows = rows[np.lexsort((self.account[rows], self.person[rows]))]
        texts = written.quoted(self.names).take(pa.array(self.account[rows]))
        return written.lists(self.person[rows], texts, len(people))

    def households(self, people: People) -> pa.Array:
        """Give the household of each person, the first by name of several, null for none."""
        rows = np.flatnonzero(self.is_household[self.account])[::-1]
        place = np.full(len(people), NOBODY, np.int32)
        place[self.person[rows]] = self.account[rows]
        return self.names.take(pa.array(place, mask=place < 0))
