"""What describes a service that sends answers by webhook: how it signs, what it sends, and which rows of feedback that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crosslift.domain.identity import IdentityKind, identity_of
from crosslift.domain.signature import Scheme

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a delivery besides its body.

    Attributes
    ----------
    at : str
        When it came or was signed, ISO 8601.
    delivery_id : str
        As signed; empty where the sender gives none.
    scales : mapping of str to str
        What the merchant said of questions whose scale the sender does not tell: `nps`, or the highest rating there is;
        by the question's own name or by its kind.
    """

    at: str
    delivery_id: str = ""
    scales: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sender:
    """One service.

    Attributes
    ----------
    about : str
        What it is, for a list.
    decoder : msgspec.json.Decoder
        Reads a body; what does not fit is refused with its place.
    rows : callable
        Gives rows of feedback in canonical columns, none for a delivery that says nothing.
    is_response : bool
        Whether a delivery is what one person said at one moment: it opens one case at most.
    """

    name: str
    about: str
    scheme: Scheme
    decoder: msgspec.json.Decoder[Any]
    rows: Callable[[Any, Arrival], list[Row]]
    is_response: bool = True


def who(customer: object, address: object) -> str | None:
    """Name the customer: by the merchant's own id, else by the e-mail address in small letters, as exports of orders do.

    Examples
    --------
    >>> who("c-17", "Jane@Example.org"), who("null", " Jane@Example.org "), who(None, "info@shop.example")
    ('c-17', 'jane@example.org', None)
    """
    found = identity_of(IdentityKind.CUSTOMER, customer) or identity_of(IdentityKind.EMAIL, address)
    return found.partition(":")[2] if found else None


def is_address(customer: str) -> bool:
    """Tell whether a customer is named by an e-mail address."""
    return identity_of(IdentityKind.EMAIL, customer) == f"{IdentityKind.EMAIL}:{customer}"
