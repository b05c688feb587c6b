"""The least that answering over HTTP costs here: the same requests read, the same bytes given, nothing in between.

    python -m benchmarks.doors protocol|asgi PORT FILE      FILE holds the body that is answered

`protocol` parses with httptools on uvloop itself; `asgi` is an application of three lines under uvicorn, as ours stands in.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httptools
import uvloop


class Bare(asyncio.Protocol):
    """A connection that answers everything with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Answer."""
        self._transport.write(self._answer)


def protocol(port: int, body: bytes) -> None:
    """Serve by a protocol of uvloop alone."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Bare(head + body), "127.0.0.1", port)
        print("ready", flush=True)
        await server.serve_forever()

    uvloop.run(run())


def asgi(port: int, body: bytes) -> None:
    """Serve by an ASGI application of three lines."""
    import uvicorn

    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    print("ready", flush=True)
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", lifespan="off", log_config=None,
        access_log=False,
    )  # fmt: skip


if __name__ == "__main__":
    kind, number, file = sys.argv[1:]
    {"protocol": protocol, "asgi": asgi}[kind](int(number), Path(file).read_bytes())
