"""One at a time by a file: the lock is the kernel's, so a killed process lets go of it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosslift.errors import Busy


@contextmanager
def alone(lock: Path, busy: str) -> Iterator[None]:
    """Hold a lock file.

    Raises
    ------
    Busy
        With that message, if another process or thread holds it.
    """
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(busy) from None
        yield
