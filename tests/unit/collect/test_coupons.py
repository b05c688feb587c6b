"""Campaigns as they are written, and back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crosslift.collect.coupons import exact, plain, read_file, read_item
from crosslift.errors import BadInput

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FILE = """
[[campaigns]]
campaign_id = "thanks"
kind = "percent_off"
titles = { en = "Thanks" }
value = 0.1
most = 19.99
budget = 100
tiers = [{ condition = "orders >= 9", value = 0.15 }]
products = ["category:Tea"]
stacks_with = ["spring"]
margin_floor = 0.2
minimum = 5
ends_at = 2036-01-01T00:00:00Z
"""


def read(item, currency="USD"):
    return read_item(item, 1, currency, NOW, "mina", "come back")


def test_what_is_written_out_reads_back_as_the_same_campaign(tmp_path):
    (tmp_path / "c.toml").write_text(FILE, encoding="utf-8")
    [item] = read_file(tmp_path / "c.toml")
    campaign = read(item)
    assert (campaign.value, campaign.most.amount, campaign.currency) == (Decimal("0.1"), Decimal("19.99"), "USD")
    assert read(plain(campaign)) == campaign


@pytest.mark.parametrize("text", ["campaigns = 3", "[[campaigns]]\n[other]", "not toml", ""])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"c\.toml"):
        read_file(tmp_path / "c.toml")


@pytest.mark.parametrize("wrong", ["many", "", "1e13", "0.0000001", "nan", float("inf")])
def test_what_is_no_amount_is_refused(wrong):
    with pytest.raises(BadInput, match="is no amount"):
        exact(wrong, "value")
