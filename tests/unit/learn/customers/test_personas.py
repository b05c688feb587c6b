from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import Mention, Middle
from crosslift.domain.profile import Profile, ReturnVisits
from crosslift.learn.customers.personas import persona_of


def people(n=8):
    return [
        Profile(
            f"customer:{number}", 0, n_orders=2, n_items=2 * number, aov=10.0 * number, market="KR" if number < 7 else "JP",
            interval_days=30.0 if number < 4 else None, goals=("more traffic", "secret") if number == 1 else ("more traffic",),
            categories={"SEO": 0.8, "Content": 0.2} if number < 6 else {"SEO": 1.0},
            returning_intent=(ReturnVisits("Content", 2, 0),) if number <= 5 else (), traffic_source="ads",
        )
        for number in range(1, n + 1)
    ]  # fmt: skip


def test_a_card_tells_what_its_people_do():
    card = persona_of("traffic seekers", people(), 40, {f"customer:{number}": "web" for number in range(1, 7)})
    assert (card.n_people, card.share) == (8, 0.2)
    assert card.order_value == Middle(45.0, 27.5, 62.5, 8, "money")
    assert card.items_per_order.median == 4.5
    assert card.categories == (("SEO", (5 * 0.8 + 3) / 8), ("Content", 5 * 0.2 / 8))
    assert card.needs == (Mention("Content", 5),)
    assert (card.channel, card.source, card.market) == (Mention("web", 6), Mention("ads", 8), Mention("KR", 6))


def test_what_too_few_tell_is_not_on_the_card():
    card = persona_of("traffic seekers", people(), 40)
    assert card.goals == (Mention("more traffic", 8),)
    assert card.interval_days == NotEstimable("3 people with a rhythm of buying, at least 5 needed")
    assert card.channel is None


def test_an_empty_group_has_a_card_without_figures():
    card = persona_of("nobody", [], 0)
    assert (card.n_people, card.share, card.categories, card.goals) == (0, 0.0, (), ())
    assert isinstance(card.order_value, NotEstimable)
