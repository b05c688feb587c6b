"""Each figure on tables small enough to redo by hand, computed by DuckDB."""

import pyarrow as pa
import pytest

from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.measure import figures
from crosslift.measure.metrics import METRICS, Period, measure_tables
from crosslift.stats.compare import count_interval, mean_interval, proportion_interval, ratio_interval
from crosslift.store.duckdb import DuckdbFrames

PERIOD = Period(100, 200, has_before=True, currency="EUR")
KINDS = {
    "sales": {"slice": pa.string(), "unit": pa.string(), "at": pa.int64(), "order": pa.int64(), "product": pa.string(),
              "revenue": pa.float64(), "margin": pa.float64(), "quantity": pa.int64(), "kept": pa.int64()},
    "visits": {"slice": pa.string(), "unit": pa.string(), "at": pa.int64(), "name": pa.string()},
    "subscriptions": {"slice": pa.string(), "unit": pa.string(), "product": pa.string(), "monthly": pa.float64(),
                      "starts": pa.int64(), "ends": pa.int64()},
    "costs": {"slice": pa.string(), "amount": pa.float64()},
    "served": {"slice": pa.string(), "decision_id": pa.string(), "product": pa.string(), "unit": pa.string(), "at": pa.int64()},
    "answers": {"decision_id": pa.string(), "product": pa.string(), "action": pa.string()},
    "complaints": {"unit": pa.string(), "at": pa.int64()},
    "orders": {"unit": pa.string(), "at": pa.int64()},
    "leads": {"slice": pa.string(), "unit": pa.string(), "at": pa.int64()},
    "contacted": {"slice": pa.string(), "unit": pa.string(), "at": pa.int64()},
    "withdrawals": {"unit": pa.string(), "at": pa.int64()},
    "worth": {"slice": pa.string(), "unit": pa.string(), "change": pa.float64()},
    "decisions": {"slice": pa.string(), "unit": pa.string(), "code": pa.string()},
}  # fmt: skip


def measured(period=PERIOD, **tables):
    """Measure tables given as rows without their slice, by name of figure and what it is about."""
    made = {}
    for name, rows in tables.items():
        kinds = KINDS[name]
        whole = [("", *row) if "slice" in kinds and len(row) < len(kinds) else row for row in rows]
        made[name] = pa.table({one: pa.array([row[place] for row in whole], kind)
                               for place, (one, kind) in enumerate(kinds.items())})  # fmt: skip
    found = measure_tables(made, DuckdbFrames.lazies, period)
    return {(one.metric.name, one.of, one.slice): one.figure for one in found}


def about(figure, interval, n):
    assert isinstance(figure, Estimate)
    assert figure.n == n
    assert (figure.value, figure.low, figure.high) == tuple(pytest.approx(one) for one in interval[:3])


def sale(unit, at, order, revenue=10.0, **more):
    row = {"product": "tea", "margin": revenue / 2, "quantity": 1, "kept": 1, **more}
    return (unit, at, order, row["product"], revenue, row["margin"], row["quantity"], row["kept"])


BUYERS = [sale(f"c{i}", 150, i, 10.0 + i) for i in range(20)]


def test_customers_and_orders_that_came_back():
    rows = [*BUYERS, sale("c0", 160, 20, 5.0, quantity=4, kept=1, product="cup"), sale("c1", 200, 21, 99.0)]
    found = measured(sales=rows)
    worth = [15.0, *(10.0 + i for i in range(1, 20))]
    squares = sum(one * one for one in worth)
    about(found["revenue_per_customer", None, None], mean_interval(20, sum(worth), squares), 20)
    about(
        found["margin_per_customer", None, None],
        mean_interval(20, sum(worth) / 2, (sum(one * one for one in worth[1:]) + 15 * 15) / 4),
        20,
    )
    assert found["revenue_per_customer", None, None].unit == "EUR per customer"
    about(found["repeat_rate", None, None], proportion_interval(1, 20), 20)
    assert found["return_rate", None, None].value == pytest.approx(3 / 24)
    assert found["return_rate", None, None].n == 21


def test_retention_and_growth_are_against_the_period_before():
    earlier = [sale(f"c{i}", 50, 100 + i, 10.0) for i in range(10, 40)] + [sale("old", -1, 999)]
    found = measured(sales=[*BUYERS, *earlier])
    about(found["retention", None, None], proportion_interval(10, 30), 30)
    after, before = [10.0 + i for i in range(20)] + [0.0] * 20, [0.0] * 10 + [10.0] * 30
    sums = (sum(after), sum(y * y for y in after), sum(before), sum(x * x for x in before),
            sum(x * y for x, y in zip(after, before, strict=True)))  # fmt: skip
    expected = ratio_interval(40, *sums)
    about(found["sales_growth", None, None], [one - 1 for one in expected[:3]], 40)


