"""Typed columns to rows: keys, positions, hashes, translated titles, extra columns."""

import json

import pyarrow as pa
import pytest

from crosslift.collect.builders import BUILDERS, builder
from crosslift.collect.rows import (
    CONSENT_COLUMNS,
    CUSTOMER_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    RETURN_COLUMNS,
    as_json,
    content_hash,
)  # fmt: skip
from crosslift.collect.schemas import SCHEMAS

MINUTE = 60_000_000
COLUMNS = {
    "orders": ORDER_COLUMNS, "order_lines": LINE_COLUMNS, "returns": RETURN_COLUMNS, "products": PRODUCT_COLUMNS,
    "customers": CUSTOMER_COLUMNS, "consents": CONSENT_COLUMNS,
}  # fmt: skip


def arrays(**columns):
    return {name: pa.array(values) for name, values in columns.items()}


def lines(*orders, **columns):
    n = len(orders)
    return arrays(**{
        "order_id": list(orders), "ordered_at": [0] * n, "customer_id": ["c"] * n, "product_id": ["A"] * n,
        "quantity": [1] * n, "unit_price": [5] * n, "currency": ["USD"] * n, **columns,
    })  # fmt: skip


def build(dataset, columns, source="file", made=None, **extras):
    made = made or builder(SCHEMAS[dataset], source)
    tables = made.build(made.numbered(columns), arrays(**extras))
    return {name: [dict(zip(COLUMNS[name], row, strict=True)) for row in rows] for name, _, rows in tables}


def test_every_dataset_has_a_builder_and_gives_the_columns_of_its_tables():
    assert set(BUILDERS) == set(SCHEMAS)


def test_without_line_ids_the_position_in_the_order_is_the_id():
    found = build("orders", lines("1", "2", "1", "1"))["order_lines"]
    assert [(r["order_id"], r["line_id"], r["has_line_id"]) for r in found] == [
        ("1", "1", False), ("2", "1", False), ("1", "2", False), ("1", "3", False),
    ]  # fmt: skip


def test_positions_go_on_from_batch_to_batch():
    made = builder(SCHEMAS["orders"], "file")
    build("orders", lines("1", "2"), made=made)
    assert [r["line_id"] for r in build("orders", lines("2", "1"), made=made)["order_lines"]] == ["2", "2"]


def test_given_line_ids_are_kept_and_gaps_filled_by_position():
    found = build("orders", lines("1", "1", "1", line_id=["a", None, "c"]))["order_lines"]
    assert [(r["line_id"], r["has_line_id"]) for r in found] == [("a", True), ("2", False), ("c", True)]


def test_positions_count_per_source():
    found = build("orders", lines("1", "1", source=["web", None]), source="till")["order_lines"]
    assert [(r["source"], r["line_id"]) for r in found] == [("web", "1"), ("till", "1")]


def test_the_hash_speaks_of_content_not_of_place_or_version():
    found = build("orders", lines("1", "2", "2", quantity=[1, 1, 2], updated_at=[None, 7, None]))["order_lines"]
    assert found[0]["row_hash"] == found[1]["row_hash"] != found[2]["row_hash"]


def test_the_hash_is_the_same_on_every_machine():
    assert content_hash(("A", 1, None, "é")) == content_hash(("A", 1, None, "é"))
    assert content_hash(("1",)) != content_hash((1,))
    assert content_hash(("a", "bc")) != content_hash(("ab", "c"))
    # printf '\x92\xa1A\x01' | b2sum -l 64, little-endian
    assert content_hash(("A", 1)) == 4_579_928_665_956_790_307
    assert -(2**63) <= content_hash(("x",)) < 2**63


def test_an_order_has_the_facts_of_its_first_line():
    columns = lines("1", "1", ordered_at=[MINUTE, 2 * MINUTE], channel=["web", "till"])
    assert build("orders", columns)["orders"] == [{
        "source": "file", "order_id": "1", "ordered_at": MINUTE, "customer_id": "c", "channel": "web", "market": None,
        "currency": "USD", "status": "placed", "updated_at": None,
    }]  # fmt: skip


