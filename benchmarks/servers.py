"""Servers of a benchmark: each a process on a core of its own, what it keeps on the disk of the benchmark's data."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import baskets
from benchmarks.mining import REPO

TICK = os.sysconf("SC_CLK_TCK")
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
FIRST = -15
LOW_PRIORITY = 19
"""Of learning, as jobs have it."""


def cores() -> tuple[int, int]:
    """Give the core that serves and the core that asks; the same one where there is but one."""
    free = sorted(os.sched_getaffinity(0))
    return free[0], free[-1]


@contextmanager
def first_in_line() -> Iterator[None]:
    """Let the block, and what it starts, go before whatever else runs on the machine, where that is allowed."""
    group = Path("/proc/self/autogroup")  # of a session: the kernel shares the cores among sessions, then within each
    with suppress(OSError):
        group.write_text(str(FIRST))
    try:
        yield
    finally:
        with suppress(OSError):
            group.write_text("0")


@dataclass(slots=True)
class Server:
    """A server under way."""

    process: subprocess.Popen[str]
    port: int

    def cpu(self) -> float:
        """Give the CPU seconds it has taken, all threads, in and out of the kernel."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


@dataclass(slots=True)
class Served:
    """A copy of a home while it is served.

    Attributes
    ----------
    told : Counter
        How many rows of each table were acknowledged.
    lines : list of str
        After the end: whether the records hold as many.
    """

    server: Server
    key: str
    home: Path
    told: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)


@contextmanager
def shop(original: Path, core: int) -> Iterator[Served]:
    """Serve a copy of a home until the block ends, then count what it kept."""
    from crosslift.shop import Shop

    with tempfile.TemporaryDirectory(prefix="serving-", dir=baskets.folder()) as folder:
        home = Path(folder) / "home"
        shutil.copytree(original, home, ignore=shutil.ignore_patterns("snapshots"))
        shutil.copytree(original / "snapshots", home / "snapshots", copy_function=os.link)  # they are never written to
        with Shop(home) as opened:
            key = opened.create_key("secret", "bench")
        os.sync()
        before = {table: n_rows(home, table) for table in ("decisions", "decision_inputs", "events")}
        port = free_port()
        command = [sys.executable, "-m", "crosslift", "--home", home, "serve", "--port", port, "--no-jobs"]
        with server(command, port, core, "serving") as running:
            served = Served(running, key, home)
            yield served
        for table, told in served.told.items():
            kept = n_rows(home, table) - before[table]
            verdict = "each one acknowledged" if kept == told else f"FAILED: {told:,} were acknowledged"
            served.lines.append(f"{table} in the records afterwards: {kept:,}, {verdict}")


@contextmanager
def server(command: Sequence[object], port: int, core: int, word: str = "ready") -> Iterator[Server]:
    """Run a server on a core until the block ends; it says a word when it is ready."""
    words = [str(one) for one in command]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=said, text=True, cwd=REPO, env={**os.environ, **ONE_THREAD}
        ) as process,
    ):
        os.sched_setaffinity(process.pid, {core})  # of threads that follow as well
        try:
            if process.stdout is None or not any(word in line for line in process.stdout):
                said.seek(0)
                raise RuntimeError(
                    f"{' '.join(words[1:3])} did not start: {(said.read().splitlines() or ['no word'])[-1]}"
                )
            _wait_for(port)
            yield Server(process, port)
        finally:
            process.terminate()


@contextmanager
def learning(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Learn beside whatever is done in the block, on all cores and at the priority of jobs; stopped at its end."""
    command = [sys.executable, "-m", "crosslift", "--home", str(home), "learn"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=REPO) as process:
        os.setpriority(os.PRIO_PROCESS, process.pid, LOW_PRIORITY)
        os.sched_setaffinity(process.pid, range(os.cpu_count() or 1))
        try:
            yield process
        finally:
            process.terminate()


def n_rows(home: Path, table: str) -> int:
    """Count the rows of a table."""
    with closing(sqlite3.connect(home / "records.db")) as records:
        return int(records.execute(f"select count(*) from {table}").fetchone()[0])


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nobody listens on {port}")
