"""`/v1/customers/{id}`: one person whole, a copy for them, and erasure; `/v1/identify`: under which names they are known."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import msgspec

from crosslift.domain.identity import MappingChange
from crosslift.web.api.operation import SECRET, Id, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
NEWEST = 20
MOST_NEWEST = 500


class Identified(msgspec.Struct):
    """The person, all names it is known under, and what was sent but names nobody or more than one person."""

    person_id: str
    identities: list[str]
    left_out: list[str]


class Identify(msgspec.Struct, forbid_unknown_fields=True):
    """A customer id and further identifiers by kind: anonymous, email, phone, loyalty, device, customer."""

    customer: Id
    identifiers: Annotated[dict[str, str], msgspec.Meta(min_length=1, max_length=50)]
    market: str | None = None


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """Two identities, what to do with them, and who says so."""

    first: Id
    second: Id
    action: Literal["merge", "split", "rejoin"]
    author: Text
    reason: str = ""


class Moved(msgspec.Struct):
    """The lines this added to the merge log."""

    changes: list[dict[str, Any]]


_identify = msgspec.json.Decoder(Identify)
_split = msgspec.json.Decoder(Split)


async def show(served: ServedShop, customer: str, newest: int, language: str | None) -> dict[str, Any]:
    """Give one person whole."""
    return await served.in_thread(lambda: served.shop.customers.show(customer, newest, language))


async def export(served: ServedShop, customer: str) -> bytes:
    """Give everything kept about a person as a zip."""
    return await served.in_thread(lambda: served.shop.privacy.export(customer))


async def erase(served: ServedShop, customer: str) -> dict[str, Any]:
    """Erase a person; gives the certificate."""
    return await served.in_thread(lambda: served.shop.privacy.erase(customer))


async def identify(served: ServedShop, body: bytes) -> Identified:
    """Say under which names a customer is known."""
    sent = decode(_identify, body)
    done = await served.in_thread(lambda: served.shop.customers.identify(sent.customer, sent.identifiers, sent.market))
    return Identified(**done)


async def put_identity(served: ServedShop, body: bytes) -> Moved:
    """Merge, split or rejoin two identities by the merchant's word."""
    sent = decode(_split, body)
    customers = served.shop.customers

    def work() -> list[MappingChange]:
        if sent.action == "split":
            return customers.split(sent.first, sent.second, sent.author, sent.reason)
        move = customers.merge if sent.action == "merge" else customers.rejoin
        return move(sent.first, sent.second, sent.author)

    return Moved([asdict(change) for change in await served.in_thread(work)])


CUSTOMER = Parameter(
    "customer", "path", "A customer id, or any identity as `kind:value`, URL-encoded.",
    {"type": "string", "examples": ["17850"]},
)  # fmt: skip
OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}

SHOW = Operation(
    name="get_customer",
    method="GET",
    path="/v1/customers/{customer}",
    summary="Show one person whole",
    about=(
        "Every identity and why it belongs, accounts, what is owned and held, what is due, consents with the entry of the "
        "ledger that counts, the profile, the card of its persona, what its codes mean in sentences (`told`), counts and "
        "the newest rows of each kind with the import that brought them, and the merge log. The sentences are for those who "
        "serve the customer: show them to no shopper."
    ),
    group="customers",
    keys=(SECRET,),
    parameters=(
        CUSTOMER,
        Parameter(
            "newest", "query", "Rows of each kind, at most.",
            {"type": "integer", "minimum": 0, "maximum": MOST_NEWEST, "default": NEWEST},
        ),
        Parameter("language", "query", "BCP 47 tag of the sentences; we write en, ko, ja. By default the shop's."),
    ),
    answer=OPEN,
    answer_example={
        "person_id": "customer:17850",
        "identities": [
            {"identity": "anonymous:a-91", "because": "login customer:17850"},
            {"identity": "customer:17850", "because": None},
        ],
        "owned": ["85123A"], "consents": [{"purpose": "marketing", "channel": "email", "is_granted": True, "entry": 7}],
        "told": [
            {"about": "stage", "code": "aware", "text": "Has been seen, and has not bought yet. Last seen 2 weeks ago."},
        ],
        "counts": {"order_lines": 12, "events": 40},
    },
    problems=(401, 403, 404, 422, 503),
)  # fmt: skip
EXPORT = Operation(
    name="export_customer",
    method="GET",
    path="/v1/customers/{customer}/export",
    summary="Give a person a copy of everything",
    about="A zip: `about.json` says what is in it, one JSON file a table, instants in UTC, each row with where it came from.",
    group="customers",
    keys=(SECRET,),
    parameters=(CUSTOMER,),
    answer={"type": "string", "format": "binary"},
    media_type="application/zip",
    problems=(401, 403, 404, 503),
)
ERASE = Operation(
    name="erase_customer",
    method="DELETE",
    path="/v1/customers/{customer}",
    summary="Erase a person",
    about=(
        "Removes the person, under all names, from records, history, inputs of decisions and caches, then searches every "
        "file for what is left. Sales stay without a name, totals of decisions under a random tombstone. The answer is the "
        "certificate; `is_complete` is false, with the places, if anything was found. It cannot be taken back."
    ),
    group="customers",
    keys=(SECRET,),
    parameters=(CUSTOMER,),
    answer=OPEN,
    answer_example={
        "certificate_id": "5f0c…", "at": "2026-03-05T12:00:00+00:00", "people": 1, "identities": 3,
        "removed": {"customers": 1, "events": 40, "order_lines": 12}, "searched": {"files": 212, "bytes": 48210233},
        "found": [], "is_complete": True, "kept": "sales without a name …",
    },
    problems=(401, 403, 404, 503),
)  # fmt: skip
IDENTIFY = Operation(
    name="identify",
    method="POST",
    path="/v1/identify",
    summary="Say under which names a customer is known",
    about=(
        "A browser, device, address, number or card joins the customer by a rule that can be read, unless too many share it. "
        "What names nobody (`info@`, `null`) or more than one person is listed in `left_out`. Sending it again changes nothing."
    ),
    group="customers",
    keys=(SECRET,),
    bodies=(Identify,),
    body_example={"customer": "17850", "identifiers": {"anonymous": "a-91", "email": "jane@example.org"}},
    answer=Identified,
    answer_example={
        "person_id": "customer:17850", "identities": ["anonymous:a-91", "customer:17850", "email:jane@example.org"],
        "left_out": [],
    },
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
IDENTITIES = Operation(
    name="put_identity",
    method="POST",
    path="/v1/identities",
    summary="Merge two identities, keep them apart, or take that back",
    about=(
        "`merge` states that both are one person; `split` that they are two, whatever evidence says, with a `reason`; "
        "`rejoin` takes a split back. Each holds at once, is logged with its author, and restores exactly what was before."
    ),
    group="customers",
    keys=(SECRET,),
    bodies=(Split,),
    body_example={
        "first": "17850", "second": "customer:17851", "action": "split", "author": "mina", "reason": "mother and daughter",
    },
    answer=Moved,
    answer_example={
        "changes": [
            {
                "version": 8, "at": 1772712000000000, "identity": "customer:17851", "from_person": "customer:17850",
                "to_person": "customer:17851", "because": "apart", "author": "mina",
            }
        ]
    },
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)  # fmt: skip
