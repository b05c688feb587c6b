"""A property worked out on first use and kept, without the lock that `functools.cached_property` takes before Python 3.12.

A decision belongs to one thread; of two that ask at once both would work out the same.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Once(Generic[T]):
    """Decorates a method without arguments of a class whose instances have a `__dict__`."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> "Once[T]": ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> "Once[T] | T":
        """Give what is kept from the second time on: an instance's own attribute goes before this."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._work_out(instance)
        return value
