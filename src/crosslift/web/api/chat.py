"""`POST /v1/chat`: a customer asks, and gets an answer with its source, or somebody of the shop gets the question."""

from typing import Annotated

import msgspec

from crosslift.deliver.answering.conversation import LONGEST as LONGEST_CONVERSATION
from crosslift.shop.chat import Said
from crosslift.shop.chat.chats import LONGEST
from crosslift.web.api.offers import Price
from crosslift.web.api.operation import EITHER, Id, Ids, Operation, Token
from crosslift.web.security import Key, speaking_for
from crosslift.web.served import ServedShop
from crosslift.web.traffic import Traffic
from crosslift.web.wire import decode

Tag = Annotated[str, msgspec.Meta(max_length=60)]


class AskChat(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a customer wrote, and where."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST, description="As it was written.")]
    language: Annotated[
        Tag | None, msgspec.Meta(description="Of the page; a text that shows another of ours is answered in that.")
    ] = None
    product: Annotated[Id | None, msgspec.Meta(description="The product the page is about.")] = None
    cart: Annotated[Ids, msgspec.Meta(description="Products in the basket.")] = []
    customer: Annotated[Id | None, msgspec.Meta(description="Secret key only; a page sends `customer_token`.")] = None
    customer_token: Annotated[Token | None, msgspec.Meta(description="As `X-Crosslift-Customer`.")] = None
    anonymous: Annotated[Id | None, msgspec.Meta(description="The browser: a stable id without a customer.")] = None
    session: Annotated[Id | None, msgspec.Meta(description="The visit.")] = None
    market: Tag | None = None
    traffic: Traffic = None
    decision: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None,
        msgspec.Meta(description="The decision whose offer is asked about; by default the last of the conversation."),
    ] = None
    conversation: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CONVERSATION)] | None,
        msgspec.Meta(description="As the last answer gave it; it holds for a day."),
    ] = None


class ChatSource(msgspec.Struct):
    """Where an answer is from: product, relation, page, purchases (the customer's own) or decision."""

    kind: str
    id: str
    title: str
    url: str | None


class ChatOffer(msgspec.Struct):
    """An offer of the decision made beside the answer; `total` is what is paid in all."""

    product: str
    title: str
    reason: str
    url: str | None
    total: Price | None
    total_includes_tax: bool


class Handed(msgspec.Struct):
    """Somebody of the shop has it now: why (question, complaint, human), and what was opened."""

    why: str
    id: str
    is_case: bool


class ChatAnswer(msgspec.Struct):
    """The answer, line by line; `confidence` 0..1 says how surely the question was understood and answered."""

    answer: str
    kind: str
    language: str
    confidence: float
    sources: list[ChatSource]
    decision_id: str | None
    offers: list[ChatOffer]
    handover: Handed | None
    conversation: str


_decoder = msgspec.json.Decoder(AskChat)


async def chat(served: ServedShop, key: Key, body: bytes) -> ChatAnswer:
    """Answer a question; what is offered beside it is on disk before it is answered."""
    sent = decode(_decoder, body)
    key = speaking_for(served.shop, key, sent.customer_token)
    served.check_ready()
    said = Said(
        sent.text, sent.language, sent.product, tuple(sent.cart), sent.customer if key.is_secret else key.customer,
        sent.anonymous, sent.session, sent.market, sent.decision, sent.conversation, key.is_secret,
        not key.not_counted(sent.traffic),
    )  # fmt: skip
    return msgspec.convert(await served.in_thread(lambda: served.shop.chats.ask(said)), ChatAnswer)


OPERATION = Operation(
    name="chat",
    method="POST",
    path="/v1/chat",
    summary="Answer a question of a customer",
    about=(
        "By rules and word lists in Korean, Japanese and English, offline: does it fit, what is needed, when does it run out "
        "(of a customer who let their purchases be used), where is the guide, why is this shown, price, stock, delivery, "
        "returns, and stop. Answers come from catalog, relations and pages alone, with their source. What nobody wrote down "
        "is handed over with the transcript; a complaint opens a case of a known customer and never gets an offer. Offers "
        "beside an answer are decided at the placement `chat`, by the ordinary gates. The same question of the same person and "
        "moment gets the same answer. The shop keeps no conversation: it travels, signed, in `conversation`."
    ),
    group="deliver",
    keys=EITHER,
    bodies=(AskChat,),
    body_example={"text": "Does it fit my cone dripper?", "language": "en", "product": "FLT-02", "anonymous": "b-71"},
    answer=ChatAnswer,
    answer_example={
        "answer": "Yes: Paper filters 02 and Cone dripper 02 fit each other (filter size cone-02).", "kind": "fits",
        "language": "en", "confidence": 0.95,
        "sources": [
            {"kind": "product", "id": "FLT-02", "title": "Paper filters 02", "url": "/products/FLT-02"},
            {"kind": "product", "id": "DRP-02", "title": "Cone dripper 02", "url": "/products/DRP-02"},
            {"kind": "relation", "id": "fits", "title": "rule", "url": None},
        ],
        "decision_id": None, "offers": [], "handover": None, "conversation": "rT1xk0...",
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
