"""Records of one decision: frozen to the type checker, made at the speed of plain ones.

A frozen dataclass sets each field by a call, five times as slow as an assignment; a decision makes about thirty records of
some 250 fields that live for a fifth of a millisecond and that nobody else ever holds. What others hold (`domain`) is
frozen for good.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def fixed(cls: type[T]) -> type[T]:
    """Make a dataclass with slots whose fields the type checker lets nobody set again."""
    return dataclass(slots=True)(cls)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def fixed_with_memory(cls: type[T]) -> type[T]:
    """The same with a `__dict__`, for properties worked out once (`Once`)."""
    return dataclass(cls)
