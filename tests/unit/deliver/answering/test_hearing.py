"""What is asked, in three languages: by the word lists, deterministic, and honest about not knowing."""

import pytest

from crosslift.deliver.answering.hearing import hear
from crosslift.deliver.answering.words import LIKELY, SURE, Intent, patterns, terms
from crosslift.wording.chat import say
from crosslift.wording.messages import LANGUAGES

ASKED = {
    Intent.FITS: (
        "Does it fit my V60?",
        "Is it compatible with the kettle?",
        "이거 V60에 맞나요?",
        "주전자와 호환되나요?",
        "これはV60に合いますか",
    ),
    Intent.NEEDS: (
        "What do I need for it?",
        "Do I need anything else?",
        "뭐가 더 필요해요?",
        "따로 사야 하는 게 있나요",
        "ほかに何が必要ですか",
    ),
    Intent.RUNS_OUT: (
        "When does it run out?",
        "How long do filters last?",
        "언제 떨어져요?",
        "필터 얼마나 가요?",
        "いつなくなりますか",
    ),
    Intent.GUIDE: (
        "Where is the guide?",
        "How do I clean it?",
        "설명서 어디 있어요?",
        "핸드드립 내리는 법",
        "使い方のページはどこですか",
    ),
    Intent.WHY: (
        "Why do I see this?",
        "Why was this recommended?",
        "왜 이 상품을 추천했어요?",
        "なぜこれが表示されますか",
    ),
    Intent.STOP: (
        "Stop",
        "Unsubscribe",
        "Stop recommending things",
        "추천 그만해 주세요",
        "수신거부",
        "配信停止してください",
        "おすすめは不要です",
    ),
    Intent.RESUME: ("resume", "다시 보기", "再開"),
    Intent.PRICE: ("How much is the kettle?", "주전자 얼마예요?", "ケトルはいくらですか"),
    Intent.STOCK: ("Is it in stock?", "Do you have the kettle?", "재고 있나요?", "在庫はありますか"),
    Intent.DELIVERY: (
        "Do you ship to Japan?",
        "When will it arrive?",
        "배송 언제 와요?",
        "いつ届きますか",
        "送料はいくらですか",
    ),
    Intent.RETURNS: ("Can I return it?", "반품하고 싶어요", "返品できますか"),
    Intent.SUGGEST: ("What goes well with the dripper?", "어울리는 거 추천해 주세요", "おすすめはありますか"),
    Intent.NO_THANKS: ("No thanks", "괜찮아요", "結構です"),
    Intent.HUMAN: ("I want to talk to a human", "상담원 연결해 주세요", "担当者と話したい"),
    Intent.COMPLAINT: (
        "My kettle arrived broken",
        "주전자가 깨져서 왔어요",
        "주문한 게 안 왔어요",
        "ケトルが壊れていました",
        "まだ届きません",
    ),
    Intent.GREETING: ("Hello", "안녕하세요", "こんにちは"),
    Intent.THANKS: ("Thank you", "감사합니다", "ありがとうございます"),
    Intent.UNKNOWN: ("Which voltage?", "오늘 날씨", "天気", "asdf", "???", ""),
}
CASES = [(intent, text) for intent, listed in ASKED.items() for text in listed]


@pytest.mark.parametrize(("intent", "text"), CASES)
def test_a_question_is_heard_for_what_it_is(intent, text):
    assert hear(text, "en").intent is intent


def test_every_intent_but_the_unknown_has_sure_words_in_every_language():
    for language in LANGUAGES:
        sure = {intent for intent, sureness, _ in patterns(language) if sureness == SURE}
        assert sure == set(Intent) - {Intent.UNKNOWN, Intent.QUESTION}, language


def test_a_term_stands_once_in_its_list():
    for language in LANGUAGES:
        listed = [(intent, term) for intent, _, term in terms(language)]
        assert len(listed) == len(set(listed)), language


def test_the_words_the_chat_tells_people_to_write_are_heard():
    told = {"en": ("resume", "no thanks"), "ko": ("다시 보기", "괜찮아요"), "ja": ("再開", "結構です")}
    for language, (back, no) in told.items():
        assert back in say("stop.done", language)
        assert hear(back, language).intent is Intent.RESUME
        assert hear(no, language).intent is Intent.NO_THANKS
        assert hear(say("ui.no", language), language).intent is Intent.NO_THANKS


def test_a_complaint_and_a_stop_are_heard_beside_anything_else():
    assert hear("How much is the kettle? Mine arrived broken.", "en").intent is Intent.COMPLAINT
    assert hear("What is the price, and please stop sending me offers", "en").intent is Intent.STOP


def test_a_weaker_word_makes_less_sure_and_none_makes_nothing():
    assert hear("stop", "en").sureness == LIKELY
    assert hear("qwertz", "en").sureness == 0.0


def test_english_words_are_whole_words():
    assert hear("The benefits of outfits", "en").intent is Intent.UNKNOWN
