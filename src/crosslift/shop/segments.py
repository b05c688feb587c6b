"""Segments: named groups by a rule the merchant writes; who is in one is asked of one person at once, of everybody in columns."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from crosslift.domain.condition import Condition, Needs, needs
from crosslift.domain.membership import Predicate, predicate
from crosslift.domain.segment import Segment
from crosslift.domain.trait import is_sensitive, sensitive_names
from crosslift.errors import BadInput, NotFound
from crosslift.learn.customers.segment_tables import PERSON
from crosslift.learn.customers.segments import memberships
from crosslift.settings import Settings
from crosslift.shop.customers import as_identity
from crosslift.shop.live.person import facts_of
from crosslift.shop.live.tables import people_now
from crosslift.shop.locks import learning_alone
from crosslift.store.export import readable
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

log = structlog.get_logger()
SIZES = "segment_sizes"
"""The shop-wide value that keeps how many were in each segment when all were last evaluated."""
MOST_KEPT = 8
KEPT_FOR = 3_600_000_000
"""Lists of members kept for their further pages, and how long, microseconds."""

Row = dict[str, Any]
Rows = list[Row]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Segments made ready to be asked: their rules, what these need, and each as a function."""

    rules: Mapping[str, Condition]
    needed: Needs
    predicates: Mapping[str, Predicate]


@dataclass(frozen=True, slots=True)
class _Listed:
    """Members at an instant, kept so that the pages of one list are of one moment."""

    version: int
    at: int
    n_erased: int
    people: pa.Array


