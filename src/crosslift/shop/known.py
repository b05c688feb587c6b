"""The knowledge in force: the published snapshot and the live overlay, swapped without stopping anybody."""

import threading
from pathlib import Path

from crosslift.decide.curation import CuratedLink
from crosslift.decide.knowledge import Knowledge, LiveRow
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.domain.bundle import Bundle
from crosslift.errors import NotReplayable
from crosslift.shop.facets import bring_forward, read_facets
from crosslift.shop.rulings import Rulings
from crosslift.shop.sets import read_bundles
from crosslift.store import snapshot as snapshots
from crosslift.store.offer_rows import offer_of
from crosslift.store.ports import Records

LINK_COLUMNS = ("from_id", "to_id", "kind", "action", "reason", "author", "value", "expires_at", "market")


class Known:
    """Loads a snapshot when a newer one is pointed at, and live rows when their change number moved.

    Parameters
    ----------
    folder : Path
        Of the snapshots.
    currency : str
        Of offers that are free.
    """

    def __init__(self, folder: Path, records: Records, currency: str = "USD") -> None:
        self._folder = folder
        self._records = records
        self._currency = currency
        self._lock = threading.Lock()
        self._now: tuple[Knowledge, Overlay] | None = None
        self._pointer: tuple[int, int] | None = None
        self._is_followed = False
        self.rulings = Rulings(records)
        """The policies in force and the stop switch, as of a change number."""

    def follow(self) -> None:
        """Leave loading to `refresh` from now on: a server's decisions never wait for a snapshot."""
        self._is_followed = True

    def unfollow(self) -> None:
        """Load a newer snapshot again as soon as a decision meets it."""
        self._is_followed = False

    def refresh(self) -> bool:
        """Load the snapshot pointed at, unless it is in force; decisions go on with the old one meanwhile.

        Returns
        -------
        bool
            Whether another snapshot is in force now.

        Raises
        ------
        NotReady
            If nothing has been learned yet.
        WillNotWork
            If it is damaged; the one in force stays.
        """
        name = snapshots.current_id(self._folder)
        if self._now is not None and self._now[0].snapshot_id == name:
            return False
        fresh = self._loaded(name)
        with self._lock:
            self._now = fresh
        return True

    def last(self) -> tuple[Knowledge, Overlay] | None:
        """Give what was in force when somebody last looked; nothing is read, None before the first look."""
        return self._now

    def knowledge(self) -> Knowledge:
        """Give the snapshot in force.

        Raises
        ------
        NotReady
            If nothing has been learned yet.
        """
        return self._current()[0]

    def at(self, change_number: int, asked: frozenset[str] | None = None) -> tuple[Knowledge, Overlay]:
        """Give snapshot and overlay, the overlay no older than a change number read in the decision's own query.

        Parameters
        ----------
        asked : frozenset of str, optional
            Attributes that the rules of a policy ask the catalog for, which the overlay then answers.
        """
        knowledge, overlay = self._current()
        if overlay.change_number >= change_number and (asked is None or overlay.facets.answers(asked)):
            return knowledge, overlay
        with self._lock:
            knowledge, overlay = self._now or (knowledge, overlay)
            if overlay.change_number < change_number:
                before = overlay.change_number
                number, changed = _live_rows(self._records, before)
                overlay = overlay.with_changes(number, changed)
                if overlay.facets.is_live:
                    ids = [row.product_id for row in changed]
                    overlay = overlay.with_facets(bring_forward(self._records, overlay.facets, ids))
                if self._records.links_changed_since(before) or self._records.bundles_changed_since(before):
                    overlay = overlay.with_curation(*curation_of(self._records))
                if self._records.offers_changed_since(before):
                    knowledge = knowledge.with_library(self._library(number))
                    overlay = overlay.over(knowledge)
                self._now = (knowledge, overlay)
            if asked is not None and not overlay.facets.answers(asked):
                names = asked | overlay.facets.names
                overlay = overlay.with_facets(read_facets(self._records, knowledge, names))
                self._now = (knowledge, overlay)
        return knowledge, overlay

    def of(self, snapshot_id: str, change_number: int | None = None) -> Knowledge:
        """Give the knowledge a decision was made with.

        Parameters
        ----------
        change_number : int, optional
            With the offers as they stood then; by default as they stand now.

        Raises
        ------
        NotReplayable
            If that snapshot is gone.
        """
        library = self._library(change_number)
        now = self._now
        if now is not None and now[0].snapshot_id == snapshot_id:
            return now[0] if now[0].library.offers == library.offers else now[0].with_library(library)
        if snapshot_id not in snapshots.listed(self._folder):
            raise NotReplayable(f"its snapshot {snapshot_id} is gone; only the newest are kept")
        loaded = snapshots.load(self._folder, snapshot_id)
        return Knowledge(loaded.snapshot_id, loaded.arrays, loaded.texts).with_library(library)

    def _library(self, change_number: int | None) -> Library:
        """Give the offers in force, as they stood at a change number."""
        return Library(map(offer_of, self._records.offers(change_number)), self._currency)

    def _current(self) -> tuple[Knowledge, Overlay]:
        now = self._now
        if now is not None and self._is_followed:
            return now
        pointer = snapshots.pointer(self._folder)
        if now is not None and self._pointer == pointer:
            return now
        name = snapshots.current_id(self._folder)
        with self._lock:
            if self._now is None or self._now[0].snapshot_id != name:
                self._now = self._loaded(name)
            self._pointer = pointer
            return self._now

    def _loaded(self, name: str | None) -> tuple[Knowledge, Overlay]:
        loaded = snapshots.load(self._folder, name)
        number, rows = _live_rows(self._records, -1)
        knowledge = Knowledge(loaded.snapshot_id, loaded.arrays, loaded.texts).with_library(self._library(number))
        return knowledge, _overlay(knowledge, self._records, number, rows)


def overlay_of(knowledge: Knowledge, records: Records) -> Overlay:
    """Put the live values of this moment over any snapshot, also one that is no longer in force."""
    return _overlay(knowledge, records, *_live_rows(records, -1))


def _overlay(knowledge: Knowledge, records: Records, number: int, rows: list[LiveRow]) -> Overlay:
    links, bundles = curation_of(records)  # after the number: what is written meanwhile is read early, never missed
    return Overlay(knowledge, number, {row.product_id: row for row in rows}, links, bundles)


def curation_of(records: Records) -> tuple[list[CuratedLink], list[Bundle]]:
    """Read the merchant's links and sets; which have expired is asked in each decision, for its own instant."""
    links = [CuratedLink(**{name: row[name] for name in LINK_COLUMNS}) for row in records.links(0)[1].to_pylist()]
    return links, read_bundles(records.bundles()[1])


def _live_rows(records: Records, since: int) -> tuple[int, list[LiveRow]]:
    number, found = records.live_since(since)
    return number, [LiveRow(r[0], r[1], r[2], r[3], bool(r[4]), bool(r[5]), r[6]) for r in found]
