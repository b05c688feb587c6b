"""Erase means erase: people leave records, parts and caches, and a search of everything kept shows it (DESIGN 2b.12)."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosslift.domain.identity import ERASED
from crosslift.store.frames import Frames
from crosslift.store.ports import Records
from crosslift.store.traces import Search, find_traces

CACHES = ("pairs",)
"""Folders under `cache` that hold what was learned of single people; the next learning makes them anew."""
EXPORTS = "exports"
TOMBSTONE = ERASED
"""What stands where somebody was and totals need one: this, or this, a colon and something random."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was removed by table or kind of file, and what a search afterwards found."""

    counts: dict[str, int]
    search: Search

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing was found any more."""
        return not self.search.found


def erase_people(
    records: Records,
    frames: Frames,
    home: Path,
    people: Mapping[str, Sequence[str]],
    now: int,
    *,
    is_idle: bool = False,
) -> Erasure:
    """Remove people from everything the shop keeps, and search for what is left.

    Slim decisions, failed payments and trials keep a random tombstone each, sales stay as somebody's: totals stand.

    Parameters
    ----------
    people : mapping of str to sequence of str
        All identities of each person by the tombstone, which is random and names nobody.
    is_idle : bool
        Whether only silence is the reason: whoever comes back is let in again.
    """
    counts, traces = records.erase(people, now, is_idle=is_idle)
    n_events = frames.forget_events([name for names in people.values() for name in names])
    if n_events:
        counts["sealed events"] = n_events
    n_days = frames.refresh()
    if n_days:
        counts["days of the columnar copy"] = n_days
    for name in CACHES:
        shutil.rmtree(home / "cache" / name, ignore_errors=True)
    shutil.rmtree(home / EXPORTS, ignore_errors=True)
    records.compact()
    search = find_traces(home, traces, records.kept_elsewhere())
    if search.found:  # pages that were split keep old copies of a row until the file is written anew
        records.compact(whole=True)
        search = find_traces(home, traces, records.kept_elsewhere())
    return Erasure(counts, search)
