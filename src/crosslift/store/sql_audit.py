"""The audit, read and added to; see `audit_records`."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from crosslift.domain.audit import Entry, Head, Link
from crosslift.store import sql_chain
from crosslift.store.engine import Engine
from crosslift.store.sql_people import marks
from crosslift.store.sql_steps import named_rows

AT_ONCE = 5_000
"""Entries read at once."""


class SqlAudit(Engine):
    """The part of the port that remembers."""

    def append_audit(self, entry: Entry) -> int:
        """Write down what changes no record; gives its number."""
        return self._write(lambda c: sql_chain.append(c, entry))

    def audit(
        self, before: int | None = None, limit: int = 100, action: str = "", people: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Give entries, newest first."""
        with self._snapshot() as connection:
            where, values = (
                "seq < ? and substr(action, 1, cast(? as integer)) = ?",
                [before or 2**62, len(action), action],
            )
            if people:
                subjects = sql_chain.subjects_of(connection, people) or ["nobody"]
                where, values = f"{where} and subject in ({marks(subjects)})", [*values, *subjects]
            rows = named_rows(
                connection,
                f"select {sql_chain.COLUMNS} from audit where {where} order by seq desc limit ?",
                [*values, limit],
            )
        return [{**row, "details": msgspec.json.decode(row["details"])} for row in rows]

    def audit_chain(self) -> Iterator[Link]:
        """Give every entry in order, as it is kept."""
        last, statement = (
            -(2**62),
            f"select {sql_chain.COLUMNS} from audit where seq > ? order by seq limit {AT_ONCE}",
        )
        while rows := self._reader().execute(statement, (last,)).fetchall():  # never a long read: it is only added to
            yield from (Link(*row) for row in rows)
            last = rows[-1][0]

    def audit_head(self) -> Head | None:
        """Give the newest entry as it is kept beside the chain; None before the first."""
        return sql_chain.head(self._reader())
