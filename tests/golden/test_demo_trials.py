"""What the demo shop tried before crosslift came, judged as measuring judges it, against what its generator planted."""

import csv

import pytest

from crosslift.cli import demo as command
from crosslift.cli.trial import print_shortly, print_verdict
from crosslift.shop import Shop
from crosslift.testing.demo.files import paths
from crosslift.testing.demo.trials import BROKEN, HOLDOUT, LAUNCH, LIFT


@pytest.fixture(scope="module")
def measured(demo_home):
    with Shop(demo_home) as shop:
        return command._measured(shop)


def row_of(found, outcome):
    [row] = [one for one in found["compared"] if one["outcome"] == outcome]
    return row


def revenue_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = {tuple(row.items()) for row in csv.DictReader(file)}
    return sum(int(row["quantity"]) * int(row["unit_price"]) - int(row["discount"]) for row in map(dict, rows))


def test_the_holdout_does_not_claim_what_its_size_cannot_show(measured, demo_home):
    found = measured["holdout"]
    assert (found["experiment_id"], found["headline"], found["verdict"]) == (HOLDOUT, "profit", "not_proven")
    held, treated = found["units"]["held"], found["units"]["treated"]
    assert 0.04 < held / (held + treated) < 0.06
    relative = row_of(found, "revenue")["relative"]
    files = paths(demo_home / "demo-files")
    planted = revenue_of(files.launched) / revenue_of(files.orders)  # more than a year's share of it: the larger truth
    assert relative["low"] < 0 < planted < relative["high"] < 0.5
    assert found["people_needed"] > held + treated


def test_what_is_credited_is_more_than_what_was_planted(measured, demo_home):
    credited = measured["holdout"]["credited"]
    assert credited["by"]["stated"] == credited["lines"] > 5_000
    assert credited["revenue"] > 2 * revenue_of(paths(demo_home / "demo-files").launched)
    assert credited["revenue"] > row_of(measured["holdout"], "revenue")["absolute"]["value"] * 8_500


def test_the_launch_is_proven_at_what_was_planted(measured):
    found = measured["trials"][LAUNCH]
    orders = row_of(found, "orders")
    assert (found["judgement"], orders["verdict"]) == ("fixed_horizon", "better")
    assert 0 < orders["relative"]["low"] < LIFT < orders["relative"]["high"]


def test_the_broken_split_is_refused(measured):
    found = measured["trials"][BROKEN]
    assert "compared" not in found
    assert found["sample_ratio_p"] < 1e-6
    assert "the arms are not as large as planned" in found["not_estimable"]


def test_the_demo_says_so(measured, capsys):
    print_verdict(measured["holdout"])
    for trial in measured["trials"].values():
        print_shortly(trial, "orders")
    said = capsys.readouterr().out
    for words in ("of the profit without them: not yet proven", "credited to offers, bought anyway or not",
                  "buy-again-launch: orders a unit +", ": better", "gift-banner: refused"):  # fmt: skip
        assert words in said
