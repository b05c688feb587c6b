from datetime import timedelta

import pytest

from crosslift.errors import BadUsage
from crosslift.shop.decision_log import by_day, newest, outcome_of


def test_the_log_is_newest_first_and_paged_by_what_was_seen(own_shop, clock):
    product = own_shop.knowledge.products[0]
    made = []
    for hour in range(5):
        clock.now += timedelta(hours=1)
        made.append(own_shop.decide("cart" if hour < 3 else "product", [product]).decision_id)
    first, following = newest(own_shop, {}, limit=3)
    rest, end = newest(own_shop, {}, following, limit=3)
    assert [row["decision_id"] for row in (*first, *rest)] == made[::-1]
    assert end is None
    assert [row["decision_id"] for row in newest(own_shop, {"placement": "cart"})[0]] == made[2::-1]
    assert newest(own_shop, {"policy": "none of ours"}) == ([], None)
    outcomes = {outcome_of(row) for row in (*first, *rest)}
    assert outcomes <= {"offered", "nothing"}
    for outcome in outcomes:
        assert {outcome_of(row) for row in newest(own_shop, {"outcome": outcome})[0]} == {outcome}
    assert newest(own_shop, {"outcome": "withheld"}) == ([], None)


def test_decisions_are_counted_by_days_of_the_shop(own_shop, clock):
    for hours in (0, 1, 30):
        clock.now += timedelta(hours=hours)
        own_shop.decide("cart", [own_shop.knowledge.products[0]])
    counted = {one.on: one.n for one in by_day(own_shop, 3)}
    assert sum(counted.values()) == 3
    assert sorted(counted.values()) == [0, 1, 2]


@pytest.mark.parametrize(("wanted", "limit"), [({"body": "x"}, 50), ({}, 0), ({}, 201)])
def test_what_cannot_be_filtered_by_is_refused(shop, wanted, limit):
    with pytest.raises(BadUsage, match="filter by placement"):
        newest(shop, wanted, limit=limit)
