"""Segments of a shop: versions, who is in at this moment, lists of members, evaluation in bulk."""

from datetime import timedelta

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.errors import BadInput, Busy, NotFound
from crosslift.shop.locks import learning_alone

KEEN = 'count("Product Viewed", category = "Grinders", last = 1 hour) >= 3'


@pytest.fixture
def shop(empty_shop, clock):
    """A few people, grinders to look at."""
    empty_shop.clock = clock
    empty_shop.put_products([
        {"product_id": product, "title": product, "category": category, "parent_id": parent, "price": "5", "currency": "USD"}
        for product, category, parent in (("G1", "Grinders/Hand", None), ("G1-B", None, "G1"), ("T1", "Tea", None))
    ])  # fmt: skip
    empty_shop.put_facts("customers", [{"customer_id": name, "traits": {"skin": "dry"}} for name in ("jane", "june")])
    return empty_shop


def put(shop, segment_id="keen", rule=KEEN, **given):
    return shop.segments.put(segment_id, {"en": segment_id}, rule, "mina", "to try", **given)


def view(shop, clock, product, number, minutes_ago=0, who="jane"):
    at = (clock() - timedelta(minutes=minutes_ago)).isoformat()
    message = Message(
        event="Product Viewed", message_id=f"v{number}", user_id=who, timestamp=at, properties={"product_id": product}
    )
    shop.collect_events([message])


def test_a_change_is_a_version_and_the_same_content_none(shop):
    assert put(shop)["version"] == 1
    assert put(shop, rule=KEEN.replace(" = ", "="))["version"] == 1
    assert put(shop, rule="orders >= 1")["version"] == 2
    assert shop.segments.switch("keen", is_active=True, author="jun", reason="is on already")["version"] == 2
    assert shop.segments.switch("keen", is_active=False, author="jun", reason="over")["version"] == 3
    assert put(shop, rule="orders >= 2") == {
        "segment_id": "keen",
        "version": 4,
        "rule": "orders >= 2",
        "is_active": False,
    }
    assert put(shop, rule="orders >= 2", is_active=True)["version"] == 5
    [row] = shop.segments.list()
    assert (row["version"], row["author"], row["titles"], row["is_active"]) == (5, "mina", {"en": "keen"}, True)
    with pytest.raises(NotFound, match="no segment 'nothing'"):
        shop.segments.switch("nothing", is_active=True, author="jun", reason="why not")


def test_nobody_is_grouped_by_a_sensitive_trait(shop, little):
    with pytest.raises(BadInput, match="is sensitive: nobody is grouped by it"):
        put(shop, rule='trait("health.allergies") is known or orders > 3')
    put(shop, rule='trait("skin") is "dry"')
    assert shop.segments.of("jane") == ("keen",)
    with little.open_shop(shop.home, shop.clock, profile_sensitive_traits="skin") as careful:
        assert careful.segments.of("jane") == ()
        assert careful.segments.members("keen") == ()


def test_the_third_view_of_a_kind_counts_at_once_and_an_hour_long(shop, clock):
    put(shop)
    for number, product in enumerate(("G1", "T1", "G1-B", "G1")):
        assert shop.segments.of("jane") == ()
        view(shop, clock, product, number)
    assert shop.segments.of("jane") == shop.segments.of("customer:jane") == ("keen",)
    assert shop.segments.members("keen") == ("customer:jane",)
    clock.move(hours=1)
    assert shop.segments.of("jane") == ("keen",)
    clock.move(seconds=1)
    assert shop.segments.of("jane") == ()
    assert shop.segments.members("keen") == ()


def test_sealed_events_count_as_long_as_they_are_in_the_window(shop, clock):
    put(shop)
    view(shop, clock, "G1", 1, minutes_ago=50)
    view(shop, clock, "G1", 2, minutes_ago=70)
    shop.frames.seal(1)
    view(shop, clock, "G1", 3, minutes_ago=30)
    shop.frames.seal(1)
    view(shop, clock, "G1", 4)
    assert shop.segments.of("jane") == ("keen",)
    clock.move(minutes=20)
    assert shop.segments.of("jane") == ()
    view(shop, clock, "G1", 5, minutes_ago=45)  # late
    assert shop.segments.of("jane") == shop.segments.of("jane") == ("keen",)
    assert shop.segments.members("keen") == ("customer:jane",)


def test_an_event_of_a_product_nobody_knows_is_in_the_category_it_names(shop, clock):
    put(shop, rule='count("Product Viewed", category = "Grinders", last = 1 hour) >= 1')
    seen = {"product_id": "G9", "category": "Grinders/Electric"}
    shop.collect_events([Message(event="Product Viewed", message_id="x", anonymous_id="b1", properties=seen)])
    assert shop.segments.of("anonymous:b1") == ("keen",)
    assert shop.segments.members("keen") == ("anonymous:b1",)


def test_whoever_was_never_seen_is_in_nothing(shop):
    put(shop, rule="orders = 0")
    assert shop.segments.of("jane") == ("keen",)
    with pytest.raises(NotFound, match="nobody is known as customer:nobody"):
        shop.segments.of("nobody")
    with pytest.raises(NotFound):
        shop.segments.members("nothing")


def test_another_process_sees_a_new_rule_at_its_next_question(shop, little):
    put(shop, rule="orders = 0")
    with little.open_shop(shop.home, shop.clock) as other:
        assert other.segments.of("jane") == ("keen",)
        put(shop, rule="orders > 0")
        assert other.segments.of("jane") == ()


def test_evaluation_keeps_the_members_of_active_segments(shop, clock):
    put(shop, "all", "orders = 0")
    put(shop, "off", "orders = 0", is_active=False)
    put(shop)
    assert shop.segments.evaluate() == {"all": 2, "keen": 0}
    assert shop.records.segments_of("customer:jane") == {"all"}
    assert [(row["segment_id"], row["n_members"]) for row in shop.segments.list()] == [
        ("all", 2),
        ("keen", 0),
        ("off", None),
    ]
    shop.privacy.erase("jane")
    assert shop.records.segments_of("customer:jane") == frozenset()
    assert shop.segments.evaluate()["all"] == 1
    with learning_alone(shop.records, shop.home):
        with pytest.raises(Busy):
            shop.segments.evaluate()
        assert shop.segments.evaluate(is_alone=True)["all"] == 1


def test_further_pages_are_of_the_first_ones_moment(shop, clock):
    put(shop, "all", "orders = 0")
    first = shop.segments.page("all", limit=1)
    assert (first["members"], first["next"], first["n_members"]) == (["customer:jane"], "customer:jane", 2)
    shop.put_facts("customers", [{"customer_id": "kim"}])
    clock.move(minutes=10)
    second = shop.segments.page("all", first["next"], limit=5)
    assert (second["members"], second["next"], second["at"]) == (["customer:june"], None, first["at"])
    clock.move(hours=1)
    assert shop.segments.page("all", first["next"])["members"] == ["customer:june", "customer:kim"]
    assert shop.segments.page("all")["n_members"] == 3


def test_lists_kept_for_their_pages_are_few(shop):
    for number in range(12):
        put(shop, f"s{number}", "orders = 0")
        shop.segments.page(f"s{number}")
    assert len(shop.segments._kept) == 8
