"""The purchase process: seeded, sized as asked, with habits and seasons one can see."""

import numpy as np
import pytest

from crosslift.testing.demo import CATALOG, draw, relations
from crosslift.testing.demo.catalog import PLACE
from crosslift.testing.demo.process import CHANNELS, GIFT_WRAP, GIFT_WRAP_RATE, Orders
from crosslift.testing.demo.seasons import MARKETS, MONTHS, N_DAYS, month_of_day


@pytest.fixture(scope="module")
def orders() -> Orders:
    return draw(40_000, seed=7)


def _holds(orders: Orders, product_id: str) -> np.ndarray:
    holds = np.zeros(len(orders.person), dtype=bool)
    holds[orders.order[orders.product == PLACE[product_id]]] = True
    return holds


def test_same_seed_same_orders_other_seed_others() -> None:
    one, same, other = draw(1_000, 3), draw(1_000, 3), draw(1_000, 4)
    for name in ("person", "day", "channel", "order", "product"):
        assert np.array_equal(getattr(one, name), getattr(same, name))
    assert not np.array_equal(one.product[:500], other.product[:500])


def test_shape_of_the_shop(orders: Orders) -> None:
    assert len(orders.people) == 9_000
    assert orders.people.is_business.sum() == 60
    assert len(orders.person) == 40_000 == len(np.unique(orders.order))
    assert (np.diff(orders.day) >= 0).all()
    assert orders.day.min() >= 0
    assert orders.day.max() < N_DAYS
    assert (np.diff(orders.order) >= 0).all()
    assert set(np.unique(orders.channel)) == set(range(len(CHANNELS)))
    assert set(np.unique(orders.market)) == set(range(len(MARKETS)))


def test_a_basket_holds_a_product_once_and_a_need_once(orders: Orders) -> None:
    assert len(np.unique(orders.order * 1_000 + orders.product)) == len(orders.order)
    for one, other in (*relations.VIEWED_INSTEAD, *relations.WRONG_FITS):
        assert not (_holds(orders, one) & _holds(orders, other)).any()


def test_cafes_have_large_baskets(orders: Orders) -> None:
    size = np.bincount(orders.order)
    business = orders.people.is_business[orders.person]
    assert size[business].mean() > 2.5 * size[~business].mean()


def test_popularity_is_skewed(orders: Orders) -> None:
    counts = np.sort(np.bincount(orders.product, minlength=len(CATALOG)))[::-1]
    assert counts[:22].sum() > 0.28 * counts.sum()


def test_gift_wrap_goes_on_at_one_rate_whatever_is_in_the_basket(orders: Orders) -> None:
    wrapped = _holds(orders, CATALOG[GIFT_WRAP].product_id)
    size = np.bincount(orders.order) - wrapped
    groups = [size <= 1, (size > 1) & (size <= 4), size > 4, _holds(orders, "BLD-MORNING"), _holds(orders, "PPR-8OZ")]
    for group in groups:
        spread = 4 * np.sqrt(GIFT_WRAP_RATE * (1 - GIFT_WRAP_RATE) / group.sum())
        assert abs(wrapped[group].mean() - GIFT_WRAP_RATE) < spread


@pytest.mark.parametrize(("product_id", "days"), [("FLT-02", 38), ("BLD-ESP", 17), ("DSC-POWDER", 90)])
def test_refills_come_in_their_rhythm(orders: Orders, product_id: str, days: float) -> None:
    order = np.flatnonzero(_holds(orders, product_id))
    by_person = np.lexsort((orders.day[order], orders.person[order]))
    person, day = orders.person[order][by_person], orders.day[order][by_person]
    often = np.bincount(person, minlength=len(orders.people))[person] >= 4
    gaps = np.diff(day)[(np.diff(person) == 0) & often[1:]]
    near = np.abs(gaps - days) <= 0.25 * days
    assert near.mean() > 0.5
    assert np.median(gaps[near]) == pytest.approx(days, rel=0.08)


def test_people_step_up_the_ladder(orders: Orders) -> None:
    def first_day(product_id: str) -> dict[int, int]:
        order = np.flatnonzero(_holds(orders, product_id))[::-1]
        return dict(zip(orders.person[order].tolist(), orders.day[order].tolist(), strict=True))

    hand, entry = first_day("GRD-H-38"), first_day("GRD-E-ENTRY")
    both = [person for person in hand if person in entry]
    later = [entry[person] - hand[person] for person in both if entry[person] > hand[person]]
    assert len(later) >= 50
    assert len(later) / len(both) > 0.8  # the others took both at once
    assert 100 < np.median(later) < 200


def test_seasons_show(orders: Orders) -> None:
    month = month_of_day()[orders.day]
    chuseok, japan = _holds(orders, "GIFT-CHU-A"), orders.market == MARKETS.index("JP")
    autumn = np.isin(month, [MONTHS.index(one) for one in ((2025, 9), (2025, 10), (2026, 8), (2026, 9))])
    assert chuseok[autumn].sum() > 8 * chuseok[~autumn].sum()
    assert _holds(orders, "GIFT-OSEIBO-A")[japan].mean() > 8 * _holds(orders, "GIFT-OSEIBO-A")[~japan].mean()
    july, january = month == MONTHS.index((2025, 7)), month == MONTHS.index((2026, 1))
    assert _holds(orders, "CLD-POT-1000")[july].mean() > 2 * _holds(orders, "CLD-POT-1000")[january].mean()
