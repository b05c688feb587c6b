"""A chat that answers from what the shop knows, says where from, and hands over what nobody wrote down."""

from datetime import timedelta

import pytest

from crosslift.domain.decision import NoOffer
from crosslift.errors import BadInput, Refused
from crosslift.shop.chat.chats import LONGEST
from crosslift.wording.chat import say

ANSWERS = [
    ("Do the paper filters fit the cone dripper?", "fits", "Yes: Paper filters and Cone dripper fit each other."),
    ("원추형 드리퍼에 스푼이 맞나요?", "fits", "아니요, 스푼과 원추형 드리퍼는 서로 맞지 않아요."),
    (
        "円すいドリッパーにほかに何が必要ですか",
        "needs",
        "円すいドリッパーのご使用には、次のいずれかが必要です。\n- ペーパーフィルター",
    ),
    ("What is in the box with the Gooseneck kettle?", "needs", "In the box with Gooseneck kettle:\n- Bar towel"),
    ("드립 주전자 얼마예요?", "price", "드립 주전자의 가격은 세금을 포함해 89,000원이에요."),
    ("ドリップケトルはいくらですか", "price", "ドリップケトルの価格は₩89,000（税込）です。"),
    ("Is the glass server in stock?", "stock", "Glass server is in stock."),
    ("바 타월 재고 있나요?", "stock", "바 타월은 주문하실 수 있어요."),
    ("When will it arrive?", "delivery", "Parcels take two days."),
    ("배송은 언제 와요?", "delivery", "배송은 이틀 걸려요."),
    ("いつ届きますか", "delivery", "お届けまで二日です。"),
    ("電圧はどれですか", "question", "It runs on 220 V."),
    ("핸드드립 내리는 법 알려 주세요", "guide", "이 안내를 보시면 돼요: 핸드드립 내리는 법"),
    ("Where is the guide to the cone dripper?", "guide", "This page helps: How to pour over"),
    ("안녕하세요", "greeting", say("greeting", "ko")),
    ("Cone dripper", "product", "Cone dripper costs ₩24,000, tax included.\nCone dripper is in stock."),
]


def names(decision):
    return [one.product_id for one in decision.offers]


@pytest.mark.parametrize(("question", "kind", "answer"), ANSWERS)
def test_what_the_shop_knows_is_answered_with_its_source(asked, question, kind, answer):
    told = asked(question)
    assert (told["kind"], told["answer"]) == (kind, answer)
    assert told["sources"] or kind == "greeting"
    assert told["confidence"] >= 0.6
    assert told["handover"] is None


def test_the_same_question_gets_the_same_answer(asked):
    one, other = asked("what fits the mug?"), asked("what fits the mug?")
    assert one == other


def test_the_product_of_the_page_and_of_the_turn_before_are_meant_where_none_is_named(asked):
    on_page = asked("does it fit the spoon?", product="DRIP")
    assert on_page["answer"] == "No: Spoon and Cone dripper do not fit each other."
    before = asked("how much is the glass server?")
    after = asked("is it in stock?", conversation=before["conversation"])
    assert after["answer"] == "Glass server is in stock."
    assert after["confidence"] < before["confidence"]


def test_what_could_be_several_is_asked_back_with_their_names(chatty, ask):
    chatty.put_products([
        {"product_id": f"CUP-{size}", "title": f"Porcelain cup {size}", "price": "1", "currency": "KRW"} for size in ("S", "L")
    ])  # fmt: skip
    told = ask("how much is the porcelain cup?")
    assert told["kind"] == "which"
    assert "- Porcelain cup L\n- Porcelain cup S" in told["answer"]
    assert {one["id"] for one in told["sources"]} == {"CUP-S", "CUP-L"}


def test_without_a_product_it_asks_for_one(asked):
    assert asked("how much is it?")["answer"] == say("which_product", "en")


def test_catalog_changes_are_known_at_the_next_question(chatty, ask):
    ask("hello")
    chatty.patch_products([{"product_id": "SERV", "stock": 0}])
    assert ask("is the glass server in stock?")["answer"].startswith("Glass server is out of stock")
    chatty.put_products([{"product_id": "NEW", "title": "Syphon brewer", "price": "120000", "currency": "KRW"}])
    assert "₩120,000" in ask("how much is the syphon brewer?")["answer"]


