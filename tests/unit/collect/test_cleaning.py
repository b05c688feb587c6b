"""What is counted and what is set apart: each rule by hand, each reversible."""

import pytest

from crosslift.collect.cleaning import RULES, clean, order_codes, sold
from crosslift.settings import KNOBS


@pytest.fixture
def cleaned(make):
    """Clean lines written by hand: `cleaned([{...}], returns=[...], products=[...], as_of=..., merge_duplicates=True)`."""

    def run(lines, returns=(), products=(), as_of=None, **settings):
        return clean(
            make.lines_of(*lines),
            make.returns_of(*returns),
            make.products_of(*products),
            make.settings_of(**settings),
            as_of,
        )

    return run


def kept(found, *columns):
    columns = columns or ("order_id", "quantity")
    return [tuple(row[name] for name in columns) for row in found.lines.to_pylist()]


def dropped(found):
    return {rule: n for rule, n in found.dropped.items() if n}


def sale(order, quantity, day, **given):
    return {"order_id": order, "quantity": quantity, "day": day, **given}


def cancel(order, quantity, day, **given):
    return sale(order, -quantity, day, status="cancelled", **given)


def test_every_rule_has_its_switch_among_the_settings():
    assert {setting for setting, _ in RULES.values()} <= {knob.name for knob in KNOBS}


def test_ordinary_lines_all_count(cleaned):
    found = cleaned([sale("1", 2, 0), sale("2", 3, 1, customer_id=None)])
    assert kept(found) == [("1", 2), ("2", 3)]
    assert dropped(found) == {}
    assert (found.n_netted, found.n_unmatched) == (0, 0)


def test_no_lines_are_no_lines(cleaned):
    assert cleaned([]).lines.num_rows == 0


# cancellations


def test_a_cancellation_is_taken_off_the_newest_earlier_sale_first(cleaned):
    """6 back on day 5: 4 off order 2 (day 3, all of it), 2 off order 1 (day 1: 5 − 2 = 3); order 3 came later."""
    found = cleaned([sale("1", 5, 1), sale("2", 4, 3), cancel("C1", 6, 5), sale("3", 10, 6)])
    assert kept(found) == [("1", 3), ("3", 10)]
    assert dropped(found) == {"cancellation": 1, "cancelled": 1}
    assert (found.n_netted, found.n_unmatched) == (1, 0)


def test_two_cancellations_never_take_the_same_piece(cleaned):
    found = cleaned([sale("1", 3, 1), sale("2", 1, 2), cancel("C1", 1, 3), cancel("C2", 1, 4)])
    assert kept(found) == [("1", 2)]


def test_cancellations_are_worked_off_in_order_of_time_however_they_are_listed(cleaned):
    """C1 on day 2 can only take from order 1; C2 on day 4 then finds order 2."""
    lines = [cancel("C2", 1, 4), sale("2", 1, 3), cancel("C1", 1, 2), sale("1", 1, 1)]
    found = cleaned(lines)
    assert kept(found) == []
    assert (found.n_netted, found.n_unmatched) == (2, 0)


def test_a_cancellation_in_the_very_moment_of_the_sale_fits(cleaned):
    assert kept(cleaned([sale("1", 1, 1), cancel("C1", 1, 1)])) == []


@pytest.mark.parametrize(
    "note",
    [
        cancel("C1", 1, 1),  # before the sale
        cancel("C1", 1, 5, customer_id="other"),
        cancel("C1", 1, 5, product_id="Q"),
        cancel("C1", 1, 5, customer_id=None),
    ],
)
def test_a_cancellation_that_fits_no_sale_changes_nothing_and_is_counted(cleaned, note):
    found = cleaned([sale("1", 2, 2), note])
    assert kept(found) == [("1", 2)]
    assert (found.n_netted, found.n_unmatched) == (0, 1)


