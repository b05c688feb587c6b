import pytest

from crosslift.learn import orders_say
from crosslift.learn.baskets import from_lines
from crosslift.learn.products import complements

FACTS = {"has_consents": True, "has_views": True, "n_without_cost": 0, "n_without_stock": 0, "p_is_estimable": True}


@pytest.fixture
def say(little):
    """Let some orders speak; the catalog as one dict a product, in order of id."""

    def say(made, catalog=None, currency="USD", **facts):
        known = little.settings(learn_narrow_items=0, learn_narrow_share=1.0)  # kappa, as a reader can recount it
        baskets = from_lines(little.lines(made))
        counted, pairs = complements.count(baskets, known)
        rows = catalog or {}
        shown = [
            {"title": name.title(), "price": 10.0, "cost": 4.0, "currency": "USD", **rows.get(name, {})}
            for name in counted.products
        ]
        found = complements.find_complements(counted, pairs, known)
        return orders_say.summarize(counted, found, shown, currency, FACTS | facts)

    return say


@pytest.fixture(scope="module")
def made(little):
    """200 days: 60 orders of tea and honey, 90 of tea, 30 of honey, 120 of others."""
    others = [["cup"], ["tray", "spoon"], ["jar"], ["bowl"]] * 30
    baskets = [*[["tea", "honey"]] * 60, *[["tea"]] * 90, *[["honey"]] * 30, *others]
    return [little.Order(tuple(b), f"c{i}", 24 * 200 * i / (len(baskets) - 1)) for i, b in enumerate(baskets)]


def test_the_strongest_pair_comes_with_all_its_evidence(say, made):
    pairs = say(made)["strongest_pairs"]
    tea = next(p for p in pairs if p["b"] == "tea")
    kappa = 300 * (90 * 2) / (90 * 2 + 210) ** 2
    assert (tea["a"], tea["a_title"], tea["b_title"]) == ("honey", "Honey", "Tea")
    assert (tea["orders_with_both"], tea["orders_with_a"], tea["orders_with_b"], tea["customers"]) == (60, 90, 150, 60)
    assert tea["expected_by_chance"] == pytest.approx(kappa * 90 * 150 / 300, abs=0.005)
    assert tea["lift"] == pytest.approx(60 / (kappa * 45), abs=0.005)
    assert tea["lift_low"] < tea["lift"] < tea["lift_high"]
    assert tea["strength"] == "strong"


def test_at_most_ten_pairs_and_no_product_more_than_twice(say, little):
    made = little.orders(
        *([["hub", f"s{i:02}"] for i in range(30) for _ in range(12)] + [[f"s{i:02}"] for i in range(30)])
    )
    pairs = say(made)["strongest_pairs"]
    assert sum("hub" in (p["a"], p["b"]) for p in pairs) <= 2
    assert len(pairs) <= 10


def test_the_range_of_the_most_missed_companion_redone_by_hand(say, made):
    # 150 orders hold tea, 60 of them honey: 90 did not, in 200 days; 1 to 5 of 100 at 12 dollars
    missed = say(made, {"honey": {"price": 12.0, "cost": 3.0}, "tea": {"price": 1.0}})["most_missed"]
    yearly = 90 * 365 / 200 * 12
    assert (missed["anchor"], missed["companion"]) == ("tea", "honey")
    assert (missed["orders_with_anchor"], missed["of_these_with_both"]) == (150, 60)
    assert missed["yearly_revenue"] == {"low": round(yearly * 0.01, 2), "high": round(yearly * 0.05, 2)}
    assert missed["yearly_margin"] == {"low": round(yearly * 0.01 * 0.75, 2), "high": round(yearly * 0.05 * 0.75, 2)}
    assert (missed["price"], missed["currency"]) == (12.0, "USD")
    for part in ("1% to 5%", "with Tea and without Honey", "200 days", "holdout"):
        assert part in missed["assumption"]


def test_the_dearer_absence_is_told_whichever_way_it_points(say, made):
    # 30 orders of honey miss tea at 90 dollars: more than 90 of tea that miss honey at 12
    missed = say(made, {"honey": {"price": 12.0}, "tea": {"price": 90.0}})["most_missed"]
    assert (missed["anchor"], missed["companion"]) == ("honey", "tea")


def test_products_never_bought_apart_miss_each_other_in_no_order(say, little):
    made = little.orders(*[["tray", "spoon"]] * 60, *[["cup"]] * 60)
    assert say(made)["most_missed"] == "not estimable: no companion that is missed has a price in USD"


