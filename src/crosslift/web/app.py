"""The web application of one shop, and the server that runs it."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from crosslift.errors import BadUsage
from crosslift.shop import Shop
from crosslift.web.demo import DemoInfo
from crosslift.web.router import Router
from crosslift.web.served import ServedShop

__all__ = ["DemoInfo", "build", "serve"]

log = structlog.get_logger()
GRACE_SECONDS = 10
"""Requests under way get so long to end once a stop was asked for."""
BACKLOG = 2048


def build(shop: Shop, *, demo: DemoInfo | None = None) -> Router:
    """Build the ASGI application of a shop.

    Parameters
    ----------
    shop : Shop
        Opened; the caller closes it after the server has stopped.
    demo : DemoInfo, optional
        Puts the storefront at `/`; without it the same storefront is a preview under `/preview`.

    Returns
    -------
    Router
        Becomes ready by its lifespan: the snapshot is loaded and the kernels are warmed after the start, and
        `/readyz` says when that is done.
    """
    return Router(ServedShop(shop, demo))


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
    app = build(shop, demo=demo)
    with _listening(host, port) as listener:
        url = _url(host, listener.getsockname()[1])
        app.on_first_look = lambda: on_ready(url)
        config = uvicorn.Config(
            app, loop="uvloop", http="httptools", ws="none", lifespan="on", log_config=None, access_log=False,
            server_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS,
        )  # fmt: skip
        log.info("server_started", url=url)
        with _signals_kept():
            uvicorn.Server(config).run(sockets=[listener])
        log.info("server_stopped", url=url)


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
