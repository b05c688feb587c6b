"""Erase means erase: one person leaves records, parts and caches, and a search of everything kept shows it (DESIGN 2b.12)."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crosslift.store.ports import Frames, Records
from crosslift.store.traces import Search, find_traces

CACHES = ("pairs",)
"""Folders under `cache` that hold what was learned of single people; the next learning makes them anew."""
EXPORTS = "exports"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was removed by table or kind of file, and what a search afterwards found."""

    counts: dict[str, int]
    search: Search

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing was found any more."""
        return not self.search.found


def erase_person(
    records: Records, frames: Frames, home: Path, identities: Sequence[str], tombstone: str, now: int
) -> Erasure:
    """Remove a person from everything the shop keeps, and search for what is left.

    Slim decisions, failed payments and trials keep a random tombstone, sales stay as somebody's: totals stand.

    Parameters
    ----------
    identities : sequence of str
        All identities of the person.
    tombstone : str
        Random; names nobody.
    """
    counts, traces = records.erase(identities, tombstone, now)
    n_events = frames.forget_events(identities)
    if n_events:
        counts["sealed events"] = n_events
    n_days = frames.refresh()
    if n_days:
        counts["days of the columnar copy"] = n_days
    for name in CACHES:
        shutil.rmtree(home / "cache" / name, ignore_errors=True)
    shutil.rmtree(home / EXPORTS, ignore_errors=True)
    records.compact()
    search = find_traces(home, traces)
    if search.found:  # pages that were split keep old copies of a row until the file is written anew
        records.compact(whole=True)
        search = find_traces(home, traces)
    return Erasure(counts, search)
