import json

import numpy as np
import pytest

from crosslift.domain.profile import ContributionClass
from crosslift.learn.customers.contribution import CLASSES, Contribution, Ledger, Limits, ReturnHabit

LIMITS = Limits(min_contribution=0.0, return_cost_share=0.2, serial_rate=0.5, serial_returns=3, heavy_contacts=5)
USUAL = ReturnHabit(0.1, 4.0)
NOTHING = {"margin": 0.0, "lost": 0.0, "revenue": 0.0, "taken": 0.0, "refunded": 0.0, "discounts": 0.0, "service": 0.0,
           "defaults": 0.0, "n_orders": 1, "n_returns": 0, "n_contacts": 0}  # fmt: skip


def settle(limits=LIMITS, habit=USUAL, **said):
    ledger = Ledger(**{name: np.array([value]) for name, value in (NOTHING | said).items()})
    found = Contribution.of(ledger, habit, limits)
    net = None if np.isnan(found.net[0]) else float(found.net[0])
    return net, CLASSES[found.of_class[0]], dict(json.loads(found.reasons[0].as_py()))


def test_everything_paid_for_is_taken_off_the_margin():
    """100 of gross margin: 20 discounts; 30 lost on returns worth 60, 12 for handling, 5 refunded beyond; 8 service; 3 unpaid."""
    net, of_class, reasons = settle(
        margin=50.0, lost=30.0, revenue=200.0, taken=60.0, refunded=5.0, discounts=20.0, service=8.0, defaults=3.0,
        n_orders=4, n_returns=1, n_contacts=2,
    )  # fmt: skip
    assert net == 22.0
    assert of_class is ContributionClass.PROFITABLE
    assert reasons == {
        "gross_margin": 100, "returns": 47, "discounts": 20, "service": 8, "defaults": 3, "orders_with_return": 1,
        "drawn_return_share": 0.175, "contacts": 2,
    }  # fmt: skip
    assert (
        reasons["gross_margin"] - sum(reasons[name] for name in ("returns", "discounts", "service", "defaults")) == net
    )


def test_a_serial_returner_is_a_loss_by_habit():
    said = {"margin": 5.0, "lost": 40.0, "revenue": 20.0, "taken": 100.0, "n_orders": 8, "n_returns": 7}
    net, of_class, reasons = settle(**said)
    assert net == -15.0
    assert of_class is ContributionClass.SERIAL_RETURNER
    assert reasons["drawn_return_share"] == round((7 + 0.4) / 12, 4)


@pytest.mark.parametrize(("n_orders", "n_returns"), [(1, 1), (2, 2), (9, 3)])
def test_one_return_or_few_make_a_loss_and_no_serial_returner(n_orders, n_returns):
    said = {"margin": 5.0, "lost": 40.0, "taken": 100.0, "n_orders": n_orders, "n_returns": n_returns}
    assert settle(**said)[1] is ContributionClass.UNPROFITABLE


def test_who_returns_a_lot_and_still_pays_is_profitable():
    assert settle(margin=90.0, lost=40.0, taken=100.0, n_orders=9, n_returns=8)[1] is ContributionClass.PROFITABLE


def test_heavy_service_is_a_loss_with_many_contacts():
    said = {"margin": 50.0, "revenue": 100.0, "service": 80.0}
    assert settle(**said, n_contacts=5)[:2] == (-30.0, ContributionClass.HEAVY_SERVICE)
    assert settle(**said, n_contacts=4)[1] is ContributionClass.UNPROFITABLE


def test_a_defaulter_is_a_loss_for_what_was_never_paid():
    assert settle(margin=50.0, revenue=100.0, defaults=100.0)[:2] == (-50.0, ContributionClass.DEFAULTER)
    assert settle(margin=500.0, revenue=900.0, defaults=100.0)[1] is ContributionClass.PROFITABLE


def test_who_buys_below_cost_is_unprofitable():
    assert settle(margin=-1.0, revenue=10.0, discounts=9.0)[1] is ContributionClass.UNPROFITABLE


def test_the_class_names_what_takes_most():
    said = {
        "margin": 10.0,
        "lost": 30.0,
        "taken": 50.0,
        "service": 45.0,
        "n_orders": 8,
        "n_returns": 7,
        "n_contacts": 9,
    }
    assert settle(**said)[1] is ContributionClass.HEAVY_SERVICE
    assert settle(**(said | {"service": 39.0}))[1] is ContributionClass.SERIAL_RETURNER


def test_without_costs_nothing_is_said():
    net, of_class, reasons = settle(margin=np.nan, lost=np.nan, revenue=100.0)
    assert (net, of_class, reasons) == (None, ContributionClass.UNKNOWN, {})


def test_without_costs_a_loss_at_the_very_best_is_still_a_loss():
    """Whoever sent everything back left 0 of revenue and 40 of handling, whatever the goods cost."""
    said = {"margin": np.nan, "lost": np.nan, "revenue": 0.0, "taken": 200.0, "n_orders": 8, "n_returns": 8}
    assert settle(**said)[:2] == (None, ContributionClass.SERIAL_RETURNER)
    assert settle(margin=np.nan, lost=np.nan, revenue=50.0, defaults=60.0)[1] is ContributionClass.DEFAULTER


def test_an_unknown_part_leaves_the_net_unknown():
    for part in ("service", "defaults", "refunded"):
        assert settle(margin=10.0, revenue=10.0, **{part: np.nan})[:2] == (None, ContributionClass.UNKNOWN)


def test_of_whoever_never_ordered_nothing_is_said():
    assert settle(n_orders=0, service=90.0, n_contacts=9) == (None, ContributionClass.UNKNOWN, {})


def test_the_merchant_says_what_is_a_loss():
    strict = Limits(20.0, 0.2, 0.5, 3, 5)
    assert settle(strict, margin=19.0, revenue=90.0, service=9.0, n_contacts=7)[1] is ContributionClass.HEAVY_SERVICE


def test_habits_are_worth_much_where_people_are_alike():
    chance = np.random.default_rng(1)
    n_orders = np.full(4_000, 6)
    alike = ReturnHabit.of(n_orders, chance.binomial(6, 0.1, 4_000))
    differ = ReturnHabit.of(n_orders, chance.binomial(6, chance.beta(0.5, 4.5, 4_000)))
    assert alike.worth > 30
    assert differ.worth == pytest.approx(5, rel=0.2)
    assert differ.rate == pytest.approx(0.1, abs=0.01)


def test_habits_of_a_shop_without_returns_or_repeat_orders():
    assert ReturnHabit.of(np.array([5, 5]), np.array([0, 0])).rate == 0
    assert ReturnHabit.of(np.array([1, 1]), np.array([1, 0])).rate == 0.1
