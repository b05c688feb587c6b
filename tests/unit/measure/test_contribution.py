"""Teams: by who sold, else by channel; never so small that a team is a person."""

import pyarrow as pa

from crosslift.measure.contribution import MIN_AGENTS, contributed, teams_of_lines
from crosslift.store.duckdb import DuckdbFrames


def sold(*rows):
    """Of (agent, channel)."""
    agent, channel = zip(*rows, strict=True)
    return pa.table({"agent": pa.array(agent, pa.string()), "channel": pa.array(channel, pa.string())})


def test_who_sold_goes_before_the_channel_and_channels_nobody_knows_are_other():
    service = [(f"s{i}", "web") for i in range(MIN_AGENTS)]
    rows = sold(*service, (None, "web"), (None, "email"), (None, "kiosk"), (None, None))
    found = teams_of_lines(rows, {f"s{i}": "Service" for i in range(MIN_AGENTS)}).to_pylist()
    assert found == ["service"] * MIN_AGENTS + ["web", "marketing", "other", "other"]


def test_a_team_of_fewer_than_three_is_other():
    rows = sold(("a", "till"), ("b", "till"), ("a", "till"), (None, "till"))
    assert teams_of_lines(rows, {"a": "Sales", "b": None}).to_pylist() == ["other", "other", "other", "sales"]
    assert teams_of_lines(sold(("a", None), ("b", None), ("c", None)), {}).to_pylist() == ["sales"] * 3


def test_what_is_credited_stands_beside_what_was_sold_each_line_once():
    lines = pa.table(
        {"line": [1, 2, 3], "team": ["web", "web", "sales"], "revenue": [10.0, 5.0, 7.0], "margin": [4.0, 2.0, 3.0]}
    )
    found = contributed(lines, pa.table({"line": pa.array([1, 1, 9], pa.int64())}), DuckdbFrames.lazies).to_pylist()
    assert found == [
        {"team": "sales", "lines": 1, "credited_lines": 0, "revenue": 7.0, "margin": 3.0, "credited_revenue": 0.0,
         "credited_margin": 0.0},
        {"team": "web", "lines": 2, "credited_lines": 1, "revenue": 15.0, "margin": 6.0, "credited_revenue": 10.0,
         "credited_margin": 4.0},
    ]  # fmt: skip
