import pytest

from crosslift.domain.segment_grammar import parse
from crosslift.domain.segment_text import duration_text, text_of


@pytest.mark.parametrize(
    "line",
    [
        'orders >= 3 and recency_days < 90 and not consent("marketing")',
        'count("Product Viewed", category = "Grinders", last = 1 hour) >= 3',
        'share(category = "Coffee") > 0.5',
        'holds("plan-pro") and lacks("backup")',
        'stage is "consider"',
        'trait("skin") is not "dry"',
        "nps <= 6",
        'usage_share("api calls") >= 0.8',
        '(orders > 1 or clv > 100) and not (stage in ("buy", "use") and rating < 3)',
        'last_order_at > "2026-01-31" or last_seen_at < 2 weeks ago or goals has "more traffic"',
        'revisits("Grinders") >= 2 and clv is unknown and not not aov is known',
        'consent("marketing", channel = "email") or market not in ("KR", "JP")',
    ],
)
def test_a_rule_in_its_usual_form_is_written_as_it_was_read(line):
    assert text_of(parse(line)) == line


def test_ways_to_write_the_same_become_one():
    one = parse("n_orders is 3.0 AND (stage = 'buy')")
    assert text_of(one) == 'orders = 3 and stage is "buy"'


def test_times_are_written_in_their_largest_whole_unit():
    assert [duration_text(60 * n) for n in (1, 90, 120, 1440, 4320, 10080)] == [
        "1 minute", "90 minutes", "2 hours", "1 day", "3 days", "1 week",
    ]  # fmt: skip
