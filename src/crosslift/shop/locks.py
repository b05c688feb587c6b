"""One at a time in a home folder: the locks are the kernel's, so a killed process lets go of them."""

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
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


def learning_alone(home: Path) -> AbstractContextManager[None]:
    """Learn, or remove what learning remembers, with nobody else learning: an erased person must not be written back."""
    return alone(home / "learn.lock", f"a learning run of {home} is going on; wait for it to end")
