"""Group commit seen from the event loop: what is decided while one commit runs goes into the next."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from crosslift.errors import Busy
from crosslift.shop.counting import Made, rows_of
from crosslift.store.ports import Records

Waiting = tuple[Made, "asyncio.Future[bool]"]
MOST_WAITING = 5_000
"""Decisions that may wait for their commit."""


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
        self._is_committing = False

    async def record(self, made: Made) -> bool:
        """Return once the decision is on disk, together with its neighbors of the same moment.

        False, and nothing kept, if its reservation met another one: it has to be made again.

        Raises
        ------
        Busy
            If so many wait that this one would come too late.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Busy(f"{MOST_WAITING} decisions wait for their commit already; try again in a moment")
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting.append((made, done))
        if not self._is_committing:
            self._start(loop)
        return bool(await done)

    def close(self) -> None:
        """Finish the commit under way."""
        self._thread.shutdown()

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
        if self._waiting:
            self._start(loop)
        for place, (_, done) in enumerate(batch):
            if done.done():  # the caller was cancelled meanwhile; the decision is kept all the same
                continue
            if problem is None:
                done.set_result(place not in met)
            else:
                done.set_exception(problem)
