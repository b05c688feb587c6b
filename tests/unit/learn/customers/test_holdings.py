import numpy as np
import pytest

from crosslift.learn.customers.accounts import Accounts
from crosslift.learn.customers.holdings import Holdings

AS_OF = 100


@pytest.fixture
def held(table):
    def read(*rows, members=(), people="ab"):
        def of(some):
            return np.array([people.find(row.get("customer_id") or "-") for row in some], np.int32)

        accounts = Accounts.of(table("account_members", *members), table("accounts"), of(members), AS_OF)
        return Holdings.of(table("subscriptions", *rows), of(rows), accounts, AS_OF, len(people))

    return read


def contract(product, customer="a", status="active", **more):
    return {
        "subscription_id": product,
        "customer_id": customer,
        "product_id": product,
        "status": status,
        "started_at": 1,
    } | more


def test_what_runs_is_held(held):
    found = held(
        contract("z"), contract("b", status="past_due"), contract("z"), contract("over", ended_at=100),
        contract("soon", ended_at=101), contract("later", started_at=101), contract("done", status="ended"),
    )  # fmt: skip
    assert found.products.to_pylist() == ['["b","soon","z"]', "[]"]
    assert found.n_held.tolist() == [3, 0]
    assert found.n_ever.tolist() == [7, 0]


def test_a_cancelled_contract_is_held_until_its_end(held):
    found = held(
        contract("p", status="cancelled", ended_at=101),
        contract("q", status="cancelled", ended_at=100),
        contract("r", status="cancelled"),
    )
    assert found.products[0].as_py() == '["p"]'


def test_members_hold_what_their_account_holds(held):
    members = [{"account_id": "w", "customer_id": "b"}]
    found = held(contract("p", None, account_id="w"), contract("q", "a", account_id="w"), members=members)
    assert found.products.to_pylist() == ['["q"]', '["p"]']
