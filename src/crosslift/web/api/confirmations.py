"""`/v1/confirmations`: the customer's own answer to a sale that somebody made with them."""

from typing import Annotated, Any

import msgspec

from crosslift.domain.agent import ConfirmationAnswer
from crosslift.web.api.operation import SECRET, Id, Operation
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=12000)]
Tag = Annotated[str, msgspec.Meta(max_length=60)]


class AskConfirmation(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to ask about what: an order, a subscription or an offer of a decision, and one of them alone."""

    customer: Id
    wording: Annotated[Text, msgspec.Meta(description="The sentence the customer says yes to.")]
    order: Id | None = None
    line: Annotated[Id | None, msgspec.Meta(description="One line of the order; all of them by default.")] = None
    source: Annotated[Id | None, msgspec.Meta(description="Where several systems have an order of that id.")] = None
    subscription: Id | None = None
    decision: Id | None = None
    product: Annotated[Id | None, msgspec.Meta(description="One product of the order, or which offer is meant.")] = None
    agent: Annotated[Id | None, msgspec.Meta(description="Who sold it.")] = None
    language: Annotated[Tag | None, msgspec.Meta(description="BCP 47 tag; we write en, ko, ja.")] = None


class AskedConfirmation(msgspec.Struct):
    """The token for the link, and what has to be shown beside the question, in full."""

    token: str
    content: dict[str, Any]


class ShowConfirmation(msgspec.Struct, forbid_unknown_fields=True):
    """The token as it stands in the link."""

    token: Token


class ShownConfirmation(msgspec.Struct):
    """What the customer is asked; `answer` is null until they answered."""

    customer_id: str
    wording: str
    content: dict[str, Any]
    answer: str | None


class AnswerConfirmation(msgspec.Struct, forbid_unknown_fields=True):
    """The token as the customer sent it back, and what they said."""

    token: Token
    answer: Annotated[ConfirmationAnswer, msgspec.Meta(description="`no`: they did not want it.")] = (
        ConfirmationAnswer.YES
    )


class AnsweredConfirmation(msgspec.Struct):
    """The answer as it is kept, with what the customer was shown."""

    confirmation_id: str
    customer_id: str
    answer: str
    content: dict[str, Any]


_ask = msgspec.json.Decoder(AskConfirmation)
_show = msgspec.json.Decoder(ShowConfirmation)
_answer = msgspec.json.Decoder(AnswerConfirmation)


async def ask(served: ServedShop, body: bytes) -> AskedConfirmation:
    """Make the token for the message that asks."""
    sent = msgspec.structs.asdict(decode(_ask, body))
    return AskedConfirmation(**await served.in_thread(lambda: served.shop.confirmations.ask(**sent)))


async def show(served: ServedShop, body: bytes) -> ShownConfirmation:
    """Give what a token asks about."""
    sent = decode(_show, body)
    return ShownConfirmation(**await served.in_thread(lambda: served.shop.confirmations.show(sent.token)))


async def confirm(served: ServedShop, body: bytes) -> AnsweredConfirmation:
    """Keep the customer's answer."""
    sent = decode(_answer, body)
    confirmations = served.shop.confirmations
    return AnsweredConfirmation(**await served.in_thread(lambda: confirmations.confirm(sent.token, sent.answer)))


_CONTENT = {
    "language": "en",
    "lines": [
        {
            "line_id": "1", "quantity": 1, "product": "warranty", "title": "Warranty, three years", "amount": "49.00",
            "currency": "EUR", "lines": [{"amount": "49.00", "currency": "EUR", "period": None}],
            "total": {"amount": "49.00", "currency": "EUR"}, "terms": "parts and labor", "cancellation": "within 30 days",
        }
    ],
}  # fmt: skip
ASK = Operation(
    name="ask_confirmation",
    method="POST",
    path="/v1/confirmations/ask",
    summary="Ask a customer whether they want what was sold",
    about=(
        "Gives the token for the link in your message, good for seven days and one answer, and `content`: every product with "
        "its price lines, total and terms. Whoever bought it is asked, nobody else. If the sale changes, ask again."
    ),
    group="deliver",
    keys=(SECRET,),
    bodies=(AskConfirmation,),
    body_example={
        "customer": "17850",
        "order": "o-881",
        "agent": "mina",
        "wording": "Yes, I want this and know its price.",
    },
    answer=AskedConfirmation,
    answer_example={"token": "q1w2…", "content": _CONTENT},
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)
SHOW = Operation(
    name="show_confirmation",
    method="POST",
    path="/v1/confirmations/show",
    summary="Show what a customer is asked to confirm",
    about="For the page the link leads to. Refused if altered, expired, or if what was sold has changed since.",
    group="deliver",
    keys=(SECRET,),
    bodies=(ShowConfirmation,),
    body_example={"token": "q1w2…"},
    answer=ShownConfirmation,
    answer_example={
        "customer_id": "17850", "wording": "Yes, I want this and know its price.", "content": _CONTENT, "answer": None,
    },
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)  # fmt: skip
CONFIRM = Operation(
    name="answer_confirmation",
    method="POST",
    path="/v1/confirmations/confirm",
    summary="Keep what the customer answered",
    about="Kept for good with what was shown; the same answer again changes nothing, another one is refused.",
    group="deliver",
    keys=(SECRET,),
    bodies=(AnswerConfirmation,),
    body_example={"token": "q1w2…", "answer": "yes"},
    answer=AnsweredConfirmation,
    answer_example={"confirmation_id": "link-0f3a…", "customer_id": "17850", "answer": "yes", "content": _CONTENT},
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)
