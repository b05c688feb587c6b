"""What every store of records owes to companies: the attention of all their people counted together, exact for who asks at once.

`other` is a second instance over the same data, as another process has it.
"""
# ruff: noqa: D102 - a test's name is its sentence

from typing import Any

from crosslift.store.ports import Records
from crosslift.testing import facts_contract
from crosslift.testing.identity_contract import join
from crosslift.testing.pressure_contract import NOW, counted, reserve


def company(records: Records, *customers: str, **more: Any) -> None:
    """Let customers belong to one account; `c2={...}` says more of one of them."""
    for customer in customers:
        fields = {"customer_id": customer, **more.get(customer, {})}
        facts_contract.bring(records, "account_members", facts_contract.fact("account_members", **fields))


class AccountPressureContract:
    """Cases for any engine."""

    def test_everybody_of_an_account_is_read_together(self, records: Records) -> None:
        company(records, "c1", "c2")
        reserve(records, "d1", counted(records))
        reserve(records, "d2", counted(records, "account:acme", at=NOW + 1))
        reserve(records, "d3", counted(records, "customer:c3", at=NOW + 2))
        found = records.peers(["acme"], NOW + 3)
        assert found.identities == ("customer:c1", "customer:c2", "account:acme")
        assert (sorted(one.at for one in found.contacts), found.version) == ([NOW, NOW + 1], 2)
        assert records.peers(["other"], NOW).identities == ("account:other",)

    def test_all_names_of_its_people_count_and_who_left_does_not(self, records: Records) -> None:
        company(records, "c1", "c2", c2={"until": NOW})
        reserve(records, "d1", counted(records, "customer:c2", at=NOW - 5))
        join(records, ("anonymous:a1", "customer:c1", "login", 1))
        reserve(records, "d2", counted(records, "anonymous:a1", at=NOW - 3))
        assert [one.at for one in records.peers(["acme"], NOW).contacts] == [NOW - 3]
        assert sorted(one.at for one in records.peers(["acme"], NOW - 1).contacts) == [NOW - 5, NOW - 3]

    def test_of_two_of_one_account_only_one_takes_what_both_have_read(self, records: Records, other: Records) -> None:
        company(records, "c1", "c2")
        peers = records.peers(["acme"], NOW)
        first = counted(records, peers=peers)
        second = counted(other, "customer:c2", peers=other.peers(["acme"], NOW))
        assert [reserve(records, "d1", first), reserve(other, "d2", second)] == [True, False]
        assert reserve(other, "d3", counted(other, "customer:c2", peers=other.peers(["acme"], NOW)))

    def test_who_joined_an_account_in_between_makes_it_another(self, records: Records) -> None:
        company(records, "c1")
        read = counted(records, peers=records.peers(["acme"], NOW))
        company(records, "c2")
        assert not reserve(records, "d1", read)
