from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.bundle import BundleKind
from crosslift.domain.money import Money
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import complements
from crosslift.learn.products.bundle_checks import Refused
from crosslift.learn.products.bundles import find_bundles
from crosslift.learn.products.links import Links
from crosslift.settings import Settings

BUNDLES = pa.schema({
    "bundle_id": pa.string(), "product_id": pa.string(), "role": pa.string(), "quantity": pa.int64(), "kind": pa.string(),
    "price_micros": pa.int64(), "discount_percent": pa.float64(), "currency": pa.string(), "title": pa.string(),
    "titles": pa.string(), "is_active": pa.bool_(), "min_parts": pa.int64(),
})  # fmt: skip
NONE = float("nan")
GOODS = {
    "burger": {"category": "food/mains", "price": 6.0, "cost": 2.4},
    "cake": {"category": "food/sweet", "price": 3.5, "cost": NONE},
    "drink": {"category": "food/drinks", "price": 2.5, "cost": 1.0},
    "fries": {"category": "food/sides", "price": 3.0, "cost": 1.2},
    "rack": {"category": "house", "price": 50.0, "cost": 20.0},
    "shake": {"category": "food/drinks", "price": 4.0, "cost": 1.6},
}


def catalog_with(changes):
    """The burger shop's catalog; costs are 40 % of the price but for the cake's, which nobody knows."""
    rows = [{"currency": "USD", "attributes": {}, **row, **changes.get(name, {})} for name, row in GOODS.items()]
    columns = [[row[name] for row in rows] for name in ("category", "currency", "attributes")]
    prices, costs = (np.array([row[name] for row in rows]) for name in ("price", "cost"))
    n = len(rows)
    titles = [{"": name.title()} for name in GOODS]
    return Catalog(
        list(GOODS),
        titles,
        columns[0],
        [None] * n,
        columns[1],
        ["goods"] * n,
        prices,
        costs,
        np.full(n, NONE),
        columns[2],
    )


def baskets_of(orders, names):
    """Each order of a customer of its own, none with a market."""
    place = {name: number for number, name in enumerate(names)}
    items = np.array([place[name] for order in orders for name in sorted(order)], np.int32)
    offsets = np.cumsum([0, *map(len, orders)]).astype(np.int64)
    number = np.arange(len(orders))
    return Baskets(list(names), items, offsets, number, number, number >= 0, np.full(len(orders), -1))


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@pytest.fixture
def find():
    """Find the sets of some orders and of the merchant's rows; `changes` to catalog rows by product."""

    def find(orders=(), merchants=(), changes=None, knobs=None, inactive=(), **linked):
        settings = Settings.load(knobs or {}, environment={})
        catalog = catalog_with(changes or {})
        counted, pairs = complements.count(baskets_of([["rack"], *orders], catalog.products), settings)
        tested = complements.find_complements(counted, pairs, settings)
        links = {
            kind: links_of(catalog, kind, linked.get(kind, ()))
            for kind in ("fits", "excludes", "included", "substitutes")
        }
        fit = SimpleNamespace(**links)
        table = pa.Table.from_pylist(list(merchants), BUNDLES)
        return find_bundles(catalog, counted, tested, table, fit, links["substitutes"], settings, inactive)

    return find


def links_of(catalog, kind, pairs):
    sources, targets = (np.array([catalog.index[pair[side]] for pair in pairs], np.int32) for side in (0, 1))
    return Links(kind, sources, targets, np.ones(len(sources)))


def rows_of(bundle_id, *products, role=None, **told):
    """Rows of one merchant's set; what concerns all of it stands in the first."""
    rows = [{"bundle_id": bundle_id, "product_id": name, "is_active": True, "role": role} for name in products]
    rows[0].update(told)
    return rows


NOISE = [[name] for name in ("burger", "fries", "drink", "shake", "cake", "rack") for _ in range(60)]
MEALS = [["burger", "fries", "drink"]] * 40 + [["burger", "fries"]] * 10 + [["fries", "drink"]] * 10


def mined(found):
    return {bundle.bundle_id: bundle for bundle in found.mined if bundle.kind is BundleKind.MINED}


def looks(found):
    return [bundle for bundle in found.mined if bundle.kind is BundleKind.LOOK]


def test_what_is_bought_as_a_whole_is_proposed_with_a_discount_within_the_limits(find):
    [*sets] = mined(find(NOISE + MEALS)).items()
    assert {name for name, _ in sets} == {
        "mined:burger+drink+fries", "mined:burger+fries", "mined:burger+drink", "mined:drink+fries",
    }  # fmt: skip
    name, whole = sets[0]
    assert name == "mined:burger+drink+fries"  # 40 baskets × 6.90 earned is worth most
    assert whole.product_ids == ("burger", "fries", "drink")  # the dearest first
    assert whole.titles == {"": "Burger + Fries + Drink"}
    assert whole.discount_percent == 15
    assert (whole.evidence["n_both"], whole.evidence["n_customers"], whole.evidence["basis"]) == (40, 40, "mined")
    assert whole.evidence["q_value"] < 1e-6


