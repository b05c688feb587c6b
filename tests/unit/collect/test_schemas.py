"""The canonical columns fit the tables they are stored in."""

import pytest

from crosslift.collect import curated, holdings, rows
from crosslift.collect.facts import FACTS
from crosslift.collect.schemas import SCHEMAS, Type
from crosslift.store.tables import metadata

STORED = {
    "orders": rows.LINE_COLUMNS, "returns": rows.RETURN_COLUMNS, "products": rows.PRODUCT_COLUMNS,
    "customers": rows.CUSTOMER_COLUMNS, "consents": rows.CONSENT_COLUMNS, "links": curated.LINK_COLUMNS,
    "bundles": curated.BUNDLE_COLUMNS, "subscriptions": holdings.SUBSCRIPTION_COLUMNS, "usage": holdings.USAGE_COLUMNS,
    **{dataset: fact.columns for dataset, fact in FACTS.items()},
}  # fmt: skip


@pytest.mark.parametrize("dataset", list(SCHEMAS))
def test_every_canonical_column_is_stored(dataset):
    assert {field.stored_as for field in SCHEMAS[dataset].fields} <= set(STORED[dataset])


@pytest.mark.parametrize("dataset", list(SCHEMAS))
def test_rows_have_columns_of_their_table(dataset):
    table = metadata.tables["order_lines" if dataset == "orders" else dataset]
    assert set(STORED[dataset]) <= set(table.columns.keys())
    assert len(set(STORED[dataset])) == len(STORED[dataset])


@pytest.mark.parametrize("dataset", list(SCHEMAS))
def test_what_gives_a_dataset_away_is_required_of_it(dataset):
    schema = SCHEMAS[dataset]
    assert schema.signature <= set(schema.required)
    assert not schema.foreign & set(schema.names)


def test_the_design_names_the_columns_of_orders():
    assert SCHEMAS["orders"].required == (
        "order_id", "ordered_at", "product_id", "quantity", "unit_price", "currency",
    )  # fmt: skip
    assert {f.name for f in SCHEMAS["orders"].fields if f.type is Type.MONEY} == {"unit_price", "discount", "tax"}
