"""Rows C: catalog, events, consents and the quality report, as a merchant brings them."""

import json

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.errors import BadInput


def products_of(shop):
    return {row["product_id"]: row for row in shop.products().to_pylist()}


def test_c01_files_rest_and_variants(shop, little, tmp_path):
    """By file and by PUT; a variant counts for its parent and is offered as itself; PATCH holds at once."""
    found = products_of(shop)["P01"]
    assert (found["price_micros"], found["cost_micros"], found["stock"]) == (4_500_000, 2_250_000, 40)
    assert json.loads(found["titles"]) == {"ko": "컵 1", "ja": "カップ 1"}
    assert shop.decide("product", ["P00"], k=1).offers[0].product_id == "P01"

    variants = [
        {
            "product_id": f"P01-{color}", "title": f"Cup, {color}", "price": price, "currency": "USD", "parent_id": "P01",
            "stock": stock,
        }
        for color, price, stock in (("red", 5, 0), ("blue", 6, 3))
    ]  # fmt: skip
    assert shop.put_products(variants) == {"new": 2, "replaced": 0, "same": 0}
    assert shop.put_products(variants) == {"new": 0, "replaced": 0, "same": 2}
    assert shop.decide("product", ["P00"], k=1).offers[0].product_id == "P01-blue"
    made = [*[little.Order(("P01-blue", "P09"), f"v{n}", n) for n in range(3)]]
    shop.collect(little.write(tmp_path / "more.csv", little.order_rows(made)), source="till")
    assert "P01-blue" not in set(shop.cleaned().lines.column("product_id").to_pylist())

    shop.patch_products([{"product_id": "P01-blue", "stock": 0}])
    assert "P01" not in {o.product_id.partition("-")[0] for o in shop.decide("product", ["P00"], k=5).offers}
    shop.patch_products([{"product_id": "P01-red", "stock": 2, "price": "4.75"}])
    assert shop.decide("product", ["P00"], k=1).offers[0].product_id == "P01-red"
    assert products_of(shop)["P01-red"]["price_micros"] == 4_750_000


def test_c02_server_batch(fresh):
    """Replaying a batch twice changes nothing, with and without message ids; late events are welcome."""
    seen, late = "2026-10-01T10:00:00Z", "2025-01-01T10:00:00Z"
    batch = [
        Message(
            event="Product Viewed", message_id="m1", anonymous_id="a", timestamp=seen, properties={"product_id": "X"}
        ),
        Message(event="Product Viewed", message_id="m2", user_id="c1", timestamp=late, properties={"product_id": "Y"}),
        Message(event="Products Searched", anonymous_id="a", timestamp=seen, properties={"query": "필터"}),
    ]
    assert fresh.collect_events(batch) == {"received": 3, "new": 3, "seen_before": 0}
    before = fresh.frames.events().to_pylist()
    assert fresh.collect_events(batch) == {"received": 3, "new": 0, "seen_before": 3}
    assert fresh.frames.events().to_pylist() == before
    assert {row["identity"] for row in before} == {"anonymous:a", "customer:c1"}
    with pytest.raises(BadInput, match="userId or anonymousId"):
        fresh.collect_events([Message(event="Product Viewed")])
    assert fresh.frames.events().num_rows == 3


def test_c09_ledger(shop, little, tmp_path):
    """Withdrawal is effective on the very next decision; missing means no; source and time are required."""
    customer = next(o.customer for o in reversed(little.pantry(800).orders) if o.customer and "P00" in o.products)

    def ledger(name, *rows):
        fields = ("customer_id", "purpose", "channel", "status", "source", "at")
        return little.write(tmp_path / name, [dict(zip(fields, row, strict=True)) for row in rows])

    assert shop.decide("home", customer=customer).purpose == "contextual"
    shop.collect(ledger("a.csv", (customer, "personalization", "*", "granted", "web form", "2026-10-01T00:00:00Z")))
    allowed = shop.decide("home", customer=customer)
    assert allowed.purpose == "personalization"
    assert allowed.consent_id > 0
    shop.collect(ledger("b.csv", (customer, "personalization", "web", "withdrawn", "phone", "2026-10-02T00:00:00Z")))
    assert shop.decide("home", customer=customer).purpose == "contextual"
    with pytest.raises(BadInput, match="source"):
        shop.collect(ledger("c.csv", (customer, "marketing", "email", "granted", "", "2026-10-01T00:00:00Z")))
    with pytest.raises(BadInput, match="purpose"):
        shop.collect(ledger("d.csv", (customer, "everything", "email", "granted", "web", "2026-10-01T00:00:00Z")))


def test_c10_seeded_dirty_feed_yields_exactly_its_findings(fresh, little, tmp_path):
    orders = [little.Order(("A", "B"), f"c{n}", n + 1) for n in range(40)]
    rows = little.order_rows(orders)
    rows += [
        dict(rows[0]),
        dict(rows[2], order_id="twin"),
        dict(rows[3], order_id="twin"),
    ]  # a repeated line, a twin order
    rows += [dict(rows[0], order_id="future", ordered_at="2031-01-01T00:00:00Z", product_id="A")]
    rows += [dict(rows[0], order_id="odd", product_id="GHOST")]
    rows += [dict(rows[0], order_id=f"bot{n}", customer_id="robot", product_id="A", quantity=n + 1) for n in range(120)]
    rows += [dict(rows[0], order_id="neg", quantity=-2), dict(rows[0], order_id="free", unit_price="0")]
    catalog = [
        {
            "product_id": "A",
            "title": "Apple",
            "price": "5",
            "currency": "USD",
            "cost": "2",
            "stock": 5,
            "category": "x",
            "image": "a.svg",
        },
        {
            "product_id": "B",
            "title": "Bread",
            "price": "",
            "currency": "USD",
            "cost": "",
            "stock": 5,
            "category": "x",
            "image": "",
        },
    ]
    fresh.collect(little.write(tmp_path / "products.csv", catalog), little.write(tmp_path / "orders.csv", rows))
    found = {finding.code: finding.count for finding in fresh.quality().findings}
    expected = {
        "missing_price": 1, "missing_cost": 2, "missing_picture": 1, "unknown_stock": 1, "no_catalog": 1, "orphan_products": 1,
        "clock_skew": 1, "duplicate_lines": 1, "duplicate_orders": 1, "set_apart_bot": 120, "set_apart_adjustment": 1,
        "set_apart_zero_price": 1,
    }  # fmt: skip
    assert found == expected
    for finding in fresh.quality().findings:
        assert finding.effect
        assert finding.remedy
        assert len(finding.samples) <= 3
