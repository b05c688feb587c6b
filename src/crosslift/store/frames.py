"""The port of frames: columns and scans over whole tables. That of records (rows, one transaction) is in `ports`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import pyarrow as pa

T = TypeVar("T")
NO_TABLES: Mapping[str, pa.Table] = MappingProxyType({})


class Frames(Protocol):
    """Columns and scans over sealed parts, columnar copies and the open tail."""

    def order_lines(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Give every visible order line, cancelled ones included, sorted by ingestion number; all columns or some."""

    def returns(self) -> pa.Table:
        """Give every visible return."""

    def subscriptions(self) -> pa.Table:
        """Give every visible subscription as it stands now."""

    def usage(self) -> pa.Table:
        """Give every visible reading of a meter."""

    def events(self, name: str | None = None, since: int | None = None) -> pa.Table:
        """Give every visible event, or those of one name; given `since`, those that happened then or later."""

    def event_parts(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Give every visible event part by part, each event once: what is in memory is one part."""

    def over_events(
        self,
        query: Callable[[Any, Mapping[str, Any]], Any],
        columns: Sequence[str],
        since: int | None = None,
        beside: Mapping[str, pa.Table] = NO_TABLES,
    ) -> pa.Table:
        """Give what a query finds over every visible event, each once, without holding them.

        Parameters
        ----------
        query : callable
            Gives a Narwhals lazy frame made from that of the events and those of the tables beside them.
        columns : sequence of str
            Columns of events it asks for.
        since : int, optional
            Microseconds UTC: files in which nothing happened then or later may be left out, the others are whole.
        """

    def sealed_events_of(self, identities: Sequence[str], since: int | None = None) -> pa.Table:
        """Give the sealed events of some identities, in order of ingestion; given `since`, of then or later.

        Parts in which nothing happened that late cost nothing.
        """

    def forget_events(self, identities: Sequence[str] = (), before: int | None = None) -> int:
        """Delete the sealed events of some identities, and all before an instant; returns how many went."""

    def without_import(self, import_id: int) -> list[tuple[str, str | None, int]]:
        """Write files of sealed events that hold some of an import anew without them, listed by nobody yet.

        Gives for each the old file, the new one (None where nothing is left) and how many rows that has.
        """

    def discard(self, files: Sequence[str]) -> None:
        """Delete files that are not listed any more."""

    def decisions(
        self,
        read: Callable[[pa.ChunkedArray], Mapping[str, pa.Array]],
        since: int,
        until: int,
        columns: Sequence[str] = (),
    ) -> pa.Table:
        """Give the decisions of a period with what `read` finds in their bodies; see `store.decided`."""

    def each_decided(
        self,
        work: Callable[[pa.Table], T],
        read: Callable[[pa.ChunkedArray], Mapping[str, pa.Array]],
        since: int,
        until: int,
        columns: Sequence[str],
    ) -> list[T]:
        """Give what `work` makes of each day of decisions of a period, in their order; see `store.decided`."""

    def refresh_decisions(self, read: Callable[[pa.ChunkedArray], Mapping[str, pa.Array]]) -> int:
        """Bring the columnar copy of the log of decisions up to date; returns how many days were written."""

    def lazy(self, table: pa.Table) -> Any:
        """Wrap a table as a Narwhals lazy frame of this engine."""

    def lazies(self, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
        """Wrap tables that will be joined as Narwhals lazy frames of one session of this engine."""

    def refresh(self) -> int:
        """Bring the columnar copies up to date; returns how many days were rewritten."""
