import json

import numpy as np
import pytest

from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import DAY, Exchange
from crosslift.learn.customers.intent import MIN_REPURCHASES, USUAL_DAYS, Basis, Revisits, Window
from crosslift.learn.customers.people import Identities
from crosslift.learn.customers.seen import Watch
from crosslift.learn.customers.shelf import Shelf

SET = Window(21.0, Basis.SET, 0)


@pytest.fixture
def revisits(table, line):
    """Read purchases and views given as (person, day, product)."""

    def read(bought, viewed, since=0, stride=1):
        shelf = Shelf.of(
            table("products", {"product_id": "run", "category": "Running"}, {"product_id": "cap", "category": "Caps"})
        )
        identities, rows = (
            Identities(),
            [line(f"{n}", *one) for n, one in enumerate((who, what, day) for who, day, what in bought)],
        )
        lines = table("lines", *rows)
        buyers = identities.customers(lines.column("customer_id"))
        watch = Watch(identities, shelf)
        watch.read(
            [
                table(
                    "events",
                    *(
                        {
                            "identity": f"customer:{who}",
                            "name": "Product Viewed",
                            "at": round(day * DAY),
                            "product_id": what,
                            "properties": "{}",
                        }
                        for who, day, what in viewed
                    ),
                )
            ]
        )
        people = identities.people(table("people"))
        exchange = Exchange("EUR", table("exchange_rates"))
        made = Bought.of(lines, people.of(buyers), shelf, exchange, prices_include_tax=True)
        found = Revisits.of(made, watch.seen(people), shelf, 30, since, stride)
        return found, shelf, people

    return read


def returning(found, window, as_of):
    visits, shelf, people = found
    texts = visits.written(window, shelf.categories, as_of * DAY, len(people)).to_pylist()
    return {
        name.removeprefix("customer:"): json.loads(text)
        for name, text in zip(people.ids.to_pylist(), texts, strict=True)
    }


def test_two_visits_to_a_category_after_a_purchase_in_it_are_intent(revisits):
    found = revisits(
        [("ann", 0, "run"), ("bob", 0, "run")],
        [("ann", 80, "run"), ("ann", 90, "run"), ("bob", 90, "cap"), ("bob", 91, "cap")],
    )
    assert returning(found, SET, 95) == {"ann": [["Running", 2, 90 * DAY]], "bob": []}


def test_one_visit_or_one_long_look_is_none(revisits):
    found = revisits([("ann", 0, "run")], [("ann", 90, "run"), ("ann", 90.01, "run")])
    assert returning(found, SET, 95) == {"ann": []}


def test_visits_before_the_newest_purchase_or_right_after_it_do_not_count(revisits):
    found = revisits([("ann", 0, "run"), ("ann", 88, "run")], [("ann", day, "run") for day in (80, 85, 88.1, 88.5, 90)])
    assert returning(found, SET, 95) == {"ann": []}


def test_visits_older_than_the_window_do_not_count(revisits):
    views = [("ann", 73, "run"), ("ann", 80, "run"), ("ann", 90, "run")]
    assert returning(revisits([("ann", 0, "run")], views), SET, 95)["ann"] == [["Running", 2, 90 * DAY]]
    assert returning(revisits([("ann", 0, "run")], views), SET, 102)["ann"] == []


def test_several_categories_stand_newest_first(revisits):
    views = [("ann", day, what) for day, what in ((90, "run"), (91, "cap"), (92, "cap"), (93, "run"))]
    found = returning(revisits([("ann", 0, "run"), ("ann", 1, "cap")], views), SET, 95)
    assert [one[0] for one in found["ann"]] == ["Running", "Caps"]


def test_the_window_is_learned_from_those_who_bought_again(revisits):
    """Fifty buyers look twice before they buy again, the last but one 10 days before; one takes 200 days."""
    who = [f"p{n:02}" for n in range(MIN_REPURCHASES)]
    bought = [(name, day, "run") for name in who for day in (0, 100)] + [("slow", 0, "run"), ("slow", 300, "run")]
    viewed = [(name, day, "run") for name in who for day in (90, 95)] + [("slow", day, "run") for day in (100, 200)]
    window = Window.of(revisits(bought, viewed)[0], 0)
    assert (window.days, window.basis, window.n_repurchases) == (10.0, Basis.LEARNED, MIN_REPURCHASES + 1)


def test_purchases_without_repeat_visits_tell_no_window(revisits):
    found, _, _ = revisits(
        [("ann", 0, "run"), ("ann", 100, "run")], [("ann", 90, "run"), ("ann", 0.5, "run"), ("ann", 101, "run")]
    )
    assert found.lags().tolist() == []
    assert Window.of(found, 0) == Window(USUAL_DAYS, Basis.USUAL, 0)


def test_a_window_that_is_set_is_taken(revisits):
    assert Window.of(revisits([], [])[0], 14) == Window(14, Basis.SET, 0)


def test_views_of_people_who_bought_nothing_there_are_passed_over(revisits):
    found, _, _ = revisits([("ann", 0, "run")], [("zoe", day, "run") for day in range(50)] + [("ann", 9, "cap")])
    assert found.visitor.tolist() == []


def test_a_stride_takes_every_so_many_th_person(revisits):
    people = [f"p{n}" for n in range(6)]
    found, _, _ = revisits([(name, 0, "run") for name in people], [(name, 9, "run") for name in people], stride=3)
    assert np.unique(found.owners // found.n_categories).tolist() == [0, 3]
