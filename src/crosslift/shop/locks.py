"""One at a time in a shop: whoever is killed lets go, and with records on a server every host is asked."""

from contextlib import AbstractContextManager
from pathlib import Path

from crosslift.store.ports import Records


def learning_alone(records: Records, home: Path) -> AbstractContextManager[None]:
    """Learn, or remove what learning remembers, with nobody else learning: an erased person must not be written back."""
    return records.alone("learn", f"a learning run of {home} is going on; wait for it to end")
