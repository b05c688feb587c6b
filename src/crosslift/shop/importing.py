"""Files on their way in, and out again: all looked at before the first is collected, the last taken back."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from crosslift.collect.recognition import Options, Recognized, look
from crosslift.errors import CrossliftError, NotFound
from crosslift.settings import Settings
from crosslift.shop.facts import UNWORKED
from crosslift.store.frames import Frames
from crosslift.store.ports import Records, Undone

Accept = bool | Collection[str | Path]
"""Whether proposals are accepted: of all files, of none, or of those named."""


def look_at(paths: Sequence[str | Path], settings: Settings, options: Options, accept: Accept) -> list[Recognized]:
    """Open files and name their formats, all of them before anything is collected.

    Raises
    ------
    Unconfirmed
        For the first file whose format is only proposed and not accepted.
    BadInput
        For the first that cannot be read.
    """
    accepted = None if isinstance(accept, bool) else {Path(path) for path in accept}
    return [
        look(Path(path), settings, replace(options, accept=accept is True or Path(path) in (accepted or ())))
        for path in paths
    ]


def undo(records: Records, frames: Frames, import_id: int | None, now: int) -> Undone:
    """Take the last file collected back, or the import named; what follows from it is worked up by the caller.

    Raises
    ------
    NotFound
        If no file is there to take back.
    Conflict
        If later imports build on it; the message names them.
    """
    if import_id is None:
        files = [one for one in records.imports() if one.state == "committed" and one.source != "api"]
        if not files:
            raise NotFound("no file was collected that could be taken back")
        import_id = files[-1].import_id
    was_working_up = records.meta(UNWORKED)
    parts = frames.without_import(import_id)
    records.set_meta(UNWORKED, "yes")  # a crash from here on is worked up with the next command
    try:
        undone = records.undo_import(import_id, parts, now)
    except CrossliftError:
        records.set_meta(UNWORKED, was_working_up)
        frames.discard([new for _, new, _ in parts if new is not None])
        raise
    frames.discard([old for old, _, _ in parts])
    records.sweep_undone()
    return undone
