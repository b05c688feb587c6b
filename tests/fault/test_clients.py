"""Clients that come all at once, dawdle, vanish or never listen; a disk that fills up; a clock that jumps: all go on."""

import asyncio
import http.client
import json
import os
import shutil
import socket
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from crosslift.shop import Shop

ASK = json.dumps({"placement": "cart", "cart": ["P00"]}).encode()
AT_ONCE = 1_000
PATIENCE = 30
RESET = struct.pack("ii", 1, 0)
"""A socket closed so sends a reset, and no goodbye."""


@pytest.fixture(scope="module")
def server(servers, stocked):
    home, key = stocked
    with servers.up(home) as (pid, port):
        yield pid, port, key


def head(key, length, path="/v1/decide"):
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n\r\n".encode()
    )


def post(port, key, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    try:
        return answer.status, json.loads(answer.read()), answer.headers
    finally:
        connection.close()


def open_files(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def until(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_thousand_clients_at_once_are_all_answered(server):
    _, port, key = server

    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(key, len(ASK)) + ASK)
        status = (await reader.readline()).split()[1]
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length"):
                length = int(line.split()[1])
        said = json.loads(await reader.readexactly(length))
        writer.close()
        return status, said["decision_id"], said["degraded"]

    async def all_of_them():
        return await asyncio.wait_for(asyncio.gather(*(one() for _ in range(AT_ONCE))), PATIENCE)

    with ThreadPoolExecutor(1) as apart:  # a browser test of the same process may have left its loop in this thread
        answers = apart.submit(lambda: asyncio.run(all_of_them())).result()
    assert {status for status, *_ in answers} == {b"200"}
    assert len({decision_id for _, decision_id, _ in answers}) == AT_ONCE
    assert not any(degraded for *_, degraded in answers)


def test_clients_that_dawdle_vanish_or_never_listen_hold_nothing_for_ever(server):
    """Some say nothing, some half a head, some half a body, some never read, some reset: others are answered meanwhile."""
    pid, port, key = server
    post(port, key, "/v1/decide", json.loads(ASK))
    time.sleep(0.2)
    before = open_files(pid)
    wires = []
    for beginning in (b"", b"POST /v1/decide HT", head(key, len(ASK))[:-2], head(key, len(ASK)) + ASK[:9]):
        for _ in range(40):
            wires.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            wires[-1].sendall(beginning)
    for _ in range(40):
        deaf = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        deaf.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        wires.append(deaf)
    until(lambda: open_files(pid) > before + 100, "they were never let in")
    began = time.monotonic()
    assert post(port, key, "/v1/decide", json.loads(ASK))[0] == 200
    assert time.monotonic() - began < 5
    for wire in wires[120:]:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        wire.close()
    until(lambda: open_files(pid) <= before + 3, "connections that said nothing whole were kept")
    for wire in wires[:120]:
        assert wire.recv(100) == b""
        wire.close()
    assert post(port, key, "/v1/decide", json.loads(ASK))[0] == 200


def test_more_than_is_answered_at_once_is_told_to_come_back(servers, stocked):
    home, key = stocked
    with servers.up(home, max_in_flight=5) as (_, port):
        wires = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(5)]
        for wire in wires:
            wire.sendall(head(key, len(ASK)))
        until(lambda: post(port, key, "/v1/decide", json.loads(ASK))[0] == 503, "everybody was let in")
        status, said, headers = post(port, key, "/v1/decide", json.loads(ASK))
        assert (status, said["code"], headers["Retry-After"]) == (503, "overloaded", "1")
        for wire in wires:
            wire.sendall(ASK)
            assert wire.recv(100).startswith(b"HTTP/1.1 200")
            wire.close()
        until(lambda: post(port, key, "/v1/decide", json.loads(ASK))[0] == 200, "nobody was let in again")


def test_a_server_that_is_to_stop_says_so_while_it_answers(servers, stocked):
    home, key = stocked
    with servers.up(home, drain_seconds=1) as (pid, port):
        os.kill(pid, 15)

        def is_ready():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status == 200

        until(lambda: not is_ready(), "it never said so")
        assert post(port, key, "/v1/decide", json.loads(ASK))[0] == 200
        assert servers.reap(pid) == 0


def fill(path):
    """Write until a plain write fails."""
    with path.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 4096)


@pytest.fixture
def small_disk(tmp_path, stocked):
    """A file system of its own with a copy of the shop and half a megabyte to spare."""
    place = tmp_path / "small"
    place.mkdir()
    used = sum(path.stat().st_size for path in stocked[0].rglob("*") if path.is_file())
    size = f"size={(used >> 10) + 4_500}k"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    shutil.copytree(stocked[0], place / "home")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_fills_up_is_told_and_shoppers_are_answered_until_there_is_room(servers, stocked, small_disk):
    _, key = stocked
    event = {"type": "track", "event": "Product Viewed", "anonymousId": "a", "properties": {"text": "x" * 9_000}}
    with servers.up(small_disk / "home") as (_, port):
        assert post(port, key, "/v1/collect", [{**event, "messageId": "before"}])[0] == 200
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            fill(ballast)
        refused = [{**event, "messageId": f"full-{n}"} for n in range(200)]
        status, said, headers = post(port, key, "/v1/collect", refused)
        assert (status, said["code"]) == (503, "store_down")
        assert headers["Retry-After"]
        status, said, _ = post(port, key, "/v1/decide", json.loads(ASK))
        assert (status, said["degraded"]) == (200, True)
        ballast.unlink()
        assert post(port, key, "/v1/collect", refused)[1]["new"] == 200
        assert not post(port, key, "/v1/decide", json.loads(ASK))[1]["degraded"]
    with Shop(small_disk / "home") as shop:
        names = shop.records.table("events", ["identity"]).column("identity").to_pylist()
    assert len(names) == 201


def test_a_clock_that_jumps_breaks_no_decision(stocked, load_script, tmp_path):
    clock = load_script("tests/unit/shop/little.py").Clock()
    shutil.copytree(stocked[0], tmp_path / "home")
    with Shop(tmp_path / "home", clock=clock) as shop:
        made = []
        for jump in (timedelta(), timedelta(days=-1), timedelta(days=400), timedelta(days=-800)):
            clock.now += jump
            made.append(shop.decide("cart", ["P00"], customer="c1"))
            assert shop.replay(made[-1].decision_id).decision.offers == made[-1].offers
        assert len({one.decision_id for one in made}) == 4
        assert all(one.offers for one in made)