def test_lines_that_disagree_with_their_order_are_named_and_keep_their_own_values():
    made = builder(SCHEMAS["orders"], "file")
    columns = lines("1", "1", "1", "2", customer_id=["c", "d", "c", "e"], ordered_at=[0, 0, 61 * MINUTE, 0])
    found = build("orders", columns, made=made)["order_lines"]
    assert [r["customer_id"] for r in found] == ["c", "d", "c", "e"]
    [finding] = made.findings()
    assert (finding.code, finding.count, finding.samples) == ("order_facts_disagree", 2, ("1",))


def test_lines_some_minutes_apart_are_one_order():
    made = builder(SCHEMAS["orders"], "file")
    build("orders", lines("1", "1", ordered_at=[0, 59 * MINUTE]), made=made)
    assert made.findings() == []


def test_the_day_of_a_line_is_its_utc_day():
    day = 24 * 60 * MINUTE
    found = build("orders", lines("1", "2", "3", ordered_at=[day - 1, day, -1]))["order_lines"]
    assert [r["ordered_on"] for r in found] == [0, 1, -1]


def test_extra_columns_are_kept_as_attributes():
    found = build("orders", lines("1", "2"), gift=["yes", ""], note=["차", None])["order_lines"]
    assert [r["attributes"] for r in found] == ['{"gift":"yes","note":"차"}', "{}"]
    assert build("orders", lines("1"))["order_lines"][0]["attributes"] is None


def test_returns_without_line_ids_are_told_apart_by_product_and_moment():
    columns = arrays(order_id=["1", "1", "1"], product_id=["A", "B", "A"], quantity=[1, 1, 2], returned_at=[5, 5, 6])
    found = build("returns", columns)["returns"]
    assert [r["line_id"] for r in found] == ["A@5", "B@5", "A@6"]
    assert len({r["row_hash"] for r in found}) == 3


def product(**columns):
    n = len(next(iter(columns.values())))
    return arrays(**{"product_id": [f"P{i}" for i in range(n)], "title": ["T"] * n, **columns})


def test_titles_by_language_leave_the_attributes():
    found = build("products", product(title=["Mug"]), title_ko=["머그"], title_ja=[""], color=["red"])["products"]
    assert (found[0]["titles"], found[0]["attributes"]) == ('{"ko":"머그"}', '{"color":"red"}')


def test_a_product_without_title_is_called_by_its_code():
    assert build("products", product(title=["Mug", None]))["products"][1]["title"] == "P1"


def test_what_a_file_does_not_say_of_a_product_is_assumed_and_marked():
    said, unsaid = build("products", product(kind=["service", None], active=[False, None]))["products"]
    assert (said["kind"], said["kind_source"], said["is_active"]) == ("service", "file", False)
    assert (unsaid["kind"], unsaid["kind_source"], unsaid["is_active"]) == ("goods", "assumed", True)
    assert said["is_derived"] is False


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ('{"b":1,"a":"x"}', {"a": "x", "b": 1, "color": "red"}),
        ('["x"]', {"attributes": ["x"], "color": "red"}),
        ("no json", {"attributes": "no json", "color": "red"}),
        ('"\\ud800"', {"attributes": '"\\ud800"', "color": "red"}),
        ("[" * 100_000, {"attributes": "[" * 100_000, "color": "red"}),
        (None, {"color": "red"}),
    ],
)
def test_attributes_are_json_with_extra_columns_beside_them(cell, kept):
    columns = product(title=["T"], attributes=[cell])
    columns["attributes"] = pa.array([cell], pa.string())
    found = build("products", columns, color=["red"])["products"]
    assert json.loads(found[0]["attributes"]) == kept


def test_customers_keep_extra_columns_as_traits():
    columns = arrays(customer_id=["c1"], traits=['{"vip":true}'])
    found = build("customers", columns, city=["서울"])["customers"]
    assert found[0]["traits"] == '{"city":"서울","vip":true}'


def test_the_channel_of_a_consent_is_the_same_however_it_is_written():
    columns = arrays(
        customer_id=["c", "c"], purpose=["marketing"] * 2, channel=["Email", "email"], status=["granted"] * 2,
        source=["form"] * 2, at=[1, 1],
    )  # fmt: skip
    first, second = build("consents", columns)["consents"]
    assert first == second
    assert first["channel"] == "email"


def test_json_has_one_order_and_real_letters():
    assert as_json({"b": "차", "a": [1, None]}) == '{"a":[1,null],"b":"차"}'
