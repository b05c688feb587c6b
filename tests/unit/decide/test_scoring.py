"""Priority = P × C × V × L, every factor by arithmetic the reader can redo; objectives, levers and thresholds."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from crosslift.decide import candidates, scoring
from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.knowledge import Worth
from crosslift.decide.scoring import Live
from crosslift.domain.value import Lever, Objective, ValueTerms

NOW = datetime.fromisoformat("2026-11-01T12:00:00+00:00")


@pytest.fixture
def found(tea_known, places):
    """Honey and cup as companions, spoon as a step up, saucer required: what a cart with tea might be asked about."""
    names = ("honey", "cup", "spoon", "saucer")
    items = np.array([tea_known.index[name] for name in names], dtype=np.int32)
    none = np.full(4, -1)
    rank = np.array([1, 1, 2, 0], dtype=np.int8)
    scores = np.array([0.5, 0.25, 0.8, 1.0])
    return Candidates(items, scores, rank, none, none, np.ones(4), ("required", "complement", "upgrade"))


@pytest.fixture
def live():
    return Live(
        prices=np.array([8.0, 12.0, 30.0, 5.0]), net=np.array([8.0, 12.0, 30.0, 5.0]),
        costs=np.array([4.0, np.nan, 20.0, 4.0]), discounts=np.zeros(4),
    )  # fmt: skip


def scored(known, found, live, terms, accepted=None, shares=None):
    return scoring.score(known, found, terms, "cart", NOW, live, accepted or {}, shares or {})


def worth(known, monkeypatch, **changed):
    n = known.n_items
    base = {
        "return_rates": np.zeros(n), "service_costs": np.zeros(n), "repeats": np.zeros(n), "usual_margin": 0.4,
        "return_cost_share": 0.2,
    }  # fmt: skip
    monkeypatch.setattr(known, "worth", Worth(**{**base, **changed}))


def test_relevance_keeps_the_order_of_the_placement(tea_known, found, live):
    one = scored(tea_known, found, live, ValueTerms())
    assert one.priority.tolist() == [0.5, 0.25, 0.8, 1.0]
    assert one.tiers.tolist() == [1, 1, 2, 0]


def test_the_multiplication_can_be_redone(tea_known, found, live, monkeypatch):
    """D01: P × C × V × L of a companion whose P comes from 1,000 shown and 50 accepted."""
    rates = np.zeros(tea_known.n_items)
    rates[found.items[0]] = 0.1
    worth(tea_known, monkeypatch, return_rates=rates)
    ends = NOW + timedelta(days=1)
    terms = ValueTerms(
        {"*": Objective.MARGIN}, {"complement": 0.9, "cart:complement": 0.5},
        levers=(Lever("push", 1.5, "mina", "new harvest", ends, products=("honey",)),),
    )  # fmt: skip
    monkeypatch.setattr(tea_known, "calibration", None)
    one = scored(tea_known, found, live, terms, {"complement": (1000, 50)})
    level = (0.02 * 100 + 50) / 1100
    assert one.propensity[0] == pytest.approx(level)
    assert one.propensity[1] == pytest.approx(level / 2)
    assert one.value[0] == pytest.approx(4.0 * 0.9 - 0.1 * 8.0 * 0.2)
    assert one.value[1] == pytest.approx(12.0 * 0.4)
    assert one.priority[0] == pytest.approx(round(level * 0.5 * one.value[0] * 1.5, 6), abs=1e-9)
    assert one.factors(0)["l"] == 1.5
    assert one.is_learned.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("objective", "values"),
    [
        (Objective.CONVERSION, [1, 1, 1, 1]),
        (Objective.REVENUE, [8, 12, 30, 5]),
        (Objective.MARGIN, [4, 4.8, 10, 1]),
        (Objective.CLV, [12, 4.8, 10, 1]),
        (Objective.STOCK, [4, 4.8, 30, 1]),
    ],
)
def test_each_objective_has_its_own_value(tea_known, found, live, monkeypatch, objective, values):
    """D03: switching the objective changes what counts, as stated."""
    repeats, slow = np.zeros(tea_known.n_items), np.zeros(tea_known.n_items, dtype=np.bool_)
    repeats[found.items[0]], slow[found.items[2]] = 2.0, True
    worth(tea_known, monkeypatch, repeats=repeats)
    monkeypatch.setattr(tea_known, "is_slow", slow)
    one = scored(tea_known, found, live, ValueTerms({"cart": objective, "*": Objective.RELEVANCE}))
    assert one.value.tolist() == pytest.approx(values)
    assert one.tiers[3] < one.tiers[0] == one.tiers[1] == one.tiers[2]


@pytest.mark.parametrize(
    "lever",
    [
        {"ends_at": NOW},
        {"ends_at": NOW + timedelta(days=2), "starts_at": NOW + timedelta(days=1)},
        {"ends_at": NOW + timedelta(days=2), "max_share": 0.2},
    ],
)
def test_a_lever_past_its_time_or_share_does_nothing(tea_known, found, live, lever):
    terms = ValueTerms(levers=(Lever("push", 3.0, "mina", "why", products=("honey",), **lever),))
    assert scored(tea_known, found, live, terms, shares={"push": 0.2}).lever.tolist() == [1, 1, 1, 1]


def test_starting_evidence_is_capped_and_never_above_what_baskets_say(tea_known, found, live):
    terms = ValueTerms({"*": Objective.CONVERSION}, start_accept={"complement": 1.0, "upgrade": 0.9}, max_accept=0.3)
    p, _ = scoring.accept(tea_known, found, terms, {})
    assert p.max() <= 0.3
    if tea_known.calibration is not None:
        basket = tea_known.calibration.predict(found.scores[:2])
        assert (p[:2] <= basket + 1e-12).all()


def test_what_is_worth_less_than_its_pressure_is_marked_but_never_a_need(tea_known, found, live, monkeypatch):
    worth(tea_known, monkeypatch)
    terms = ValueTerms({"*": Objective.MARGIN}, min_worth=0.001)
    one = scored(tea_known, found, live, terms)
    assert scoring.below_worth(one, terms, 99.0, found).tolist() == [True, True, True, False]
    assert not scoring.below_worth(one, terms, 0.0, found)[np.argmax(one.priority)]
    plain = scored(tea_known, found, live, ValueTerms(min_worth=9.0))
    assert not scoring.below_worth(plain, ValueTerms(min_worth=9.0), 9.0, found).any()


def test_nothing_found_is_nothing_scored(tea_known):
    empty = candidates.gather(tea_known, Context(), [])
    none = np.zeros(0)
    one = scored(tea_known, empty, Live(none, none, none, none), ValueTerms({"*": Objective.MARGIN}))
    assert one.priority.shape == (0,)


@pytest.mark.parametrize(
    ("lever", "factors"),
    [
        ({"slow_stock": True}, [1, 1, 3, 1]),
        ({"slow_stock": True, "products": ("honey", "spoon")}, [1, 1, 3, 1]),
        ({"slow_stock": True, "products": ("honey",)}, [1, 1, 1, 1]),
        ({"products": ("honey", "cup"), "min_relevance": 0.5}, [3, 3, 1, 1]),
        ({"products": ("honey", "cup"), "min_relevance": 0.51}, [3, 1, 1, 1]),
    ],
)
def test_a_lever_is_on_what_it_names_of_that_the_slow_and_relevant_enough(
    tea_known, found, live, monkeypatch, lever, factors
):
    """Relevant enough is a share of the best score of the same source: cup has half of honey's."""
    slow = np.zeros(tea_known.n_items, dtype=np.bool_)
    slow[found.items[2]] = True
    monkeypatch.setattr(tea_known, "is_slow", slow)
    terms = ValueTerms(levers=(Lever("push", 3.0, "mina", "why", NOW + timedelta(days=1), **lever),))
    assert scored(tea_known, found, live, terms).lever.tolist() == factors
