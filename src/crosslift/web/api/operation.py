"""How an endpoint describes itself: the one source of routes' methods, of the reference and of the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

SECRET, PUBLISHABLE = "secret", "publishable"
EITHER = (SECRET, PUBLISHABLE)

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Ids = Annotated[list[Id], msgspec.Meta(max_length=500)]
MAX_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the path, the query or the headers; those of the path are always required."""

    name: str
    place: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint.

    Attributes
    ----------
    keys : tuple of str
        Kinds of keys that may call it; none where no key is needed.
    is_signed : bool
        Whether a signature of the body stands in place of a key.
    bodies : tuple of type or mapping
        What may be sent, each a msgspec type, or a JSON schema where the type is open.
    answer : type or mapping
        What comes back.
    media_type : str
        Of the answer.
    problems : tuple of int
        Status codes it may refuse with, besides those every endpoint of its kind has.
    """

    name: str
    method: str
    path: str
    summary: str
    about: str
    group: str
    keys: tuple[str, ...] = ()
    is_signed: bool = False
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Any, ...] = ()
    body_example: Any = None
    answer: Any = None
    answer_example: Any = None
    media_type: str = "application/json"
    problems: tuple[int, ...] = ()
