import json

import pyarrow as pa
import pytest

from crosslift.learn.customers import crowd as crowds
from crosslift.learn.customers.crowd import Crowd, Said
from crosslift.learn.customers.material import COLUMNS
from crosslift.settings import Settings

DAY = 86_400_000_000


@pytest.fixture(scope="session")
def table():
    """Make a table of the material from rows with some of its columns: `table("cases", {"case_id": "1"})`."""

    def make(name, *rows):
        return pa.table({
            column: pa.array([row.get(column) for row in rows], kind) for column, kind in COLUMNS[name].items()
        })  # fmt: skip

    return make


@pytest.fixture(scope="session")
def crowd():
    """Make a crowd of rows with some of its columns, sorted by person: `crowd({"person_id": "a", "n_orders": 2})`."""
    blank = {"n_orders": 0.0, "categories": {}, "goals": [], "returning_intent": []}

    def make(*rows):
        known = sorted(({**blank, **row} for row in rows), key=lambda row: row["person_id"])
        columns = pa.table({
            name: pa.array(
                [json.dumps(v) if isinstance(v := row.get(name), dict | list) else v for row in known],
                pa.float64() if name in crowds.FIGURES else pa.string(),
            )
            for name in crowds.COLUMNS
        })  # fmt: skip
        channel = Said.of_texts(pa.chunked_array([[row.get("channel") for row in known]], pa.string()))
        return Crowd.of(pa.array([row["person_id"] for row in known], pa.string()), columns, channel)

    return make


@pytest.fixture(scope="session")
def line():
    """Make a row of order lines: order, customer, product, day, then amounts in units of the currency."""

    def make(order, customer, product, day, units=1, kept=None, price=10.0, discount=None, tax=None, **more):
        def micros(amount):
            return None if amount is None else round(amount * 1e6)

        row = {
            "source": "web", "order_id": order, "customer_id": customer, "product_id": product,
            "ordered_at": round(day * DAY), "quantity": units, "kept": units if kept is None else kept,
            "unit_price_micros": micros(price), "currency": "EUR", "discount_micros": micros(discount),
            "tax_micros": micros(tax),
        }  # fmt: skip
        return row | more

    return make


@pytest.fixture(scope="session")
def some_settings():
    """Give the settings in force with some of them changed."""
    return lambda **changes: Settings.load(
        {"shop.currency": "EUR"} | {name.replace("__", "."): value for name, value in changes.items()}, environment={}
    )
