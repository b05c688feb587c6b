"""A load generator for HTTP/1.1 on loopback: whole requests made beforehand, kept-alive connections, one thread that never rests.

Closed: every connection asks again as soon as it was answered; that finds what a server can do. Paced: requests are due at
instants of a plan, whatever became of those before; one that finds every connection taken waits, and its time counts from when it
was due, so that a server that stops for a moment is charged for everybody who came meanwhile (no coordinated omission).
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import uvloop

END = b"\r\n\r\n"
LENGTH = b"content-length:"
PATIENCE = 10.0
"""Seconds that an answer may take; then whoever waits says so."""
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Taken:
    """What came back.

    Attributes
    ----------
    n : int
        Answers with 200.
    refused : dict of int
        Other answers by their status.
    seconds : float
        From the first request to the last answer.
    ms : list of float
        What each took: closed from sending, paced from when it was due.
    n_late : int
        Requests of a plan that found no connection free.
    marks : dict of int
        How many answers held each of the words looked for.
    """

    n: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    ms: list[float] = field(default_factory=list)
    n_late: int = 0
    marks: dict[bytes, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers with 200 a second."""
        return self.n / self.seconds if self.seconds else 0.0

    def at(self, share: float) -> float:
        """Give the milliseconds within which a share of the answers came, nan without any."""
        return float(np.quantile(self.ms, share)) if self.ms else float("nan")

    def count(self, status: int, body: bytes) -> None:
        """Count one answer."""
        if status == 200:
            self.n += 1
            for word in self.marks:
                self.marks[word] += word in body
        else:
            self.refused[status] = self.refused.get(status, 0) + 1


def post(path: str, body: bytes, key: str = "") -> bytes:
    """Write a request."""
    by = (f"Authorization: Bearer {key}",) if key else ()
    kind = ("Content-Type: application/json", f"Content-Length: {len(body)}", "", "")
    return "\r\n".join((f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *by, *kind)).encode() + body


def plan(rate: float, seconds: float, seed: int = 11) -> Floats:
    """Give the instants at which requests are due, seconds from the beginning: those of independent callers (Poisson).

    Examples
    --------
    >>> due = plan(1000, 2.0)
    >>> 1800 < due.size < 2200, bool((np.diff(due) >= 0).all())
    (True, True)
    """
    gaps = np.random.default_rng(seed).exponential(1 / rate, int(rate * seconds * 1.5) + 100)
    due = np.cumsum(gaps)
    return due[due < seconds]


def parted(buffer: bytes) -> tuple[int, bytes, int] | None:
    """Give status, body and length of the first whole answer of a buffer, None while it is not whole.

    Examples
    --------
    >>> parted(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi")
    (200, b'hi', 40)
    """
    end = buffer.find(END)
    if end < 0:
        return None
    head = buffer[:end].lower()
    at = head.find(LENGTH)
    stop = head.find(b"\r", at)
    length = int(head[at + len(LENGTH) : stop if stop >= 0 else end]) if at >= 0 else 0
    whole = end + len(END) + length
    return (int(buffer[9:12]), buffer[end + len(END) : whole], whole) if len(buffer) >= whole else None


