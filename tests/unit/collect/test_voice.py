"""What a customer's own words say: sign, topics, confidence, language; and silence where no word is known."""

import pytest

from crosslift.collect.voice import judge
from crosslift.domain.voice import Topic
from crosslift.errors import BadInput


def sign(text, language=None):
    sentiment = judge(text, language).sentiment
    return None if sentiment is None else (sentiment > 0) - (sentiment < 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Great coffee, fast shipping!", 1),
        ("Not good at all.", -1),
        ("Not bad at all", 1),
        ("I would not recommend this to anyone.", -1),
        ("no complaints so far", 1),
        ("Don't waste your money.", -1),
        ("맛있고 배송도 빨라요", 1),
        ("별로 안 좋아요", -1),
        ("좋지 않아요", -1),
        ("나쁘지 않아요", 1),
        ("불편한 점이 하나도 없어요", 1),
        ("안 예뻐요", -1),
        ("못 쓰겠어요", -1),
        ("美味しいです", 1),
        ("美味しくなかったです", -1),
        ("満足していません", -1),
        ("悪くない", 1),
        ("おすすめできません", -1),
        ("かわいくてたまらない", 1),
    ],
)
def test_negation_turns_the_sign(text, expected):
    assert sign(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Best by 12/2027",
        "상품별로 다른 안내가 왔어요",
        "도착하자마자 열었어요",
        "ください",
        "そうかもしれない",
        "사기 전에 문자 받았어요",
    ],
)
def test_words_that_only_look_like_feelings_say_nothing(text):
    assert judge(text).sentiment is None


@pytest.mark.parametrize(
    ("praise_last", "blame_last"),
    [
        ("It is expensive, but the taste is excellent.", "The taste is excellent, but it is expensive."),
        ("배송은 늦었지만 맛은 최고예요", "맛은 최고지만 배송은 늦었어요"),
        ("届くのは遅かったけど、味は最高", "味は最高だけど、届くのは遅かった"),
    ],
)
def test_what_comes_after_but_weighs_more(praise_last, blame_last):
    assert judge(praise_last).sentiment > 0.1
    assert judge(blame_last).sentiment < judge(praise_last).sentiment - 0.3


def test_a_sentence_that_opens_with_but_outweighs_the_one_before():
    assert judge("Great. But then it broke.").evidence == (("great", 1.0), ("broke", -2.4))


def test_a_conceding_clause_weighs_less_wherever_it_stands():
    assert judge("Although the box was damaged, the mug is lovely.").sentiment > 0
    assert judge("The mug is lovely although the box was damaged.").sentiment > 0


@pytest.mark.parametrize(
    "text", ["I wish it was faster", "더 빨랐으면 좋겠어요", "もう少し安いと嬉しいです", "It should be easy to open."]
)
def test_a_wish_is_no_praise(text):
    assert judge(text).sentiment < 0


def test_praise_before_a_wish_in_another_clause_stays():
    assert dict(judge("とても美味しいので、もっと量があると嬉しいです").evidence)["美味し"] > 0


def test_a_question_weighs_half():
    assert judge("Is the quality good?").evidence == (("good", 1.0),)


@pytest.mark.parametrize(
    ("strong", "plain", "weak"), [("very good", "good", "a bit good"), ("정말 좋아요", "좋아요", "조금 좋아요")]
)
def test_degree_strengthens_and_weakens(strong, plain, weak):
    assert judge(strong).sentiment > judge(plain).sentiment > judge(weak).sentiment > 0


@pytest.mark.parametrize(
    ("text", "expected"), [("😍", 1), ("👎🏽", -1), ("ㅠㅠ", -1), (":(", -1), ("(^^)", 1), ("ㅡㅡ", -1)]
)
def test_emoji_and_emoticons_count_in_every_language(text, expected):
    assert sign(text) == expected
    assert sign(text, "fr") == expected


