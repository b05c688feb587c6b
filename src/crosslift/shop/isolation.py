"""The wall around a plugin: its calls run beside the request, within their time, and what they raise stays here.

Nothing in one process can end a call that hangs. So a plugin is called in a thread of its own: who asks waits for the time the
settings give and goes on without an answer; the thread is left to itself and counts against the few the plugin has.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from traceback import FrameSummary, extract_tb
from typing import Any, TypeVar

import structlog

log = structlog.get_logger()
T = TypeVar("T")
ERROR, SLOW, BUSY, ANSWER = "error", "slow", "busy", "answer"
FRAMES = 8
"""So many places of an error are logged, the last."""
CAUSES = (ERROR, SLOW, BUSY, ANSWER)
"""It raised; it took longer than its time; all its threads still wait for it; what it answered cannot be."""


class NoAnswer(Exception):
    """A plugin gave no answer that can be used; `cause` is one of `CAUSES`."""

    def __init__(self, cause: str, why: str) -> None:
        super().__init__(why)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is borne: so many failures within so many seconds and so many calls; so many calls at once.

    Both, so that a busy shop bears a late answer now and then, and a quiet one an error a day.
    """

    most_failures: int
    window_seconds: float
    window_calls: int
    threads: int


class Wall:
    """Stands around one plugin.

    Parameters
    ----------
    name : str
        The plugin, in logs and names of threads.
    give_up : callable
        Called once with the reason, when it failed so often that it is asked no more.
    monotonic : callable
        Seconds that only grow.
    """

    def __init__(
        self, name: str, limits: Limits, give_up: Callable[[str], None], monotonic: Callable[[], float]
    ) -> None:
        self._name, self._limits, self._give_up, self._monotonic = name, limits, give_up, monotonic
        self._threads = Threads(f"plugin-{name}", limits.threads)
        self._lock = threading.Lock()
        self._failed_at: deque[tuple[float, int]] = deque(maxlen=limits.most_failures)
        self._n_calls = 0
        self.n_failed = dict.fromkeys(CAUSES, 0)

    def ask(
        self, call: Callable[[], T], seconds: float, check: Callable[[T], str] = lambda _answer: "",
        lets: tuple[type[Exception], ...] = (),
    ) -> T:  # fmt: skip
        """Call a plugin and wait so long for it.

        Parameters
        ----------
        check : callable
            Says what is wrong with an answer; "" for nothing.
        lets : tuple of exceptions
            What it may raise on purpose: passed on, and no failure.

        Raises
        ------
        NoAnswer
            If it raised, was late or answered what cannot be; it is logged and counted.
        """
        self._n_calls += 1
        future = self._threads.start(call)
        if future is None:
            raise self._failed(BUSY, f"all its {self._limits.threads} threads still wait for earlier calls")
        try:
            answer = future.result(seconds)
            wrong = check(answer)
        except lets:
            raise
        except TimeoutError as error:
            if future.done():
                raise self._failed(ERROR, _told(error), error) from error
            raise self._failed(SLOW, f"no answer within {seconds * 1000:g} ms") from error
        except BaseException as error:
            if not isinstance(error, Exception) and not future.done():
                raise  # this thread's own: somebody pressed Ctrl-C while it waited
            raise self._failed(ERROR, _told(error), error) from error
        if wrong:
            raise self._failed(ANSWER, wrong)
        return answer

    def forgive(self) -> None:
        """Forget what failed before: it was switched on again."""
        with self._lock:
            self._failed_at.clear()

    def _failed(self, cause: str, why: str, error: BaseException | None = None) -> NoAnswer:
        """Log and count a failure; after too many of them the plugin is given up."""
        places = [] if error is None else [f"{one.filename}:{one.lineno} {one.name}" for one in _frames(error)]
        log.error("plugin_failed", plugin=self._name, cause=cause, why=why, places=places)
        with self._lock:
            self.n_failed[cause] += 1
            now, n_calls = self._monotonic(), self._n_calls
            self._failed_at.append((now, n_calls))
            first, at_call = self._failed_at[0]
            is_enough = (
                len(self._failed_at) == self._limits.most_failures
                and now - first <= self._limits.window_seconds
                and n_calls - at_call < self._limits.window_calls
            )
            if is_enough:
                self._failed_at.clear()
        if is_enough:
            log.error("plugin_given_up", plugin=self._name, why=why)
            self._give_up(f"{cause}: {why}")
        return NoAnswer(cause, why)


def _told(error: BaseException) -> str:
    """Name an error and where it was raised; what it says may hold people, and is nobody's business."""
    frames = _frames(error)
    return (
        f"{type(error).__name__} in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"
        if frames
        else "an error"
    )


def _frames(error: BaseException) -> list[FrameSummary]:
    return list(extract_tb(error.__traceback__)[-FRAMES:])


class Threads:
    """At most so many threads, started when they are needed; those that hang do not hold up the end of the process."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._n_started = self._n_busy = 0

    def start(self, call: Callable[[], T]) -> "Future[T] | None":
        """Start a call; None while all threads are at earlier ones."""
        future: Future[T] = Future()
        with self._lock:
            if self._n_busy >= self._most:
                return None
            self._n_busy += 1
            if self._n_busy > self._n_started:
                self._n_started += 1
                threading.Thread(target=self._work, name=f"{self._name}-{self._n_started}", daemon=True).start()
        self._waiting.put((call, future))
        return future

    def _work(self) -> None:
        while True:
            call, future = self._waiting.get()
            try:
                answer = call()
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                self._free()
                future.set_exception(error)
            else:
                self._free()
                future.set_result(answer)
            del call, future

    def _free(self) -> None:
        with self._lock:
            self._n_busy -= 1