def test_somebodys_own_refill_needs_who_they_are_and_their_consent(asked):
    usual = "Customers usually buy House beans again after about"
    nobody = asked("When do the house beans run out?")
    assert nobody["answer"].startswith(usual)
    assert say("runs_out.sign_in", "en") in nobody["answer"]
    refused = asked("When do the house beans run out?", customer="c1")
    assert say("runs_out.consent", "en") in refused["answer"]
    own = asked("When do the house beans run out?", customer="c2")
    assert own["answer"].startswith("Going by your own purchases, House beans")
    assert own["sources"][0] == {"kind": "purchases", "id": "BEANS", "title": "House beans", "url": None}
    assert asked("언제 다 떨어져요?", customer="c2")["answer"].startswith("구매하신 기록으로 보면")


def test_only_context_means_no_purchases_are_looked_up(talking, talking_home):
    with talking.open_shop(talking_home, **{"privacy.contextual_only": True}) as shop:
        told = talking.ask(shop, "When do the house beans run out?", customer="c2")
    assert say("runs_out.consent", "en") in told["answer"]


def test_what_goes_with_it_is_decided_by_the_ordinary_gates_and_recorded(chatty, ask):
    told = ask("What goes well with the cone dripper?")
    assert [one["product"] for one in told["offers"]] == ["FILT", "SERV"]
    decision = chatty.decision(told["decision_id"])
    assert decision["placement"] == "chat"
    assert [one["product"] for one in decision["offers"]] == ["FILT", "SERV"]
    chatty.patch_products([{"product_id": "FILT", "stock": 0}])
    assert [one["product"] for one in ask("What goes well with the cone dripper?")["offers"]] == ["SERV"]


def test_why_tells_the_reason_of_the_last_offer_and_of_nobody_elses(ask):
    told = ask("What goes well with the cone dripper?")
    why = ask("why do I see this?", conversation=told["conversation"])
    assert told["offers"][0]["reason"] in why["answer"]
    assert why["sources"] == [
        {"kind": "decision", "id": told["decision_id"], "title": told["decision_id"], "url": None}
    ]
    assert told["offers"][0]["reason"] in ask("why do I see this?", decision=told["decision_id"])["answer"]
    for stranger in ({"anonymous": "b2"}, {"anonymous": None}, {"customer": "c2", "anonymous": None}):
        assert ask("why do I see this?", decision=told["decision_id"], **stranger)["answer"] == say("why.nothing", "en")
    assert ask("why do I see this?", decision="0" * 32)["answer"] == say("why.nothing", "en")


def test_stop_mutes_everywhere_at_once_and_its_undo_is_told_and_works(chatty, ask):
    told = ask("추천 그만해 주세요")
    assert told["answer"] == say("stop.done", "ko")
    assert names(chatty.decide("cart", ["DRIP"], anonymous="b1")) == ["FILT"]  # the dripper cannot be used without
    assert chatty.decide("confirmation", ["DRIP"], anonymous="b1").offers == ()
    assert ask("드리퍼에 어울리는 거 추천해 주세요", conversation=told["conversation"])["offers"] == []
    back = ask("다시 보기", conversation=told["conversation"])
    assert back["answer"] == say("resume.done", "ko")
    assert names(chatty.decide("cart", ["DRIP"], anonymous="b1")) == ["FILT", "SERV"]
    assert ask("다시 보기", conversation=back["conversation"])["answer"] == say("resume.nothing", "ko")


def test_resume_leaves_what_was_muted_piece_by_piece(chatty, ask):
    chatty.peace.mute("anonymous:b1", product="FILT")
    ask("stop")
    ask("resume")
    assert [one["product"] for one in chatty.peace.of("anonymous:b1")["muted"]] == ["FILT"]


def test_who_has_no_name_stops_this_conversation_and_is_told_so(ask):
    told = ask("stop", anonymous=None)
    assert told["answer"] == say("stop.here", "en")
    after = ask("what goes with the cone dripper?", anonymous=None, conversation=told["conversation"])
    assert (after["offers"], after["decision_id"]) == ([], None)


