"""`POST /v1/widget`: every placement of one page dressed for a browser, as HTML or as cards, with the threshold bar.

The work is done where the pages are: `web.pages.widget`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from crosslift.deliver.channels.blocks import KNOWN, WHERE
from crosslift.web.api.decide import Count, Moment, Text, Word, Words
from crosslift.web.api.operation import EITHER, Id, Operation

MOST_SPOTS = 12
Address = Annotated[str, msgspec.Meta(max_length=500)]


class Spot(msgspec.Struct, forbid_unknown_fields=True):
    """One placement of the page; what it does not say is as the whole page says. `set` shows sets alone."""

    placement: Annotated[Word, msgspec.Meta(description=f"One of {', '.join(WHERE)}.")]
    block: Annotated[Word | None, msgspec.Meta(description=f"Only this part of it: {', '.join(KNOWN)}.")] = None
    k: Count | None = None
    kinds: Words = []
    product: Id | None = None
    query: Text | None = None
    content: Id | None = None


class AskWidget(Moment, forbid_unknown_fields=True, kw_only=True):
    """What is known about this moment, and the placements of the page in the order of their importance."""

    page: Annotated[list[Spot], msgspec.Meta(max_length=MOST_SPOTS)] = msgspec.field(default_factory=list)
    bar: Annotated[bool, msgspec.Meta(description="Whether the page has a threshold bar.")] = False
    html: Annotated[bool, msgspec.Meta(description="Whether to render: the same cards as HTML.")] = True
    cards: Annotated[bool, msgspec.Meta(description="Whether to give the cards as JSON, to render them yourself.")] = (
        False
    )
    base: Annotated[Address, msgspec.Meta(description="Where this server is reached, for pictures that lie here.")] = ""
    link: Annotated[
        Address | None,
        msgspec.Meta(description="Address of the product pages, such as /p/{product}; by default the catalog's `url`."),
    ] = None


class Shown(msgspec.Struct):
    """One placement: `html` for a page, and the same as `slots` and `sets` where cards were asked for."""

    placement: str
    block: str | None
    decision_id: str | None
    no_offer: str | None
    n_cards: int
    html: str | None = None
    slots: list[dict[str, Any]] | None = None
    sets: list[dict[str, Any]] | None = None


class ShownBar(Shown):
    """The threshold bar: `sentence` says what is missing, `share` of it is filled; its slots fit the gap."""

    sentence: str = ""
    amount: str = ""
    missing: str | None = None
    share: float = 0.0
    is_reached: bool = False


class Widget(msgspec.Struct):
    """The answer: one entry for each placement, in the order asked; `bar` is null where there is none for this cart."""

    language: str
    placements: list[Shown]
    bar: ShownBar | None
    words: Mapping[str, str]
    warnings: list[str]


OPERATION = Operation(
    name="widget",
    method="POST",
    path="/v1/widget",
    summary="Get the offers of a page, ready to be shown",
    about=(
        "As `/v1/decide/page`, with every offer dressed as a value card: benefit, price and what a difference buys, comparison, "
        "rating and a quoted review, guarantee, the true reason and what is behind it. `html` is what the widget puts into the "
        "page and what `/v1/fragment` answers; with `cards` the same comes as `slots` and `sets`, and `html: false` leaves the "
        "rendering to you. `bar` adds the threshold bar with what fits its gap. Where a placement shows nothing, its `html` is "
        "empty and `no_offer` says why."
    ),
    group="deliver",
    keys=EITHER,
    bodies=(AskWidget,),
    body_example={
        "product": "85123A", "cart": ["22423"], "bar": True, "language": "en",
        "page": [{"placement": "product", "block": "needs"}, {"placement": "product", "block": "goes_with"}],
    },
    answer=Widget,
    answer_example={
        "language": "en",
        "placements": [
            {"placement": "product", "block": "needs", "decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11",
             "no_offer": "no_candidates", "n_cards": 0, "html": "", "slots": None, "sets": None},
        ],
        "bar": None, "words": {"close": "Close"}, "warnings": [],
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
