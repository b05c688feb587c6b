"""What the placements of one page have in common: the same person at the same instant, looked at once."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Page:
    """Remembers for the decisions of one page what was worked out from the very same things.

    It holds what it was given, as things are told apart by identity, and lives as long as the page is decided.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Hashable, ...], tuple[Any, tuple[object, ...]]] = {}

    def once(self, work_out: Callable[..., T], things: tuple[object, ...], *values: Hashable) -> T:
        """Give `work_out(*things, *values)`, worked out the first time.

        Parameters
        ----------
        work_out : callable
            Pure; nobody changes what it gives.
        things, values
            What it rests on: things are the same by identity, values by equality.
        """
        asked = (work_out, *map(id, things), *values)
        kept = self._kept.get(asked)
        if kept is None:
            kept = self._kept[asked] = (work_out(*things, *values), things)
        found: T = kept[0]
        return found

    def alike(
        self, what: str, things: tuple[object, ...], values: tuple[Hashable, ...], work_out: Callable[[], T]
    ) -> T:
        """Give what `work_out` gives, worked out the first time for these things and values.

        Parameters
        ----------
        what : str
            What is worked out; two of a name rest on the same.
        things, values
            As `once` takes them: all that the answer rests on.
        work_out : callable
            Pure; nobody changes what it gives.
        """
        asked = (what, *map(id, things), *values)
        kept = self._kept.get(asked)
        if kept is None:
            kept = self._kept[asked] = (work_out(), things)
        found: T = kept[0]
        return found
