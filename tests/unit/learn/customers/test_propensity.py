import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadInput
from crosslift.learn.customers.propensity import Basis, Start, count_held, learn_propensity


def people(n, seed):
    """Who has a loan holds the insurance in 4 of 10 cases, others in 1 of 10."""
    random = np.random.default_rng(seed)
    loan = random.random(n) < 0.4
    holds = random.random(n) < np.where(loan, 0.4, 0.1)
    attributes = pa.table({"city": random.choice(["Seoul", "Busan"], n), "age": random.integers(20, 80, n)})
    held = pa.table({"loan": loan.astype(int), "card": random.integers(0, 3, n), "insurance": holds.astype(int)})
    return attributes, held, holds


@pytest.fixture(scope="module")
def learned():
    return learn_propensity("insurance", *people(2_000, 1), seed=1)


def test_holders_are_told_from_others_by_what_else_they_hold(learned):
    attributes, held, _ = people(2_000, 2)
    p = learned.predict(attributes, held)
    loan = np.asarray(held["loan"]) > 0
    assert learned.basis is Basis.LEARNED
    assert p[loan].mean() == pytest.approx(0.4, abs=0.06)
    assert p[~loan].mean() == pytest.approx(0.1, abs=0.04)
    assert learned.calibration_error < 0.04
    assert (learned.n, learned.n_positive, learned.base_rate) == (2_000, int(learned.n_positive), learned.rate)


def test_the_product_itself_is_never_looked_at(learned):
    attributes, held, _ = people(300, 3)
    without = held.drop_columns(["insurance"])
    assert learned.predict(attributes, held).tolist() == learned.predict(attributes, without).tolist()
    assert not any("insurance" in name for name in learned.names)


def test_columns_may_come_in_another_order_with_others_between(learned):
    attributes, held, _ = people(300, 4)
    mixed = attributes.select(["age", "city"]).append_column("eyes", pa.array(["blue"] * 300))
    assert learned.predict(mixed, held.select(["card", "loan"])).tolist() == learned.predict(attributes, held).tolist()


def test_a_column_that_was_learned_from_must_be_there(learned):
    attributes, held, _ = people(300, 4)
    with pytest.raises(BadInput, match="column 'city' is missing"):
        learned.predict(attributes.select(["age"]), held)


def test_too_few_holders_are_not_estimable_without_a_start():
    attributes, held, holds = people(200, 5)
    few = holds & (np.arange(200) < 40)
    found = learn_propensity("insurance", attributes, held, few, seed=1)
    assert isinstance(found, NotEstimable)
    assert found.why.startswith(f"{few.sum()} of 200 people hold or bought 'insurance'; at least 50 who did")


def test_a_start_stands_in_and_says_what_it_is_worth():
    attributes, held, holds = people(200, 5)
    few = holds & (np.arange(200) < 40)
    start = Start(0.05, 100, "median of the category")
    found = learn_propensity("insurance", attributes, held, few, seed=1, start=start)
    assert found.basis is Basis.STARTING
    assert found.rate == pytest.approx((few.sum() + 5) / 300)
    assert set(found.predict(attributes, held)) == set(found.p) == {found.rate}
    assert found.why.endswith("started at 5.00%, worth 100 people (median of the category)")
    assert found.calibration_error is None


def test_before_the_first_person_the_start_is_all_there_is():
    attributes, held, holds = people(20, 5)
    nobody = attributes.slice(0, 0), held.slice(0, 0), holds[:0]
    found = learn_propensity("insurance", *nobody, seed=1, start=Start(0.05, 100, "sales"))
    assert found.rate == pytest.approx(0.05)
    assert found.predict(attributes, held).tolist() == pytest.approx([0.05] * 20)


def test_what_tells_nothing_leaves_the_base_rate():
    random = np.random.default_rng(6)
    attributes = pa.table({"number": random.normal(size=800)})
    nothing = pa.table({"insurance": np.zeros(800, int)})
    found = learn_propensity("insurance", attributes, nothing, random.random(800) < 0.2, seed=1)
    assert found.basis is Basis.STARTING
    assert "not surely apart" in found.why
    assert found.rate == found.base_rate


def test_rows_that_do_not_fit_are_refused():
    attributes, held, holds = people(20, 7)
    with pytest.raises(BadInput, match="20 rows of attributes and 19 of holdings for 20 people"):
        learn_propensity("insurance", attributes, held.slice(1), holds, seed=1)


@pytest.mark.parametrize(("rate", "n_pseudo"), [(0, 10), (1, 10), (0.1, 0)])
def test_a_start_without_doubt_or_weight_is_refused(rate, n_pseudo):
    with pytest.raises(BadInput, match="starting rate"):
        Start(rate, n_pseudo, "sales")


def test_holdings_are_counted_person_by_person():
    holdings = pa.table({
        "person_id": ["ann", "bob", "ann", "ann", "eve", "bob"],
        "product_id": ["loan", "loan", "card", "card", "loan", "plan"],
    })  # fmt: skip
    counted = count_held(holdings, pa.array(["bob", "dan", "ann"]), most=2)
    assert counted.to_pydict() == {"card": [0, 0, 2], "loan": [1, 0, 1], "other": [1, 0, 0]}
