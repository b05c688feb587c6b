"""How we recommend: levers while they are on, spans as the policy has them, objectives by place, in words of each language."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from crosslift.domain.experiment import Experiment, TrialKind
from crosslift.domain.policy import HELPFUL, RELEVANCE
from crosslift.domain.pressure import ACCOUNT, Cap, QuietHours
from crosslift.domain.rule import Gate, Rule
from crosslift.domain.value import Lever, Objective
from crosslift.domain.variant import VariantSet
from crosslift.wording.how_we_recommend import how_we_recommend
from crosslift.wording.in_force import InForce

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LEVER = Lever(
    "l", 2.5, "mina", "full shelves", datetime(2026, 12, 24, tzinfo=UTC), products=("mug",), categories=("tea",)
)


def section(key, policy=HELPFUL, language="en", **more):
    page = how_we_recommend(InForce(policy, NOW, "USD", **more), language)
    return next(one.sentences for one in page.sections if one.key == key)


def levers(*some, **more):
    return replace(HELPFUL, value=replace(HELPFUL.value, levers=some), **more)


def test_a_lever_is_told_with_what_it_is_on_while_it_is_on():
    told = section("interest", levers(LEVER), title_of={"mug": "Blue mug"}.__getitem__)
    assert "Until 24 Dec 2026 the shop counts this 2.5 times: Blue mug, tea." in told
    for other in (
        replace(LEVER, ends_at=NOW), replace(LEVER, starts_at=datetime(2026, 11, 2, tzinfo=UTC)),
        replace(LEVER, products=(), categories=()),
    ):  # fmt: skip
        assert section("interest", levers(other)) == section("interest")
    bounded = replace(LEVER, products=(), slow_stock=True, max_share=0.2, min_relevance=0.5)
    assert section("interest", levers(bounded, variants=(VariantSet("v", ("a", "b"), levers={"b": ("l",)}),)))[-4:] == (
        "Until 24 Dec 2026 the shop counts this 2.5 times: what has been in stock for long, tea.",
        "That counts only for what is at least 50% as relevant as the best of its kind.",
        "It may decide at most 20% of the offers.",
        "That holds in a part of the visits only.",
    )


def test_what_serves_the_shop_is_called_so_and_where_nothing_does_that_is_said():
    margin = replace(HELPFUL, value=replace(HELPFUL.value, objectives={"cart": Objective.MARGIN}, min_worth=0.5))
    assert "At these places what earns the shop most goes first: cart." in section("order", margin)
    assert "At these places what most probably helps goes first: everywhere else." in section("order", margin)
    assert "that is the shop’s own interest" in section("interest", margin)[0]
    assert "nothing worth less than $0.50 to it is offered" in section("interest", margin)[-1]
    plain = replace(HELPFUL, candidates=("complement",), prefers_slow_stock=False)
    assert section("interest", plain) == ("Nothing is put forward in the shop’s own interest.",)
    assert section("interest", plain, n_weighed=2) == ("So many relations the shop counts more or less by hand: 2.",)


@pytest.mark.parametrize(
    ("days", "language", "said"),
    [
        (1.0, "en", "1 day"),
        (90.0, "ko", "90일"),
        (0.5, "en", "12 hours"),
        (0.5, "ja", "12時間"),
        (1 / 96, "en", "15 minutes"),
    ],
)
def test_spans_are_as_exact_as_the_policy(days, language, said):
    policy = replace(HELPFUL, pressure=replace(HELPFUL.pressure, caps=(Cap(2, days),)))
    assert said in section("often", policy, language)[1]


def test_a_holdout_is_told_with_its_share_and_where_and_those_outside_of_it_are_told_of_none():
    trial = Experiment("h", 1, TrialKind.HOLDOUT, {"held": 0.05, "treated": 0.95}, "m", "r", NOW, placements=("cart",))
    words = Experiment("w", 1, TrialKind.VARIANT, {"a": 0.5, "b": 0.5}, "m", "r", NOW)
    told = section("chance", experiments=(trial, words))
    assert told[1:] == (
        "From 5% of the people offers are kept back, to measure what offers bring.", "That concerns these places: cart.",
        "Ways to decide, words or layouts are compared; which of them you meet is drawn by chance. So many comparisons run: 1.",
    )  # fmt: skip
    assert section("chance", RELEVANCE, experiments=(trial, words)) == section("chance", RELEVANCE)


def test_markets_and_topics_are_told_apart_from_channels():
    night = QuietHours(time(21), time(8), ("phone", "sms"), ("US",), "47 CFR 64.1200(c)(1)")
    limits = replace(HELPFUL.pressure, caps=(Cap(1, 7.0, topics=("Tea",)),), quiet_hours=(night,))
    told = section("often", replace(HELPFUL, pressure=limits))
    assert told[1] == "At most 1 time in 7 days: over all channels together (on these topics: Tea)."
    assert told[2].endswith("no message goes out: telephone, text message (in these markets: US).")
    korean = section(
        "often", replace(HELPFUL, pressure=replace(limits, quiet_hours=(replace(night, channels=()),))), "ko"
    )
    assert korean[2].endswith(": 모든 채널 (시장: US)")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "At most 2 times in 7 days for everybody of a company or household together: e-mail."),
        ("ko", "한 회사나 가구의 모든 분을 합해 7일에 최대 2번: 이메일"),
        ("ja", "会社や世帯の全員合わせて7日間に最大2回：メール"),
    ],
)
def test_a_cap_of_an_account_is_told_as_that_of_all_its_people(language, said):
    capped = replace(HELPFUL, pressure=replace(HELPFUL.pressure, caps=(Cap(2, 7.0, ("email",), unit=ACCOUNT),)))
    assert section("often", capped, language)[1] == said


def test_words_of_a_pack_are_not_called_the_shops():
    rules = (
        Rule("of-age", Gate.ELIGIBLE, "too_young", "legal", "Not sold to people under 21.", law="23 U.S.C. 158"),
        Rule("calm", Gate.ELIGIBLE, "not_now", "mina", "Calm mornings."),
    )
    titles = {"of-age": {"en": "United States", "ko": "미국"}}
    english, korean = (section("order", replace(HELPFUL, rules=rules), one, pack_titles=titles) for one in ("en", "ko"))
    assert (
        "A rule of the set “United States”, in its own words: Not sold to people under 21. It stands for 23 U.S.C. 158."
    ) in english
    assert "A rule of the shop, in its own words: Calm mornings." in english
    assert "규칙 모음 ‘미국’의 규칙, 영어 원문 그대로: Not sold to people under 21. (근거: 23 U.S.C. 158)" in korean
    assert "상점의 규칙, 상점이 쓴 그대로: Calm mornings." in korean


def test_without_profiling_nothing_of_the_person_is_claimed():
    told = section("sources", is_contextual_only=True) + section("order", is_contextual_only=True)
    assert "Nothing of what you bought before is looked at, whoever you are." in told
    assert not any(one.startswith("With your agreement") for one in told)
