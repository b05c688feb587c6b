"""From files to figures: what came back, was cancelled or is no product is not counted."""

import pytest


@pytest.fixture(scope="module")
def figures(little, tmp_path_factory):
    """40 orders of two teas at 10, half of them with a honey at 4; then things come back."""
    home = tmp_path_factory.mktemp("returns")
    shop = little.open_shop(home)
    made = [little.Order(("tea", "honey") if i % 2 else ("tea",), f"c{i}", 100 + i) for i in range(40)]
    rows = little.order_rows(made, prices={"tea": "10", "honey": "4"})
    rows = [{**row, "quantity": 2 if row["product_id"] == "tea" else 1, "status": "placed"} for row in rows]
    rows[0]["status"] = "cancelled"  # the whole first order
    returns = [
        {"order_id": "o2", "product_id": "tea", "quantity": 1, "returned_at": "2026-10-31"},
        {"order_id": "o1", "product_id": "honey", "quantity": 1, "returned_at": "2026-10-31"},
    ]
    shop.collect(little.write(home / "orders.csv", rows), little.write(home / "returns.csv", returns))
    with shop:
        yield {(m.metric.name, m.of): m.figure for m in shop.measure(anchor="tea", attached="honey")}


def test_average_order_value_is_net_of_what_came_back(figures):
    # o0 is gone; o2 keeps one of two teas; o1 lost its honey
    assert figures["aov", "USD"].n == 39
    assert figures["aov", "USD"].value == pytest.approx((39 * 20 - 10 + 19 * 4) / 39)


def test_units_are_net_as_well(figures):
    assert figures["units_per_order", None].value == pytest.approx((39 * 2 - 1 + 19) / 39)
    assert figures["products_per_order", None].value == pytest.approx((39 + 19) / 39)


def test_a_product_that_came_back_was_not_attached(figures):
    assert figures["attach_rate", "tea → honey"].value == pytest.approx(19 / 39)