def test_letters_of_another_script_are_read_in_the_same_text():
    found = judge("배송 good, サイズ perfect")
    assert found.evidence == (("good", 2.0), ("perfect", 3.0))
    assert set(found.topics) == {Topic.DELIVERY, Topic.SIZE}


def test_the_topic_spoken_of_worst_comes_first():
    assert judge("맛은 최고예요. 배송은 너무 늦었어요. 포장은 꼼꼼해요.").topics == (
        Topic.DELIVERY,
        Topic.PACKAGING,
        Topic.TASTE,
    )
    assert judge("Where is my parcel? What about the price").topics[0] is Topic.DELIVERY


def test_a_topic_without_feeling_is_named_and_nothing_made_up():
    found = judge("主文は配送について")
    assert (found.sentiment, found.confidence, found.evidence, found.topics) == (None, 0.0, (), (Topic.DELIVERY,))


@pytest.mark.parametrize("text", [None, "", "   ", "12345", "It is 30 cm wide and made of steel."])
def test_no_known_word_is_not_neutral(text):
    found = judge(text)
    assert (found.sentiment, found.confidence, found.evidence) == (None, 0.0, ())


def test_balanced_praise_and_blame_is_neutral_and_unsure():
    found = judge("The coffee is good and the tea is bad.")
    assert found.sentiment == 0
    assert found.confidence < 0.2


@pytest.mark.parametrize(
    ("text", "given", "language"),
    [
        ("배송이 빨라요", None, "ko"),
        ("早いです", None, "ja"),
        ("It was great", None, "en"),
        ("I love 떡볶이, delicious and cheap", None, "en"),
        ("CUCKOO 밥솥 굿", None, "ko"),
        ("Le pain est bon mais trop cher", None, "und"),
        ("Das Material ist leider sehr schlecht", None, "und"),
        ("最高", None, "und"),
        ("最高", "ja-JP", "ja"),
        ("最高", "ja_JP", "ja"),
        ("Le pain est bon", "fr-CA", "fr"),
        ("", None, "und"),
    ],
)
def test_the_script_tells_the_language_where_nobody_does(text, given, language):
    assert judge(text, given).language == language


def test_a_language_without_a_list_is_not_judged_by_the_words_of_another():
    assert judge("Das ist fatal good", "de").sentiment is None
    assert judge("Le pain est bon mais trop cher").sentiment is None
    assert judge("最高").sentiment is None
    assert judge("最高", "ja").sentiment > 0


def test_confidence_grows_with_matches_and_falls_where_they_disagree():
    one, two = judge("Great mug."), judge("Great mug, excellent quality, love it.")
    mixed = judge("Great mug, terrible quality, love it, hate it.")
    assert mixed.confidence < one.confidence < two.confidence


def test_confidence_falls_where_the_words_are_a_small_part_of_the_text():
    assert (
        judge("Good. " + "It has the number seven on it and is three inches wide. " * 5).confidence
        < judge("Good.").confidence
    )


def test_a_rating_that_agrees_makes_surer_and_one_that_does_not_less_sure():
    text = "배송이 너무 늦었어요"
    alone, low, middle, high = (judge(text, None, rating, 5).confidence for rating in (None, 1, 3, 5))
    assert low > alone == middle > high
    assert judge(text, None, 5).confidence == alone, "without its scale a rating says nothing"


def test_a_rating_alone_is_no_sentiment():
    assert judge("", None, 1, 5).sentiment is None


@pytest.mark.parametrize(("rating", "scale"), [(6, 5), (-1, 5), (1, 0), (float("nan"), 5), (1, float("inf"))])
def test_a_rating_off_its_scale_is_refused(rating, scale):
    with pytest.raises(BadInput, match=r"on a scale to .* cannot be; give both as they were asked"):
        judge("good", None, rating, scale)


def test_evidence_shows_the_words_with_what_turned_them():
    assert judge("This is not very good").evidence == (("not very good", -1.6),)
    assert judge("맛이 나쁘지 않아요").evidence == (("나쁘지 않", 1.1),)
