"""What SQLite keeps of single people: who is who, profiles, segments; everything about one, and its end."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from crosslift.domain.identity import MappingChange, Split
from crosslift.store import sqlite_about, sqlite_erase, sqlite_idle, sqlite_people, sqlite_profiles, sqlite_steps
from crosslift.store.ports import Mapper, Row
from crosslift.store.sqlite_file import SqliteFile

NAMES = 2_000
"""Identities that one transaction erases, more for a person who has more."""


class SqliteCustomers(SqliteFile):
    """The half of the port that speaks of people."""

    def add_evidence(self, rows: Sequence[Row], now: int) -> int:
        """Add reasons that two identities are one person."""

        def add(connection: sqlite3.Connection) -> int:
            import_id = sqlite_steps.standing_import(connection, "identity_evidence", now)
            given = [(*row, "api") for row in sqlite_steps.evidence_without_erased(connection, rows)]
            return sqlite_people.add_evidence(connection, import_id, ("first", "second", "rule", "at", "origin"), given)

        return self._write(add)

    def remap(
        self, identities: Sequence[str] | None, mapper: Mapper, now: int, author: str | None = None
    ) -> list[MappingChange]:
        """Map identities to people anew where these may have changed and log what did."""
        return self._write(lambda c: sqlite_people.remap(c, identities, mapper, now, author))

    def touched_identities(self, import_ids: Sequence[int]) -> list[str]:
        """Name the identities whose evidence some imports brought or replaced."""
        return sqlite_people.touched(self._reader(), import_ids)

    def split(self, kept_apart: Split) -> None:
        """Write down that two identities are two people."""
        self._write(lambda c: sqlite_people.split(c, kept_apart))

    def unsplit(self, first: str, second: str) -> bool:
        """Take that back; False if it was never said."""
        return self._write(lambda c: sqlite_people.unsplit(c, first, second))

    def mapping_changes(self, identities: Sequence[str]) -> list[MappingChange]:
        """Give the merge log of some identities, oldest first."""
        return sqlite_people.changes_of(self._reader(), identities)

    def erase(
        self, people: Mapping[str, Sequence[str]], now: int, *, is_idle: bool = False
    ) -> tuple[dict[str, int], tuple[str, ...]]:
        """Remove people; gives what was removed by table, and the texts the people could be recognized by."""
        counts: Counter[str] = Counter()
        traces: set[str] = set()
        for some in _few_names(people):
            erased = self._write(partial(sqlite_erase.erase, people=some, now=now, is_idle=is_idle))
            counts.update(erased.counts)
            traces.update(erased.traces)
        return dict(counts), tuple(sorted(traces))

    def compact(self, *, whole: bool = False) -> None:
        """Leave nothing deleted behind: the log is emptied into the file, and given `whole` the file written anew."""
        connection = self._reader()
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        if whole:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)").fetchall()

    def replace_part(self, dataset: str, old: str, new: str | None, n_rows: int) -> None:
        """Let a file take another's place in the list, or none."""

        def replace(connection: sqlite3.Connection) -> None:
            connection.execute(
                "update parts set file = ?, n_rows = ? where dataset = ? and file = ?", (new, n_rows, dataset, old)
            )
            connection.execute("delete from parts where dataset = ? and file is null and not is_dirty", (dataset,))

        self._write(replace)

    def forget_events(self, before: int) -> int:
        """Delete events of the open tail that happened before an instant; returns how many."""
        return self._write(lambda c: c.execute("delete from events where at < ?", (before,)).rowcount)

    def forget_messages(self, before_day: int) -> int:
        """Delete message ids seen before a day since 1970; returns how many."""
        return self._write(lambda c: c.execute("delete from message_ids where seen_on < ?", (before_day,)).rowcount)

    def save_erasure(self, row: Mapping[str, Any]) -> None:
        """Keep the certificate of an erasure."""
        self._write(lambda c: sqlite_steps.upsert(c, "erasures", row))

    def save_profiles(self, rows: pa.Table, people: Sequence[str] | None = None) -> None:
        """Put profiles in place, everybody's for None; lists and mappings are JSON text.

        Everybody's go in by and by, so that whoever else writes waits for some thousand, not for a million.
        """
        if people is not None:
            self._write(lambda c: sqlite_profiles.save_profiles(c, rows, people))
            return
        for span in sqlite_profiles.spans(rows):
            self._save_span(span)

    def _save_span(self, span: sqlite_profiles.Span) -> None:
        self._write(lambda c: sqlite_profiles.save_span(c, span))

    def profile(self, person_id: str) -> dict[str, Any] | None:
        """Give a person's profile as plain values, None where nothing was learned yet."""
        return sqlite_profiles.profile(self._reader(), person_id)

    def save_members(self, members: Mapping[str, Sequence[str]], as_of: int) -> None:
        """Put the members of all segments in place of the earlier ones."""
        self._write(lambda c: sqlite_profiles.save_members(c, members, as_of))

    def segments_of(self, person_id: str) -> frozenset[str]:
        """Name the segments a person was in when they were last evaluated in bulk."""
        return sqlite_profiles.segments_of(self._reader(), person_id)

    def save_segment(self, row: Mapping[str, Any]) -> int:
        """Add the next version of a segment; returns its number."""
        return self._write(lambda c: sqlite_profiles.save_segment(c, row))

    def segments(self) -> list[dict[str, Any]]:
        """Give the newest version of every segment, by id."""
        return sqlite_profiles.segments(self._reader())

    def save_model(self, name: str, as_of: int, body: str) -> None:
        """Keep what was fitted over all customers, in place of the earlier."""
        self._write(lambda c: sqlite_steps.upsert(c, "customer_models", {"name": name, "as_of": as_of, "body": body}))

    def model(self, name: str) -> str | None:
        """Give what was fitted last under a name."""
        row = self._reader().execute("select body from customer_models where name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def about(self, identities: Sequence[str], limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of a person by table, newest first, with where each came from."""
        with self._snapshot() as connection:
            return sqlite_about.about(connection, identities, limit)

    def about_account(self, account_id: str, limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of an account by table, newest first, members by name."""
        with self._snapshot() as connection:
            return sqlite_about.about_account(connection, account_id, limit)

    def count_about(self, identities: Sequence[str]) -> dict[str, int]:
        """Count the rows of a person by table."""
        with self._snapshot() as connection:
            return sqlite_about.counts(connection, identities)

    def people(self) -> pa.Table:
        """Give identity and person_id of every identity that belongs to another's person."""
        return self.table("identities", ["identity", "person_id"], "person_id <> identity order by identity")

    def last_heard(self, now: int) -> pa.Table:
        """Give when each identity was last heard of by anything but events, and whether a contract binds it."""
        return sqlite_idle.last_heard(self._reader(), now)


def _few_names(people: Mapping[str, Sequence[str]]) -> Iterator[Mapping[str, Sequence[str]]]:
    """Take people a few at a time, so that nobody waits long for the writer."""
    some: dict[str, Sequence[str]] = {}
    for tombstone, names in people.items():
        if some and sum(map(len, some.values())) + len(names) > NAMES:
            yield some
            some = {}
        some[tombstone] = names
    if some:
        yield some
