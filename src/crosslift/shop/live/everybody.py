"""Whom rules judge, numbered, and their facts as long tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.identity import CONTACT
from crosslift.learn.customers.material import CUSTOMER
from crosslift.learn.customers.people import NOBODY, Numbers, ranked
from crosslift.learn.customers.segment_tables import PERSON
from crosslift.shop.live import rows as live_rows
from crosslift.store.ports import Records

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Everybody:
    """Everybody on record, and whoever is seen besides.

    Attributes
    ----------
    ids : pa.Array of string, shape (people,)
        Person ids in sorted order.
    identities : pa.Array of string, shape (identities,)
        What acts: customers, browsers, devices. Addresses and numbers alone are nobody.
    person : int32 array, shape (identities,)
        The place of each one's person in `ids`.
    members : pa.Table
        account_id and customer_id of everybody who belongs to an account now.
    """

    ids: pa.Array
    identities: pa.Array
    person: Numbers
    members: pa.Table

    @classmethod
    def of(cls, records: Records, seen: Iterable[pa.ChunkedArray], now: int) -> "Everybody":
        """Number the people on record and those whom some columns of identities name."""
        known = records.table("identities", ["identity"]).column("identity")
        chunks = [chunk for column in (known, *seen) for chunk in column.chunks]
        identities = pc.unique(pa.chunked_array(chunks, pa.string())).drop_null()
        for kind in CONTACT:
            identities = identities.filter(pc.invert(pc.starts_with(identities, f"{kind}:")))
        moved = records.people()
        place = pc.index_in(identities, value_set=moved.column("identity").combine_chunks())
        owner = pc.coalesce(moved.column(PERSON).combine_chunks().take(place), identities)
        person, ids = ranked(pa.chunked_array([owner]))
        members = records.table("account_members", ["account_id", "customer_id"], live_rows.BELONGS, (now,))
        return cls(ids, identities, person, members)

    def __len__(self) -> int:
        return len(self.ids)

    def seen(self, column: pa.ChunkedArray) -> Numbers:
        """Give the person of each identity, −1 for nobody."""
        place = np.asarray(pc.fill_null(pc.index_in(column, value_set=self.identities), NOBODY), np.int64)
        return np.append(self.person, np.int32(NOBODY))[place]

    def customers(self, column: pa.ChunkedArray) -> Numbers:
        """Give the person of each customer id, −1 for nobody."""
        return self.seen(pc.binary_join_element_wise(CUSTOMER, column, ""))

    def reached(self, rows: pa.Table, *, owns_first: bool = False) -> tuple[Ints, Numbers]:
        """Give whom rows of a customer or an account speak of, each person of a row once; an account means its members.

        Parameters
        ----------
        rows : pa.Table
            customer_id and account_id, either may be null.
        owns_first : bool
            Whether the account counts only where no customer is named.

        Returns
        -------
        rows, people : int64 and int32 array of one length
        """
        own = self.customers(rows.column("customer_id"))
        account, names = ranked(self.members.column("account_id"))
        order = np.argsort(account, kind="stable")
        place = np.asarray(pc.fill_null(pc.index_in(rows.column("account_id"), value_set=names), NOBODY), np.int64)
        is_by_account = (place >= 0) & (np.asarray(pc.is_null(rows.column("customer_id"))) if owns_first else True)
        by_account = np.flatnonzero(is_by_account)
        begin, end = (np.searchsorted(account[order], place[by_account], side=side) for side in ("left", "right"))
        n = end - begin
        member = order[np.repeat(begin, n) + np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)]
        person = np.concatenate([own, self.customers(self.members.column("customer_id"))[member]])
        row = np.concatenate([np.arange(len(own)), np.repeat(by_account, n)])
        told = np.unique(np.stack([row, person])[:, person >= 0], axis=1)
        return told[0], told[1].astype(np.int32)

    def long(self, person: Numbers, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
        """Write facts, one row each: the person and what is said of them; facts of nobody are left out."""
        rows = np.flatnonzero(person >= 0)
        chosen = pa.array(rows)
        return pa.table(
            {
                PERSON: self.ids.take(pa.array(person[rows])),
                **{name: given.take(chosen) for name, given in columns.items()},
            }
        )
