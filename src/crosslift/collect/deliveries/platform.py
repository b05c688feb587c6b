"""What describes a shop platform that sends webhooks: how it signs, what it tells of, and which canonical rows that is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crosslift.domain.signature import Scheme
from crosslift.errors import BadInput

Row = dict[str, Any]
Told = Sequence[tuple[str, Sequence[Row]]]
"""Rows by dataset, in the order they are taken in; nothing for a topic that tells us nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery.

    Attributes
    ----------
    topic : str
        What it tells of, in the platform's word.
    source : str
        The merchant's name for the sender; orders are kept under it.
    includes_tax : bool
        Whether the shop's prices include tax.
    currency : str
        The shop's own, where the platform names none.
    """

    topic: str
    body: Mapping[str, Any]
    source: str
    includes_tax: bool
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform.

    Attributes
    ----------
    about : str
        What it is, for a list.
    topic_header : str
        Where the topic stands, in small letters; empty where the body says it.
    rows : callable
        Gives rows in canonical columns; BadInput where the body is not what the platform documents.
    """

    name: str
    about: str
    scheme: Scheme
    topic_header: str
    rows: Callable[[Sent], Told]


def text(value: object) -> str | None:
    """Write an id or a word as text; None for nothing."""
    return None if value is None or value == "" else str(value)


def mapping(value: object) -> Mapping[str, Any]:
    """Give an object, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def items(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Give the objects of a list; none where there is no such list.

    Raises
    ------
    BadInput
        If something else stands there.
    """
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadInput(f"{name} must be a list of objects, as the platform documents it", where=name)
    return found


def needed(body: Mapping[str, Any], *names: str) -> None:
    """Refuse a body that lacks what every one of its kind has.

    Raises
    ------
    BadInput
        Naming the field.
    """
    for name in names:
        if text(body.get(name)) is None:
            raise BadInput(f"{name} is missing; send the delivery as the platform makes it", where=name)
