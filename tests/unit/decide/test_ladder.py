"""The lowest step of each ladder, for whoever watches prices: who that is, and what is marked."""

from dataclasses import replace

import numpy as np
import pytest

from crosslift.decide import ladder
from crosslift.decide.candidates import Candidates
from crosslift.domain.membership import PersonFacts
from crosslift.domain.profile import Profile


@pytest.fixture
def marked(tea_known):
    """Mark the higher steps among cup, saucer, spoon and honey, all of them steps up; gives their names."""

    def marked(
        prices, verdict=(0, 0, 0, 0), anchors=(1, 1, 1, 1), sources=("upgrade",), rank=(0, 0, 0, 0), rows=(0,) * 4
    ):
        names = ("cup", "saucer", "spoon", "honey")
        items = np.array([tea_known.index[name] for name in names], dtype=np.int32)
        ones = np.ones(4)
        found = Candidates(items, ones, np.array(rank, np.int8), np.array(rows), np.array(anchors), ones, sources)
        price_of = dict(zip(items.tolist(), prices, strict=True)).get
        higher = ladder.higher_steps(tea_known, found, np.array(verdict, np.uint16), price_of)
        return {name for name, is_higher in zip(names, higher.tolist(), strict=True) if is_higher}

    return marked


def test_all_but_the_cheapest_of_one_ladder_are_higher(marked):
    assert marked((9, 5, 7, 6)) == {"cup", "spoon", "honey"}
    assert marked((5, 5, 5, 5)) == set()


def test_what_was_stopped_before_is_no_step_of_it(marked):
    assert marked((9, 5, 7, 6), verdict=(0, 3, 0, 0)) == {"cup", "spoon"}


def test_what_gives_nothing_better_that_has_a_name_is_no_lower_step(marked, tea_known, monkeypatch):
    """It is never offered, so that nothing would be left if it took the place of the next."""

    class Steps:
        def __len__(self):
            return 9

        def evidence(self, row):
            return {"benefits": ["cups"] if row else []}

    monkeypatch.setattr(type(tea_known), "links", lambda _known, _kind: Steps())
    assert marked((9, 5, 7, 6), rows=(1, 0, 1, 1)) == {"cup", "spoon"}


def test_each_ladder_has_its_own_lowest_step(marked):
    assert marked((9, 5, 7, 6), anchors=(1, 2, 1, 2)) == {"cup", "honey"}


def test_what_has_no_price_and_what_is_no_step_is_left_alone(marked):
    assert marked((None, 5, None, 6)) == {"honey"}
    assert marked((9, 5, 7, 6), sources=("upgrade", "complement"), rank=(1, 0, 1, 0)) == {"honey"}


def test_prices_of_two_currencies_are_two_ladders(marked, tea_known, monkeypatch):
    yen = {tea_known.index[name] for name in ("spoon", "honey")}
    monkeypatch.setattr(tea_known, "currencies", ["JPY" if i in yen else "USD" for i in range(tea_known.n_items)])
    assert marked((9, 5, 900, 600)) == {"cup", "spoon"}


@pytest.mark.parametrize(("sensitivity", "holds"), [(None, False), (0.69, False), (0.7, True), (1.0, True)])
def test_who_watches_prices(sensitivity, holds):
    facts = PersonFacts(replace(Profile("customer:c1", 0), price_sensitivity=sensitivity))
    assert ladder.WATCHES_PRICES(facts, 0) is holds
