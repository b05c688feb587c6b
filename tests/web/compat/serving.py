"""A shop behind a real server on a free port, for clients that open connections of their own."""

import socket
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import uvicorn

from crosslift.web.app import build


@contextmanager
def serving(shop):
    """Serve an opened shop; gives its address, a secret and a publishable key, and the shop."""
    app = build(shop)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(
            app, loop="uvloop", http="httptools", ws="none", lifespan="on", log_config=None, access_log=False,
        ))  # fmt: skip
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 30
        while not (app.served.is_ready and app.served.catalog.products):
            assert time.monotonic() < deadline, "never ready"
            time.sleep(0.01)
        try:
            yield SimpleNamespace(
                url=f"http://127.0.0.1:{listener.getsockname()[1]}", shop=shop, served=app.served,
                secret=shop.create_key("secret", "compat"), publishable=shop.create_key("publishable", "compat"),
            )  # fmt: skip
        finally:
            server.should_exit = True
            thread.join(20)