def test_visitors_who_bought_and_carts_left_behind():
    visits = [(f"c{i}", 140, "Product Added") for i in range(25)] + [(f"c{i}", 120, "") for i in range(40)]
    visits += [
        ("c1", 170, "Product Added"),
        ("c30", 150, "Product Added"),
        ("c30", 150, "Order Completed"),
        ("late", 200, ""),
    ]
    found = measured(visits=visits, sales=BUYERS)
    about(found["conversion", None, None], proportion_interval(20, 40), 40)
    assert found["revenue_per_visitor", None, None].value == pytest.approx(sum(10 + i for i in range(20)) / 40)
    assert found["margin_per_visitor", None, None].value == pytest.approx(sum(10 + i for i in range(20)) / 80)
    about(
        found["cart_abandonment", None, None], proportion_interval(6, 26), 26
    )  # c1 came back, c20 to c24 never bought
    assert found["checkout_abandonment", None, None] == NotEstimable("0 people at a checkout, at least 20 needed")


def test_recurring_revenue_and_what_became_of_it():
    runs = [(f"s{i}", "plan", 10.0, 50, None) for i in range(20)]
    runs += [("s0", "more", 5.0, 150, None), ("up", "plan", 10.0, 50, 150), ("up", "big", 25.0, 150, None)]
    runs += [("down", "plan", 10.0, 50, 150), ("down", "small", 4.0, 150, None), ("gone", "plan", 6.0, 50, 200)]
    runs += [("new", "plan", 7.0, 180, None), ("past", "plan", 100.0, 0, 60)]
    found = measured(subscriptions=runs)
    began = 20 * 10 + 10 + 10 + 6
    assert found["mrr", None, None].value == pytest.approx(200 + 5 + 25 + 4 + 7)
    expected = {"mrr_expansion": 5 + 15, "mrr_contraction": 6, "mrr_churn": 6, "net_revenue_retention": began + 20 - 12,
                "gross_revenue_retention": began - 12}  # fmt: skip
    for name, amount in expected.items():
        assert found[name, None, None].value == pytest.approx(amount / began), name
        assert found[name, None, None].n == 23
    alone = measured(Period(0, 200, has_before=False, currency="EUR"), subscriptions=runs)
    assert "first day" in alone["mrr_churn", None, None].why


def test_leads_showed_interest_before_ever_ordering():
    signs = [(f"c{i}", 120) for i in range(30)] + [("c0", 130), ("early", 99), ("late", 200)]
    visits = [(f"c{i}", 110, "") for i in range(10, 60)] + [("c10", 105, "")]
    orders = [("c0", 119), ("c1", 120), ("c29", 300), ("c59", 99), ("c58", 100)]
    found = measured(leads=signs, visits=visits, orders=orders)
    about(found["leads", None, None], count_interval(29), 29)  # c0 had ordered; c1 not before the sign
    about(
        found["lead_rate", None, None], proportion_interval(20, 49), 49
    )  # c10 to c29; c59 had ordered before the period


def test_a_step_is_a_plan_given_up_for_one_of_another_price():
    runs = [(f"s{i}", "plan", 10.0, 50, None) for i in range(20)]
    runs += [("up", "plan", 10.0, 50, 150), ("up", "big", 25.0, 150, None), ("up", "extra", 1.0, 50, None)]
    runs += [("down", "plan", 10.0, 50, 150), ("down", "small", 4.0, 160, None), ("more", "plan", 10.0, 50, None)]
    runs += [("more", "big", 25.0, 150, None), ("same", "plan", 10.0, 50, 150), ("same", "plan", 12.0, 150, None)]
    runs += [("gone", "plan", 10.0, 50, 120), ("new", "big", 25.0, 150, None), ("back", "plan", 9.0, 0, 60)]
    found = measured(subscriptions=runs)
    for way in ("up", "down"):
        about(found["plan_step_rate", way, None], proportion_interval(1, 25), 25)
    alone = measured(Period(0, 200, has_before=False, currency="EUR"), subscriptions=runs)
    assert "first day" in alone["plan_step_rate", None, None].why


def test_who_wanted_no_more_after_being_contacted():
    contacted = [(f"c{i}", 120) for i in range(25)] + [("c0", 180), ("c90", 99)]
    withdrawals = [("c0", 150), ("c1", 119), ("c2", 120), ("c3", 200), ("nobody", 150), ("c90", 150)]
    found = measured(contacted=contacted, withdrawals=withdrawals)
    about(found["unsubscribe_rate", None, None], proportion_interval(2, 25), 25)


def test_what_customers_are_expected_to_bring_more():
    changes = [float(i) - 5 for i in range(20)]
    found = measured(worth=[(f"c{i}", one) for i, one in enumerate(changes)])
    about(found["clv_change", None, None], mean_interval(20, sum(changes), sum(one * one for one in changes)), 20)
    assert found["clv_change", None, None].unit == "EUR per customer"
    assert "no model" in measured(worth=[])["clv_change", None, None].why
    alone = measured(Period(0, 200, has_before=False, currency="EUR"), worth=[("c", 1.0)])
    assert "first day" in alone["clv_change", None, None].why


