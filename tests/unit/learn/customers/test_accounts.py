import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.customers.accounts import Accounts
from crosslift.learn.customers.people import People

AS_OF = 100


@pytest.fixture
def accounts(table):
    members = table(
        "account_members",
        {"account_id": "works", "customer_id": "a"}, {"account_id": "works", "customer_id": "a"},
        {"account_id": "works", "customer_id": "b", "since": 100}, {"account_id": "home", "customer_id": "a", "until": 101},
        {"account_id": "home", "customer_id": "b", "until": 100}, {"account_id": "works", "customer_id": "c", "since": 101},
        {"account_id": "guild", "customer_id": "a"},
    )  # fmt: skip
    kinds = table("accounts", {"account_id": "home", "kind": "household"}, {"account_id": "works", "kind": "company"})
    return Accounts.of(members, kinds, np.array([0, 0, 1, 0, 1, 2, 0], np.int32), AS_OF)


@pytest.fixture
def three():
    return People(pa.array(["a", "b", "c"]), np.arange(3, dtype=np.int32))


def test_who_belongs_now_is_told_once_in_order(accounts, three):
    assert accounts.companies(three).to_pylist() == ['["guild","works"]', '["works"]', "[]"]
    assert accounts.households(three).to_pylist() == ["home", None, None]


def test_what_an_account_is_told_reaches_all_members(accounts):
    rows, people = accounts.reached(
        np.array([-1, 2, -1, -1, 0], np.int32), pa.chunked_array([["works", "works", None, "gone", "home"]])
    )
    assert sorted(zip(rows.tolist(), people.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 2), (4, 0)]


def test_a_shop_without_accounts_reaches_only_who_is_named(table):
    none = Accounts.of(table("account_members"), table("accounts"), np.zeros(0, np.int32), AS_OF)
    rows, people = none.reached(np.array([1, -1], np.int32), pa.chunked_array([[None, "x"]], pa.string()))
    assert (rows.tolist(), people.tolist()) == ([0], [1])
