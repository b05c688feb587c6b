"""`POST /v1/decide/page`: every placement of one page in a single call, no product twice."""

from typing import Annotated

import msgspec

from crosslift.web.api.decide import Ask, Count, Moment, Text, Word, Words, notes, request_of
from crosslift.web.api.offers import Answer, answer
from crosslift.web.api.operation import EITHER, Id, Operation
from crosslift.web.security import Key, speaking_for
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

MOST_SPOTS = 12


class Spot(msgspec.Struct, forbid_unknown_fields=True):
    """One placement of the page; what it does not say is as the whole page says."""

    placement: Word
    k: Count | None = None
    kinds: Words = []
    product: Id | None = None
    query: Text | None = None
    content: Id | None = None


class AskPage(Moment, forbid_unknown_fields=True, kw_only=True):
    """What is known about this moment, once, and the placements of the page in the order of their importance."""

    page: Annotated[list[Spot], msgspec.Meta(min_length=1, max_length=MOST_SPOTS)]


class Page(msgspec.Struct):
    """One answer for each placement, in the order asked."""

    answers: list[Answer]


_decoder = msgspec.json.Decoder(AskPage)


async def page(served: ServedShop, key: Key, body: bytes) -> Page:
    """Answer every placement; what an earlier one shows no later one shows again."""
    ask = decode(_decoder, body)
    key = speaking_for(served.shop, key, ask.customer_token)
    requests = [request_of(served, key, _with(ask, spot)) for spot in ask.page]
    if key.not_counted(ask.traffic):
        decisions = served.decide_uncounted(requests, with_trace=ask.trace)
    else:
        decisions = await served.decide_page(requests, with_trace=ask.trace)
    return Page([
        answer(served, decision, request, is_secret=key.is_secret, warnings=notes(key, ask))
        for decision, request in zip(decisions, requests, strict=True)
    ])  # fmt: skip


def _with(ask: AskPage, spot: Spot) -> Ask:
    given = {name: value for name in spot.__struct_fields__ if (value := getattr(spot, name)) not in (None, [])}
    common = {name: getattr(ask, name) for name in Moment.__struct_fields__}
    return Ask(**{**common, **given})


OPERATION = Operation(
    name="decide_page",
    method="POST",
    path="/v1/decide/page",
    summary="Ask for every placement of a page at once",
    about=(
        "`page` names the placements in the order of their importance; the rest is as for `/v1/decide` and holds for all. "
        "No product stands twice on the page: a later placement drops it with the code `on_page`."
    ),
    group="decide",
    keys=EITHER,
    bodies=(AskPage,),
    body_example={
        "product": "85123A", "page": [{"placement": "product"}, {"placement": "cart", "k": 2}],
    },
    answer=Page,
    answer_example={
        "answers": [
            {"decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", "offers": [], "no_offer": "no_candidates",
             "purpose": "contextual", "warnings": []},
        ]
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
