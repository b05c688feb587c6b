"""Hillstrom's mailing trial as a merchant brings it in: collected, then judged, as SCIENCE 4.4 has it.

Assignments, visits and purchases of 64,000 customers come in as files; the trial was run elsewhere and its size was fixed.
Source of the figures: SCIENCE 4.4 (Hillstrom 2008, MineThatData), computed by statsmodels.
"""

import csv
import gzip
import json

import pytest

ARMS = {"Mens E-Mail": "mens", "Womens E-Mail": "womens", "No E-Mail": "none"}
SENT, LATER = "2008-03-01T00:00:00Z", "2008-03-10T00:00:00Z"


@pytest.fixture(scope="module")
def mailing(shared, tmp_path_factory, request):
    """A shop that holds the trial."""
    import crosslift

    folder = tmp_path_factory.mktemp("mailing")
    with gzip.open(shared / "data/hillstrom/hillstrom.csv.gz", "rt") as stream:
        rows = list(csv.DictReader(stream))
    with (folder / "assignments.csv").open("w") as file:
        file.write("experiment_id,unit_id,arm,at\n")
        file.writelines(f"mailing,u{i},{ARMS[row['segment']]},{SENT}\n" for i, row in enumerate(rows))
    with (folder / "events.jsonl").open("w") as file:
        for i, row in enumerate(rows):
            if row["visit"] == "1":
                said = {"type": "page", "messageId": f"m{i}", "userId": f"u{i}", "timestamp": LATER, "name": "home"}
                file.write(json.dumps(said) + "\n")
    with (folder / "orders.csv").open("w") as file:
        file.write("order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n")
        file.writelines(
            f"o{i},{LATER},u{i},basket,1,{row['spend']},USD\n" for i, row in enumerate(rows) if row["conversion"] == "1"
        )
    with crosslift.open(folder / "shop") as shop:
        for name in ("assignments.csv", "events.jsonl", "orders.csv"):
            shop.collect(folder / name)
        yield shop


@pytest.fixture(scope="module")
def judged(mailing):
    return mailing.earned.experiment("mailing", "none", is_fixed=True)


@pytest.mark.data
@pytest.mark.parametrize(
    ("arm", "outcome", "value", "error", "low", "high", "relative"),
    [
        ("mens", "visited", 0.076590, 0.003386, 0.069953, 0.083226, 0.721),
        ("mens", "bought", 0.006805, 0.000921, 0.005000, 0.008610, 1.188),
        ("mens", "revenue", 0.769827, 0.145247, 0.485140, 1.054515, 1.179),
        ("womens", "visited", 0.045233, 0.003234, 0.038893, 0.051573, 0.426),
        ("womens", "bought", 0.003111, 0.000823, 0.001499, 0.004724, 0.543),
        ("womens", "revenue", 0.424412, 0.130333, 0.168957, 0.679868, 0.650),
    ],
)
def test_effects_are_those_of_the_trial(judged, arm, outcome, value, error, low, high, relative):
    [one] = [row for row in judged["compared"] if (row["arm"], row["outcome"]) == (arm, outcome)]
    found = one["absolute"]
    assert (found["value"], found["standard_error"]) == pytest.approx((value, error), abs=1e-6)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=2e-5)
    assert one["relative"]["value"] == pytest.approx(relative, abs=5e-4)
    assert one["verdict"] == "better"


@pytest.mark.data
def test_arms_are_as_large_as_planned(judged):
    assert judged["units"] == {"mens": 21_307, "none": 21_306, "womens": 21_387}
    assert judged["n_crossed"] == 0
    assert judged["currency"] == "USD"


@pytest.mark.data
def test_looking_at_any_time_costs_width_and_says_so(mailing, judged):
    open_ended = mailing.earned.experiment("mailing", "none")
    assert open_ended["judgement"] == "any_time"
    for once, always in zip(judged["compared"], open_ended["compared"], strict=True):
        assert always["absolute"]["low"] < once["absolute"]["low"]
        assert always["absolute"]["value"] == once["absolute"]["value"]
