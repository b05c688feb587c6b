import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.errors import BadInput
from crosslift.learn.customers.uplift import learn_uplift


def logged(n=4_000, seed=1, is_trial=True):
    """Those with a loan are moved by the offer, 10 in 100 buy anyway; a third action is logged too."""
    random = np.random.default_rng(seed)
    loan = random.random(n) < 0.5
    shares = np.where(loan[:, None] | is_trial, [0.5, 0.3, 0.2], [0.2, 0.5, 0.3])
    place = (random.random(n)[:, None] > shares.cumsum(axis=1)).sum(axis=1)
    outcome = random.random(n) < 0.1 + 0.3 * loan * (place == 0)
    return pa.table({
        "unit_id": [f"u{number}" for number in range(n)],
        "action": np.array(["offer", "none", "letter"])[place],
        "probability": shares[np.arange(n), place],
        "outcome": outcome.astype(float),
        "has_loan": loan,
    })  # fmt: skip


@pytest.fixture(scope="module")
def learned():
    return learn_uplift(logged(), "offer", "none", seed=1, context=["has_loan"])


def with_value(table, name, row, value):
    values = table[name].to_pylist()
    values[row] = value
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def test_three_figures_agree_in_a_trial(learned):
    for figure in (learned.difference, learned.weighted, learned.doubly_robust):
        assert isinstance(figure, Estimate)
        assert figure.low < 0.15 < figure.high
    assert learned.weighted.value == pytest.approx(learned.difference.value)
    assert learned.sample_ratio.p_value > 0.001
    assert learned.n_treated + learned.n_control < 4_000
    assert learned.max_weight == pytest.approx(1 / 0.3)


def test_whom_it_moves(learned):
    told = learned.individual
    assert told.is_better_than_random
    with_loan, without = told.model.predict([np.array([1.0, 0.0])])
    assert with_loan - without > 0.2
    assert told.uplift_at_share > 0.25
    assert told.scores.shape == (4_000,)


def test_where_probabilities_differ_only_weighing_is_right():
    found = learn_uplift(logged(12_000, 2, is_trial=False), "offer", "none", seed=1, context=["has_loan"])
    assert "plain means compare different people" in found.difference.why
    assert isinstance(found.sample_ratio, NotEstimable)
    for figure in (found.weighted, found.doubly_robust):
        assert figure.low < 0.15 < figure.high


def test_without_context_the_mean_effect_alone_is_said():
    found = learn_uplift(logged(), "offer", "none", seed=1)
    assert isinstance(found.weighted, Estimate)
    assert "hand in context columns" in found.doubly_robust.why
    assert "hand in context columns" in found.individual.why


def test_amounts_have_effects_but_do_not_rank():
    table = logged()
    spent = pa.array(np.asarray(table["outcome"]) * 20)
    found = learn_uplift(table.set_column(3, "outcome", spent), "offer", "none", seed=1, context=["has_loan"])
    assert found.doubly_robust.low < 3 < found.doubly_robust.high
    assert "hand in an outcome of 0 and 1" in found.individual.why


def test_certain_choices_are_left_out_and_counted():
    table = logged()
    certain = table.set_column(2, "probability", pa.array([1.0] * table.num_rows)).slice(0, 30)
    found = learn_uplift(pa.concat_tables([table, certain]), "offer", "none", seed=1)
    assert found.n_certain == 30
    assert found.weighted.value == learn_uplift(table, "offer", "none", seed=1).weighted.value


def test_a_broken_assignment_shows_in_the_sample_ratio():
    table = logged()
    is_offer = np.asarray(table["action"]) == "offer"
    kept = table.filter(pa.array(~is_offer | (np.arange(4_000) % 2 > 0)))
    assert learn_uplift(kept, "offer", "none", seed=1).sample_ratio.p_value < 0.001


def test_units_chosen_for_again_and_again_are_one():
    table = logged(6_000)
    again = table.set_column(0, "unit_id", pa.array([f"u{number % 2_000}" for number in range(6_000)]))
    found = learn_uplift(again, "offer", "none", seed=1, context=["has_loan"])
    assert "more than once" in found.difference.why
    assert "one choice a unit" in found.individual.why
    assert isinstance(found.weighted, Estimate)


def test_too_few_choices_are_refused():
    found = learn_uplift(logged(360), "offer", "none", seed=1)
    assert isinstance(found, NotEstimable)
    assert "choices of 'offer' tell as much as" in found.why
    assert "at least 200 needed" in found.why


def test_a_choice_that_would_stand_for_too_many_is_refused():
    table = logged()
    found = learn_uplift(with_value(table, "probability", 5, 0.004), table["action"][5].as_py(), "gift", seed=1)
    assert "was chosen with probability 0.004, below 0.01: one choice would stand for 250" in found.why


def test_an_outcome_that_never_came_is_refused():
    table = logged()
    never = table.set_column(3, "outcome", pa.array(np.zeros(4_000)))
    assert "it happened for 0 units and for" in learn_uplift(never, "offer", "none", seed=1).why


def test_too_few_buyers_do_not_tell_people_apart():
    table = logged(5_000)
    rare = np.asarray(table["outcome"]) * (np.arange(5_000) % 10 == 0)
    found = learn_uplift(table.set_column(3, "outcome", pa.array(rare)), "offer", "none", seed=1, context=["has_loan"])
    assert isinstance(found.weighted, Estimate)
    assert "at least 100 of each needed" in found.individual.why


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("probability", None, "row 8: the choice of .* for 'u7' has no probability; log it when choosing"),
        ("probability", 0.0, "row 8: the choice of .* for 'u7' has a probability that is not above 0 and up to 1"),
        ("probability", 1.2, "not above 0 and up to 1"),
        ("outcome", None, "row 8: the choice of .* for 'u7' has no outcome"),
    ],
)
def test_a_wrong_row_is_named(name, value, message):
    table = with_value(with_value(logged(50), "action", 7, "offer"), name, 7, value)
    with pytest.raises(BadInput, match=message):
        learn_uplift(table, "offer", "none", seed=1)


def test_columns_and_actions_that_make_no_sense_are_refused():
    with pytest.raises(BadInput, match="column 'age' is not in the choices"):
        learn_uplift(logged(50), "offer", "none", seed=1, context=["age"])
    with pytest.raises(BadInput, match="compared with itself"):
        learn_uplift(logged(50), "offer", "offer", seed=1)


def test_an_action_nobody_was_chosen_for():
    assert "0 choices of 'gift'" in learn_uplift(logged(), "gift", "none", seed=1).why