def test_margin_needs_a_cost(say, made):
    missed = say(made, {"honey": {"price": 12.0, "cost": None}, "tea": {"price": 1.0}})["most_missed"]
    assert missed["yearly_margin"] == "not estimable: no cost known"


def test_a_companion_sold_below_cost_loses_more_the_more_is_sold(say, made):
    margin = say(made, {"honey": {"price": 12.0, "cost": 18.0}, "tea": {"price": 1.0}})["most_missed"]["yearly_margin"]
    assert margin["low"] < margin["high"] < 0


def test_a_companion_that_costs_nothing_is_never_the_one_missed(say, made):
    missed = say(made, {"honey": {"price": 0.0, "cost": 3.0}, "tea": {"price": 1.0}})["most_missed"]
    assert missed["companion"] == "tea"


def test_a_price_in_another_currency_is_not_taken_for_the_orders(say, made):
    catalog = {"honey": {"price": 12_000.0, "currency": "KRW"}, "tea": {"price": 1.0}}
    assert say(made, catalog)["most_missed"]["companion"] == "tea"
    catalog["tea"]["currency"] = "KRW"
    assert say(made, catalog)["most_missed"] == "not estimable: no companion that is missed has a price in USD"


@pytest.mark.parametrize(
    ("catalog", "currency", "why"),
    [
        ({}, None, "not estimable: orders come in several currencies, or name none"),
        ({"tea": {"price": None}, "honey": {"price": None}, "tray": {"price": None}, "spoon": {"price": None}}, "USD",
         "not estimable: no companion that is missed has a price in USD"),
    ],
)  # fmt: skip
def test_no_range_without_prices_in_one_currency(say, made, catalog, currency, why):
    assert say(made, catalog, currency)["most_missed"] == why


def test_no_range_from_a_few_days(say, little, made):
    short = [little.Order(o.products, o.customer, o.hours_ago / 10) for o in made]
    assert say(short)["most_missed"] == "not estimable: orders span 20 days, at least 28 needed for a year's figure"


def test_no_range_while_no_pair_is_clear(say, little):
    made = little.orders(*[["tea", "honey"]] * 12, *([[f"n{i}"] for i in range(20)] * 4))
    said = say(made)
    assert said["strongest_pairs"][0]["strength"] == "fair"
    assert said["most_missed"] == "not estimable: no pair is clear enough yet"


def test_no_pair_at_all_is_said_plainly(say, little):
    said = say(little.orders(*[["a", "b"], ["a"], ["b"]] * 2))
    assert said["strongest_pairs"] == []
    assert said["most_missed"] == "not estimable: no pair is strong enough yet"
    assert "which products go together: 6 orders are too few for any pair" in said["cannot_say"]


def test_products_that_sell_alone_most_certainly_first(say, made):
    alone = say(made)["sells_alone"]
    # cup, jar and bowl: 30 of 30; tea: 90 of 150; honey: 30 of 90; tray and spoon never
    assert [(row["product"], row["orders"], row["alone"]) for row in alone] == [
        ("bowl", 30, 30), ("cup", 30, 30), ("jar", 30, 30), ("tea", 150, 90), ("honey", 90, 30)
    ]  # fmt: skip
    assert all(row["share_low"] <= row["alone"] / row["orders"] <= row["share_high"] for row in alone)


def test_twenty_orders_are_needed_to_be_called_a_loner(say, little):
    assert say(little.orders(*[["a"]] * 19, ["b", "c"]))["sells_alone"] == []


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"has_consents": False}, "anything personal: no consents collected"),
        ({"has_views": False}, "what people look at but do not buy: no views collected"),
        ({"n_without_cost": 3}, "margin: 3 of 7 products have no cost"),
        ({"n_without_stock": 2}, "stock: unknown for 2 products"),
        ({"p_is_estimable": False}, "how likely an offer completes a basket"),
    ],
)
def test_what_cannot_be_said_yet_is_named_when_it_is_missing_and_only_then(say, made, missing, said):
    assert any(line.startswith(said) for line in say(made, **missing)["cannot_say"])
    assert not any(line.startswith(said) for line in say(made)["cannot_say"])


def test_a_short_history_has_no_seasons_and_no_holdout_has_been_run(say, made):
    said = say(made)["cannot_say"]
    assert "seasons: 200 days of orders, at least a year needed" in said
    assert said[-1].startswith("what offers earn")
