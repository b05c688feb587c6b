"""What messages say about who is who: pure, the same for the same messages; what of it counts is decided in `identity`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from crosslift.collect.sources.segment import Message, instant_of
from crosslift.domain.identity import IdentityKind, Rule, identity_of

_TRAITS = (
    (Rule.EMAIL, IdentityKind.EMAIL, "email"),
    (Rule.PHONE, IdentityKind.PHONE, "phone"),
    (Rule.LOYALTY, IdentityKind.LOYALTY, "loyalty_id"),
)
"""Traits of an `identify` call that a person is recognized by."""
_NAMING = frozenset({"alias", "identify"})
"""Calls that name another identity by what they say."""
Piece = tuple[str, str, str, int]
EVIDENCE_COLUMNS = ("first", "second", "rule", "at", "origin")


def identity_evidence(
    messages: Iterable[Message], received_at: int, customers: Collection[str] = frozenset()
) -> list[Piece]:
    """Give the reasons that messages hold to think that two identities are one person.

    `login`: a message names the browser and the customer. `alias`: the tracker renames one id to another. `email`,
    `phone`, `loyalty`: an `identify` call with a customer id gives a trait of that name. `device`: a message names the
    device and the customer. What names nobody ("null", info@) is left out.

    Parameters
    ----------
    messages : iterable of Message
        Read already, so that their times are instants.
    received_at : int
        Microseconds UTC; for messages without a time.
    customers : collection of str, optional
        Customer ids that are known: a `previousId` among them is a customer, any other a browser.

    Returns
    -------
    list of (first, second, rule, at)
        In the order of the messages; the second is the customer.
    """
    found: list[Piece] = []
    for number, message in enumerate(messages, 1):
        if message.user_id is None or not _may_name(message):
            continue
        customer = identity_of(IdentityKind.CUSTOMER, message.user_id)
        if customer is None:
            continue
        told = instant_of(message, f"event {number}")
        at = received_at if told is None else told
        found += [
            (first, customer, rule.value, at)
            for rule, first in _named(message, customers)
            if first not in (None, customer)
        ]
    return found


def _may_name(message: Message) -> bool:
    """Tell whether a message can name anybody beside its customer: most name nobody."""
    return bool(message.anonymous_id) or message.type in _NAMING or "device" in message.context


def _named(message: Message, customers: Collection[str]) -> Iterator[tuple[Rule, str]]:
    """Give the other identities that a message about a customer names."""
    told: list[tuple[Rule, str | None]] = [
        (Rule.LOGIN, identity_of(IdentityKind.ANONYMOUS, message.anonymous_id)),
        (Rule.DEVICE, identity_of(IdentityKind.DEVICE, _inside(message.context, "device").get("id"))),
    ]
    if message.type == "alias":
        kind = IdentityKind.CUSTOMER if message.previous_id in customers else IdentityKind.ANONYMOUS
        told.append((Rule.ALIAS, identity_of(kind, message.previous_id)))
    if message.type == "identify":
        country = message.traits.get("country") or _inside(message.traits, "address").get("country")
        market = country if isinstance(country, str) else None
        told += [(rule, identity_of(kind, message.traits.get(name), market)) for rule, kind, name in _TRAITS]
    return ((rule, identity) for rule, identity in told if identity is not None)


def _inside(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}
