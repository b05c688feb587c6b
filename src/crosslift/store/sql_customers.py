"""What the records keep of single people: who is who, profiles, segments; everything about one, and its end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from crosslift.domain.audit import Entry
from crosslift.domain.identity import MappingChange, Split
from crosslift.store import (
    sql_about,
    sql_chain,
    sql_erase,
    sql_idle,
    sql_people,
    sql_profiles,
    sql_steps,
)
from crosslift.store.engine import Connection, Engine, upsert
from crosslift.store.ports import Mapper, Row

NAMES = 2_000
"""Identities that one transaction erases, more for a person who has more."""


class SqlCustomers(Engine):
    """The half of the port that speaks of people."""

    def add_evidence(self, rows: Sequence[Row], now: int) -> int:
        """Add reasons that two identities are one person."""

        def add(connection: Connection) -> int:
            import_id = sql_steps.standing_import(connection, "identity_evidence", now)
            given = [(*row, "api") for row in sql_steps.evidence_without_erased(connection, rows)]
            return sql_people.add_evidence(connection, import_id, ("first", "second", "rule", "at", "origin"), given)

        return self._write(add)

    def remap(
        self, identities: Sequence[str] | None, mapper: Mapper, now: int, author: str | None = None
    ) -> list[MappingChange]:
        """Map identities to people anew where these may have changed and log what did."""
        return self._write(lambda c: sql_people.remap(c, identities, mapper, now, author))

    def touched_identities(self, import_ids: Sequence[int]) -> list[str]:
        """Name the identities whose evidence some imports brought or replaced."""
        return sql_people.touched(self._reader(), import_ids)

    def split(self, kept_apart: Split) -> None:
        """Write down that two identities are two people."""

        def part(connection: Connection) -> None:
            sql_people.split(connection, kept_apart)
            _note_pair(connection, "identity.split", (kept_apart.first, kept_apart.second), kept_apart.at)

        self._write(part)

    def unsplit(self, first: str, second: str, now: int | None = None) -> bool:
        """Take that back; False if it was never said."""

        def join(connection: Connection) -> bool:
            is_done = sql_people.unsplit(connection, first, second)
            if is_done:
                _note_pair(connection, "identity.unsplit", (first, second), now)
            return is_done

        return self._write(join)

    def mapping_changes(self, identities: Sequence[str]) -> list[MappingChange]:
        """Give the merge log of some identities, oldest first."""
        return sql_people.changes_of(self._reader(), identities)

    def erase(
        self, people: Mapping[str, Sequence[str]], now: int, *, is_idle: bool = False
    ) -> tuple[dict[str, int], tuple[str, ...]]:
        """Remove people; gives what was removed by table, and the texts the people could be recognized by."""
        counts: Counter[str] = Counter()
        traces: set[str] = set()
        for some in _few_names(people):
            erased = self._write(partial(_erase, people=some, now=now, is_idle=is_idle))
            counts.update(erased.counts)
            traces.update(erased.traces)
        return dict(counts), tuple(sorted(traces))

    def replace_part(self, dataset: str, old: str, new: str | None, n_rows: int) -> None:
        """Let a file take another's place in the list, or none."""

        def replace(connection: Connection) -> None:
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
        self._write(lambda c: upsert(c, "erasures", row))

    def save_profiles(self, rows: pa.Table, people: Sequence[str] | None = None) -> None:
        """Put profiles in place, everybody's for None; lists and mappings are JSON text.

        Everybody's go in by and by, so that whoever else writes waits for some thousand, not for a million.
        """
        if people is not None:
            self._write(lambda c: sql_profiles.save_profiles(c, rows, people))
            return
        for span in sql_profiles.spans(rows):
            self._save_span(span)

    def _save_span(self, span: sql_profiles.Span) -> None:
        self._write(lambda c: sql_profiles.save_span(c, span))

    def profile(self, person_id: str) -> dict[str, Any] | None:
        """Give a person's profile as plain values, None where nothing was learned yet."""
        return sql_profiles.profile(self._reader(), person_id)

    def save_members(self, members: Mapping[str, Sequence[str]], as_of: int) -> None:
        """Put the members of all segments in place of the earlier ones."""
        self._write(lambda c: sql_profiles.save_members(c, members, as_of))

    def segments_of(self, person_id: str) -> frozenset[str]:
        """Name the segments a person was in when they were last evaluated in bulk."""
        return sql_profiles.segments_of(self._reader(), person_id)

    def save_segment(self, row: Mapping[str, Any]) -> int:
        """Add the next version of a segment; returns its number."""

        def save(connection: Connection) -> int:
            version = sql_profiles.save_segment(connection, row)
            told = sql_chain.told({**row, "version": version}, "version", "rule", "is_active", "author", "reason")
            sql_chain.note(connection, row["created_at"], "segment.save", row["segment_id"], told)
            return version

        return self._write(save)

    def segments(self) -> list[dict[str, Any]]:
        """Give the newest version of every segment, by id."""
        return sql_profiles.segments(self._reader())

    def save_model(self, name: str, as_of: int, body: str) -> None:
        """Keep what was fitted over all customers, in place of the earlier."""
        self._write(lambda c: upsert(c, "customer_models", {"name": name, "as_of": as_of, "body": body}))

    def model(self, name: str) -> str | None:
        """Give what was fitted last under a name."""
        row = self._reader().execute("select body from customer_models where name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def about(self, identities: Sequence[str], limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of a person by table, newest first, with where each came from."""
        with self._snapshot() as connection:
            return sql_about.about(connection, identities, limit)

    def page(
        self, identities: Sequence[str], newest: int
    ) -> tuple[dict[str, list[dict[str, Any]]], dict[str, int], list[MappingChange]]:
        """Give the newest rows of a person by table, how many there are, and their merge log, all of one state."""
        with self._snapshot() as connection:
            rows, counts = sql_about.page(connection, identities, newest)
            return rows, counts, sql_people.changes_of(connection, identities)

    def about_account(self, account_id: str, limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of an account by table, newest first, members by name."""
        with self._snapshot() as connection:
            return sql_about.about_account(connection, account_id, limit)

    def count_about(self, identities: Sequence[str]) -> dict[str, int]:
        """Count the rows of a person by table."""
        with self._snapshot() as connection:
            return sql_about.counts(connection, identities)

    def people(self) -> pa.Table:
        """Give identity and person_id of every identity that belongs to another's person."""
        return self.table("identities", ["identity", "person_id"], "person_id <> identity order by identity")

    def last_heard(self, now: int) -> pa.Table:
        """Give when each identity was last heard of by anything but events, and whether a contract binds it."""
        return sql_idle.last_heard(self._reader(), now)


def _erase(c: Connection, people: Mapping[str, Sequence[str]], now: int, *, is_idle: bool) -> sql_erase.Erased:
    """Erase, and write down that it was done: of whom is gone with the keys of their names."""
    erased = sql_erase.erase(c, people, now, is_idle=is_idle)
    told = {"people": len(people), "rows": sum(erased.counts.values()), "is_idle": is_idle}
    sql_chain.note(c, now, "people.erase", "customers", told)
    return erased


def _note_pair(c: Connection, action: str, pair: tuple[str, str], at: int | None) -> None:
    """Write down what was said of two identities, under each."""
    for identity in pair:
        sql_chain.append(c, Entry(sql_chain.instant(c, at), action, "identity", person=identity))


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
