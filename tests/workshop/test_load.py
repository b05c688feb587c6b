"""The load generator of `make bench-serve`: what it counts and how it takes time, against servers whose answers are known."""

import asyncio
import sys
import threading
from contextlib import contextmanager
from itertools import cycle
from typing import ClassVar

import numpy as np
import pytest
from benchmarks import servers
from benchmarks.load import Load, Taken, parted, plan, post
from benchmarks.mining import judge
from benchmarks.serving import batches, event

ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"offers":[]}'
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


def test_answers_come_apart_wherever_their_bytes_are_cut():
    for cut in range(len(ANSWER)):
        assert parted(ANSWER[:cut]) is None
    assert parted(ANSWER + BUSY) == (200, b'{"offers":[]}', len(ANSWER))
    assert parted(BUSY) == (503, b"", len(BUSY))


def test_a_plan_asks_at_its_rate_at_instants_nobody_can_foresee():
    due = plan(2_000, 5.0)
    gaps = np.diff(due)
    assert due[-1] < 5.0
    assert abs(due.size - 10_000) < 500  # five standard deviations of a Poisson count
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)  # as exponential gaps have it


def test_what_was_taken_is_counted_by_status_and_told_by_shares():
    taken = Taken(seconds=2.0, ms=[float(n) for n in range(1, 101)], marks={b"[]": 0})
    for status, body in ((200, b"[]"), (200, b"[1]"), (503, b"")):
        taken.count(status, body)
    assert (taken.n, taken.rate, taken.refused, taken.marks) == (2, 1.0, {503: 1}, {b"[]": 1})
    assert taken.at(0.5) == pytest.approx(50.5)
    assert taken.at(1) == 100
    assert np.isnan(Taken().at(0.5))


def test_requests_are_whole_and_events_have_ids_of_their_own():
    assert post("/v1/decide", b"{}", "sk") == (
        b"POST /v1/decide HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
    two = batches("sk", 3, iter(range(6)), 0.0)
    assert [next(two).count(b"messageId") for _ in range(2)] == [3, 3]
    assert event(1) != event(2)


class Slow(asyncio.Protocol):
    """Answers one request at a time; the third one late."""

    n = 0
    open: ClassVar = []

    def connection_made(self, transport):
        self.transport = transport
        Slow.open.append(transport)

    def data_received(self, data):
        Slow.n += 1
        if Slow.n == 3:
            asyncio.get_running_loop().call_later(0.2, self.transport.write, ANSWER)
        else:
            self.transport.write(ANSWER)


@contextmanager
def slow_server():
    loop, ports = asyncio.new_event_loop(), []

    async def begin():
        server = await loop.create_server(Slow, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        return server

    async def end():
        server.close()
        while Slow.open:
            Slow.open.pop().abort()
        await asyncio.sleep(0)  # a transport lets go of its socket on the next turn of the loop

    server = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield ports[0]
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_server_that_stops_is_charged_for_everybody_who_came_meanwhile():
    Slow.n = 0
    with slow_server() as port:
        taken = Load(port, 1, (b"offers",)).paced(cycle([post("/", b"{}")]), np.arange(20) * 0.01)
    late = sorted(taken.ms)
    assert (taken.n, taken.refused, taken.marks) == (20, {}, {b"offers": 20})
    assert taken.n_late >= 15  # they found the one connection taken
    assert late[-1] >= 190
    assert late[len(late) // 2] > 50  # not one slow answer among fast ones


def test_bare_doors_answer_a_load_that_never_rests(tmp_path):
    body, port = tmp_path / "body", servers.free_port()
    body.write_bytes(b'{"offers":[]}')
    command = [sys.executable, "-m", "benchmarks.doors", "protocol", port, body]
    with servers.server(command, port, servers.cores()[0]) as server:
        taken = Load(port, 4, (b"[]",)).closed(cycle([post("/v1/decide", b"{}")]), 0.3)
        few = Load(port, 4).closed(iter([post("/", b"{}")] * 10), 5.0)
        spent = server.cpu()
    assert taken.n == taken.marks[b"[]"] == len(taken.ms) > 100
    assert taken.rate == pytest.approx(taken.n / taken.seconds)
    assert spent > 0
    assert few.n == 10
    assert few.seconds < 5.0


def test_a_server_that_does_not_start_is_named_with_what_it_said(tmp_path):
    with (
        pytest.raises(RuntimeError, match=r"-m benchmarks.doors did not start: .*nothing"),
        servers.server(
            [sys.executable, "-m", "benchmarks.doors", "asgi", "1", tmp_path / "nothing"], 1, servers.cores()[0]
        ),
    ):
        pass
    assert judge(["FAILED -m benchmarks.doors did not start"]) == "failed"