def test_a_cancellation_of_more_than_was_bought_takes_what_there_is(cleaned):
    found = cleaned([sale("1", 2, 1), cancel("C1", 9, 2), cancel("C2", 1, 3)])
    assert kept(found) == []
    assert (found.n_netted, found.n_unmatched) == (1, 1)


def test_a_line_that_was_itself_cancelled_takes_nothing_from_other_orders(cleaned):
    found = cleaned([sale("1", 1, 1), sale("2", 1, 2, status="cancelled")])
    assert kept(found) == [("1", 1)]
    assert dropped(found) == {"cancelled": 1}


def test_a_cancelled_postage_is_no_unmatched_cancellation(cleaned):
    found = cleaned(
        [sale("1", 1, 1), cancel("C1", 1, 2, product_id="POST")], products=[{"product_id": "POST", "kind": "shipping"}]
    )
    assert (found.n_unmatched, dropped(found)) == (0, {"non_product": 1})


# returns


def test_a_return_is_taken_off_its_own_order(cleaned):
    found = cleaned([sale("1", 3, 1), sale("2", 3, 2)], [{"order_id": "1", "quantity": 2}])
    assert kept(found) == [("1", 1), ("2", 3)]
    assert found.n_netted == 1


def test_what_came_back_in_full_is_set_apart(cleaned):
    found = cleaned([sale("1", 1, 1)], [{"order_id": "1"}])
    assert (kept(found), dropped(found)) == ([], {"cancelled": 1})


def test_a_return_dated_by_day_alone_fits_a_sale_of_that_day(cleaned):
    assert kept(cleaned([sale("1", 1, 3, minute=600)], [{"order_id": "1", "day": 3}])) == []


def test_a_return_of_a_product_the_order_did_not_have_changes_nothing(cleaned):
    found = cleaned([sale("1", 1, 1)], [{"order_id": "1", "product_id": "Q"}, {"order_id": "9"}])
    assert (kept(found), found.n_netted) == ([("1", 1)], 0)


def test_a_return_goes_to_the_order_of_its_source_where_there_is_one(cleaned):
    both = [sale("1", 1, 1, source="till"), sale("1", 1, 1, source="web")]
    assert kept(cleaned(both, [{"order_id": "1", "source": "web"}]), "source") == [("till",)]
    assert kept(cleaned(both[:1], [{"order_id": "1", "source": "returns desk"}])) == []


def test_lines_of_one_order_share_a_return(cleaned):
    lines = [sale("1", 2, 1), sale("1", 2, 1, line_id="2"), sale("1", 2, 1, product_id="Q", line_id="3")]
    assert kept(cleaned(lines, [{"order_id": "1", "quantity": 3}]), "product_id", "quantity") == [("P", 1), ("Q", 2)]


# the other rules


def test_orders_that_were_tries_are_set_apart(cleaned):
    lines = [sale("1", 1, 1), sale("2", 5, 1, status="test")]
    assert (kept(cleaned(lines)), dropped(cleaned(lines))) == ([("1", 1)], {"test": 1})
    assert kept(cleaned(lines, drop_tests=False)) == [("1", 1), ("2", 5)]


def test_adjustments_and_negative_quantities_are_set_apart(cleaned):
    found = cleaned([sale("1", 1, 1), sale("A1", 1, 1, status="adjustment"), sale("2", -5, 1), sale("3", 0, 1)])
    assert (kept(found), dropped(found)) == ([("1", 1)], {"adjustment": 3})


@pytest.mark.parametrize(("price", "is_kept"), [(0, False), (-1, False), (1, True), (None, True)])
def test_lines_without_a_positive_price_are_set_apart_unknown_prices_are_not(cleaned, price, is_kept):
    found = cleaned([sale("1", 1, 1, unit_price_micros=price)])
    assert (kept(found) != []) is is_kept
    assert dropped(found) == ({} if is_kept else {"zero_price": 1})


@pytest.mark.parametrize("kind", ["shipping", "fee", "gift_card", "adjustment", "sample"])
def test_non_products_are_set_apart_by_kind(cleaned, kind):
    found = cleaned([sale("1", 1, 1), sale("1", 1, 1, product_id="X")], products=[{"product_id": "X", "kind": kind}])
    assert (kept(found, "product_id"), dropped(found)) == ([("P",)], {"non_product": 1})


