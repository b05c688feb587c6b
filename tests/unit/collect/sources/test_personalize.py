"""Data sets of Amazon Personalize, as its import jobs take them."""

import json

import pytest

from crosslift.collect.recognition import Options, look
from crosslift.collect.sources.segment import decode_lines, to_rows
from crosslift.errors import BadInput
from crosslift.settings import Settings


@pytest.fixture
def told(write):
    """Read a file of interactions; gives its format and its messages."""

    def read(content, name="a.csv"):
        found = look(write(name, content.encode()), Settings.load(environment={}), Options())
        lines = [
            pair for batch in found.table.batches()
            for pair in zip(batch.column("number").to_pylist(), batch.column("line").to_pylist(), strict=True)
        ]  # fmt: skip
        return found.format, decode_lines(lines, name)

    return read


def test_purchases_of_one_person_at_one_moment_are_one_order_wherever_they_stand(told):
    name, messages = told(
        "USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP\n"
        "u1,A,Purchase,3.5,1767323045\nu2,A,Purchase,,1767323045\nu1,C,View,,1767323000\nu1,B,Purchase,,1767323045\n"
    )
    assert name == "Amazon Personalize interactions"
    view, first, second = messages
    assert (view.event, view.user_id, view.properties) == ("Product Viewed", "u1", {"product_id": "C"})
    assert [one["product_id"] for one in first.properties["products"]] == ["A", "B"]
    assert first.properties["products"][0]["price"] == 3.5
    assert first.timestamp == "2026-01-02T03:04:05+00:00"
    assert [one["product_id"] for one in second.properties["products"]] == ["A"]
    assert first.properties["order_id"] != second.properties["order_id"]


def test_the_same_file_again_is_the_same_events(told):
    content = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,DEVICE\nu1,A,1767323045,Purchase,phone\nu1,A,1767323045,quiz,\n"
    once, again = (to_rows(told(content)[1], 0, "a") for _ in range(2))
    assert once == again
    assert {row[1] for row in once} == {"Order Completed", "quiz"}


def test_interactions_without_a_type_are_kept_as_such(told):
    _, (one,) = told("USER_ID,ITEM_ID,TIMESTAMP\nu1,A,1767323045\n")
    assert one.event == "Interaction"


@pytest.mark.parametrize(
    ("row", "what"),
    [(",A,1", "USER_ID"), ("u,A,soon", "no instant"), ("u,A,1e99", "no instant"), ("u,A,nan", "no instant")],
)
def test_a_row_that_cannot_be_read_is_named(told, row, what):
    with pytest.raises(BadInput, match=f"row 2: .*{what}"):
        told(f"USER_ID,ITEM_ID,TIMESTAMP\n{row}\n")


def test_items_become_products_with_their_levels_and_attributes(renamed):
    found = renamed(
        ("ITEM_ID", "PRICE", "CATEGORY_L1", "CATEGORY_L2", "COLOR"),
        [["A", "3", "tea", "pots", "red"], ["B", "", "", "", ""]],
    )
    assert found.format == "Amazon Personalize products"
    assert found.rows("product_id", "title", "price", "category") == [("A", "A", "3", "tea/pots"), ("B", "B", "", None)]
    assert json.loads(found.columns["attributes"][0]) == {"CATEGORY_L1": "tea", "CATEGORY_L2": "pots", "COLOR": "red"}


def test_users_keep_their_columns_as_traits(renamed):
    found = renamed(("USER_ID", "AGE"), [["u1", "33"]])
    assert found.format == "Amazon Personalize customers"
    assert found.rows("customer_id", "AGE") == [("u1", "33")]
