from dataclasses import replace

import numpy as np
import pytest

from crosslift.stats import purchase_choice
from crosslift.stats.btyd import Histories
from crosslift.stats.purchase_choice import choose_purchase_model


def clocks(shape, n=300, seed=1):
    """People who buy every month or so and never leave; the gaps' shape says how punctually."""
    random = np.random.default_rng(seed)
    gaps = random.gamma(shape, 30 / shape, (n, 100))
    at = np.cumsum(gaps, axis=1)
    age = random.uniform(50, 500, n)
    x = (at <= age[:, None]).sum(axis=1)
    t_x = np.where(x > 0, np.take_along_axis(at, np.maximum(x - 1, 0)[:, None], axis=1)[:, 0], 0.0)
    log_gaps = np.where(np.arange(100) < x[:, None], np.log(gaps), 0.0).sum(axis=1)
    return x, t_x, age, log_gaps


def test_punctual_buyers_get_a_rhythm_and_the_reason():
    choice = choose_purchase_model(Histories.of(*clocks(6.0)))
    assert choice.model.name.endswith("CNBD-6")
    why = dict(choice.why)
    assert why["regular_purchases"] == pytest.approx(6, rel=0.1)
    assert why["random_loses_aic"] > 100
    assert choice.aic[choice.model.name] <= 2
    assert min(choice.aic.values()) == 0


def test_without_the_gaps_no_rhythm_can_be_seen():
    choice = choose_purchase_model(Histories.of(*clocks(6.0)[:3]))
    assert np.isnan(choice.regularity.shape)
    assert set(choice.aic) == {"MBG/NBD", "BG/NBD", "Pareto/NBD"}


def test_more_punctual_than_any_candidate_takes_the_most_punctual():
    choice = choose_purchase_model(Histories.of(*clocks(40.0)))
    assert choice.model.name.endswith("CNBD-12")


def test_bursts_are_told_though_no_model_has_them():
    choice = choose_purchase_model(Histories.of(*clocks(0.4)))
    assert dict(choice.why)["bursty_purchases"] == pytest.approx(0.4, rel=0.1)
    assert "CNBD" not in choice.model.name


def test_equals_are_told_and_bg_nbd_stands_last():
    """Where nobody leaves all three are the NBD."""
    choice = choose_purchase_model(Histories.of(*clocks(1.0)))
    assert choice.model.name == "MBG/NBD"
    assert max(choice.aic.values()) < 2


def test_a_candidate_that_fits_a_sample_only_is_left_out_and_told(monkeypatch):
    refit = purchase_choice._refit
    fails = {"MBG/NBD"}
    monkeypatch.setattr(
        purchase_choice, "_refit", lambda model, histories: replace(
            refit(model, histories), is_converged=model.name not in fails
        ),
    )  # fmt: skip
    choice = choose_purchase_model(Histories.of(*clocks(1.0)))
    assert choice.model.name == "Pareto/NBD"
    assert ("not_converged", "MBG/NBD") in choice.why
    fails |= {"BG/NBD", "Pareto/NBD"}
    assert choose_purchase_model(Histories.of(*clocks(1.0))) is None
