import pyarrow as pa
import pytest

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
