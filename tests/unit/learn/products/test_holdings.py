import numpy as np
import pyarrow as pa
import pytest

from crosslift.errors import BadInput
from crosslift.learn.catalog import catalog_of
from crosslift.learn.material import Material
from crosslift.learn.products.holdings import COLUMNS, DAY, as_baskets, find_owned_together, gaps, holdings_at
from crosslift.settings import Settings

TODAY = 20_000 * DAY
SETTINGS = Settings.load({}, environment={})
PLANS = "car", "home", "life", "pet", "travel"


@pytest.fixture
def catalog(little):
    return catalog_of(PLANS, little.products())


@pytest.fixture
def table(little):
    """Make subscriptions of rows; what is left out: no account, active, begun ten days ago, without an end."""
    schema = Material(little.lines([]), little.products()).subscriptions.schema

    def table(*rows):
        filled = [
            {"status": "active", "started_at": TODAY - 10 * DAY, "subscription_id": f"s{n}", **row}
            for n, row in enumerate(rows)
        ]
        return pa.Table.from_pylist(filled, schema)

    return table


def held_by(baskets):
    bounds = zip(baskets.offsets[:-1], baskets.offsets[1:], strict=True)
    return [[baskets.products[item] for item in baskets.items[low:high]] for low, high in bounds]


@pytest.mark.parametrize(
    ("row", "is_held"),
    [
        ({}, True), ({"status": "trial"}, True), ({"status": "paused"}, True), ({"status": "past_due"}, True),
        ({"status": "ended"}, False), ({"status": "cancelled"}, False),
        ({"status": "cancelled", "ended_at": TODAY + 1}, True),  # paid to the end of its term
        ({"status": "ended", "ended_at": TODAY + 1}, True),  # it ran at that moment
        ({"ended_at": TODAY}, False), ({"started_at": TODAY + 1}, False), ({"started_at": TODAY}, True),
        ({"product_id": "no such plan"}, False), ({"customer_id": None}, False),
    ],
)  # fmt: skip
def test_what_runs_is_held(table, catalog, row, is_held):
    some = table({"customer_id": "ada", "product_id": "car", **row})
    assert held_by(holdings_at(some, catalog, TODAY)) == ([["car"]] if is_held else [])


def test_a_household_is_one_unit(table, catalog):
    some = table(
        {"customer_id": "ada", "account_id": "lovelace", "product_id": "car"},
        {"customer_id": "william", "account_id": "lovelace", "product_id": "home"},
        {"customer_id": "lovelace", "product_id": "pet"},  # a person of that name is somebody else
        {"customer_id": "ada", "account_id": "lovelace", "product_id": "car"},
    )
    assert held_by(holdings_at(some, catalog, TODAY)) == [["car", "home"], ["pet"]]


def test_baskets_are_what_a_unit_started_on_a_day(table, catalog):
    day = [TODAY - n * DAY for n in (30, 30, 20, -1)]
    names = "car", "home", "car", "pet"
    some = table(
        *({"customer_id": "ada", "product_id": name, "started_at": at + hour, "status": "ended"}
          for hour, (name, at) in enumerate(zip(names, day, strict=True))),
        {"customer_id": "bob", "product_id": "life", "started_at": -5 * DAY},
    )  # fmt: skip
    found = as_baskets(some, catalog)
    assert held_by(found) == [["car", "home"], ["car"], ["pet"], ["life"]]
    assert found.customers.tolist() == [0, 0, 0, 1]
    assert found.at.tolist() == [day[0], day[2] + 2, day[3] + 3, -5 * DAY]
    assert found.known.all()
    assert found.products == sorted(PLANS)


def bank(rng, n=600):
    """Units that hold each plan by chance, and pet insurance mostly beside a home."""
    rows = []
    for unit in range(n):
        held = [name for name in ("car", "home", "life", "travel") if rng.random() < 0.4]
        held += ["pet"] if rng.random() < (0.35 if "home" in held else 0.05) else []
        rows += [{"customer_id": f"c{unit}", "product_id": name} for name in held]
    return rows


def test_what_belongs_together_is_found_both_ways_with_its_evidence(table, catalog):
    some = table(*bank(np.random.default_rng(4)))
    found = find_owned_together(some, catalog, SETTINGS, TODAY)
    names = [(catalog.products[a], catalog.products[b]) for a, b in zip(found.sources, found.targets, strict=True)]
    assert sorted(names) == [("home", "pet"), ("pet", "home")]
    assert (found.kind, tuple(found.columns)) == ("held", COLUMNS)
    holders = {name: {row["customer_id"] for row in some.to_pylist() if row["product_id"] == name} for name in PLANS}
    at = names.index(("home", "pet"))
    told = {name: column[at] for name, column in found.columns.items()}
    assert told["n_both"] == len(holders["home"] & holders["pet"])
    assert (told["n_a"], told["n_b"]) == (len(holders["home"]), len(holders["pet"]))
    assert told["n_units"] == len(set.union(*holders.values()))
    assert told["n_gap"] == len(holders["home"] - holders["pet"])
    assert told["lift"] == pytest.approx(told["n_both"] / told["expected"])
    assert 0 < found.scores[at] <= 1


def test_those_who_have_one_and_lack_the_other_are_listed(table, catalog):
    some = table(*bank(np.random.default_rng(4)), {"customer_id": "first", "product_id": "home", "started_at": 7})
    found = find_owned_together(some, catalog, SETTINGS, TODAY)
    listed = gaps(some, found, catalog, "home", "pet", as_of=TODAY)
    at = int(np.flatnonzero(found.sources == list(catalog.products).index("home"))[0])
    assert listed.num_rows == found.columns["n_gap"][at]
    assert listed.column("customer_id")[0].as_py() == "first"
    assert len(set(listed.column("customer_id").to_pylist())) == listed.num_rows
    assert listed.slice(0, 1).to_pylist()[0] == {
        "account_id": None, "customer_id": "first", "product_id": "home", "missing_id": "pet", "since": 7,
        "lift": found.columns["lift"][at], "q_value": found.columns["q_value"][at],
    }  # fmt: skip


def test_gaps_of_what_does_not_belong_together_are_refused(table, catalog):
    some = table(*bank(np.random.default_rng(4)))
    found = find_owned_together(some, catalog, SETTINGS, TODAY)
    with pytest.raises(BadInput, match="'car' and 'pet' are not known to be held together"):
        gaps(some, found, catalog, "car", "pet", as_of=TODAY)
    with pytest.raises(BadInput, match="product 'boat' is not in the catalog"):
        gaps(some, found, catalog, "home", "boat", as_of=TODAY)


def test_a_shop_without_contracts_holds_nothing(table, catalog):
    assert len(find_owned_together(table(), catalog, SETTINGS, TODAY)) == 0
    assert as_baskets(table(), catalog).n_baskets == 0
