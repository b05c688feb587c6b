from datetime import UTC, datetime

import pytest

from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Request
from crosslift.errors import BadUsage
from crosslift.shop.requests import build

AT = datetime(2026, 11, 1, tzinfo=UTC)


def ask(**changed):
    plain = {"placement": "cart", "cart": ["a"], "customer": None, "holdings": [], "k": None, "at": AT, "exclude": [],
             "policy": "helpful", "purpose": None, "language": "en", "market": None}  # fmt: skip
    return build(**{**plain, **changed})


def test_plain_values_become_a_request():
    assert ask(customer="c1", k=2, purpose="personalization", exclude=["b"], market="KR") == Request(
        "cart", AT, "c1", ("a",), (), 2, ("b",), "helpful", Purpose.PERSONALIZATION, "en", "KR"
    )


@pytest.mark.parametrize("k", [0, -1])
def test_at_least_one_offer_must_be_asked_for(k):
    with pytest.raises(BadUsage, match=f"k = {k}: at least one offer must be asked for"):
        ask(k=k)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"placement": "fridge"}, "no placement 'fridge'; there are product, cart"),
        ({"policy": "pushy"}, "no policy 'pushy'; there are helpful, relevance"),
        (
            {"purpose": "profiling"},
            "no purpose 'profiling'; there are contextual, personalization, marketing, evaluation",
        ),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(wrong, message):
    with pytest.raises(BadUsage, match=message):
        ask(**wrong)


@pytest.mark.parametrize("name", ["cart", "holdings", "exclude"])
def test_one_id_instead_of_a_list_is_not_read_letter_by_letter(name):
    with pytest.raises(BadUsage, match=f"{name} is the text '85123A'; give a list of product ids"):
        ask(**{name: "85123A"})


def test_an_instant_without_a_zone_is_taken_as_utc():
    assert ask(at=datetime(2026, 11, 1)).at == AT  # noqa: DTZ001 - that is the case


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_an_instant_that_no_shop_lives_in_is_refused(at):
    with pytest.raises(BadUsage, match="only instants from 1970 to 2199 can be decided as of"):
        ask(at=at)


def test_policies_are_those_that_are_handed_in():
    assert ask(policy="ours", policies=("helpful", "ours")).policy == "ours"
    with pytest.raises(BadUsage, match="no policy 'relevance'; there are helpful, ours"):
        ask(policy="relevance", policies=("helpful", "ours"))
