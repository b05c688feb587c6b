"""The web application of one shop or of several, and the server that runs it."""

import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog
import uvicorn

from crosslift.errors import BadUsage
from crosslift.settings import Settings
from crosslift.shop import Shop
from crosslift.web.demo import DemoInfo
from crosslift.web.patience import Patient
from crosslift.web.router import Router
from crosslift.web.served import ServedShop
from crosslift.web.street import Street
from crosslift.web.watch import Watch

__all__ = ["DemoInfo", "build", "serve", "serve_street"]

log = structlog.get_logger()
GRACE_SECONDS = 10
"""Requests under way get so long to end once a stop was asked for."""
BACKLOG = 2048


def build(shop: Shop, *, demo: DemoInfo | None = None, watch: Watch | None = None) -> Router:
    """Build the ASGI application of a shop.

    Parameters
    ----------
    shop : Shop
        Opened; the caller closes it after the server has stopped.
    demo : DemoInfo, optional
        Puts the storefront at `/`; without it the same storefront is a preview under `/preview`.
    watch : Watch, optional
        Names requests and spans them; as the settings say without one.

    Returns
    -------
    Router
        Becomes ready by its lifespan: the snapshot is loaded and the kernels are warmed after the start, and
        `/readyz` says when that is done.
    """
    return Router(ServedShop(shop, demo, watch))


def serve(
    shop: Shop, host: str, port: int, on_ready: Callable[[str], None] = lambda _: None, *, demo: DemoInfo | None = None
) -> None:
    """Serve until SIGINT or SIGTERM, then let requests under way end.

    Parameters
    ----------
    port : int
        0 picks a free one.
    on_ready : callable
        Given the address once the first snapshot was looked for; a shop that has learned nothing is served as well.

    Raises
    ------
    BadUsage
        If the address cannot be listened on.
    """
    _run(build(shop, demo=demo), host, port, on_ready, shop.settings["serve.drain_seconds"])


def serve_street(folder: Path, host: str, port: int, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve every shop directly beneath a folder, those that come later too, until SIGINT or SIGTERM.

    Raises
    ------
    BadUsage
        If the address cannot be listened on.
    """
    _run(Street(folder), host, port, on_ready, Settings.load()["serve.drain_seconds"])


class _Server(uvicorn.Server):
    """A server that says for a while that it will stop, before it does; asked twice, it stops at once."""

    def __init__(self, config: uvicorn.Config, app: Router | Street, drain_seconds: int) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._is_draining = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal to stop."""
        if self._is_draining or not self._drain_seconds:
            super().handle_exit(sig, frame)
            return
        self._is_draining = True
        self._app.drain()
        log.info("server_draining", seconds=self._drain_seconds)
        timer = threading.Timer(self._drain_seconds, super().handle_exit, (sig, frame))
        timer.daemon = True
        timer.start()


def _run(app: Router | Street, host: str, port: int, on_ready: Callable[[str], None], drain_seconds: int) -> None:
    with _listening(host, port) as listener:
        url = _url(host, listener.getsockname()[1])
        app.on_first_look = lambda: _begin(url, on_ready)
        config = uvicorn.Config(
            app, loop="uvloop", http=Patient, ws="none", lifespan="on", log_config=None, access_log=False,
            server_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS,
        )  # fmt: skip
        log.info("server_started", url=url)
        with _signals_kept():
            _Server(config, app, drain_seconds).run(sockets=[listener])
        log.info("server_stopped", url=url)


def _begin(url: str, on_ready: Callable[[str], None]) -> None:
    """Say that it is ready; what was read by now stays, and a search for garbage among it would hold everybody up."""
    gc.freeze()
    on_ready(url)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise BadUsage(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port or --host") from error
    with listener:
        yield listener


def _url(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("", "0.0.0.0") else "[::1]" if host == "::" else host  # noqa: S104 - read, not bound
    return f"http://[{shown}]:{port}" if ":" in shown and not shown.startswith("[") else f"http://{shown}:{port}"


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Swallow the signal that uvicorn raises again after a graceful stop: the stop was the answer to it."""
    try:
        handlers = {one: signal.signal(one, lambda *_: None) for one in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: uvicorn listens to no signals there
        yield
        return
    try:
        yield
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