def test_the_chance_of_a_triple_is_its_third_product_joining_the_baskets_of_the_other_two(find):
    whole = mined(find(NOISE + MEALS))["mined:burger+drink+fries"]
    lines, fries, burger, drink = 1 + 6 * 60 + 40 * 3 + 20 * 2, 60 + 60, 60 + 50, 60 + 50
    joining = [
        40 * 1 * fries / lines,  # 40 baskets with burger and drink, each with room for one more
        (40 * 1 + 10 * 0) * drink / lines,  # of 50 with burger and fries 10 have none
        (40 * 1 + 10 * 0) * burger / lines,
    ]
    assert whole.evidence["expected"] == pytest.approx(max(joining), abs=1e-4)
    assert whole.evidence["lift"] == pytest.approx(40 / max(joining), abs=1e-3)


def test_a_third_product_that_only_chance_adds_makes_no_triple(find):
    # every second order takes a shake along, whatever else it holds: burger and fries are a pair, the three are no set
    alone = [order for order in NOISE if order != ["shake"]] + [["burger", "fries"]] * 60
    orders = [[*order, "shake"] if number % 2 else order for number, order in enumerate(alone)]
    found = find(orders)
    assert set(mined(found)) == {"mined:burger+fries"}


def test_three_pairs_that_are_never_bought_as_one_make_no_triple(find):
    pairs = [["burger", "fries"], ["fries", "drink"], ["burger", "drink"]] * 40
    found = find(NOISE + pairs + [["burger", "fries", "drink"]] * 3)
    assert set(mined(found)) == {"mined:burger+fries", "mined:drink+fries", "mined:burger+drink"}


def test_shuffled_orders_propose_nothing(find):
    chance = np.random.default_rng(11)
    names = ["burger", "fries", "drink", "shake", "cake", "rack"]
    baskets = [chance.choice(names, chance.integers(1, 4), replace=False).tolist() for _ in range(1500)]
    assert mined(find(baskets)) == {}


def test_no_discount_where_a_cost_is_unknown_or_leaves_no_room_and_it_is_said(find):
    with_cake = find(NOISE + [["burger", "cake"]] * 40)
    [only] = mined(with_cake).values()
    assert (only.discount_percent, only.evidence["no_discount"]) == (None, "cost_unknown")
    dear = {"burger": {"cost": 5.3}, "fries": {"cost": 2.79}}  # 8.09 of 9.00: floor 8.99
    [only] = mined(find(NOISE + [["burger", "fries"]] * 40, changes=dear)).values()
    assert (only.discount_percent, only.evidence["no_discount"]) == (None, "no_room")


def test_the_margin_floor_limits_the_discount(find):
    dear = {
        "burger": {"cost": 5.0},
        "fries": {"cost": 2.5},
    }  # 7.50 / .9 = 8.33 = 9.00 − 7.4 %
    [only] = mined(find(NOISE + [["burger", "fries"]] * 40, changes=dear)).values()
    assert only.discount_percent == 7
    [only] = mined(find(NOISE + [["burger", "fries"]] * 40, knobs={"bundles.max_discount": 0.05})).values()
    assert only.discount_percent == 5


def test_a_set_that_earns_too_little_even_at_full_price_is_not_proposed(find):
    assert mined(find(NOISE + [["burger", "fries"]] * 40, changes={"burger": {"cost": 7.5}})) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"excludes": [("fries", "burger")]}, {"substitutes": [("burger", "fries")]}, {"inactive": {"fries"}},
        {"changes": {"fries": {"category": "food/mains"}}}, {"changes": {"fries": {"price": NONE}}},
        {"changes": {"fries": {"currency": "EUR"}}},
        {"changes": {name: {"attributes": {"need": "lunch"}} for name in ("burger", "fries")}},
    ],
)  # fmt: skip
def test_what_may_not_stand_in_one_set_is_never_proposed(find, more):
    assert mined(find(NOISE + [["burger", "fries"]] * 40, **more)) == {}


def test_what_fits_may_share_a_category_with_it(find):
    same = {"fries": {"category": "food/mains"}}
    found = mined(find(NOISE + [["burger", "fries"]] * 40, changes=same, fits=[("fries", "burger")]))
    assert set(found) == {"mined:burger+fries"}


