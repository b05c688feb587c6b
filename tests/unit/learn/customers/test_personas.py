import numpy as np
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import Mention, Middle
from crosslift.learn.customers.personas import persona_of, plain


@pytest.fixture
def people(crowd):
    """Eight people, and a ninth of another group."""
    rows = [
        {
            "person_id": f"customer:{number}", "n_orders": 2, "n_items": 2 * number, "aov": 10.0 * number,
            "market": "KR" if number < 7 else "JP", "interval_days": 30.0 if number < 4 else None,
            "goals": ["more traffic", "secret"] if number == 1 else ["more traffic", "more traffic"],
            "categories": {"SEO": 0.8, "Content": 0.2} if number < 6 else {"SEO": 1.0},
            "returning_intent": [["Content", 2, 0]] if number <= 5 else [], "traffic_source": "ads",
            "channel": "web" if number <= 6 else None,
        }
        for number in range(1, 9)
    ]  # fmt: skip
    return crowd(*rows, {"person_id": "customer:9", "n_orders": 1, "n_items": 99, "aov": 999.0, "market": "KR"})


EIGHT = np.arange(9) < 8


def test_a_card_tells_what_its_people_do(people):
    card = persona_of("traffic seekers", people, EIGHT, 40)
    assert (card.n_people, card.share) == (8, 0.2)
    assert card.order_value == Middle(45.0, 27.5, 62.5, 8, "money")
    assert card.items_per_order.median == 4.5
    assert card.categories == (("SEO", (5 * 0.8 + 3) / 8), ("Content", pytest.approx(5 * 0.2 / 8)))
    assert card.needs == (Mention("Content", 5),)
    assert (card.channel, card.source, card.market) == (Mention("web", 6), Mention("ads", 8), Mention("KR", 6))


def test_what_too_few_tell_is_not_on_the_card(people):
    card = persona_of("traffic seekers", people, EIGHT, 40)
    assert card.goals == (Mention("more traffic", 8),)
    assert card.interval_days == NotEstimable("3 people with a rhythm of buying, at least 5 needed")
    assert persona_of("four", people, np.arange(9) < 4, 9).channel is None


def test_an_empty_group_has_a_card_without_figures(people, crowd):
    for card in (persona_of("nobody", people, EIGHT & ~EIGHT, 0), persona_of("nobody", crowd(), np.zeros(0, bool), 0)):
        assert (card.n_people, card.share, card.categories, card.goals) == (0, 0.0, (), ())
        assert isinstance(card.order_value, NotEstimable)


def test_a_plain_card_says_why_a_figure_is_missing(people):
    card = plain(persona_of("traffic seekers", people, EIGHT, 40))
    assert card["interval_days"] == {"not_estimable": "3 people with a rhythm of buying, at least 5 needed"}
    assert card["order_value"]["median"] == 45.0
    assert card["goals"] == [{"name": "more traffic", "n_people": 8}]
    assert card["categories"][0] == ["SEO", (5 * 0.8 + 3) / 8]
