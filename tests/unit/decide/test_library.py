"""Offers over a snapshot: their places, what they stand beside, what they serve; and that products keep theirs."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from crosslift.decide.library import PRIORS, Library
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine
from crosslift.domain.policy import Goal


@pytest.fixture
def offer(little):
    def make(offer_id="visit", kind=OfferKind.SERVICE, price=30, **given):
        prices = {"prices": (PriceLine(Money(Decimal(price), "USD")),)} if price is not None else {}
        return Offer(
            offer_id, 1, kind, {"en": offer_id.title()}, "mina", "asked for", little.NOW, **{**prices, **given}
        )

    return make


@pytest.fixture
def shelf(tea_known):
    return lambda *offers: tea_known.with_library(Library(offers))


def found(columns, known):
    items, scores, rows, anchors = columns
    return {
        known.products[item]: (
            score,
            known.library.offers[row].offer_id,
            known.products[anchor] if anchor >= 0 else None,
        )
        for item, score, row, anchor in zip(*(c.tolist() for c in (items, scores, rows, anchors)), strict=True)
    }


def test_products_keep_their_places_and_offers_stand_behind_them_by_id(tea_known, shelf, offer):
    known = shelf(offer("visit"), offer("advice", OfferKind.ADVICE, None, is_free=True))
    n = tea_known.n_items
    assert known.products[:n] == list(tea_known.products)
    assert list(known.products[n:]) == ["advice", "visit"]
    assert (known.n_products, known.n_items, len(known.index)) == (n, n + 2, n + 2)
    assert known.titles[n + 1] == {"": "Visit", "en": "Visit"}
    assert tea_known.n_items == n  # the snapshot itself stays as it is


def test_every_column_has_a_value_for_every_item(shelf, offer):
    known = shelf(offer(category="table", cost=Money(Decimal(12), "USD")), offer("other"))
    per_item = (
        known.titles, known.category_names, known.categories, known.currencies, known.costs, known.is_slow,
        known.is_consumable, known.best_before, known.group_of, known.recent_counts, known.popularity,
        known.worth.return_rates, known.library.kinds, known.library.min_ages, known.library.is_advice, known.library.has_terms,
    )  # fmt: skip
    assert {len(column) for column in per_item} == {known.n_items}
    offsets = (
        known.edge_offsets,
        known.neighbors.offsets,
        known.links("substitute").offsets,
        known.links("nothing").offsets,
    )
    assert {len(column) for column in offsets} == {known.n_items + 1}
    place = known.index["visit"]
    assert known.categories[place] == known.categories[known.index["cup"]]
    assert known.categories[known.index["other"]] not in known.categories[: known.n_items - 2]
    assert known.cost_of(place) == Money(Decimal(12), "USD")
    assert len(known.edges_of(place)[0]) == 0
    assert len(known.merger.merge(np.array([place]))[0]) == 0


def test_other_offers_take_the_place_of_the_first(shelf, offer):
    known = shelf(offer("visit"), offer("advice"))
    later = known.with_library(Library([offer("zebra")]))
    assert later.n_items == known.n_products + 1
    assert "visit" not in later.index
    assert later.with_library(Library()).n_items == known.n_products


def test_an_offer_of_a_product_stands_at_its_place_and_is_found_by_both_ids(tea_known, shelf, offer):
    known = shelf(offer("tea-deal", OfferKind.GOODS, product_id="tea"))
    assert known.n_items == tea_known.n_items
    assert known.index["tea-deal"] == known.index["tea"]
    assert known.library.offer_at(known.index["tea"]).offer_id == "tea-deal"
    assert known.library.offer_at(known.index["cup"]) is None


def test_of_several_offers_of_a_product_the_first_that_runs_there_is_meant(little, shelf, offer):
    early = offer("a", product_id="tea", ends_at=little.NOW)
    home = offer("b", product_id="tea", markets=("KR",))
    known = shelf(early, home, offer("c", product_id="tea"))
    tea = known.index["tea"]
    assert known.library.rows_at(tea) == (0, 1, 2)
    ids = [known.library.offer_at(tea, *at).offer_id for at in ((), (little.NOW,), (little.NOW, "JP"))]
    assert ids == ["a", "b", "c"]
    assert known.library.offer_at(tea, little.NOW - timedelta(days=1), "JP").offer_id == "a"


def test_a_product_nobody_has_learned_of_gets_a_place_under_its_own_id(shelf, offer):
    known = shelf(offer("new-deal", product_id="NEW"), offer("new-deal-2", product_id="NEW"))
    assert list(known.products[known.n_products :]) == ["NEW"]
    assert known.index["new-deal"] == known.index["new-deal-2"] == known.index["NEW"]


def test_what_was_taken_back_is_not_in_the_library(shelf, offer):
    known = shelf(offer("visit", is_active=False))
    assert (len(known.library), known.n_items) == (0, known.n_products)
    assert known.library.find("visit") is None


def test_columns_mark_the_items_of_offers(shelf, offer):
    known = shelf(
        offer("advice", OfferKind.ADVICE, None, is_free=True, is_advice=True, goals=("calm",), tags=("start", "slow")),
        offer("fund", licences=("invest", "firm"), min_age=18), offer("tea-deal", product_id="tea", min_age=3),
    )  # fmt: skip
    library, index = known.library, known.index
    assert np.flatnonzero(library.of_kinds(["advice"])).tolist() == [index["advice"]]
    assert library.of_kinds(["goods"])[index["cup"]]
    assert not library.of_kinds(["goods"])[index["tea"]]
    assert np.flatnonzero(library.tagged(["slow", "x"])).tolist() == [index["advice"]]
    assert np.flatnonzero(library.serving(["calm"])).tolist() == [index["advice"]]
    assert np.flatnonzero(library.asking_licence(["invest"])).tolist() == [index["fund"]]
    assert not library.asking_licence(["invest", "firm", "more"]).any()
    assert [library.min_ages[index[name]] for name in ("fund", "tea", "cup")] == [18, 3, 0]
    assert np.flatnonzero(library.is_advice).tolist() == [index["advice"]]


def test_its_needs_are_what_its_conditions_and_ages_read(shelf, offer):
    library = shelf(offer(audience='usage_share("storage") >= 0.8', min_age=19)).library
    assert library.needs.has_usage
    assert {"age", "birth_date"} <= library.needs.traits
    assert not shelf(offer(audience="orders >= 1")).library.needs.traits


def test_beside_names_what_stands_beside_a_product_or_its_category(shelf, offer):
    known = shelf(
        offer("a", beside=("tea",)), offer("b", beside=("category:table",)), offer("c", beside=("glass", "gone"))
    )
    at = [known.index[name] for name in ("tea", "cup")]
    assert found(known.library.beside(np.array(at)), known) == {
        "a": (PRIORS["product"], "a", "tea"), "b": (PRIORS["category"], "b", "cup")
    }  # fmt: skip
    assert len(known.library.beside(np.array([known.index["wine"]]))[0]) == 0


def test_what_is_nearer_counts_and_nothing_stands_beside_itself(shelf, offer):
    known = shelf(offer("deal", product_id="cup", beside=("category:table", "tea")))
    index = known.index
    assert found(known.library.beside(np.array([index["saucer"], index["tea"]])), known) == {
        "cup": (PRIORS["product"], "deal", "tea")
    }
    assert len(known.library.beside(np.array([index["cup"]]))[0]) == 0


def test_an_offer_beside_another_offer(shelf, offer):
    known = shelf(offer("plan"), offer("backup", beside=("plan",)))
    here = known.library.beside(np.array([known.index["plan"]]))
    assert found(here, known)["backup"] == (PRIORS["product"], "backup", "plan")


def test_what_goes_with_nothing_is_for_its_audience_and_never_for_just_anybody(shelf, offer):
    known = shelf(
        offer("club", audience="orders >= 1"), offer("listed"), offer("goal", goals=("calm",)), offer("step", step_of="tea"),
        offer("deal", product_id="tea"),
    )  # fmt: skip
    assert found(known.library.beside(np.zeros(0, np.int32)), known) == {"club": (PRIORS["audience"], "club", None)}


def test_a_goal_is_served_by_offers_that_say_so_and_by_what_the_policy_maps_to_it(shelf, offer):
    known = shelf(offer("advice", goals=("calm", "sleep")), offer("band", goals=("sleep",)))
    calm = Goal("calm", {"en": "calm"}, offers=("honey", "gone"), categories=("table",), not_offers=("spoon",))
    sleep = Goal("sleep", {}, not_offers=("band",))
    items, scores, rows, anchors = known.library.for_goals((calm, sleep))
    named = dict(zip((known.products[i] for i in items), zip(scores.tolist(), rows.tolist(), strict=True), strict=True))
    assert named == {"advice": (1.0, 0), "honey": (0.5, 0), "cup": (0.5, 0), "saucer": (0.5, 0)}
    assert set(anchors.tolist()) == {-1}
    assert len(known.library.for_goals(())[0]) == 0


def test_what_is_free_costs_nothing_and_what_recurs_its_total(offer):
    library = Library(currency="KRW")
    assert library.price_of(offer(price=None, is_free=True)) == Money(Decimal(0), "KRW")
    monthly = replace(
        offer(), prices=(PriceLine(Money(Decimal(9), "USD"), Period.MONTH, 3),), total=Money(Decimal(27), "USD")
    )
    assert library.price_of(monthly) == Money(Decimal(27), "USD")
    assert library.price_of(offer(price=None, product_id="tea")) is None
