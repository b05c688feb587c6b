"""`POST /v1/decide/text`: a decision as plain text, for chat programs, kiosks, tills and receipt printers."""

from typing import Annotated, Literal

import msgspec

from crosslift.deliver.channels.text import NARROWEST, PAPERS, WIDEST
from crosslift.shop.slips import printed
from crosslift.web.api.decide import Ask, Moment, Word, request_of
from crosslift.web.api.operation import SECRET, Operation
from crosslift.web.security import Key
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

DECISION_HEADER = "X-Crosslift-Decision"
TYPE = "text/plain; charset=utf-8"


class AskText(Moment, forbid_unknown_fields=True, kw_only=True):
    """A question as `/v1/decide` takes it, and what its answer is set on."""

    paper: Annotated[Literal["chat", "kiosk", "till", "receipt"], msgspec.Meta(description="What it is set on.")] = (
        "till"
    )
    width: Annotated[
        Annotated[int, msgspec.Meta(ge=NARROWEST, le=WIDEST)] | None,
        msgspec.Meta(description="Columns of a line, a wide letter counting two; the paper's own by default."),
    ] = None
    placement: Annotated[Word | None, msgspec.Meta(description="By default that of the paper.")] = None


MERCHANT = Key("secret")
"""Who asks here was let in as one that speaks for the merchant."""

_decoder = msgspec.json.Decoder(AskText)


async def decide(served: ServedShop, body: bytes) -> tuple[str, str]:
    """Decide and print it; gives the text and the id of the decision."""
    sent = decode(_decoder, body)
    values = {name: getattr(sent, name) for name in Ask.__struct_fields__ if name != "placement"}
    ask = Ask(**values, placement=sent.placement or PAPERS[sent.paper].placement)
    request = request_of(served, MERCHANT, ask)
    decision = await served.decide(request)
    text = await served.in_thread(lambda: printed(served.shop, decision, sent.paper, request.language, sent.width))
    return text, decision.decision_id


OPERATION = Operation(
    name="decide_text",
    method="POST",
    path="/v1/decide/text",
    summary="Ask what to offer, answered as plain text",
    about=(
        "The decision of `/v1/decide`, set in columns: title, every price with tax and total, the true reason, the short code "
        "that opens this price at the till, and how to say no. No line is wider than `width`; Hangul, kana and Han count two "
        f"columns. Nothing in it can control a printer. `{DECISION_HEADER}` bears the decision id, to be sent back with "
        "whatever happens."
    ),
    group="decide",
    keys=(SECRET,),
    bodies=(AskText,),
    body_example={"paper": "receipt", "cart": ["85123A", "22423"], "language": "en"},
    answer={"type": "string"},
    answer_example=(
        "For another time\n\nROSES REGENCY TEACUP AND SAUCER\n  Total          £2.95 tax included\n  Bought together with "
        "REGENCY\n  CAKESTAND 3 TIER in 412 orders;\n  about 96 would be chance.\n\nNot needed? There is nothing to\ndo.\n"
    ),
    media_type=TYPE,
    problems=(400, 401, 403, 408, 413, 422, 503),
)
