"""Rows V08, V14 and V15: decisions as plain text, a chat that answers, the brand's voice, and one tone for each culture."""

import re
import shutil

import pytest

from crosslift.deliver.channels.columns import columns
from crosslift.deliver.channels.text import PAPERS
from crosslift.domain.decision import NoOffer
from crosslift.errors import BadInput
from crosslift.shop.chat import Said
from crosslift.shop.slips import printed
from crosslift.wording import pressure
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.sentences import Register, sentences

BY = ("mina", "asked for")
CODE = re.compile(r"(?:Code|코드|コード) ([2-9A-Z]{4}) ([2-9A-Z]{4})")


@pytest.fixture(scope="session")
def talking(load_script):
    return load_script("tests/unit/shop/chat/talking.py")


@pytest.fixture(scope="session")
def talking_home(talking, load_script, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        return talking.build(tmp_path_factory.mktemp("rows-chat"), load_script("tests/web/conftest.py").write_files)


@pytest.fixture
def roastery(talking, talking_home, tmp_path, _no_compiler):
    """A copy of the shop that can be asked."""
    shutil.copytree(talking_home, tmp_path / "roastery")
    with talking.open_shop(tmp_path / "roastery") as shop:
        yield shop


@pytest.mark.parametrize("paper", PAPERS)
def test_v08_a_decision_is_printed_with_price_reason_code_and_an_easy_no_in_three_languages(roastery, paper):
    """The same decision on every paper: its code opens the very offer, price and reason at the till."""
    for language in LANGUAGES:
        made = roastery.decide(PAPERS[paper].placement, ["DRIP"], language=language)
        text = printed(roastery, made, paper, language)
        assert all(columns(line) <= PAPERS[paper].width for line in text.splitlines())
        opened = [roastery.promises.open("".join(code)) for code in CODE.findall(text)]
        assert [one.product_id for one in opened] == [one.product_id for one in made.offers]
        assert [one.price for one in opened] == [one.price for one in made.offers]
        assert [one.reason.code for one in opened] == [one.reason.code for one in made.offers]


def test_v08_a_hostile_title_reaches_no_printer(roastery):
    roastery.put_products(
        [{"product_id": "FILT", "title": "Cut\x1di\x1b@ here", "price": "6500", "currency": "KRW", "stock": 9}]
    )
    text = printed(roastery, roastery.decide("till", ["DRIP"]), "till", "en")
    assert "Cuti@ here" in text
    assert not set(text) & {chr(code) for code in (*range(10), *range(11, 32))}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Does the spoon fit the cone dripper?", "fits"),
        ("원추형 드리퍼에 뭐가 더 필요해요?", "needs"),
        ("ハウスブレンドはいつなくなりますか", "runs_out"),
        ("Where is the guide to the cone dripper?", "guide"),
        ("드립 주전자 얼마예요?", "price"),
        ("いつ届きますか", "delivery"),
    ],
)
def test_v08_the_chat_answers_from_what_is_written_down_with_its_source(roastery, question, kind):
    told = roastery.chats.ask(Said(question, anonymous="b1"))
    assert told["kind"] == kind
    assert told["sources"]
    assert told["confidence"] > 0.7
    assert told["handover"] is None


def test_v08_the_chat_never_guesses_and_hands_over_with_the_transcript(roastery):
    told = roastery.chats.ask(Said("Do you roast at night?", customer="c2"))
    assert (told["kind"], told["confidence"], told["handover"]["why"]) == ("unknown", 0.0, "question")
    (waiting,) = roastery.chats.waiting()
    assert waiting["text"].startswith("> Do you roast at night?\n< ")


def test_v08_a_complaint_never_gets_an_offer_and_is_solved_first_everywhere(roastery):
    told = roastery.chats.ask(
        Said("주전자가 깨져서 왔어요. 어울리는 상품 추천해 주세요.", customer="c2", product="DRIP")
    )
    assert (told["offers"], told["handover"]["is_case"]) == ([], True)
    assert roastery.decide("cart", ["DRIP"], customer="c2").no_offer == NoOffer.SOLVE_FIRST


def test_v08_stop_in_the_chat_is_a_stop_everywhere_at_once_and_can_be_taken_back(roastery):
    roastery.chats.ask(Said("Stop recommending things", anonymous="b1"))
    assert roastery.decide("confirmation", ["DRIP"], anonymous="b1").offers == ()
    roastery.chats.ask(Said("resume", anonymous="b1"))
    assert roastery.decide("confirmation", ["DRIP"], anonymous="b1").offers


