"""Groups of a shop's customers: what is said of few people, of nobody, and in which language."""

import json

import pyarrow as pa
import pytest

from crosslift.domain.profile import PROFILE_COLUMNS
from crosslift.errors import NotFound
from crosslift.store.tables import arrow_schema

LISTS = {"goals", "holdings", "account_ids", "contribution_reasons", "stage_evidence", "returning_intent"}
OBJECTS = {"categories", "brands", "price_bands", "traits", "provenance", "unknown"}


def known(shop, *people):
    """Put profiles in place, each a person and what is known of them."""
    blank = {**dict.fromkeys(LISTS, "[]"), **dict.fromkeys(OBJECTS, "{}"), "as_of": 0, "n_orders": 0.0, "n_items": 0.0}
    rows = [
        {**blank, "person_id": person, **{name: json.dumps(v) if name in LISTS | OBJECTS else v for name, v in said.items()}}
        for person, said in people
    ]  # fmt: skip
    names = list(PROFILE_COLUMNS)
    table = pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})
    shop.records.save_profiles(table.cast(arrow_schema("profiles", names)))


def test_nothing_is_claimed_of_an_empty_shop(empty_shop):
    told = empty_shop.audiences.clusters()
    assert (told["n_people"], told["clusters"]) == (0, [])
    assert told["not_estimable"] == "nothing was learned of customers yet; run `crosslift learn`"
    empty_shop.profiles.learn(lambda *_: None)
    told = empty_shop.audiences.clusters()
    assert told["not_estimable"] == "0 people with orders, at least 200 needed to find groups that hold"
    report = empty_shop.audiences.market_patterns("ja")
    assert (report["patterns"], report["n_tests"]) == ([], 0)
    assert [one["why"] for one in report["too_early"]] == ["one_market"]
    assert report["too_early"][0]["text"] == "注文が十分な市場は0か所です。比較には2か所が必要です。"
    with pytest.raises(NotFound):
        empty_shop.audiences.persona("nothing")


def test_goods_without_category_form_no_pattern(little, empty_shop, tmp_path):
    made = [little.Order(("A", "B"), f"c{n}", n, ("EU", "SEA")[n % 2]) for n in range(1_100)]
    empty_shop.collect(little.write(tmp_path / "orders.csv", little.order_rows(made)))
    assert empty_shop.audiences.market_patterns() == {"patterns": [], "too_early": [], "n_tests": 0}


def test_a_card_speaks_of_those_who_are_in_now_and_of_enough_of_them(empty_shop):
    shop = empty_shop
    shop.put_facts("customers", [{"customer_id": f"c{n}", "traits": {"goals": "less waste"}} for n in range(6)])
    known(shop, *(
        (f"customer:c{n}", {"n_orders": 2.0, "n_items": 4.0, "aov": 10.0 * n, "traffic_source": "news" if n else None,
                            "goals": ["learned long ago"], "returning_intent": [["Tea", 2, 5]] if n < 5 else []})
        for n in range(5)
    ))  # fmt: skip
    shop.segments.put("green", {"en": "Green"}, 'goals has "less waste"', "mina", "to show the refills")
    card = shop.audiences.persona("green")
    assert (card["persona_id"], card["n_people"], card["share"]) == ("green", 6, 1.0)
    assert card["goals"] == [{"name": "less waste", "n_people": 6}]
    assert card["needs"] == [{"name": "Tea", "n_people": 5}]
    assert card["order_value"]["median"] == 20.0
    assert card["items_per_order"] == {"median": 2.0, "low": 2.0, "high": 2.0, "n": 5, "unit": "count"}
    assert card["source"] is None  # four of them only
    assert card["channel"] is None


def test_the_channel_of_most_orders_is_the_persons(little, empty_shop, tmp_path):
    rows = [
        {"order_id": f"o{n}-{who}", "ordered_at": "2026-10-01T00:00:00Z", "customer_id": who, "product_id": "A", "quantity": 1,
         "unit_price": "5", "currency": "USD", "channel": channel}
        for who in ("c0", "c1", "c2", "c3", "c4") for n, channel in enumerate(("web", "till", "till"))
    ]  # fmt: skip
    empty_shop.collect(little.write(tmp_path / "orders.csv", rows))
    empty_shop.customers.merge("c3", "c4", "anna")
    empty_shop.put_facts("orders", [{**rows[0], "order_id": "x", "customer_id": "c9"}])
    known(empty_shop, *((f"customer:c{n}", {"n_orders": 3.0}) for n in (0, 1, 2, 3, 9)))
    empty_shop.segments.put("all", {"en": "All"}, "orders >= 3", "mina", "all of them")
    said = empty_shop.audiences._channels(pa.array([f"customer:c{n}" for n in (0, 1, 2, 3, 9)]))
    assert said.person.tolist() == [0, 1, 2, 3, 4]
    assert [said.names[name] for name in said.name] == ["till"] * 4 + ["web"]
    assert empty_shop.audiences.persona("all")["channel"] is None  # four say till
