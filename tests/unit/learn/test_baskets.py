import numpy as np
import pyarrow as pa

from crosslift.learn.baskets import from_lines


def named(baskets):
    """Give baskets as sets of product ids, in order."""
    return [
        {baskets.products[i] for i in baskets.items[start:end]}
        for start, end in zip(baskets.offsets[:-1], baskets.offsets[1:], strict=True)
    ]


def test_a_basket_holds_a_product_once_however_many_lines_it_has(little):
    baskets = from_lines(little.lines(little.orders(["tea", "honey", "tea"], ["tea"])))
    assert named(baskets) == [{"tea", "honey"}, {"tea"}]
    assert baskets.item_counts().tolist() == [1, 2]
    assert baskets.sizes.tolist() == [2, 1]


def test_products_are_numbered_in_the_order_of_their_ids_not_of_their_lines(little):
    baskets = from_lines(little.lines(little.orders(["zwieback", "apple"], ["milk"])))
    assert baskets.products == ["apple", "milk", "zwieback"]
    assert (baskets.n_items, baskets.n_baskets) == (3, 2)


def test_the_order_of_lines_in_an_order_does_not_matter(little):
    made = little.orders(["tea", "honey", "cup"], ["cup", "tea"], ["honey"])
    turned = [little.Order(tuple(reversed(order.products)), order.customer, order.hours_ago) for order in made]
    one, two = from_lines(little.lines(made)), from_lines(little.lines(turned))
    assert named(one) == named(two)
    assert np.array_equal(one.items, two.items)


def test_lines_of_one_order_need_not_stand_together(little):
    table = little.lines(little.orders(["tea", "honey"], ["cup", "tea"]))
    mixed = table.take(pa.array([2, 0, 3, 1]))
    assert sorted(map(sorted, named(from_lines(mixed)))) == [["cup", "tea"], ["honey", "tea"]]


def test_variants_arrive_as_their_product_and_count_once(little):
    # cleaning has mapped both sizes to the one product before baskets are made
    baskets = from_lines(little.lines(little.orders(["shirt", "shirt", "socks"])))
    assert named(baskets) == [{"shirt", "socks"}]


def test_the_same_order_number_of_two_sources_is_two_orders(little):
    table = little.lines([little.Order(("tea",)), little.Order(("honey",))])
    table = table.set_column(1, "order_id", pa.array(["7", "7"])).set_column(0, "source", pa.array(["web", "till"]))
    assert named(from_lines(table)) == [{"honey"}, {"tea"}]  # till before web


def test_orders_without_a_customer_are_customers_of_their_own(little):
    made = [little.Order(("a",), "c1"), little.Order(("b",)), little.Order(("c",)), little.Order(("d",), "c1")]
    baskets = from_lines(little.lines(made))
    assert baskets.known.tolist() == [True, False, False, True]
    assert baskets.customers[0] == baskets.customers[3]
    assert len(set(baskets.customers.tolist())) == 3


def test_market_and_channel_together_are_numbered_and_neither_is_minus_one(little):
    made = [
        little.Order(("a",), market="KR", channel="web"),
        little.Order(("b",)),
        little.Order(("c",), market="KR", channel="web"),
        little.Order(("d",), market="KR"),
        little.Order(("e",), channel="web"),
    ]
    strata = from_lines(little.lines(made)).strata.tolist()
    assert strata[1] == -1
    assert strata[0] == strata[2]
    assert len(set(strata)) == 4


def test_each_basket_keeps_its_own_instant_when_some_are_taken(little):
    made = little.orders(["a", "b"], ["b"], ["a", "c"], days=3)
    baskets = from_lines(little.lines(made))
    part = baskets.take(np.array([True, False, True]))
    assert named(part) == [{"a", "b"}, {"a", "c"}]
    assert part.at.tolist() == [baskets.at[0], baskets.at[2]]
    assert part.products == baskets.products
    assert named(baskets.take(np.array([2, 0]))) == [{"a", "c"}, {"a", "b"}]


def test_no_lines_make_no_baskets(little):
    baskets = from_lines(little.lines([]))
    assert (baskets.n_baskets, baskets.n_items) == (0, 0)
    assert baskets.item_counts().tolist() == []
