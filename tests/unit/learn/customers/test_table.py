import json

import numpy as np
import pytest

from crosslift.domain.profile import PROFILE_COLUMNS, Kind
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.facts import Facts
from crosslift.learn.customers.material import CustomerMaterial
from crosslift.learn.customers.models import Models
from crosslift.learn.customers.table import SCHEMA, Judged, Rows, limits_of
from crosslift.learn.customers.worth import FIGURES, Worth, basis_of, learn_worth


@pytest.fixture
def write(table, line, some_settings):
    """Write the table of a small shop, with a value found for its first buyer or for none."""

    def write(value=None, **changes):
        chosen = some_settings(**changes)
        rows = [line(f"{who}{n}", who, "p", 30 * n, price=10 + n) for who in "abcdef" for n in range(3)]
        shop = CustomerMaterial(lines=table("lines", *rows), products=table(
            "products", {"product_id": "p", "category": "C", "cost_micros": 4_000_000, "currency": "EUR"}
        ), account_members=table("account_members", {"account_id": "w", "customer_id": "z"}))  # fmt: skip
        facts = Facts.read(shop, chosen, "EUR", None, None)
        basis = basis_of(facts.figures.has_margins, facts.figures.n_orders)
        learned, worth = learn_worth(facts.orders, facts.people, basis, chosen, facts.as_of)
        if value is not None:
            worth = Worth({name: np.where(np.arange(7) == 0, value, np.nan) for name in FIGURES}, "some model", {})
        models = Models.learn(facts, learned, chosen)
        rows = Rows.of(facts, Judged.of(facts, models, chosen), models, worth, chosen)
        return rows.table(models.groups).to_pylist()

    return write


def test_columns_have_the_kinds_of_the_profile():
    assert SCHEMA.names == list(PROFILE_COLUMNS)
    assert {str(SCHEMA.field(name).type) for name, column in PROFILE_COLUMNS.items() if column.kind is Kind.NUMBER} == {
        "double"
    }
    assert str(SCHEMA.field("as_of").type) == "int64"


def test_figures_instants_and_texts_stand_in_their_units(write):
    first, *_ = write()
    assert (first["as_of"], first["first_order_at"], first["recency_days"]) == (60 * DAY, 0, 0.0)
    assert (first["n_orders"], first["revenue"], first["margin"], first["aov"]) == (3, 33.0, 21.0, 11.0)
    assert (first["interval_days"], first["rfm_frequency"]) == (30.0, 1)
    assert json.loads(first["price_bands"]) == {"high": 0.3636, "middle": 0.3333, "low": 0.303}


def test_what_is_valued_names_its_model_basis_and_horizon(write):
    first, second, *_ = write(value=5.0, profile__clv_horizon_days=90)
    assert (first["clv"], first["clv_model"], first["clv_basis"], first["clv_horizon_days"]) == (
        5,
        "some model",
        "margin",
        90,
    )
    assert (second["clv"], second["clv_model"], second["clv_basis"], second["clv_horizon_days"]) == (
        None,
        None,
        None,
        None,
    )
    assert json.loads(second["unknown"])["clv"] == "no_value"


def test_somebody_of_whom_nothing_was_seen_has_a_row_that_says_so(write):
    *_, last = write()
    assert (last["person_id"], last["account_ids"], last["stage"]) == ("customer:z", '["w"]', None)
    assert json.loads(last["unknown"])["stage"] == "never_seen"


def test_limits_come_from_the_settings(some_settings):
    limits = limits_of(some_settings(profile__serial_returns=7, profile__min_contribution=-5.0))
    assert (limits.serial_returns, limits.min_contribution, limits.return_cost_share) == (7, -5.0, 0.2)
