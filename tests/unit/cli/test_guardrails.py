"""Guardrails, winners and closer looks, on the terminal."""

import pytest

from crosslift.domain.audit import Entry
from crosslift.domain.guardrail import Guarded, Sign
from crosslift.domain.pausing import paused
from crosslift.shop import Shop
from crosslift.shop.guardrails import PAUSE

POLICY = 'name = "watched"\nextends = "helpful"\n[[guardrails]]\nid = "noes"\nsign = "declined"\nat_most = "10 %"\n'
FIGURE = {"guardrail": "noes", "sign": "declined", "at_most": 0.1, "value": 0.25, "low": 0.15, "high": 0.35, "n": 812}
TRIAL = '[[experiments]]\nexperiment_id = "words"\nkind = "variant"\narms = { short = 0.5, long = 0.5 }\n'
BY = ("--author", "mina", "--reason", "the brand wants it")


def test_what_rests_is_listed_with_its_figure_and_lifted(own_home, run):
    assert "nothing rests" in run("--home", own_home, "guardrails", "list").out
    assert "nothing to look at yet" in run("--home", own_home, "guardrails", "look").out
    with Shop(own_home) as shop:
        shop.policies.publish("watched", shop.policies.draft(POLICY, "mina", "b")["version"], "mina")
        standing = shop.known.rulings.named("watched")
        shop.in_force.amend(
            paused(standing, Guarded.STRATEGY, "upgrade", Sign.DECLINED), "guardrails", "b", is_less=True
        )
        rest = {
            "policy": "watched",
            "of": "strategy",
            "target": "upgrade",
            "version_before": 1,
            "version": 2,
            "since": "",
        }
        shop.records.append_audit(Entry(0, PAUSE, "strategy upgrade", {**FIGURE, **rest}))
    page = run("--home", own_home, "guardrails", "list").out
    assert all(said in page for said in ("upgrade", "25.00%", "15.00% … 35.00%", "10.00%", "812"))
    done = run("--home", own_home, "guardrails", "lift", "watched", "strategy", "upgrade", *BY)
    assert "works again since version 3" in done.out
    assert run("--home", own_home, "guardrails", "list", "--json").json == []
    assert run("--home", own_home, "guardrails", "lift", "watched", "strategy", "upgrade", *BY).code == 1


def test_an_arm_is_promoted_when_forced_and_taken_back(own_home, run, tmp_path):
    (tmp_path / "trials.toml").write_text(TRIAL, encoding="utf-8")
    assert run("--home", own_home, "experiments", "put", tmp_path / "trials.toml", *BY).code == 0
    refused = run("--home", own_home, "experiments", "promote", "words", "--arm", "long", *BY)
    assert refused.code == 1
    assert "does not show 'long' to be better" in refused.err
    done = run("--home", own_home, "experiments", "promote", "words", "--arm", "long", *BY, "--force")
    assert "long holds everywhere" in done.out
    assert "not estimable" in run("--home", own_home, "experiments", "markets", "words").out
    assert "what held before holds again" in run("--home", own_home, "experiments", "rollback", "words", *BY).out


def test_a_trial_run_elsewhere_is_looked_at_closer(own_home, run, tmp_path):
    at = "2026-09-01T00:00:00Z"
    rows = [f"mail,u{i},{'letter' if i % 2 else 'control'},{at}" for i in range(120)]
    assigned = "experiment_id,unit_id,arm,at\n" + "\n".join(rows) + "\n"
    (tmp_path / "assignments.csv").write_text(assigned, encoding="utf-8")
    sold = [f"mailed-{i},{i % 7 + 50 + i % 2},u{i},2026-09-02T00:00:00Z,P00,1,USD" for i in range(0, 120, 3)]
    orders = "order_id,unit_price,customer_id,ordered_at,product_id,quantity,currency\n" + "\n".join(sold) + "\n"
    (tmp_path / "orders.csv").write_text(orders, encoding="utf-8")
    for name in ("assignments.csv", "orders.csv"):
        assert run("--home", own_home, "collect", tmp_path / name).code == 0
    page = run("--home", own_home, "measure", "experiment", "mail", "--closer", "--by", "before").out
    for said in (
        "P(best ",
        "order value",
        "by bootstrap",
        "by Newcombe",
        "Clopper and Pearson",
        "all of these together",
    ):
        assert said in page
    assert run("--home", own_home, "measure", "experiment", "mail", "--by", "before", "--json").json["details"]["best"]


@pytest.mark.parametrize("arguments", [("b=1", "--draft", "x.toml"), ()])
def test_off_policy_asks_for_shares_or_a_draft(own_home, run, arguments):
    assert run("--home", own_home, "measure", "off-policy", *arguments).code == 2
