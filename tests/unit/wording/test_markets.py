import pytest

from crosslift.errors import BadInput
from crosslift.learn.customers.markets import PatternKind, TooEarly
from crosslift.wording.markets import PATTERNS, TOO_EARLY, pattern, too_early
from crosslift.wording.messages import LANGUAGES

COATS = {
    "market": "EU", "category": "Coats", "other_category": "Scarves", "kind": "stronger", "lift": 2.13, "lift_low": 1.84,
    "lift_high": 2.46, "lift_elsewhere": 0.98,
}  # fmt: skip
EVIDENCE = {**COATS, "n_markets": 1, "n_baskets": 1_041, "needed": 5_000, "n_pairs": 3}


def test_what_learning_can_find_can_be_said():
    assert set(PATTERNS) == set(PatternKind)
    assert set(TOO_EARLY) == set(TooEarly)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PATTERNS)
def test_a_pattern_names_market_pair_and_interval(kind, language):
    said = pattern({**COATS, "kind": kind}, language)
    assert all(part in said for part in ("EU", "Coats", "Scarves", "2.1", "1.8", "2.5"))
    assert ("1.0" in said) == (kind != "only_here")


def test_korean_takes_the_particle_of_the_category():
    said = pattern({**COATS, "category": "코트", "other_category": "장갑"}, "ko")
    assert said.startswith("EU: 코트와 장갑이 우연의 2.1배(1.8~2.5배)로")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", TOO_EARLY)
def test_what_is_too_early_says_why_with_its_figures(why, language):
    said = too_early(why, None if why == "one_market" else "SEA", EVIDENCE, language)
    shown = {"one_market": ("1",), "few_baskets": ("SEA", "1,041", "5,000"), "few_meetings": ("SEA", "3"),
             "may_be_chance": ("SEA", "Coats", "Scarves", "2.1", "1.0")}[why]  # fmt: skip
    assert all(part in said for part in shown)


def test_a_claim_without_its_facts_is_refused():
    with pytest.raises(BadInput, match="lift_elsewhere"):
        pattern({**COATS, "lift_elsewhere": None}, "en")
    with pytest.raises(BadInput, match="a pattern is stronger"):
        pattern({**COATS, "kind": "odd"}, "en")
    with pytest.raises(BadInput, match="no reason to wait"):
        too_early("tomorrow", "EU", EVIDENCE, "en")
