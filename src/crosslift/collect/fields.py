"""What describes an incoming file: columns, how their cells are read, and what gives a dataset away."""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """How a text cell is read."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    MONEY = "amount"
    INSTANT = "instant"
    DATE = "date"
    FLAG = "yes or no"
    JSON = "JSON object"
    CURRENCY = "ISO 4217 currency"


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column: where it is stored, how it is read, what is allowed.

    `is_required` asks for the column; its single cells may be empty only where `may_be_empty`: `quality` reports those.
    """

    name: str
    type: Type = Type.TEXT
    is_required: bool = False
    column: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    low: int | None = None
    high: int | None = None
    may_be_empty: bool = False

    @property
    def stored_as(self) -> str:
        """The column in `store/tables`."""
        return self.column or self.name

    @property
    def expected(self) -> str:
        """What a cell should hold, for a message.

        Examples
        --------
        >>> Field("stock", Type.INTEGER, low=0).expected
        'whole number of at least 0'
        """
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.type.value} from {self.low} to {self.high}"
        return self.type.value + (f" of at least {self.low}" if self.low is not None else "")


@dataclass(frozen=True, slots=True)
class Schema:
    """The canonical columns of one dataset; `signature` are those that give it away, `foreign` those that deny it."""

    dataset: str
    fields: tuple[Field, ...]
    signature: frozenset[str]
    extras: str | None = None
    foreign: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """All canonical column names, in order."""
        return tuple(field.name for field in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns a file must have."""
        return tuple(field.name for field in self.fields if field.is_required)