@pytest.mark.parametrize("kind", ["goods", "service", "warranty", "plan", "action", "bundle"])
def test_every_sellable_kind_counts(cleaned, kind):
    assert kept(cleaned([sale("1", 1, 1)], products=[{"product_id": "P", "kind": kind}])) == [("1", 1)]


def test_an_identity_with_too_many_orders_a_day_is_a_bot_with_all_its_lines(cleaned):
    bot = [sale(f"b{n}", 1, 0, customer_id="bot") for n in range(4)]
    lines = [*bot, sale("later", 1, 5, customer_id="bot"), sale("1", 1, 0), sale("anonymous", 1, 0, customer_id=None)]
    found = cleaned(lines, bot_orders_per_day=3)
    assert kept(found) == [("1", 1), ("anonymous", 1)]
    assert dropped(found) == {"bot": 5}
    assert dropped(cleaned(lines, bot_orders_per_day=4)) == {}


def test_many_lines_are_not_many_orders_and_nobody_is_no_bot(cleaned):
    lines = [sale("1", 1, 0, line_id=str(n)) for n in range(9)] + [
        sale(str(n), 1, 0, customer_id=None) for n in range(20, 29)
    ]
    assert dropped(cleaned(lines, bot_orders_per_day=3)) == {}


def test_orders_of_two_sources_with_one_number_are_two_orders(cleaned):
    lines = [sale("1", 1, 0, source=source) for source in ("web", "till", "phone", "desk")]
    assert dropped(cleaned(lines, bot_orders_per_day=3)) == {"bot": 4}


def test_duplicates_are_merged_only_when_asked(cleaned):
    lines = [sale("1", 2, 1), sale("1", 2, 1, line_id="2"), sale("2", 2, 1)]
    assert len(kept(cleaned(lines))) == 3
    found = cleaned(lines, merge_duplicates=True)
    assert (kept(found), dropped(found)) == ([("1", 2), ("2", 2)], {"duplicate": 1})


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": 3},
        {"unit_price_micros": 1},
        {"product_id": "Q"},
        {"variant_id": "red"},
        {"source": "till"},
        {"has_line_id": True},
    ],
)
def test_lines_that_differ_or_have_ids_of_their_own_are_no_duplicates(cleaned, other):
    found = cleaned([sale("1", 2, 1), {**sale("1", 2, 1, line_id="2"), **other}], merge_duplicates=True)
    assert dropped(found) == {}


def test_the_first_rule_that_fits_counts(cleaned):
    found = cleaned(
        [sale("1", -1, 1, unit_price_micros=0, product_id="X")], products=[{"product_id": "X", "kind": "fee"}]
    )
    assert dropped(found) == {"adjustment": 1}


def test_what_is_set_apart_is_shown_by_three_samples(cleaned):
    lines = [sale(f"A{n}", 1, 1, status="adjustment", title="bad debt") for n in range(9)]
    found = cleaned(lines)
    assert found.samples["adjustment"] == tuple(f"order A{n}: P bad debt" for n in range(3))
    assert found.samples["bot"] == ()


# reversible, and as of a day

EVERYTHING = [
    sale("1", 5, 1), sale("2", 4, 3), cancel("C1", 6, 5), sale("A1", 1, 1, status="adjustment"),
    sale("3", 1, 2, unit_price_micros=0), sale("1", 5, 1, line_id="2"), sale("4", 1, 1, product_id="POST"),
    sale("5", -2, 4), sale("6", 1, 1, status="cancelled"), *(sale(f"b{n}", 1, 0, customer_id="bot") for n in range(6)),
    sale("T", 1, 1, status="test"),
]  # fmt: skip


