"""What senders publish as examples of their deliveries."""

from pathlib import Path

import msgspec
import pytest

from crosslift.collect.answers.known import SENDERS
from crosslift.collect.answers.sender import Arrival
from crosslift.collect.from_json import fact_rows
from crosslift.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
SETTINGS = Settings.load(environment={})
AT = "2026-03-05T12:00:00+00:00"


@pytest.fixture
def sample():
    """Give a sender's published example as plain values, to be changed."""
    return lambda name: msgspec.json.decode((SAMPLES / f"{name}.json").read_bytes())


@pytest.fixture
def heard():
    """Read a delivery as the door does; rows by their feedback id, each fit to be collected."""

    def run(name, delivery, delivery_id="", **scales):
        sender = SENDERS[name]
        arrival = Arrival(AT, delivery_id, scales)
        rows = sender.rows(sender.decoder.decode(msgspec.json.encode(delivery)), arrival)
        if rows:
            fact_rows("feedback", rows, SETTINGS)
        return {row["feedback_id"]: row for row in rows}

    return run
