"""The canonical columns: recognized in any order, under other names with `--map`."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect.schemas import ORDERS, SCHEMAS
from crosslift.collect.sources.canonical import check, find_schema, rename, shown
from crosslift.errors import BadInput


@pytest.mark.parametrize("dataset", list(SCHEMAS))
def test_a_dataset_is_recognized_by_its_required_columns_in_any_order(dataset):
    names = SCHEMAS[dataset].required
    assert find_schema(names, {}) is SCHEMAS[dataset]
    assert find_schema(sorted(names, reverse=True), {}) is SCHEMAS[dataset]
    assert find_schema([*SCHEMAS[dataset].names, "extra"], {}) is SCHEMAS[dataset]


@pytest.mark.parametrize("dataset", [name for name in SCHEMAS if name != "customers"])
def test_a_file_that_lacks_a_telling_column_is_not_taken_for_another_dataset(dataset):
    schema = SCHEMAS[dataset]
    for lacking in schema.required:
        found = find_schema([name for name in schema.names if name != lacking], {})
        assert found in (schema, None), f"{dataset} without {lacking} was taken for {found.dataset}"


@pytest.mark.parametrize("dataset", list(SCHEMAS))
@given(chance=st.randoms(use_true_random=False), extra=st.sampled_from([(), ("note",), ("note", "store number")]))
def test_no_file_of_a_dataset_looks_like_another(dataset, chance, extra):
    schema = SCHEMAS[dataset]
    optional = [name for name in schema.names if name not in schema.required]
    names = [*schema.required, *chance.sample(optional, chance.randint(0, len(optional))), *extra]
    chance.shuffle(names)
    fitting = [one.dataset for one in SCHEMAS.values() if one.signature <= set(names) and not one.foreign & set(names)]
    assert find_schema(names, {}) is schema
    assert fitting == [dataset] or (dataset == "bundles" and fitting == ["bundles", "products"])


def test_an_orders_file_with_the_titles_of_products_is_an_orders_file():
    assert find_schema(["order_id", "product_id", "title", "date", "price", "currency"], {}) is None
    assert find_schema(["order_id", "product_id", "title", "date"], {"ordered_at": "date"}) is ORDERS


def test_mapped_names_count_as_found():
    assert find_schema(["Nr", "Code", "When"], {"order_id": "Nr", "product_id": "Code", "ordered_at": "When"}) is ORDERS


FULL = ["order_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price", "currency"]


def test_one_missing_column_is_named_with_the_map_that_mends_it():
    with pytest.raises(BadInput, match=r"^a.csv: looks like orders, but column 'currency' is missing; found order_id, .*"
                       r"--map currency=YourColumn, or --map currency=:VALUE for the same value in every row$"):  # fmt: skip
        check(ORDERS, FULL[:-1], {}, "a.csv")
    check(ORDERS, FULL[:-1], {"currency": ":GBP"}, "a.csv")


def test_several_missing_columns_are_all_named():
    with pytest.raises(BadInput, match="columns 'unit_price', 'currency' are missing"):
        check(ORDERS, FULL[:-2], {}, "a.csv")


def test_a_map_to_a_column_the_file_lacks_is_refused():
    with pytest.raises(
        BadInput, match=r"a.csv: --map currency=Devise: the file has no column 'Devise'; it has order_id, "
    ):
        check(ORDERS, FULL, {"currency": "Devise"}, "a.csv")


def test_a_map_of_a_column_the_dataset_lacks_is_refused():
    with pytest.raises(
        BadInput, match="--map colour=Farbe: orders has no column 'colour'; it has order_id, ordered_at"
    ):
        check(ORDERS, [*FULL, "Farbe"], {"colour": "Farbe"}, "a.csv")


def test_renaming_takes_constants_and_drops_what_was_renamed():
    batch = pa.record_batch({"Nr": ["1", "2"], "note": ["x", "y"], "customer_id": ["old", "old"], "Kunde": ["a", "b"]})
    columns = rename(batch, ORDERS, {"order_id": "Nr", "customer_id": "Kunde", "currency": ":GBP", "channel": ":"})
    assert {name: column.to_pylist() for name, column in columns.items()} == {
        "note": ["x", "y"], "customer_id": ["a", "b"], "order_id": ["1", "2"], "currency": ["GBP", "GBP"], "channel": ["", ""],
    }  # fmt: skip


def test_one_column_may_feed_two():
    batch = pa.record_batch({"sku": ["A"]})
    columns = rename(batch, ORDERS, {"product_id": "sku", "variant_id": "sku"})
    assert {name: column.to_pylist() for name, column in columns.items()} == {"product_id": ["A"], "variant_id": ["A"]}


def test_names_in_messages_stay_short():
    assert shown(["a", "b"]) == "a, b"
    assert shown([f"c{n}" for n in range(500)]).endswith("c29 and 470 more")
    assert len(shown(["x" * 100_000])) == 60
