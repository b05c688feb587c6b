"""The guard says the same of the same sales, in whatever order tables come; and only what speaks of a sale changes it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.measure.guard_review import findings, refund_of, review
from crosslift.measure.guard_sale import SaleState
from crosslift.measure.guard_sales import assisted_sales

FEW = st.integers(0, 3)
LINES = st.lists(
    st.fixed_dictionaries({
        "order_id": FEW.map("o{}".format), "product_id": st.sampled_from(["warranty", "account", "mouse"]),
        "customer_id": st.none() | FEW.map("c{}".format), "days": st.integers(0, 100), "quantity": st.integers(-1, 3),
        "unit_price_micros": st.none() | st.integers(0, 9).map(lambda n: n * 1_000_000),
        "status": st.sampled_from(["placed", "cancelled"]), "decision_id": st.none() | FEW.map("d{}".format),
        "agent": st.sampled_from(["mina", "jo", None]),
    }),
    max_size=8,
)  # fmt: skip
CONFIRMATIONS = st.lists(
    st.fixed_dictionaries({
        "customer_id": FEW.map("c{}".format), "answer": st.sampled_from(["yes", "yes", "no"]), "days": st.integers(-5, 100),
        "order_id": st.none() | FEW.map("o{}".format), "decision_id": st.none() | FEW.map("d{}".format),
        "content": st.sampled_from([None, '{"lines":[{"product":"warranty","amount":"5","currency":"EUR"}]}']),
    }),
    max_size=8,
)  # fmt: skip
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def made(load_script):
    return load_script("tests/unit/measure/assisted.py")


def told(made, lines, confirmations):
    return made.told(
        lines=[
            {name: value for name, value in row.items() if name not in ("days", "agent")}
            | {"line_id": str(n), "ordered_at": made.ago(row["days"]) + n, "attributes": made.by(row["agent"])}
            for n, row in lines
        ],
        confirmations=[
            {name: value for name, value in row.items() if name != "days"}
            | {"confirmation_id": f"y{n}", "at": made.ago(row["days"]) + n}
            for n, row in confirmations
        ],
    )


@quick
@given(LINES, CONFIRMATIONS, st.randoms())
def test_the_order_of_the_tables_does_not_matter(made, lines, confirmations, random):
    first = list(enumerate(lines)), list(enumerate(confirmations))
    second = tuple(random.sample(rows, len(rows)) for rows in first)
    of = [assisted_sales(told(made, *rows), made.terms(), made.ago(0)) for rows in (first, second)]
    assert of[0] == of[1]
    assert review(of[0]).rows() == review(of[1]).rows()


@quick
@given(LINES, CONFIRMATIONS)
def test_every_sale_somebody_made_is_judged_once_and_no_other(made, lines, confirmations):
    sales = assisted_sales(told(made, enumerate(lines), enumerate(confirmations)), made.terms(), made.ago(0))
    assert sorted(sale.line_id for sale in sales) == sorted(
        str(n) for n, row in enumerate(lines) if row["agent"] and row["quantity"] > 0
    )
    for sale in sales:
        assert (sale.state is not None) == sale.is_guarded == (sale.product_id != "mouse")
        refund = refund_of(sale)
        assert refund is None or 0 <= refund <= sale.charged_micros


@quick
@given(LINES, CONFIRMATIONS)
def test_without_a_yes_nothing_is_confirmed_and_words_about_others_change_nothing(made, lines, confirmations):
    silent = assisted_sales(told(made, enumerate(lines), ()), made.terms(), made.ago(0))
    assert {sale.state for sale in silent} <= {SaleState.MISSING, SaleState.WAITING, None}
    elsewhere = [{**row, "order_id": "of others", "decision_id": None} for row in confirmations]
    assert assisted_sales(told(made, enumerate(lines), enumerate(elsewhere)), made.terms(), made.ago(0)) == silent


@quick
@given(LINES, CONFIRMATIONS)
def test_a_last_no_of_everybody_is_on_the_list(made, lines, confirmations):
    orders = [{"order_id": f"o{n}", "customer_id": f"c{who}", "answer": "no", "days": -1, "content": None, "decision_id": None}
              for n in range(4) for who in range(4)]  # fmt: skip
    tables = told(made, enumerate(lines), enumerate([*confirmations, *orders]))
    sales = assisted_sales(tables, made.terms(), made.ago(-2))
    assert all("denied" in findings(sale) for sale in sales if sale.is_guarded)
