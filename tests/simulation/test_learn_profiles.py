"""Over seeded shops: planted serial returners, heavy askers and defaulters are found, and people with one return are not."""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.profile import ContributionClass
from crosslift.learn.customers.material import COLUMNS, CustomerMaterial
from crosslift.learn.customers.run import profile_people
from crosslift.settings import Settings

DAY = 86_400_000_000
N_PEOPLE = 3_000
KINDS = ("usual", "one_return", "serial", "service", "default")
SHARES = (0.70, 0.20, 0.04, 0.03, 0.03)
SETTINGS = Settings.load({"shop.currency": "EUR", "profile.service_cost_per_hour": 40.0}, environment={})


def table(name, **columns):
    n = len(next(iter(columns.values())))
    return pa.table(
        {
            column: pa.array(columns[column], kind) if column in columns else pa.nulls(n, kind)
            for column, kind in COLUMNS[name].items()
        }
    )


def a_shop(seed):
    """Orders at a margin of 40 %; usual buyers send back 3 % of them, serial returners 90 %, one in five exactly one."""
    chance = np.random.default_rng(seed)
    kind = chance.choice(len(KINDS), N_PEOPLE, p=SHARES)
    n_orders = 1 + chance.poisson(chance.gamma(1.5, 2, N_PEOPLE))
    n_orders[kind >= KINDS.index("serial")] += 5
    who = np.repeat(np.arange(N_PEOPLE), n_orders)
    price = np.round(chance.lognormal(3.5, 0.4, len(who)), 2)
    rate = np.where(kind == KINDS.index("serial"), 0.9, np.where(kind == KINDS.index("one_return"), 0.0, 0.03))
    came_back = chance.random(len(who)) < rate[who]
    first = np.flatnonzero(np.diff(who, prepend=-1))
    came_back[first[kind == KINDS.index("one_return")]] = True
    ids = np.char.add("c", np.arange(N_PEOPLE).astype(str))
    micros = (price * 1e6).astype(np.int64)
    products = np.char.add("p", np.arange(len(who)).astype(str))
    asking = np.repeat(np.flatnonzero(kind == KINDS.index("service")), 12)
    unpaid = np.flatnonzero(kind == KINDS.index("default"))
    return kind, CustomerMaterial(
        lines=table(
            "lines",
            source=["web"] * len(who),
            order_id=np.arange(len(who)).astype(str),
            customer_id=ids[who],
            product_id=products,
            ordered_at=chance.integers(0, 700, len(who)) * DAY,
            quantity=np.ones(len(who), int),
            kept=(~came_back).astype(int),
            unit_price_micros=micros,
            currency=["EUR"] * len(who),
        ),
        products=table(
            "products", product_id=products, cost_micros=(micros * 0.6).astype(int), currency=["EUR"] * len(who)
        ),
        activities=table(
            "activities",
            at=chance.integers(0, 700, len(asking)) * DAY,
            kind=["call"] * len(asking),
            customer_id=ids[asking],
            direction=["in"] * len(asking),
            duration_minutes=chance.uniform(20, 60, len(asking)),
        ),
        payments_failed=table(
            "payments_failed",
            at=np.full(len(unpaid), 700 * DAY),
            customer_id=ids[unpaid],
            currency=["EUR"] * len(unpaid),
            amount_micros=np.bincount(who, micros, N_PEOPLE)[unpaid].astype(int),
            status=["defaulted"] * len(unpaid),
        ),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_classes_are_found_and_one_return_makes_nobody_serial(seed):
    kind, shop = a_shop(seed)
    found = profile_people(shop, SETTINGS, lambda *_: None).table
    place = np.array([int(name.removeprefix("customer:c")) for name in found["person_id"].to_pylist()])
    of_class = np.empty(N_PEOPLE, object)
    of_class[place] = found["contribution_class"].to_pylist()

    def share(planted, named):
        return float(np.mean(of_class[kind == KINDS.index(planted)] == named))

    assert share("serial", ContributionClass.SERIAL_RETURNER) > 0.85
    assert share("service", ContributionClass.HEAVY_SERVICE) > 0.9
    assert share("default", ContributionClass.DEFAULTER) == 1
    assert share("one_return", ContributionClass.SERIAL_RETURNER) == 0
    assert share("usual", ContributionClass.SERIAL_RETURNER) == 0
    assert share("usual", ContributionClass.PROFITABLE) > 0.97
