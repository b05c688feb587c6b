"""What trials show, on the terminal."""

import pytest

ROWS = "experiment_id,unit_id,arm,at\n"


@pytest.fixture
def with_trial(own_home, run, tmp_path):
    """Everybody of the treated arm ordered, a third of the control did."""
    arms = [("treated", "control")[i % 2] for i in range(120)]
    assigned = "".join(f"launch,u{i},{arm},2026-09-01T00:00:00Z\n" for i, arm in enumerate(arms))
    (tmp_path / "assignments.csv").write_text(ROWS + assigned, encoding="utf-8")
    sold = "".join(
        f"launch-{i},2026-09-02T00:00:00Z,u{i},mug,1,20,USD\n"
        for i, arm in enumerate(arms)
        if arm == "treated" or i % 3 == 0
    )
    header = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n"
    (tmp_path / "sold.csv").write_text(header + sold, encoding="utf-8")
    for name in ("assignments.csv", "sold.csv"):
        assert run("--home", own_home, "collect", tmp_path / name).code == 0
    return own_home


def test_a_trial_is_told_with_its_intervals_and_verdicts(with_trial, run):
    page = run("--home", with_trial, "measure", "experiment", "launch", "--fixed").out
    assert "launch against control: one look at a size fixed beforehand" in page
    [bought] = [line for line in page.splitlines() if line.strip().startswith("bought")]
    assert bought.split()[-1] == "better"
    assert "+200.0%" in bought or "+" in bought
    found = run("--home", with_trial, "measure", "experiment", "launch", "--json").json
    assert (found["judgement"], found["units"]) == ("any_time", {"control": 60, "treated": 60})


def test_a_control_nobody_is_in_and_a_trial_nobody_knows(with_trial, run):
    assert (
        "nobody is in the control arm 'x'"
        in run("--home", with_trial, "measure", "experiment", "launch", "--control", "x").out
    )
    unknown = run("--home", with_trial, "measure", "experiment", "nope")
    assert (unknown.code, "there is no trial 'nope'" in unknown.err) == (1, True)


def test_the_holdout_tells_what_is_credited_even_where_nothing_is_known(own_home, run):
    assert run("--home", own_home, "experiments", "holdout", "--share", "50%", "--author", "mina", "--reason", "proof",
               "--agree").code == 0  # fmt: skip
    page = run("--home", own_home, "measure", "holdout").out
    assert "What offers earned is not known: held and treated: fewer than 30 units" in page
    assert "credited to offers, bought anyway or not: 0 " in page


def test_no_funnel_where_nothing_was_served(own_home, run):
    assert run("--home", own_home, "measure", "funnel").out == "No offer was served in this period.\n"
    assert run("--home", own_home, "measure", "funnel", "--json").json == []


def test_a_campaign_is_held_against_its_cost(with_trial, run, tmp_path):
    costs = "campaign_id,from,cost,currency\nautumn,2026-09-01,60,USD\n"
    (tmp_path / "costs.csv").write_text(costs, encoding="utf-8")
    assert run("--home", with_trial, "collect", tmp_path / "costs.csv").code == 0
    ask = ("--home", with_trial, "measure", "campaign", "autumn", "--experiment", "launch")
    page = run(*ask, "--fixed").out
    assert "autumn cost 60 USD" in page
    assert "that would not have been without it" in page
    [row] = [line for line in page.splitlines() if line.strip().startswith("earned")]
    assert "–" in row
    assert "the cost is known of" not in page
    found = run(*ask, "--fixed", "--json").json
    assert found["returned"]["ratio"]["value"] == found["earned"]["value"] / 60
    assert run("--home", with_trial, "measure", "campaign", "spring", "--experiment", "launch").code == 1
