"""One reading: what the parts of a report are made of is read once, and all of them speak of the same moment."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("one_reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Let whatever is read `once` within this block be read the first time only; a block within another is part of it."""
    if _kept.get() is not None:
        yield
        return
    token, pool = _kept.set({}), pa.default_memory_pool()
    pa.set_memory_pool(_roomy() or pool)
    try:
        yield
    finally:
        _kept.reset(token)
        pa.set_memory_pool(pool)


def _roomy() -> pa.MemoryPool | None:
    """Give the pool that keeps freed pages a while, where Arrow was built with it.

    Columns of millions of rows come and go in a report. A pool that gives every page back at once has the system clear it
    anew each time: reading ten million decisions took 5.5 s of system time that way, 0.9 s this way.
    """
    return pa.jemalloc_memory_pool() if "jemalloc" in pa.supported_memory_backends() else None


def once(owner: object, name: str, read: Callable[[], T], *of: Hashable) -> T:
    """Give what was read under this name of an owner in this reading; read it where it was not, or outside of any.

    Parameters
    ----------
    owner : object
        Whose reading it is; it lives as long as the reading.
    of : hashable
        What the reading depends on beside its name.
    """
    kept = _kept.get()
    if kept is None:
        return read()
    key = id(owner), name, of
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found


def within(rows: pa.Table, since: int, until: int) -> pa.Table:
    """Give the rows of a period by their column `at`; the table itself where all are of it."""
    is_in = pc.and_(pc.greater_equal(rows["at"], since), pc.less(rows["at"], until))
    return rows if pc.all(is_in, min_count=0).as_py() else rows.filter(is_in)
