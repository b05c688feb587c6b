"""The port of records: rows, one transaction. That of frames (columns, whole-table scans) is in `frames`.

Rooms know these Protocols only; `shop` chooses the engine. `crosslift.testing` holds one contract suite for each,
which every engine has to pass.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from crosslift.domain.audit import Entry
from crosslift.domain.customer import Due
from crosslift.domain.identity import MappingChange, Split
from crosslift.domain.pressure import PressureState
from crosslift.store.access_records import AccessRecords
from crosslift.store.agent_records import AgentRecords
from crosslift.store.audit_records import AuditRecords
from crosslift.store.coupon_records import CouponRecords
from crosslift.store.job_records import JobRecords
from crosslift.store.keys import Verdict
from crosslift.store.offer_records import OfferRecords
from crosslift.store.policy_records import PolicyRecords
from crosslift.store.pressure_records import PressureRecords
from crosslift.store.trial_records import TrialRecords

Row = tuple[Any, ...]
TableRows = tuple[str, Sequence[str], Sequence[Row]]
"""Rows of one table: its name, the columns given, the rows."""


@dataclass(slots=True)
class Outcome:
    """What became of the rows handed to `Records.import_rows`.

    `verdicts` say it row by row, in the order they were handed in, for tables that have a key; sums have none. `needs`
    are the imports that brought what was the same or in conflict: this one would miss it without them.
    """

    n_new: int = 0
    n_same: int = 0
    n_replaced: int = 0
    conflicts: list[tuple[str, ...]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    needs: set[int] = field(default_factory=set)

    def add(self, other: "Outcome") -> None:
        """Sum up a further batch."""
        self.n_new += other.n_new
        self.n_same += other.n_same
        self.n_replaced += other.n_replaced
        self.conflicts.extend(other.conflicts)
        self.needs |= other.needs


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did.

    `n_gone` rows stopped counting, `n_back` that it had replaced count again, `n_derived` products vanished because no
    order line names them any more; `identities` are those it had shown.
    """

    import_id: int
    dataset: str
    source: str
    format: str
    n_gone: int
    n_back: int
    n_derived: int
    identities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import as listed by `Records.imports`."""

    import_id: int
    dataset: str
    source: str
    format: str
    state: str
    started_at: int
    finished_at: int | None
    n_rows: int
    content_hash: str | None
    report: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """The small rows one decision reads about a person, in one transaction.

    All is summed over the identities of the person. `consents` say what counts by purpose and channel, `entries` the ledger
    entry that says so; `holdings` are products of running subscriptions, their accounts' included; `dues` come soonest
    first. Complaints and returns are among the reactions of `pressure`. Of who `is_erased` at their own wish nothing is kept.
    `households` are those of the `accounts` that are one.
    """

    change_number: int
    is_known: bool
    owned: frozenset[str]
    consents: Mapping[tuple[str, str], bool]
    entries: Mapping[tuple[str, str], int]
    mapping_version: int
    holdings: frozenset[str] = frozenset()
    dues: tuple[Due, ...] = ()
    person_id: str | None = None
    identities: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    pressure: PressureState = field(default_factory=PressureState)
    open_cases: int = 0
    timezone: str | None = None
    market: str | None = None
    is_erased: bool = False
    households: tuple[str, ...] = ()


class Mapped(Protocol):
    """What a mapper gives: the person of each identity, and what joined it."""

    @property
    def person_of(self) -> Mapping[str, str]:
        """Identity to person."""

    @property
    def because(self) -> Mapping[str, str]:
        """Identity to the rule and the other identity that joined it to its person."""


Mapper = Callable[[Sequence[Row], Sequence[Split]], Mapped]
"""Evidence (first, second, rule, at) and splits to people; the same for the same evidence in any order."""


class Records(
    AccessRecords, AgentRecords, AuditRecords, CouponRecords, JobRecords, OfferRecords, PolicyRecords, PressureRecords,
    TrialRecords, Protocol,
):  # fmt: skip
    """Rows and transactions. One instance serves all threads of a process."""

    # imports: written in batches, visible as a whole
    def start_import(self, dataset: str, source: str, format_name: str, now: int, content_hash: str | None) -> int:
        """Open a pending import and return its id."""

    def import_rows(self, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
        """Add rows to a pending import; keys that exist already are compared as DESIGN 2b.1 says."""

    def commit_import(self, import_id: int, now: int, report: str) -> None:
        """Make a pending import visible, in one transaction."""

    def abandon_import(self, import_id: int, now: int) -> None:
        """Remove every row of a pending import; it was never visible."""

    def recover_imports(self, now: int) -> list[ImportRecord]:
        """Abandon the pending imports of processes that died. Call only while holding the import lock."""

    def undo_import(
        self, import_id: int, parts: Sequence[tuple[str, str | None, int]], now: int | None = None
    ) -> Undone:
        """Take a committed import of a file back, in one transaction: what it replaced counts again.

        `parts` are files of sealed events that hold some of its own, what takes their place, and how many rows that has
        (`Frames.without_import`). Refused with names while later imports build on it. `now` is for the audit.
        """

    def forget_unseen(self, identities: Sequence[str]) -> int:
        """Forget identities that nothing shows any more and nobody assigned to anything; gives how many."""

    def sweep_undone(self) -> int:
        """Delete the rows of imports that were taken back, a little at a time; gives how many went."""

    def imports(self) -> list[ImportRecord]:
        """List all imports, oldest first."""

    # small live writes
    def put_rows(self, dataset: str, columns: Sequence[str], rows: Sequence[Row], now: int) -> Outcome:
        """Import a small batch from the API in a single transaction."""

    def put_tables(self, dataset: str, tables: Sequence[TableRows], now: int) -> Outcome:
        """Import a small batch that fills several tables, such as orders with their lines, in a single transaction.

        The outcome is that of the table the dataset is named after, for orders that of their lines. States of persons
        follow at once.
        """

    def patch_live(self, changes: Sequence[Mapping[str, Any]], now: int) -> list[str]:
        """Change price, stock or active flag in place; returns the product ids nobody knows."""

    def append_events(self, rows: Sequence[Row], now: int, told: Sequence[TableRows] = ()) -> int:
        """Add events that were not seen before, and the orders and returns they tell of; returns how many events were new.

        What a file says of an order stands in place of what events tell of it, whichever comes first.
        """

    # reading
    def table(self, dataset: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> pa.Table:
        """Read the visible rows of a table as Arrow columns."""

    def live_since(self, change_number: int) -> tuple[int, list[Row]]:
        """Give the newest change number and the live rows changed after the given one.

        Products that left the catalog since are among them once, inactive; from the beginning (-1) they are not.
        """

    def person(self, identity: str | None, now: int | None = None) -> PersonRow:
        """Read change number, state, consents, holdings, dues and pressure of one person in one transaction.

        Given `now`, what has ended by then is not held any more, and a cancelled contract is until its end; without it
        the status alone says so. A consent of a later instant does not count yet.
        """

    # who is who
    def add_evidence(self, rows: Sequence[Row], now: int) -> int:
        """Add reasons that two identities are one person: first, second, rule, at; returns how many were handed in."""

    def remap(
        self, identities: Sequence[str] | None, mapper: Mapper, now: int, author: str | None = None
    ) -> list[MappingChange]:
        """Map identities to people anew where these may have changed (everywhere for None) and log what did."""

    def touched_identities(self, import_ids: Sequence[int]) -> list[str]:
        """Name the identities whose evidence some imports brought or replaced."""

    def split(self, kept_apart: Split) -> None:
        """Write down that two identities are two people."""

    def unsplit(self, first: str, second: str, now: int | None = None) -> bool:
        """Take that back; False if it was never said. `now` is for the audit."""

    def mapping_changes(self, identities: Sequence[str]) -> list[MappingChange]:
        """Give the merge log of some identities, oldest first."""

    def erase(
        self, people: Mapping[str, Sequence[str]], now: int, *, is_idle: bool = False
    ) -> tuple[dict[str, int], tuple[str, ...]]:
        """Remove people, all identities of each by a tombstone; gives what was removed by table, and texts they are known by.

        Given `is_idle`, an identity of which something newer is told is let in again; else it never is.
        """

    def last_heard(self, now: int) -> pa.Table:
        """Give when each identity was last heard of by anything but events: identity, at, first_seen_at, is_bound."""

    def compact(self, *, whole: bool = False) -> None:
        """Leave nothing deleted behind in the files; given `whole`, write them anew."""

    def kept_elsewhere(self) -> Iterator[tuple[str, Sequence[bytes]]]:
        """Give text and binary columns that no file of the home holds, some values at a time, as UTF-8."""

    def replace_part(self, dataset: str, old: str, new: str | None, n_rows: int) -> None:
        """Let a file take another's place in the list, or none."""

    def forget_events(self, before: int) -> int:
        """Delete events of the open tail that happened before an instant; returns how many."""

    def forget_messages(self, before_day: int) -> int:
        """Delete message ids seen before a day since 1970; returns how many. Such a message would count again."""

    def save_erasure(self, row: Mapping[str, Any]) -> None:
        """Keep the certificate of an erasure."""

    def save_profiles(self, rows: pa.Table, people: Sequence[str] | None = None) -> None:
        """Put profiles in place, everybody's for None; lists and mappings are JSON text.

        Each profile is the old one or the new one at any moment; everybody's may change by and by.
        """

    def profile(self, person_id: str) -> dict[str, Any] | None:
        """Give a person's profile as plain values, None where nothing was learned yet."""

    def save_members(self, members: Mapping[str, Sequence[str]], as_of: int) -> None:
        """Put the members of all segments in place of the earlier ones."""

    def segments_of(self, person_id: str) -> frozenset[str]:
        """Name the segments a person was in when they were last evaluated in bulk."""

    def save_segment(self, row: Mapping[str, Any]) -> int:
        """Add the next version of a segment; returns its number."""

    def segments(self) -> list[dict[str, Any]]:
        """Give the newest version of every segment, by id."""

    def save_model(self, name: str, as_of: int, body: str) -> None:
        """Keep what was fitted over all customers, in place of the earlier."""

    def model(self, name: str) -> str | None:
        """Give what was fitted last under a name."""

    def about(self, identities: Sequence[str], limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of a person by table, newest first, at most `limit` of each; imported ones with `provenance`."""

    def page(
        self, identities: Sequence[str], newest: int
    ) -> tuple[dict[str, list[dict[str, Any]]], dict[str, int], list[MappingChange]]:
        """Give what `about`, `count_about` and `mapping_changes` give of a person, all of one state."""

    def about_account(self, account_id: str, limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of an account by table, newest first, members by name; imported ones with `provenance`."""

    def count_about(self, identities: Sequence[str]) -> dict[str, int]:
        """Count the rows of a person by table."""

    def people(self) -> pa.Table:
        """Give identity and person_id of every identity that belongs to another's person."""

    def people_met(self, people: Sequence[str], at: int) -> list[str]:
        """Tell which people had a name on record by an instant; browsers with nothing but events have none."""

    def known_customers(self, ids: Iterable[str]) -> set[str]:
        """Tell which customer ids have ever been seen."""

    def known_products(self, ids: Iterable[str]) -> set[str]:
        """Tell which product ids are in the catalog, derived ones included."""

    # what the merchant wrote down: live, each write moves the change number
    def links(self, now: int) -> tuple[int, pa.Table]:
        """Give the change number and the curated links in force: neither taken back nor expired."""

    def bundles(self) -> tuple[int, pa.Table]:
        """Give the change number and every bundle, one row a part, inactive ones included."""

    def links_changed_since(self, change_number: int) -> bool:
        """Tell whether any curated link was written after a change number."""

    def bundles_changed_since(self, change_number: int) -> bool:
        """Tell whether any bundle was written after a change number."""

    # derived rows of the store and of collect
    def refresh_person_states(self, import_ids: Sequence[int] | None = None) -> int:
        """Recompute owned products and last orders of the customers some imports touched (of all for None)."""

    def save_dues(self, rows: Sequence[Row]) -> None:
        """Put all refill dues in place of the earlier ones, in one transaction.

        Rows: identity, product_id, due_at, interval_days, last_at, n_gaps, basis.
        """

    def dirty_days(self, dataset: str) -> list[int]:
        """Days whose columnar copy is older than the records."""

    def part_files(self, dataset: str) -> list[str]:
        """Files that count, oldest day first."""

    def decided(self) -> tuple[int, dict[int, int]]:
        """Give a number that grows with every erasure, and how many decisions the log has of each UTC day."""

    def list_parts(self, dataset: str, parts: Sequence[tuple[int | None, str | None, int, int]]) -> list[str]:
        """Register written files (day, file, rows, watermark); returns the files they replace."""

    def seal_events(self, write: Callable[[pa.Table], tuple[str, int]], max_rows: int) -> int:
        """Move the oldest visible events into a part written by `write`; one transaction lists it and empties them."""

    # snapshots, meta
    def save_snapshot(self, row: Mapping[str, Any]) -> None:
        """Remember a learned snapshot and what became of it."""

    def snapshots(self) -> list[Mapping[str, Any]]:
        """List the snapshots, newest first."""

    def alone(self, what: str, busy: str) -> AbstractContextManager[None]:
        """Do something that only one process of the shop may do at a time; `Busy` with that message if another does."""

    def meta(self, key: str, default: Callable[[], str] | None = None) -> str:
        """Read a shop-wide value, setting it once when missing."""

    def set_meta(self, key: str, value: str, entry: Entry | None = None) -> None:
        """Set a shop-wide value, with its entry of the audit where it needs one."""

    def expire(self, now: int) -> int:
        """Delete decision inputs past their time; returns how many."""

    def close(self) -> None:
        """Finish pending writes and close every connection."""
