"""The process of the jobs seen from the server: started beside it, started again when it ends, ended with it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from crosslift.jobs.worker import STOP_SECONDS

log = structlog.get_logger()
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LIVED_SECONDS = 60
"""One that lived so long did not fail at the start; the next begins at once."""


class Child:
    """Keeps one process of jobs running.

    Parameters
    ----------
    command : sequence of str
        What it runs; it ends when its standard input does.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jobs-child", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process that runs now, if one does."""
        process = self._process
        return None if process is None else process.pid

    def stop(self) -> None:
        """End it: gently, then not."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS + 2)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            with self._lock:
                if self._stopping.is_set():
                    return
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
                )
            code = self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - began > LIVED_SECONDS else min(2 * pause, LONGEST_PAUSE)
            log.error("jobs_process_ended", code=code, again_in=pause)
            self._stopping.wait(pause)


@contextmanager
def jobs_beside(home: Path) -> Iterator[Child]:
    """Run the jobs of a folder in a process of their own meanwhile."""
    child = Child([sys.executable, "-m", "crosslift", "--home", str(home), "jobs", "work", "--watched"])
    try:
        yield child
    finally:
        child.stop()
