"""Group commit seen from the event loop: what is decided in one turn of it, or while one commit runs, goes into the next."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from crosslift.errors import Busy
from crosslift.shop.counting import Made, rows_of
from crosslift.store.ports import Records

Waiting = tuple[Made, "asyncio.Future[bool]"]
MOST_WAITING = 5_000
"""Decisions that may wait for their commit."""
ENOUGH = 32
"""Decisions that are committed without looking whether more are about to be made: the disk works while the rest is decided."""


class Recorder:
    """Writes decisions durably without ever holding up the loop.

    Parameters
    ----------
    records : Records
        Any engine: one call of `record_decisions` is one durable write, whatever it holds.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="decisions-recorder")
        self._waiting: list[Waiting] = []
        self._is_committing = self._is_called = False

    def record(self, made: Made) -> "asyncio.Future[bool]":
        """Take a decision; what is given is done once it is on disk, together with its neighbors of the same moment.

        False, and nothing kept, if its reservation met another one: it has to be made again.

        Raises
        ------
        Busy
            If so many wait that this one would come too late.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Busy(f"{MOST_WAITING} decisions wait for their commit already; try again in a moment")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((made, done))
        self._look(loop)
        return done

    def close(self) -> None:
        """Finish the commit under way."""
        self._thread.shutdown()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Commit once enough wait, or once everybody who had come by now is decided for: nobody is answered sooner than that.

        Each commit costs the disk a write and whoever reads next the pages they had read: few commits are cheaper.
        """
        if self._is_committing or not self._waiting:
            return
        if len(self._waiting) >= ENOUGH:
            self._start(loop)
        elif not self._is_called:
            self._is_called = True
            loop.call_soon(self._called, loop)

    def _called(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_called = False
        if self._waiting and not self._is_committing:
            self._start(loop)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting, []
        self._is_committing = True
        self._thread.submit(self._commit, loop, batch)

    def _commit(self, loop: asyncio.AbstractEventLoop, batch: list[Waiting]) -> None:
        problem: Exception | None = None
        met: list[int] = []
        try:
            met = self._records.record_decisions(*rows_of([made for made, _ in batch]))
        except Exception as error:  # noqa: BLE001 - handed to every caller, whole
            problem = error
        loop.call_soon_threadsafe(self._answer, loop, batch, frozenset(met), problem)

    def _answer(
        self, loop: asyncio.AbstractEventLoop, batch: list[Waiting], met: frozenset[int], problem: Exception | None
    ) -> None:
        self._is_committing = False
        self._look(loop)
        for place, (_, done) in enumerate(batch):
            if done.done():  # the caller was cancelled meanwhile; the decision is kept all the same
                continue
            if problem is None:
                done.set_result(place not in met)
            else:
                done.set_exception(problem)
