import json

import pytest

from crosslift.errors import BadInput
from crosslift.learn.customers.facts import Facts
from crosslift.learn.customers.material import CustomerMaterial
from crosslift.learn.customers.models import Models
from crosslift.learn.customers.worth import basis_of, learn_worth


@pytest.fixture
def models(table, line, some_settings):
    rows = [
        line(f"{who}{n}", who, "p", 30 * n + len(who), discount=n)
        for who in ("a", "bb", "ccc", "dd", "e")
        for n in range(6)
    ]
    shop = CustomerMaterial(
        lines=table("lines", *rows), products=table("products", {"product_id": "p", "category": "C"})
    )
    facts = Facts.read(shop, some_settings(), "EUR", None, None)
    basis = basis_of(facts.figures.has_margins, facts.figures.n_orders)
    learned, _ = learn_worth(facts.orders, facts.people, basis, some_settings(), facts.as_of)
    return Models.learn(facts, learned, some_settings())


def test_what_is_learned_of_a_small_shop(models):
    assert models.rhythm.median == 30
    assert models.rhythm.of_category == {"C": 30}
    assert models.cuts.frequency == (6, 6, 6, 6)
    assert models.habit.rate == 0
    assert (models.currency, models.worth.basis, models.worth.model) == ("EUR", "revenue", None)


def test_models_come_back_from_the_store_as_they_were(models):
    assert Models.read(json.loads(json.dumps(models.plain))) == models


def test_nobody_is_named(models):
    assert "customer:" not in json.dumps(models.plain)


def test_models_of_another_version_are_refused(models):
    plain = models.plain
    del plain["rhythm"]
    with pytest.raises(BadInput, match=r"cannot be read: .*rhythm.*; run `crosslift learn`"):
        Models.read(plain)
