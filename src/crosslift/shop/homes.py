"""Which shops there are in a folder: the one in it, or every one directly beneath it."""

import fcntl
from pathlib import Path
from typing import IO

MARKS = ("shop.toml", "records.db")
"""A folder that holds one of these is a shop's."""
SERVED = "served.lock"


def is_home(folder: Path) -> bool:
    """Tell whether a folder is a shop's."""
    return any((folder / mark).is_file() for mark in MARKS)


def homes_in(folder: Path) -> dict[str, Path]:
    """Give the shops of a folder by name, in order of names.

    A folder that is a shop's own, or holds none, is one shop. Hidden folders are none: one that is being made or taken away
    has a name that begins with a dot.
    """
    if not is_home(folder) and folder.is_dir():
        beneath = (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        found = {path.name: path for path in sorted(beneath) if is_home(path)}
        if found:
            return found
    return {folder.resolve().name: folder}


def hold(home: Path) -> IO[str]:
    """Say that a home is being served, until the file is closed or the process ends; several may at once."""
    handle = (home / SERVED).open("a")
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def is_held(home: Path) -> bool:
    """Tell whether somebody serves a home."""
    with (home / SERVED).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
