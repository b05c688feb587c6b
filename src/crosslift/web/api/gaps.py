"""`GET /v1/cards/gaps`: what value cards lack, and are shown without: listed for whoever keeps the catalog, never padded."""

from typing import Any

import msgspec

from crosslift.deliver.channels.card import Gap
from crosslift.errors import BadInput
from crosslift.shop.cards import MOST_GAPS
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.wording.messages import LANGUAGES

MOST = 5_000


class GapRow(msgspec.Struct):
    """One product, or an offer that is none: what its card lacks, and in which languages nobody says what it is good for."""

    what: str
    id: str
    title: str
    gaps: list[str]
    benefit_in: list[str]


class Gaps(msgspec.Struct):
    """Those that lack most first."""

    languages: list[str]
    n_looked_at: int
    n_lacking: int
    n_of: dict[str, int]
    rows: list[GapRow]


async def get(served: ServedShop, languages: tuple[str, ...], most: int) -> Gaps:
    """List them."""
    for one in languages:
        if one not in LANGUAGES:
            raise BadInput(f"{one!r} is none of {', '.join(LANGUAGES)}", where="language")
    found: dict[str, Any] = await served.in_thread(lambda: served.shop.cards.gaps(languages, most))
    return msgspec.convert(found, Gaps)


OPERATION = Operation(
    name="get_card_gaps",
    method="GET",
    path="/v1/cards/gaps",
    summary="List what value cards lack",
    about=(
        "Products on sale and offers in force whose card lacks something that helps a person to judge: a text that says what it "
        "does for them (`benefit_en` of an offer, or of the catalog's attributes), a picture, a guarantee or how one gets "
        "out, captions of a film. The card is shown without it; nothing takes its place."
    ),
    group="deliver",
    keys=(SECRET,),
    parameters=(
        Parameter(
            "language", "query", "In which a benefit is asked for; several times for several. By default those of the catalog.",
            {"type": "array", "items": {"type": "string", "enum": list(LANGUAGES)}},
        ),
        Parameter("most", "query", "So many rows.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST_GAPS}),
    ),
    answer=Gaps,
    answer_example={
        "languages": ["en", "ko"], "n_looked_at": 220, "n_lacking": 31, "n_of": {**dict.fromkeys(Gap, 0), "benefit": 31},
        "rows": [{"what": "product", "id": "MUG", "title": "Mug", "gaps": ["benefit"], "benefit_in": ["ko"]}],
    },
    problems=(400, 401, 403, 422, 503),
)  # fmt: skip
