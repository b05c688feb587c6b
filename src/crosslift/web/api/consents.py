"""`/v1/consents`: the ledger of what people allowed; every entry holds on the very next decision."""

from typing import Annotated, Any

import msgspec

from crosslift.domain.customer import Purpose
from crosslift.web.api.columns import body_of, row_of
from crosslift.web.api.operation import MAX_BATCH, SECRET, Id, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
WITHIN_DAYS = 60
MOST_DAYS = 3650


class Entries(msgspec.Struct, forbid_unknown_fields=True):
    """Entries as JSON objects; their fields are checked by the code that reads files."""

    consents: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class Recorded(msgspec.Struct):
    """How many entries were new, and how many the ledger had already."""

    new: int
    same: int


class AskConsent(msgspec.Struct, forbid_unknown_fields=True):
    """What to ask a customer for: `wording` is the sentence they will say yes to."""

    customer: Id
    purpose: str
    channel: Id
    source: Text
    wording: Text


class Asked(msgspec.Struct):
    """The token to put into the link of the message that asks."""

    token: str


class Confirm(msgspec.Struct, forbid_unknown_fields=True):
    """The token as the customer sent it back."""

    token: Text


class Confirmed(msgspec.Struct):
    """What is granted now."""

    customer_id: str
    purpose: str
    channel: str
    status: str


class Renewals(msgspec.Struct):
    """Consents to be confirmed again, the earliest first."""

    renewals: list[dict[str, Any]]


_entries = msgspec.json.Decoder(Entries)
_ask = msgspec.json.Decoder(AskConsent)
_confirm = msgspec.json.Decoder(Confirm)


async def post(served: ServedShop, body: bytes) -> Recorded:
    """Append entries."""
    entries = decode(_entries, body).consents
    return Recorded(**await served.in_thread(lambda: served.shop.consents.record(entries)))


async def get(served: ServedShop, customer: str) -> dict[str, Any]:
    """Give what a person allowed."""
    return await served.in_thread(lambda: served.shop.consents.of(customer))


async def ask(served: ServedShop, body: bytes) -> Asked:
    """Begin a double opt-in."""
    sent = decode(_ask, body)
    consents = served.shop.consents
    asked = (sent.customer, sent.purpose, sent.channel, sent.source, sent.wording)
    return Asked(await served.in_thread(lambda: consents.ask(*asked)))


async def confirm(served: ServedShop, body: bytes) -> Confirmed:
    """Take the second yes."""
    sent = decode(_confirm, body)
    return Confirmed(**await served.in_thread(lambda: served.shop.consents.confirm(sent.token)))


async def renewals(served: ServedShop, within_days: int) -> Renewals:
    """List what must be confirmed again."""
    return Renewals(await served.in_thread(lambda: served.shop.consents.renewals(within_days)))


ROW = row_of(
    "consents", ("customer_id", "purpose", "channel", "status", "source", "at"), "Canonical columns of a consents file."
)
PURPOSES = [Purpose.PERSONALIZATION.value, Purpose.MARKETING.value]
POST_PROBLEMS = (400, 401, 403, 408, 413, 422, 503)

POST = Operation(
    name="post_consents",
    method="POST",
    path="/v1/consents",
    summary="Record what people allowed or withdrew",
    about=(
        "At most 1,000 entries, all or none, appended to the ledger and never changed. The newest entry by `at` counts for "
        "a purpose and channel, `*` for every channel; missing means no. It holds on the very next decision, in every process."
    ),
    group="customers",
    keys=(SECRET,),
    bodies=(body_of("consents", ROW, "PostConsents"),),
    body_example={
        "consents": [
            {
                "customer_id": "17850", "purpose": "marketing", "channel": "email", "status": "withdrawn",
                "source": "unsubscribe link", "at": "2026-03-05T12:00:00Z",
            }
        ]
    },
    answer=Recorded,
    answer_example={"new": 1, "same": 0},
    problems=POST_PROBLEMS,
)  # fmt: skip
GET = Operation(
    name="get_consents",
    method="GET",
    path="/v1/consents",
    summary="Show what a person allowed",
    about="What counts now by purpose and channel, over all identities of the person, and the ledger, newest first.",
    group="customers",
    keys=(SECRET,),
    parameters=(Parameter("customer", "query", "A customer id, or any identity as `kind:value`.", is_required=True),),
    answer={"type": "object", "additionalProperties": True},
    answer_example={
        "person_id": "customer:17850",
        "consents": [{"purpose": "marketing", "channel": "email", "is_granted": False}],
        "ledger": [{"purpose": "marketing", "channel": "email", "status": "withdrawn", "at": 1772712000000000}],
    },
    problems=(401, 403, 404, 422, 503),
)
ASK = Operation(
    name="ask_consent",
    method="POST",
    path="/v1/consents/ask",
    summary="Begin a double opt-in",
    about="Writes a pending entry, which counts for nothing, and gives the token for the link in your message: seven days, once.",
    group="customers",
    keys=(SECRET,),
    bodies=(AskConsent,),
    body_example={
        "customer": "17850", "purpose": "marketing", "channel": "email", "source": "newsletter form",
        "wording": "Yes, write me once a week.",
    },
    answer=Asked,
    answer_example={"token": "q1w2…"},
    problems=POST_PROBLEMS,
)  # fmt: skip
CONFIRM = Operation(
    name="confirm_consent",
    method="POST",
    path="/v1/consents/confirm",
    summary="Take the second yes",
    about="Writes the grant with the question as its proof. Refused if altered, expired, or if the person has said no since.",
    group="customers",
    keys=(SECRET,),
    bodies=(Confirm,),
    body_example={"token": "q1w2…"},
    answer=Confirmed,
    answer_example={"customer_id": "17850", "purpose": "marketing", "channel": "email", "status": "granted"},
    problems=POST_PROBLEMS,
)
RENEWALS = Operation(
    name="get_renewals",
    method="GET",
    path="/v1/consents/renewals",
    summary="List consents that must be confirmed again",
    about="Markets whose law asks for it (Korea: every two years), the earliest first; `law` names the article.",
    group="customers",
    keys=(SECRET,),
    parameters=(
        Parameter(
            "within_days", "query", "Due within so many days, or overdue.",
            {"type": "integer", "minimum": 0, "maximum": MOST_DAYS, "default": WITHIN_DAYS},
        ),
    ),
    answer=Renewals,
    answer_example={
        "renewals": [
            {
                "customer_id": "k-1", "channel": "email", "market": "KR", "granted_at": 1709164800000000,
                "due_at": 1772236800000000, "is_overdue": False, "law": "Act … article 50(8) …",
            }
        ]
    },
    problems=(401, 403, 422, 503),
)  # fmt: skip