class Caller(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, tells how long it took."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self.since = 0.0
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self.transport = transport

    def ask(self, request: bytes, since: float) -> None:
        """Send a request whose time counts from an instant."""
        self.since = since
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take what came; when the answer is whole, ask again or rest."""
        self._buffer = self._buffer + data if self._buffer else data
        found = parted(self._buffer)
        if found is not None:
            status, body, whole = found
            self._buffer = self._buffer[whole:]
            self._load.answered(self, status, body)

    def connection_lost(self, _: Exception | None) -> None:
        """Tell that the server hung up."""
        self._load.lost()


class Load:
    """Requests over some connections to one server.

    Parameters
    ----------
    port : int
        On 127.0.0.1.
    n_connections : int
        Requests under way at once, at most.
    words : sequence of bytes
        Counted in the bodies of answers.
    """

    def __init__(self, port: int, n_connections: int, words: Sequence[bytes] = ()) -> None:
        self._port, self._n = port, n_connections
        self._words = words
        self._requests: Iterator[bytes] = iter(())
        self._taken = Taken()
        self._free: deque[Caller] = deque()
        self._waiting: deque[float] = deque()
        self._is_paced = self._is_over = False
        self._n_asked = self._n_answered = 0
        self._done: asyncio.Future[None] | None = None

    def closed(self, requests: Iterator[bytes], seconds: float) -> Taken:
        """Ask as fast as answers come, for so long or until no request is left."""
        return _ran(self._closed(requests, seconds))

    def paced(self, requests: Iterator[bytes], due: Floats) -> Taken:
        """Ask at the instants of a plan."""
        return _ran(self._paced(requests, due))

    def answered(self, caller: Caller, status: int, body: bytes) -> None:
        """Count an answer, then let its connection go on."""
        now = time.perf_counter()
        self._taken.count(status, body)
        self._taken.ms.append((now - caller.since) * 1e3)
        self._n_answered += 1
        if self._is_paced:
            if self._waiting:
                self._send(caller, self._waiting.popleft())
            else:
                self._free.append(caller)
        elif not self._is_over:
            self._send(caller, now)
        if self._is_over and self._n_answered == self._n_asked and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def lost(self) -> None:
        """Give up where the server hung up before the end."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(ConnectionError("the server closed a connection"))

    def _send(self, caller: Caller, since: float) -> None:
        request = next(self._requests, None)
        if request is None:
            self._is_over = True
            return
        self._n_asked += 1
        caller.ask(request, since)

    async def _connected(self, requests: Iterator[bytes]) -> list[Caller]:
        loop = asyncio.get_running_loop()
        self._taken = Taken(marks=dict.fromkeys(self._words, 0))
        self._requests, self._done = requests, loop.create_future()
        self._is_over, self._n_asked, self._n_answered = False, 0, 0
        made = [await loop.create_connection(lambda: Caller(self), "127.0.0.1", self._port) for _ in range(self._n)]
        return [protocol for _, protocol in made]

    async def _closed(self, requests: Iterator[bytes], seconds: float) -> Taken:
        callers, self._is_paced = await self._connected(requests), False
        begun = time.perf_counter()
        for caller in callers:
            self._send(caller, time.perf_counter())
        asyncio.get_running_loop().call_later(seconds, self._end)
        return await self._settled(callers, begun, seconds)

    async def _paced(self, requests: Iterator[bytes], due: Floats) -> Taken:
        callers, self._is_paced = await self._connected(requests), True
        self._free, self._waiting = deque(callers), deque()
        begun = time.perf_counter() + 0.01
        for instant in (due + begun).tolist():
            while time.perf_counter() < instant:
                await asyncio.sleep(0)
            if self._free:
                self._send(self._free.popleft(), instant)
            else:
                self._taken.n_late += 1
                self._waiting.append(instant)
        while self._waiting:
            await asyncio.sleep(0)
        self._end()
        return await self._settled(callers, begun, float(due[-1]))

    def _end(self) -> None:
        self._is_over = True
        if self._n_answered == self._n_asked and self._done is not None and not self._done.done():
            self._done.set_result(None)

    async def _settled(self, callers: list[Caller], begun: float, seconds: float) -> Taken:
        assert self._done is not None
        await asyncio.wait_for(asyncio.shield(self._done), seconds + PATIENCE)
        self._taken.seconds = time.perf_counter() - begun
        self._done = None
        for caller in callers:
            caller.transport.close()
        await asyncio.sleep(0)
        return self._taken


def _ran(job: Coroutine[Any, Any, Taken]) -> Taken:
    """Run a load on a loop of its own, without pauses to collect garbage."""
    gc.disable()
    try:
        return uvloop.run(job)
    finally:
        gc.enable()