def test_products_held_counts_what_was_kept_or_runs():
    sold = [*BUYERS, sale("c0", 10, 50, product="cup"), sale("c0", 11, 51, product="pot", kept=0), sale("c0", 12, 52)]
    runs = [("c1", "plan", 1.0, 50, None), ("c2", "plan", 1.0, 50, 200), ("c1", "tea", 1.0, 50, None)]
    found = measured(sales=sold, subscriptions=runs)
    assert found["products_held", None, None].value == pytest.approx(22 / 20)


def test_a_new_customer_costs_what_campaigns_cost():
    found = measured(
        sales=[*BUYERS, sale("c0", 5, 99), sale("d", 199, 77), sale("d", 199, 78)], costs=[(90.0,), (10.0,)]
    )
    interval = count_interval(20)
    about(found["acquisition_cost", None, None], (5.0, 100 / interval.high, 100 / interval.low), 20)
    assert found["cost_saved", None, None].value == pytest.approx(5.0)  # one customer had ordered before
    assert found["cost_saved", None, None].unit == "EUR"
    alone = measured(Period(0, 200, has_before=False, currency="EUR"), sales=BUYERS, costs=[(90.0,)])
    assert "first day" in alone["cost_saved", None, None].why
    few = measured(sales=BUYERS[:3], costs=[(90.0,)])
    assert few["acquisition_cost", None, None] == NotEstimable("3 new customers, at least 20 needed")
    assert "no campaign costs" in measured(sales=BUYERS, costs=[])["acquisition_cost", None, None].why


def offers(n):
    return [(f"d{i}", "cup", f"c{i}", 150) for i in range(n)]


def test_what_became_of_offers_once_each_and_of_whom():
    served = [*offers(50), ("d0", "pot", "c0", 150), ("d1", "pot", "c1", 150)]
    answers = (
        [(f"d{i}", "cup", "exposure") for i in range(45)] + [("d0", "cup", "accept")] * 2 + [("d1", None, "decline")]
    )
    answers += [("d2", "cup", "mute"), ("d30", "cup", "accept"), ("zz", None, "accept")]
    orders = [(f"c{i}", 100) for i in range(20)] + [
        ("c30", 150)
    ]  # an order at the instant of the offer is none before it
    complaints = [("c3", 160), ("c4", 140), ("c5", 200), ("nobody", 160)]
    found = measured(served=served, answers=answers, orders=orders, complaints=complaints)
    assert found["take_rate", "existing", None].value == pytest.approx(1 / 21)
    assert found["take_rate", "existing", None].n == 20
    assert found["take_rate", "new", None].value == pytest.approx(1 / 25)
    assert found["decline_rate", None, None].value == pytest.approx(2 / 46)
    assert found["mute_rate", None, None].value == pytest.approx(1 / 46)
    about(found["complaint_rate", None, None], proportion_interval(1, 50), 50)


def test_why_nothing_was_offered_by_code():
    rows = [(f"p{i}", "capped" if i < 5 else "") for i in range(20)] + [("p0", ""), ("p1", "all_excluded")]
    found = measured(decisions=rows)
    assert found["no_offer", "capped", None].value == pytest.approx(5 / 22)
    assert found["no_offer", "all_excluded", None].value == pytest.approx(1 / 22)
    assert "no decision" in measured(decisions=[("p", "")])["no_offer", None, None].why


def test_a_slice_that_is_too_small_says_so():
    rows = [("KR", *row) for row in BUYERS] + [("JP", *sale("j", 150, 900))]
    found = measured(sales=rows)
    assert found["revenue_per_customer", None, "KR"].n == 20
    assert found["revenue_per_customer", None, "JP"] == NotEstimable("1 customers, at least 20 needed")


def test_a_rate_without_spread_is_not_certain():
    none = figures.rate({"n": 50, "y": 0.0, "yy": 0.0, "x": 50.0, "xx": 50.0, "xy": 0.0})
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(proportion_interval(0, 50).high)


def test_large_amounts_that_hardly_differ_are_still_a_ratio():
    n, each = 10_000, 1_000_000.0
    row = {"n": n, "y": n * each, "yy": n * each**2, "x": n * each, "xx": n * each**2, "xy": n * each**2}
    assert figures.ratio(row).value == pytest.approx(1.0)


def test_every_figure_says_what_it_is_and_has_a_name_of_its_own():
    assert len({one.name for one in METRICS}) == len(METRICS)
    for one in METRICS:
        assert all((one.title, one.unit, one.formula, one.window, one.source, one.weakness)), one.name
