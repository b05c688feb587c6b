"""`/v1/segments`: groups of customers by rules the merchant writes, who is in one, and which ones a person is in."""

from typing import Annotated, Any

import msgspec

from crosslift.web.api.customers import CUSTOMER
from crosslift.web.api.operation import MAX_BATCH, SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

PAGE = 100

SegmentId = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Rule = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
Titles = Annotated[dict[str, str], msgspec.Meta(min_length=1, max_length=20)]


class PutSegment(msgspec.Struct, forbid_unknown_fields=True):
    """A segment as the merchant writes it; without `is_active` it stays as it is, a new one is active."""

    segment_id: SegmentId
    titles: Titles
    rule: Rule
    author: Text
    reason: Text
    is_active: bool | None = None


class Written(msgspec.Struct):
    """The version that stands now, and the rule as it is kept."""

    segment_id: str
    version: int
    rule: str
    is_active: bool


class Segment(msgspec.Struct):
    """One segment; `n_members` and `evaluated_at` are of the last evaluation in bulk."""

    segment_id: str
    version: int
    titles: dict[str, str]
    rule: str
    author: str
    reason: str
    created_at: str
    is_active: bool
    n_members: int | None
    evaluated_at: str | None


class Segments(msgspec.Struct):
    """The newest version of every segment, by id."""

    segments: list[Segment]


class Members(msgspec.Struct):
    """One page of members by person id, all pages of one instant; `next` leads to the following page."""

    segment_id: str
    version: int
    at: str
    n_members: int
    members: list[str]
    next: str | None


class InSegments(msgspec.Struct):
    """The active segments a person is in at this moment, by id."""

    customer: str
    segments: list[str]


_decoder = msgspec.json.Decoder(PutSegment)


async def put(served: ServedShop, body: bytes) -> Written:
    """Write a segment, or its next version."""
    sent = decode(_decoder, body)
    given = msgspec.structs.asdict(sent)
    return Written(**await served.in_thread(lambda: served.shop.segments.put(**given)))


async def get(served: ServedShop) -> Segments:
    """List the segments."""
    return Segments([Segment(**row) for row in await served.in_thread(served.shop.segments.list)])


async def members(served: ServedShop, segment_id: str, after: str, limit: int) -> Members:
    """List who is in a segment."""
    return Members(**await served.in_thread(lambda: served.shop.segments.page(segment_id, after, limit)))


async def of(served: ServedShop, customer: str) -> InSegments:
    """Name the segments a person is in."""
    return InSegments(customer, list(await served.in_thread(lambda: served.shop.segments.of(customer))))


_RULE = 'count("Product Viewed", category = "Grinders", last = 1 hour) >= 3'
_SHOWN: dict[str, Any] = {
    "segment_id": "keen-on-grinders", "version": 1, "titles": {"en": "Keen on grinders"}, "rule": _RULE, "author": "mina",
    "reason": "to show them the guide", "created_at": "2026-03-05T12:00:00+00:00", "is_active": True, "n_members": 41,
    "evaluated_at": "2026-03-06T03:00:00+00:00",
}  # fmt: skip

PUT = Operation(
    name="put_segment",
    method="PUT",
    path="/v1/segments",
    summary="Write a segment",
    about=(
        "The rule is one readable line, such as `orders >= 3 and not consent(\"marketing\")`; what cannot be read is refused "
        "with the place and what is known instead. A change is a new version with its author and reason; the same content "
        "once more changes nothing. People are in it, or out of it, from the very next question on."
    ),
    group="customers",
    keys=(SECRET,),
    bodies=(PutSegment,),
    body_example={
        "segment_id": "keen-on-grinders", "titles": {"en": "Keen on grinders"}, "rule": _RULE, "author": "mina",
        "reason": "to show them the guide",
    },
    answer=Written,
    answer_example={"segment_id": "keen-on-grinders", "version": 1, "rule": _RULE, "is_active": True},
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
GET = Operation(
    name="get_segments",
    method="GET",
    path="/v1/segments",
    summary="List the segments",
    about="The newest version of each, switched off ones included, with how many people were in it at the last evaluation.",
    group="customers",
    keys=(SECRET,),
    answer=Segments,
    answer_example={"segments": [_SHOWN]},
    problems=(401, 403, 503),
)
MEMBERS = Operation(
    name="get_segment_members",
    method="GET",
    path="/v1/segments/{segment_id}/members",
    summary="List who is in a segment at this moment",
    about=(
        "The first page asks the rule of everybody; further pages within the hour are of the same moment, unless the segment "
        "changed or somebody was erased meanwhile."
    ),
    group="customers",
    keys=(SECRET,),
    parameters=(
        Parameter("segment_id", "path", "The id of the segment."),
        Parameter("after", "query", "The `next` of the page before.", {"type": "string", "default": ""}),
        Parameter(
            "limit", "query", "At most so many people.",
            {"type": "integer", "minimum": 1, "maximum": MAX_BATCH, "default": PAGE},
        ),
    ),
    answer=Members,
    answer_example={
        "segment_id": "keen-on-grinders", "version": 1, "at": "2026-03-05T12:00:00+00:00", "n_members": 41,
        "members": ["anonymous:a-91", "customer:17850"], "next": "customer:17850",
    },
    problems=(401, 403, 404, 422, 503),
)  # fmt: skip
OF = Operation(
    name="get_customer_segments",
    method="GET",
    path="/v1/customers/{customer}/segments",
    summary="Name the segments a person is in at this moment",
    about="Asked of the newest rows: what came in a moment ago counts already.",
    group="customers",
    keys=(SECRET,),
    parameters=(CUSTOMER,),
    answer=InSegments,
    answer_example={"customer": "17850", "segments": ["keen-on-grinders"]},
    problems=(401, 403, 404, 422, 503),
)