class Segments:
    """The segments of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where rules and facts are.
    home : Path
        The shop's folder, where evaluating waits for nobody to be erased meanwhile.
    settings : Settings
        Of it, the traits that must not group anybody.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, home: Path, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._frames = frames
        self._clock = clock
        self._home = home
        self._sensitive = sensitive_names(settings["profile.sensitive_traits"])
        self._ready: tuple[tuple[tuple[str, int], ...], _Asked] | None = None
        self._kept: dict[str, _Listed] = {}

    # what the merchant writes ------------------------------------------------------------------------------------

    def put(
        self, segment_id: str, titles: Mapping[str, str], rule: str, author: str, reason: str, *, is_active: bool | None = None
    ) -> Row:  # fmt: skip
        """Write a segment, or its next version; the same content once more changes nothing.

        Parameters
        ----------
        titles : mapping of str to str
            Language to title.
        rule : str
            One line, such as ``orders >= 3 and not consent("marketing")``; see `domain.segment_grammar`.
        is_active : bool, optional
            Whether people are put in it; by default as before, of a new one yes.

        Returns
        -------
        dict
            segment_id, version, rule (as it is kept), is_active.

        Raises
        ------
        BadInput
            If the rule cannot be read (naming the place), asks a sensitive trait, or something is missing.
        """
        before = self._newest(segment_id)
        active = (before is None or before.is_active) if is_active is None else is_active
        version = 1 if before is None else before.version + 1
        segment = Segment(segment_id, dict(titles), rule, version, author, reason, self._now(), active)
        withheld = sorted(name for name in needs([segment.condition]).traits if is_sensitive(name, self._sensitive))
        if withheld:
            raise BadInput(f'trait("{withheld[0]}") is sensitive: nobody is grouped by it; leave it out of the rule')
        if before is not None and _content(before) == _content(segment):
            return _told(before)
        return self._save(segment)

    def switch(self, segment_id: str, *, is_active: bool, author: str, reason: str) -> Row:
        """Turn a segment on or off, as a version of its own; what it is already changes nothing.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        before = self._get(segment_id)
        if before.is_active == is_active:
            return _told(before)
        return self._save(before.switched(author, reason, self._now(), is_active=is_active))

    def list(self) -> Rows:
        """Give the newest version of every segment; `n_members` of the last evaluation in bulk, None before the first."""
        last = msgspec.json.decode(self._records.meta(SIZES) or "{}")
        return [
            readable({
                **row, "titles": msgspec.json.decode(row["titles"]), "is_active": bool(row["is_active"]),
                "n_members": last.get("sizes", {}).get(row["segment_id"]), "evaluated_at": last.get("evaluated_at"),
            })
            for row in self._records.segments()
        ]  # fmt: skip

    # who is in ---------------------------------------------------------------------------------------------------

    def of(self, customer: str) -> Names:
        """Name the active segments a person is in at this moment, by id.

        Parameters
        ----------
        customer : str
            A customer id, or any identity as `kind:value`.

        Raises
        ------
        NotFound
            If nobody is known under that id.
        """
        asked, now, identity = self._active(), self._now(), as_identity(customer)
        facts = facts_of(self._records, self._frames, identity, asked.needed, now, self._sensitive)
        if facts is None:
            raise NotFound(f"nobody is known as {identity}; a customer id, or kind:value")
        return tuple(segment for segment, is_in in asked.predicates.items() if is_in(facts, now))

    def members(self, segment_id: str) -> Names:
        """Name everybody who is in a segment at this moment, by person id.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        return tuple(self._listed(self._get(segment_id), self._now()).to_pylist())

    def page(self, segment_id: str, after: str = "", limit: int = 100) -> Row:
        """Give members of a segment in the order of their ids, some at a time; further pages are of the first one's moment.

        Parameters
        ----------
        after : str
            The `next` of the page before.

        Returns
        -------
        dict
            segment_id, version, the instant `at`, n_members, members, and `next`, None on the last page.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        segment, now = self._get(segment_id), self._now()
        kept = self._kept.get(segment_id)
        if not after or kept is None or not self._holds(kept, segment, now):
            kept = self._keep(segment, now)
        behind = kept.people.filter(pc.greater(kept.people, after))
        page = behind.slice(0, limit).to_pylist()
        return readable({
            "segment_id": segment_id, "version": kept.version, "at": kept.at, "n_members": len(kept.people),
            "members": page, "next": page[-1] if len(behind) > limit else None,
        })  # fmt: skip

    def evaluate(self, *, is_alone: bool = False) -> dict[str, int]:
        """Ask all active segments of everybody, keep their members, and give how many there are of each.

        Parameters
        ----------
        is_alone : bool
            Whether the caller holds the lock of learning already: while this runs nobody may be erased, or their name would
            be written back.

        Raises
        ------
        Busy
            If somebody else holds that lock.
        """
        with nullcontext() if is_alone else learning_alone(self._records, self._home):
            asked, now = self._active(), self._now()
            found = self._ask(asked.rules, asked.needed, now)
            people = found.column(PERSON)
            members = {segment: people.filter(found.column(segment)).to_pylist() for segment in asked.rules}
            sizes = {segment: len(some) for segment, some in members.items()}
            self._records.save_members(members, now)
            self._records.set_meta(SIZES, msgspec.json.encode({"evaluated_at": now, "sizes": sizes}).decode())
        log.info("segments_evaluated", segments=len(sizes), people=found.num_rows)
        return sizes

    def _listed(self, segment: Segment, now: int) -> pa.Array:
        """Ask one segment of everybody, the same everybody that all active ones are asked of."""
        rules = {**self._active().rules, segment.segment_id: segment.condition}
        found = self._ask({segment.segment_id: segment.condition}, needs(rules.values()), now)
        return found.column(PERSON).filter(found.column(segment.segment_id)).combine_chunks()

    def _ask(self, rules: Mapping[str, Condition], needed: Needs, now: int) -> pa.Table:
        return memberships(rules, people_now(self._records, self._frames, needed, now, self._sensitive), now)

    def _keep(self, segment: Segment, now: int) -> _Listed:
        kept = _Listed(segment.version, now, self._n_erased(), self._listed(segment, now))
        self._kept = {**dict(list(self._kept.items())[1 - MOST_KEPT :]), segment.segment_id: kept}
        return kept

    def _holds(self, kept: _Listed, segment: Segment, now: int) -> bool:
        is_young = now - kept.at <= KEPT_FOR
        return is_young and kept.version == segment.version and kept.n_erased == self._n_erased()

    def _n_erased(self) -> int:
        """Count erased identities: a list made before an erasure is not shown any more."""
        return int(self._records.table("erased", ["at"]).num_rows)

    # segments as they are kept ------------------------------------------------------------------------------------

    def _active(self) -> _Asked:
        """Make the active segments ready, anew only where one has changed."""
        rows = [row for row in self._records.segments() if row["is_active"]]
        versions = tuple((row["segment_id"], row["version"]) for row in rows)
        ready = self._ready
        if ready is None or ready[0] != versions:
            rules = {row["segment_id"]: _segment(row).condition for row in rows}
            made = _Asked(rules, needs(rules.values()), {name: predicate(rule) for name, rule in rules.items()})
            ready = self._ready = versions, made
        return ready[1]

    def _newest(self, segment_id: str) -> Segment | None:
        return next((_segment(row) for row in self._records.segments() if row["segment_id"] == segment_id), None)

    def _get(self, segment_id: str) -> Segment:
        found = self._newest(segment_id)
        if found is None:
            raise NotFound(f"no segment {segment_id!r}; `crosslift customers segments list` shows them")
        return found

    def _save(self, segment: Segment) -> Row:
        row = {
            "segment_id": segment.segment_id, "titles": msgspec.json.encode(segment.titles, order="sorted").decode(),
            "rule": segment.rule, "author": segment.author, "reason": segment.reason, "created_at": segment.created_at,
            "is_active": segment.is_active,
        }  # fmt: skip
        return {**_told(segment), "version": self._records.save_segment(row)}

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _segment(row: Mapping[str, Any]) -> Segment:
    given = {**row, "titles": msgspec.json.decode(row["titles"]), "is_active": bool(row["is_active"])}
    return Segment(**given)


def _content(segment: Segment) -> tuple[Any, ...]:
    return dict(segment.titles), segment.rule, segment.is_active


def _told(segment: Segment) -> Row:
    return {
        "segment_id": segment.segment_id, "version": segment.version, "rule": segment.rule, "is_active": segment.is_active,
    }  # fmt: skip
