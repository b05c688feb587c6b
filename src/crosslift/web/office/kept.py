"""What takes seconds to work out, kept for some minutes unless something was collected or written meanwhile."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from crosslift.shop import Shop

T = TypeVar("T")
KEPT_SECONDS = 300
MOST = 50
"""Answers that are kept; the oldest makes room."""


class Kept(Generic[T]):
    """Answers about one shop.

    Parameters
    ----------
    shop : Shop
        What they are about.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: dict[Hashable, tuple[Hashable, float, int, T]] = {}

    def get(self, name: Hashable, work_out: Callable[[], T]) -> tuple[T, int]:
        """Give an answer and the instant (microseconds) of its making; `work_out` makes it where none is kept."""
        of = self._changes()
        found = self._known.get(name)
        if found is None or found[0] != of or found[1] < time.monotonic():
            at = int(self._shop.clock().timestamp() * 1e6)
            self._known.pop(name, None)
            found = self._known[name] = (of, time.monotonic() + KEPT_SECONDS, at, work_out())
            for oldest in list(self._known)[:-MOST]:
                self._known.pop(oldest, None)
        return found[3], found[2]

    def _changes(self) -> Hashable:
        records = self._shop.records
        trials = tuple((row["experiment_id"], row["version"]) for row in records.experiments())
        return len(records.imports()), records.person(None).change_number, trials