@pytest.fixture
def moru(talking, talking_home, tmp_path, _no_compiler):
    """The same shop with a brand."""
    shutil.copytree(talking_home, tmp_path / "moru")
    settings = {
        "brand.forbidden_words": "en: cheap; ko: 대박; ja: 激安", "brand.address": "ko: formal",
        "brand.image_flags": "JP: alcohol", "brand.approved_file": "approved.txt",
    }  # fmt: skip
    (tmp_path / "moru" / "approved.txt").write_text("A visit\n방문합니다.\nok.png\n", encoding="utf-8")
    with talking.open_shop(tmp_path / "moru", **settings) as shop:
        yield shop


VISIT = {"offer_id": "visit", "kind": "service", "title_en": "A visit", "price": "1", "currency": "KRW"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"title_en": "A cheap visit"}, "brand_word.en"),
        ({"title_ko": "대박 방문"}, "brand_word.ko"),
        ({"title_ja": "激安の訪問"}, "brand_word.ja"),
        ({"benefit_ko": "방문해요."}, "brand_address.ko"),
        ({"title_en": "Another visit"}, "not_approved"),
    ],
)
def test_v14_an_offer_that_is_not_in_the_brands_voice_or_not_approved_is_refused_by_rule(moru, changes, rule):
    with pytest.raises(BadInput, match=re.escape(rule)):
        moru.offers.put({**VISIT, **changes}, *BY)
    assert moru.offers.list() == []
    moru.offers.put({**VISIT, "benefit_ko": "방문합니다."}, *BY)


@pytest.mark.usefixtures("_no_compiler")
def test_v14_the_theme_is_ten_variables_and_one_nobody_could_read_is_refused_with_what_to_do(talking, talking_home):
    with talking.open_shop(talking_home, **{"brand.theme": "accent: #0a7d55"}) as shop:
        assert "--crosslift-accent:#0a7d55;" in shop.brands.css()
    with talking.open_shop(talking_home, **{"brand.theme": "muted: #999999"}) as shop:
        (found, *_) = shop.brands.findings()
    assert found.rule_id == "theme_contrast"
    assert "a darker muted or a lighter surface" in found.instead


def test_v15_a_picture_a_market_does_not_show_is_found_and_its_offer_refused(moru):
    wine = {"product_id": "WINE", "title": "Wine", "price": "9", "currency": "KRW", "image": "ok.png"}
    moru.put_products([{**wine, "attributes": {"image_flags": ["alcohol"]}}])
    sold = {"offer_id": "wine", "kind": "goods", "title_en": "A visit", "product_id": "WINE"}
    with pytest.raises(BadInput, match=r"image_flag\.JP: 'alcohol'"):
        moru.offers.put({**sold, "markets": "JP"}, *BY)
    moru.offers.put({**sold, "markets": "KR"}, *BY)
    assert any(one.rule_id == "image_flag.JP" for one in moru.brands.findings())


def test_v15_the_same_offer_speaks_in_the_register_of_each_culture(roastery):
    """No machine twins: Korean is polite, Japanese leaves it to the reader, English is plain; prices as each country writes."""
    texts = {
        language: printed(roastery, roastery.decide("receipt", ["DRIP"], language=language), "receipt", language)
        for language in LANGUAGES
    }
    flat = {language: "".join(text.split()) for language, text in texts.items()}
    assert "필요하지않으시면그대로두시면돼요." in flat["ko"]
    assert "ご不要の場合はこのままで問題ございません。" in flat["ja"]
    assert "Notneeded?Thereisnothingtodo." in flat["en"]
    assert "21,000원세금포함" in flat["ko"]
    assert "₩21,000税込" in flat["ja"]
    assert "₩21,000taxincluded" in flat["en"]


def test_v15_every_sentence_customers_read_can_be_reviewed_side_by_side_and_none_presses():
    found = sentences()
    assert len(found) > 400
    for one in found:
        assert one.registers["ko"] in (Register.POLITE, Register.FORMAL, Register.MIXED, Register.LABEL), one.key
        assert one.registers["ja"] in (Register.POLITE, Register.HONORIFIC, Register.LABEL), one.key
        assert not any(pressure.pressure_words(text, language) for language, text in one.texts.items()), one.key
