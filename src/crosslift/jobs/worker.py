"""The process that runs the jobs of one shop or of several: confined, of low priority, gone when it is asked to go."""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import structlog
from structlog.contextvars import bound_contextvars

from crosslift.errors import CrossliftError, StoreDown, TryAgain
from crosslift.jobs.news import News
from crosslift.jobs.runner import Runner, Stopped
from crosslift.settings import Settings
from crosslift.shop import Shop
from crosslift.shop.homes import homes_in

log = structlog.get_logger()
LOOK_SECONDS = 5
LOW_PRIORITY = 10
STOP_SECONDS = 10
"""A job that does not end by then is ended with its process; it runs again in the next."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One shop whose jobs are run, as its settings stood."""

    shop: Shop
    runner: Runner
    settings_at: int


class Worker:
    """Runs the jobs of every shop of a folder until it is stopped.

    Parameters
    ----------
    folder : Path
        Of one shop, or of several.
    open_shop : callable, optional
        Opens one; tests bring a clock of their own.
    """

    def __init__(self, folder: Path, open_shop: Callable[[Path], Shop] = Shop) -> None:
        self._folder = folder
        self._open_shop = open_shop
        self._opened: dict[Path, Opened] = {}
        self._refused: dict[Path, int] = {}
        self._stopping = threading.Event()
        self._is_working = False

    def run(self) -> None:
        """Look every few seconds for what is due, until `stop`."""
        log.info("jobs_started", folder=self._folder.name)
        try:
            while not self._stopping.is_set():
                self._is_working = True
                self.look()
                self._is_working = False
                self._stopping.wait(LOOK_SECONDS)
        except Stopped:
            pass
        finally:
            self._is_working = False
            self.close()
        log.info("jobs_stopped", folder=self._folder.name)

    def stop(self, *_: int | FrameType | None) -> None:
        """End the job under way, if there is one, and `run`; a handler of signals."""
        self._stopping.set()
        if self._is_working and threading.current_thread() is threading.main_thread():
            self._is_working = False
            raise Stopped

    def look(self) -> int:
        """Run what is due in every shop; gives how many jobs that were. A shop that fails keeps no other waiting."""
        homes = homes_in(self._folder)
        for home in [known for known in self._opened if known not in homes.values()]:
            self._opened.pop(home).shop.close()
        n_run = 0
        for name, home in homes.items():
            with bound_contextvars(shop=name):
                try:
                    n_run += self._opened[home].runner.tick() if self._is_open(home) else 0
                except CrossliftError as error:
                    log.error("jobs_of_shop_failed", why=str(error))
        return n_run

    def close(self) -> None:
        """Close every shop."""
        for opened in self._opened.values():
            opened.shop.close()
        self._opened.clear()

    def _is_open(self, home: Path) -> bool:
        """Open a shop, or open it again where its settings were changed; False while they cannot be read."""
        changed = _changed_at(home)
        known = self._opened.get(home)
        if known is not None and known.settings_at == changed:
            return True
        if known is not None:
            self._opened.pop(home).shop.close()
        if self._refused.get(home) == changed:
            return False
        try:
            shop = self._open_shop(home)
        except CrossliftError as error:
            return self._refuse(home, changed, error)
        try:
            self._opened[home] = Opened(shop, Runner(shop, News(shop)), changed)
        except CrossliftError as error:
            shop.close()
            return self._refuse(home, changed, error)
        return True

    def _refuse(self, home: Path, changed: int, error: CrossliftError) -> bool:
        if not isinstance(error, TryAgain | StoreDown):  # these may be over at the next look
            self._refused[home] = changed
        log.error("jobs_refused", why=str(error))
        return False


def _changed_at(home: Path) -> int:
    try:
        return (home / "shop.toml").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def confine(folder: Path) -> None:
    """Lower this process's priority, and limit its memory as the settings say: half of the machine's by default."""
    os.nice(LOW_PRIORITY)
    asked = max(map(_memory_mb, homes_in(folder).values()))
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = asked << 20 if asked else machine // 2
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


def _memory_mb(home: Path) -> int:
    try:
        return int(Settings.load(file=home / "shop.toml")["jobs.memory_mb"])
    except CrossliftError:
        return 0  # named when the shop is opened


def end_with_parent() -> None:
    """End this process once the one that started it is gone: it holds the other end of standard input."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="jobs-parent", daemon=True).start()