def test_switching_every_rule_off_gives_the_same_lines_back(cleaned, make):
    products, returns = [{"product_id": "POST", "kind": "shipping"}], [{"order_id": "1", "quantity": 2}]
    on = cleaned(EVERYTHING, returns, products, merge_duplicates=True, bot_orders_per_day=5)
    assert all(on.dropped.values())
    off = cleaned(EVERYTHING, returns, products, **make.ALL_OFF)
    assert off.lines == make.lines_of(*EVERYTHING)
    assert dropped(off) == {}


@pytest.mark.parametrize(
    ("switch", "rules"),
    [
        ("drop_tests", {"test"}),
        ("drop_adjustments", {"adjustment"}),
        ("drop_non_products", {"non_product"}),
        ("drop_zero_prices", {"zero_price"}),
        ("net_cancellations", {"cancellation", "cancelled"}),
    ],
)
def test_each_switch_rules_over_its_own_lines(cleaned, make, switch, rules):
    others = {name: value for name, value in make.ALL_OFF.items() if name != switch}
    found = cleaned(EVERYTHING, products=[{"product_id": "POST", "kind": "shipping"}], **others)
    assert set(dropped(found)) == rules
    assert {rule for rule, (setting, _) in RULES.items() if setting == f"cleaning.{switch}"} == rules


def test_what_happened_later_is_not_known_yet(cleaned, make):
    lines, returns = [sale("1", 3, 1), cancel("C1", 1, 5), sale("2", 1, 6)], [{"order_id": "1", "day": 7}]
    quantities = {}
    for day in (0, 1, 4, 5, 6, 7):
        quantities[day] = kept(cleaned(lines, returns, as_of=(make.MONDAY + day) * make.DAY))
    assert quantities == {
        0: [], 1: [("1", 3)], 4: [("1", 3)], 5: [("1", 2)], 6: [("1", 2), ("2", 1)], 7: [("1", 1), ("2", 1)],
    }  # fmt: skip


# variants


def test_the_line_of_a_variant_counts_for_its_parent_and_remembers_the_variant(cleaned):
    products = [{"product_id": "T-red", "parent_id": "T"}, {"product_id": "T"}, {"product_id": "Q"}]
    lines = [
        sale("1", 1, 1, product_id="T-red"), sale("1", 1, 1, product_id="T"), sale("1", 1, 1, product_id="Q", variant_id="v"),
    ]  # fmt: skip
    assert kept(cleaned(lines, products=products), "product_id", "variant_id") == [
        ("T", "T-red"),
        ("T", None),
        ("Q", "v"),
    ]


def test_cleaning_never_touches_what_it_was_given(cleaned, make):
    lines = make.lines_of(*EVERYTHING)
    clean(lines, make.returns_of({"order_id": "1"}), make.products_of(), make.settings_of())
    assert lines == make.lines_of(*EVERYTHING)


def test_a_line_says_how_much_of_what_was_sold_was_kept(make):
    """3 sold and kept, 2 sold and sent back, of 4 sold one cancelled later; what was cancelled at once was never sold."""
    lines = [sale("1", 3, 1), sale("2", 2, 1), sale("3", 4, 2), cancel("C", 1, 3), sale("4", 1, 4, status="cancelled")]
    back = make.returns_of({"order_id": "2", "quantity": 2})
    found = sold(make.lines_of(*lines), back, make.products_of(), make.settings_of())
    assert [(row["order_id"], row["quantity"], row["kept"]) for row in found.to_pylist()] == [
        ("1", 3, 3), ("2", 2, 0), ("3", 4, 3),
    ]  # fmt: skip


def test_orders_are_numbered_by_first_appearance(make):
    def numbered(*orders):
        return order_codes(make.lines_of(*({"source": s, "order_id": o} for s, o in orders))).tolist()

    assert numbered(("a", "9"), ("a", "1"), ("a", "9")) == [0, 1, 0]
    assert numbered(("b", "1"), ("a", "1"), ("b", "2"), ("a", "2"), ("b", "1")) == [0, 1, 2, 3, 0]
    assert numbered() == []
