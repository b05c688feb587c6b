"""The two ports: records (rows, one transaction) and frames (columns, whole-table scans).

Rooms know these Protocols only; `shop` chooses the engine. `crosslift.testing` holds one contract suite for each,
which every engine has to pass.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from crosslift.domain.customer import Due

Row = tuple[Any, ...]


@dataclass(slots=True)
class Outcome:
    """What became of the rows handed to `Records.import_rows`."""

    n_new: int = 0
    n_same: int = 0
    n_replaced: int = 0
    conflicts: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Sum up a further batch."""
        self.n_new += other.n_new
        self.n_same += other.n_same
        self.n_replaced += other.n_replaced
        self.conflicts.extend(other.conflicts)


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

    `holdings` are the products of running subscriptions, `dues` what the person will need, soonest first.
    """

    change_number: int
    is_known: bool
    owned: frozenset[str]
    consents: Mapping[tuple[str, str], bool]
    consent_id: int
    mapping_version: int
    holdings: frozenset[str] = frozenset()
    dues: tuple[Due, ...] = ()


class Records(Protocol):
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

    def imports(self) -> list[ImportRecord]:
        """List all imports, oldest first."""

    # small live writes
    def put_rows(self, dataset: str, columns: Sequence[str], rows: Sequence[Row], now: int) -> Outcome:
        """Import a small batch from the API in a single transaction."""

    def patch_live(self, changes: Sequence[Mapping[str, Any]], now: int) -> list[str]:
        """Change price, stock or active flag in place; returns the product ids nobody knows."""

    def append_events(self, rows: Sequence[Row], now: int) -> int:
        """Add events that were not seen before; returns how many were new."""

    # reading
    def table(self, dataset: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> pa.Table:
        """Read the visible rows of a table as Arrow columns."""

    def live_since(self, change_number: int) -> tuple[int, list[Row]]:
        """Give the newest change number and the live rows changed after the given one."""

    def person(self, identity: str | None, now: int | None = None) -> PersonRow:
        """Read change number, state, consents, holdings and dues of one person in one transaction.

        Given `now`, what has ended by then is not held any more, and a cancelled contract is until its end; without it
        the status alone says so.
        """

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

    # decisions and what came back
    def record_decisions(self, slim: Sequence[Row], inputs: Sequence[Row]) -> None:
        """Store decisions with their inputs, durably, before anybody is answered."""

    def decision(self, decision_id: str) -> tuple[Mapping[str, Any], bytes | None] | None:
        """Read one slim row and its inputs blob, if both still exist."""

    def record_responses(self, exposures: Sequence[Row], responses: Sequence[Row]) -> int:
        """Store exposures and responses that were not seen before; returns how many were new."""

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

    def list_parts(self, dataset: str, parts: Sequence[tuple[int | None, str | None, int, int]]) -> list[str]:
        """Register written files (day, file, rows, watermark); returns the files they replace."""

    def seal_events(self, write: Callable[[pa.Table], tuple[str, int]], max_rows: int) -> int:
        """Move the oldest visible events into a part written by `write`; one transaction lists it and empties them."""

    # snapshots, keys, meta
    def save_snapshot(self, row: Mapping[str, Any]) -> None:
        """Remember a learned snapshot and what became of it."""

    def snapshots(self) -> list[Mapping[str, Any]]:
        """List the snapshots, newest first."""

    def meta(self, key: str, default: Callable[[], str] | None = None) -> str:
        """Read a shop-wide value, setting it once when missing."""

    def set_meta(self, key: str, value: str) -> None:
        """Set a shop-wide value."""

    def add_key(self, row: Mapping[str, Any]) -> None:
        """Store a hashed API key."""

    def api_keys(self) -> list[Mapping[str, Any]]:
        """List API keys, revoked ones included."""

    def expire(self, now: int) -> int:
        """Delete decision inputs past their time; returns how many."""

    def close(self) -> None:
        """Finish pending writes and close every connection."""


class Frames(Protocol):
    """Columns and scans over sealed parts, columnar copies and the open tail."""

    def order_lines(self) -> pa.Table:
        """Give every visible order line, cancelled ones included, sorted by ingestion number."""

    def returns(self) -> pa.Table:
        """Give every visible return."""

    def subscriptions(self) -> pa.Table:
        """Give every visible subscription as it stands now."""

    def usage(self) -> pa.Table:
        """Give every visible reading of a meter."""

    def events(self, name: str | None = None) -> pa.Table:
        """Give every visible event, or those of one name."""

    def lazy(self, table: pa.Table) -> Any:
        """Wrap a table as a Narwhals lazy frame of this engine."""

    def refresh(self) -> int:
        """Bring the columnar copies up to date; returns how many days were rewritten."""