def test_no_thanks_declines_what_was_offered_in_every_channel(chatty, ask):
    told = ask("What goes well with the cone dripper?")
    no = ask("no thanks", conversation=told["conversation"])
    assert no["answer"] == say("no_thanks.done", "en")
    assert "SERV" not in names(chatty.decide("cart", ["DRIP"], anonymous="b1"))
    assert ask("no thanks")["answer"] == say("no_thanks.plain", "en")


@pytest.mark.parametrize(
    "question", ["주전자가 깨져서 왔어요", "This is terrible, it arrived broken", "ケトルが壊れていました。ひどいです"]
)
def test_a_complaint_of_a_customer_opens_a_case_and_nothing_is_offered_any_more(chatty, ask, question):
    told = ask(question, customer="c2", anonymous=None, product="KETTLE")
    assert told["kind"] == "complaint"
    assert told["handover"]["is_case"]
    assert told["offers"] == []
    (case,) = chatty.records.table(
        "cases", ("case_id", "customer_id", "status", "text", "product_id"), "", ()
    ).to_pylist()
    assert (case["customer_id"], case["status"], case["product_id"]) == ("c2", "open", "KETTLE")
    assert f"> {question}" in case["text"]
    assert chatty.decide("cart", ["DRIP"], customer="c2").no_offer == NoOffer.SOLVE_FIRST
    after = ask(
        "What goes well with the cone dripper?", customer="c2", anonymous=None, conversation=told["conversation"]
    )
    assert (after["offers"], after["decision_id"]) == ([], None)


def test_the_same_conversation_keeps_one_case_with_the_newest_transcript(talking, talking_home, chatty, ask):
    told = ask("My kettle arrived broken", customer="c2", anonymous=None)
    chatty.clock = lambda: talking.NOW + timedelta(minutes=1)
    ask("I want to talk to a human", customer="c2", anonymous=None, conversation=told["conversation"])
    (case,) = chatty.records.table("cases", ("text",), "", ()).to_pylist()
    assert case["text"].count("> ") == 2


def test_a_question_nobody_wrote_an_answer_to_is_handed_over_and_listed(chatty, ask):
    known = ask("Do you roast at night?", customer="c2", anonymous=None)
    stranger = ask("Do you roast at night?")
    for told in (known, stranger):
        assert told["kind"] == "unknown"
        assert told["confidence"] == 0
        assert "02-123-4567" in told["answer"]
        assert told["handover"]["why"] == "question"
    waiting = chatty.chats.waiting()
    assert {one["id"] for one in waiting} == {known["handover"]["id"], stranger["handover"]["id"]}
    assert all("> Do you roast at night?" in one["text"] for one in waiting)
    assert chatty.decide("cart", ["DRIP"], customer="c2").no_offer != NoOffer.SOLVE_FIRST


def test_whether_two_things_fit_is_never_guessed(ask):
    told = ask("Does the kettle fit the glass server?", customer="c2")
    assert "no record" in told["answer"]
    assert told["handover"]["why"] == "question"


def test_robots_staff_and_tests_leave_nothing_behind(chatty, ask):
    told = ask("My kettle arrived broken", customer="c2", is_counted=False)
    assert told["handover"] is None
    assert "passed on" not in told["answer"]
    offered = ask("What goes well with the cone dripper?", is_counted=False)
    assert offered["offers"]
    assert offered["decision_id"] is None
    assert ask("stop", is_counted=False)["answer"] == say("stop.here", "en")
    assert chatty.chats.waiting() == []
    assert chatty.peace.of("anonymous:b1")["muted"] == []


@pytest.mark.parametrize("text", ["", "   ", "a" * (LONGEST + 1)])
def test_a_question_that_is_none_is_refused(asked, text):
    with pytest.raises(BadInput, match="1 to 500 letters"):
        asked(text)


def test_a_conversation_of_another_shop_is_refused_and_of_another_person_not_taken_up(asked):
    with pytest.raises(Refused, match="leave `conversation` out"):
        asked("hello", conversation="AAAA" * 20)
    before = asked("how much is the glass server?")
    assert asked("is it in stock?", conversation=before["conversation"], anonymous="b2")["kind"] == "which"


def test_nothing_personal_is_logged(ask, capsys):
    ask("My name is Kim Minji and my kettle arrived broken", customer="c2", anonymous=None)
    said = capsys.readouterr()
    assert "chat_answered" in said.out + said.err
    assert not any(word in said.out + said.err for word in ("Minji", "kettle", "c2"))