def test_the_merchants_sets_come_first_as_written(find):
    rows = [
        *rows_of("meal", "burger", "fries", "drink", title="Meal", titles='{"ko": "세트"}',
                 price_micros=9_900_000, currency="USD"),
        *rows_of("sweet", "cake", "shake", "drink", kind="mix", discount_percent=12.5),
        *rows_of("off", "cake", "shake", kind="fixed", discount_percent=10),
    ]  # fmt: skip
    rows = [{**row, "is_active": row["bundle_id"] != "off"} for row in rows]
    found = find(NOISE + MEALS, rows)
    meal, sweet = found.merchants
    assert (meal.kind, meal.price, meal.titles) == (
        BundleKind.FIXED, Money(Decimal("9.9"), "USD"), {"": "Meal", "ko": "세트"},
    )  # fmt: skip
    assert (sweet.kind, sweet.min_parts, sweet.discount_percent) == (BundleKind.MIX, 2, Decimal("12.5"))
    assert "mined:burger+drink+fries" not in mined(found)  # the merchant has made that set
    assert found.refused == ()


@pytest.mark.parametrize(
    ("rows", "more", "code", "why"),
    [
        (rows_of("x", "burger", "burgre", discount_percent=10), {}, Refused.UNKNOWN_PART, "no product burgre"),
        (rows_of("x", "burger", "fries", discount_percent=10), {"inactive": {"fries"}}, Refused.NOT_SELLABLE,
         "fries is not active"),
        (rows_of("x", "burger", "fries", discount_percent=10), {"changes": {"fries": {"price": NONE}}},
         Refused.NOT_SELLABLE, "fries has no price"),
        (rows_of("x", "burger", "fries", price_micros=8_000_000, currency="EUR"), {}, Refused.TWO_CURRENCIES,
         "EUR and USD"),
        (rows_of("x", "burger", "fries", discount_percent=10), {"excludes": [("burger", "fries")]},
         Refused.DOES_NOT_FIT, "burger and fries do not fit"),
        (rows_of("x", "burger", "fries", price_micros=9_000_000, currency="USD"), {}, Refused.NO_SAVING,
         "its parts alone 9"),
        (rows_of("x", "burger", "fries"), {}, Refused.NO_SAVING, "give a discount"),
        (rows_of("x", "burger", "fries", price_micros=3_900_000, currency="USD"), {}, Refused.BELOW_MARGIN,
         "leaves less than the 10% of bundles.min_margin"),
        (rows_of("x", "burger", "fries", kind="pile"), {}, Refused.MALFORMED, "use fixed, mix or look"),
        (rows_of("x", "burger"), {}, Refused.MALFORMED, "a set needs two"),
        (rows_of("x", "burger", "fries", price_micros=1), {}, Refused.MALFORMED, "a price without a currency"),
    ],
)  # fmt: skip
def test_a_merchants_set_that_cannot_be_offered_is_refused_with_the_reason(find, rows, more, code, why):
    found = find(NOISE, rows, **more)
    assert (found.merchants, found.mined) == ((), ())
    [refusal] = found.refused
    assert (refusal.bundle_id, refusal.code) == ("x", code)
    assert why in refusal.why


def test_a_mix_stands_while_one_choice_of_it_can_be_offered(find):
    rows = rows_of("any", "burger", "fries", "drink", kind="mix", price_micros=7_000_000, currency="USD")
    assert [one.bundle_id for one in find(NOISE, rows, inactive={"drink"}).merchants] == ["any"]  # 9.00 alone
    assert [one.code for one in find(NOISE, rows, inactive={"burger"}).refused] == [Refused.NO_SAVING]  # 5.50 alone
    assert [one.code for one in find(NOISE, rows, inactive={"burger", "fries"}).refused] == [Refused.NOT_SELLABLE]


def test_a_look_is_made_of_products_that_name_it_one_role_a_category(find):
    changes = {name: {"attributes": {"look": "Picnic"}} for name in ("burger", "drink", "shake", "rack")}
    found = find(NOISE + [["shake"]] * 5, changes=changes)
    [look] = looks(found)
    assert set(look.roles) == {"food/mains", "food/drinks", "house"}
    assert [part.product_id for part in look.parts if part.role == "food/drinks"] == ["shake", "drink"]  # most bought
    assert (look.min_parts, look.price, look.discount_percent) == (3, None, None)
    assert look.evidence["shared"] == [{"attribute": "look", "value": "picnic"}]


def test_products_of_one_color_make_a_look_only_where_their_categories_go_together(find):
    changes = {name: {"attributes": {"color": "red"}} for name in ("burger", "fries", "rack")}
    assert looks(find(NOISE, changes=changes)) == []
    found = find(NOISE + [["burger", "fries"]] * 40, changes=changes, excludes=[("cake", "rack")])
    [look] = looks(found)
    assert set(look.roles) == {"food/mains", "food/sides"}  # nobody wears the rack
