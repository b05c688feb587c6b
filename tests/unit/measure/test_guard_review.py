"""The look-back lists what calls for something, and says to whom what goes back."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crosslift.domain.money import Money
from crosslift.measure.guard_review import findings, refund_of, review
from crosslift.measure.guard_sale import SaleState

EURO = 1_000_000


@pytest.fixture(scope="session")
def made(load_script):
    return load_script("tests/unit/measure/assisted.py")


def eur(amount, currency="EUR"):
    return Money(Decimal(amount), currency)


def test_only_what_calls_for_something_is_listed_oldest_first(made):
    fine, waiting = made.sale(1, "mina", 1), made.sale(2, "mina", 2, state=SaleState.WAITING)
    early, missing = made.sale(3, "mina", 9, is_early=True), made.sale(4, "mina", 5, state=SaleState.MISSING)
    free = replace(made.sale(5, "mina", 3), is_guarded=False, state=None, is_early=True)
    found = review([fine, waiting, early, missing, free])
    assert found.n_sales == 4
    assert [sale.subscription_id for sale in found.sales] == ["s4", "s3"]
    assert [findings(sale) for sale in found.sales] == [("not_confirmed",), ("ended_early",)]


def test_customers_are_told_once_with_amounts_by_currency(made):
    of_c1 = {"customer_id": "c1", "state": SaleState.MISSING}
    sales = [
        replace(made.sale(1, "mina", 1, charged_micros=20 * EURO), **of_c1),
        replace(made.sale(2, "mina", 2, charged_micros=7 * EURO), **of_c1),
        replace(made.sale(3, "mina", 3, charged_micros=900 * EURO, currency="JPY"), **of_c1),
        made.sale(4, "mina", 4, charged_micros=50 * EURO, is_early=True),
        made.sale(5, "mina", 5, charged_micros=None, price_micros=None, state=SaleState.DENIED),
        made.sale(6, "mina", 6, is_least=True, state=SaleState.MISSING),
    ]
    found = review(sales)
    assert [(one.customer_id, one.n_sales, one.amounts, one.n_unknown) for one in found.customers] == [
        ("c1", 3, (eur(27), eur(900, "JPY")), 0), ("c5", 1, (), 1), ("c6", 1, (eur(5),), 1),
    ]  # fmt: skip
    assert found.refunds == (eur(32), eur(900, "JPY"))
    assert found.charged == (eur(82), eur(900, "JPY"))


@pytest.mark.parametrize(
    ("given", "refund"),
    [
        ({"state": SaleState.MISSING}, 20),
        ({"state": SaleState.DENIED, "refunded_micros": 15 * EURO}, 5),
        ({"state": SaleState.DENIED, "refunded_micros": 25 * EURO}, 0),
        ({"state": SaleState.CHARGED_MORE, "agreed_micros": 4 * EURO}, 4),
        ({"state": SaleState.CHARGED_MORE, "agreed_micros": 4 * EURO, "refunded_micros": EURO}, 3),
        ({"state": SaleState.CONFIRMED, "is_early": True}, None),
        ({"state": SaleState.MISSING, "charged_micros": None}, None),
    ],
)
def test_what_goes_back(made, given, refund):
    """Four periods of 5: all of it, less what was refunded; where the customer agreed to 4 each, the excess."""
    sale = made.sale(1, "mina", 1, **{"charged_micros": 20 * EURO, **given})
    assert refund_of(sale) == (None if refund is None else refund * EURO)


def test_rows_are_text_and_say_everything(made):
    sale = replace(made.sale(1, "mina", 1, charged_micros=20_500_000, state=SaleState.MISSING, is_early=True))
    [row] = review([sale]).rows()
    assert row == {
        "sale": "subscription", "source": "", "order_id": "", "line_id": "", "subscription_id": "s1",
        "product_id": "account", "agent_id": "mina", "customer_id": "c1", "account_id": "",
        "sold_at": "2026-07-02T12:00:00+00:00", "findings": "not_confirmed ended_early", "charged": "20.5",
        "charged_is_least": "no", "refunded": "0", "to_tell": "yes", "to_refund": "20.5", "currency": "EUR",
        "confirmation_id": "",
    }  # fmt: skip


def test_nothing_to_look_at_is_an_empty_list(made):
    found = review([])
    assert (found.n_sales, found.rows(), found.customers, found.refunds) == (0, [], (), ())
