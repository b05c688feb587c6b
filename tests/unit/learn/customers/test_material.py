import pyarrow as pa
import pytest

from crosslift.learn.customers.material import COLUMNS, CustomerMaterial, missing_columns, until


@pytest.fixture
def shop(table, line):
    return CustomerMaterial(
        lines=table(
            "lines", line("1", "a", "p", 0), line("2", "b", "p", 0), line("3", "c", "p", 0), line("4", None, "p", 0)
        ),
        returns=table("returns", {"order_id": "2", "product_id": "p"}, {"order_id": "3"}, {"order_id": None}),
        people=table(
            "people",
            {"identity": "customer:b", "person_id": "customer:a"},
            {"identity": "anonymous:x", "person_id": "customer:a"},
        ),
        events=[
            table(
                "events", *({"identity": name, "at": 1} for name in ("anonymous:x", "customer:b", "customer:c", None))
            )
        ],
        cases=table(
            "cases",
            {"case_id": "1", "account_id": "works"},
            {"case_id": "2", "customer_id": "c"},
            {"case_id": "3", "account_id": "home"},
        ),
        account_members=table(
            "account_members", {"account_id": "works", "customer_id": "b"}, {"account_id": "home", "customer_id": "c"}
        ),
        usage=table("usage", {"customer_id": "a", "at": 5}, {"customer_id": "c", "at": 9}),
    )


def test_what_concerns_a_person_is_under_all_identities_and_accounts(shop):
    some = shop.of(["customer:a"])
    assert some.lines.column("order_id").to_pylist() == ["1", "2"]
    assert some.returns.column("order_id").to_pylist() == ["2"]
    assert some.events[0].column("identity").to_pylist() == ["anonymous:x", "customer:b"]
    assert some.cases.column("case_id").to_pylist() == ["1"]
    assert some.account_members.column("account_id").to_pylist() == ["works"]
    assert some.people.num_rows == 2
    assert some.products is shop.products


def test_an_identity_that_belongs_to_another_is_nobody_of_its_own(shop):
    assert shop.of(["customer:b"]).lines.num_rows == 0
    assert shop.of([]).lines.num_rows == 0


def test_several_people_are_given_together(shop):
    assert shop.of(["customer:c", "customer:a", "customer:c"]).lines.column("order_id").to_pylist() == ["1", "2", "3"]


def test_what_happened_later_is_left_out(shop):
    assert shop.newest() == 9
    assert until(shop, 8).newest() == 5
    assert until(shop, None) is shop


def test_a_missing_column_is_named():
    short = CustomerMaterial(
        lines=pa.table({"order_id": ["1"]}),
        usage=pa.table({name: pa.array([], kind) for name, kind in COLUMNS["usage"].items()}),
    )
    assert missing_columns(short)[:2] == ["lines.source", "lines.customer_id"]
    assert missing_columns(CustomerMaterial()) == []
