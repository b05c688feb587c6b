import pyarrow as pa
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.learn.customers.propensity import Start
from crosslift.learn.customers.starts import LEAST_WORTH, MOST_WORTH, start_of_category


def had(**buyers):
    """Each product and the people who have it; everybody has bread."""
    rows = [(f"p{person}", name) for name, people in buyers.items() for person in people]
    rows += [(f"p{person}", "bread") for person in range(100)]
    return pa.table({"person_id": [row[0] for row in rows], "product_id": [row[1] for row in rows]})


def test_the_mean_rate_of_the_others_is_the_start():
    holdings = had(tea=range(10), mate=range(10, 30), cocoa=range(40, 70), lamp=range(90))
    start = start_of_category(holdings, ["tea", "mate", "cocoa"], "drinks")
    assert start.rate == pytest.approx(0.2)
    # .16 over a variance of .01 of which chance explains .2 · .8 / 100
    assert start.n_pseudo == pytest.approx(0.16 / (0.01 - 0.0016) - 1)
    assert start.source == "mean of 3 other products of the category 'drinks'"


def test_what_is_alike_is_worth_most_and_what_differs_wildly_least():
    alike = start_of_category(had(a=range(20), b=range(30, 50), c=range(60, 80)), "abc", "x")
    apart = start_of_category(had(a=range(90), b=[1], c=range(50)), "abc", "x")
    assert isinstance(alike, Start)
    assert (alike.n_pseudo, apart.n_pseudo) == (MOST_WORTH, LEAST_WORTH)


def test_who_has_only_one_thing_does_not_count_for_it():
    alone = [f"q{row}" for row in range(50)]
    holdings = had(a=range(20), b=range(20), c=range(20))
    more = pa.table({"person_id": alone, "product_id": ["a"] * 50})
    start = start_of_category(pa.concat_tables([holdings, more]), "abc", "x")
    assert start.rate == pytest.approx((20 / 100 + 20 / 150 + 20 / 150) / 3)


def test_few_others_say_nothing():
    found = start_of_category(had(a=[1], b=[2]), "abc", "x")
    assert found == NotEstimable("somebody has 2 other products of its category 'x'; at least 3 needed for a start")
    everybody = start_of_category(had(a=range(100), b=range(100), c=range(100)), "abc", "x")
    assert isinstance(everybody, NotEstimable)
