"""`make bench-serve`: decisions and events over HTTP on loopback, every one durable before it is answered.

    python -m benchmarks serve [--seconds 6] [--make-peers] [WORDS ...]      words choose suites

The server has one core, with all its threads; the load generator the other one. What is served is `benchmarks.counter`: 60,000
customers, 50,000 products, 1.6 million relations; a copy of it for each suite, on the disk of the benchmark's data. Requests
come with a secret key, for random customers and carts that somebody bought; limits are set to none. First as fast as answers come
over 64 connections; then at half of that rate, at instants of a Poisson process, times counted from when one was due. CPU is
that of the server's process for each answer, which other work on the machine changes less than the clock.

* floors: the same requests and bytes by a protocol of uvloop alone, and by an ASGI application of three lines under uvicorn.
* service: FastAPI and the cosine of `implicit` on the same baskets, which records, reads and gates nothing.
* decisions, pages of four placements, decisions while `crosslift learn` runs at the priority of jobs.
* events: one in a request, a hundred, a thousand, each with an id of its own.

Afterwards what is in the records is counted, and has to equal what was acknowledged.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from http.client import HTTPConnection
from itertools import chain, count, cycle, islice
from pathlib import Path

import numpy as np

from benchmarks import baskets, counter, decisions, servers
from benchmarks.load import Load, Taken, plan, post
from benchmarks.mining import REPO, append, commit, judge, machine, shown
from benchmarks.servers import Served, Server

RESULTS = REPO / "benchmarks/results/serving.tsv"
CONNECTIONS = 64
AIM_DECISIONS, AIM_EVENTS, AIM_MS = 2_500.0, 40_000.0, 10.0
N_ASKED = 20_000
N_WARM = 2_000
EMPTY = b'"offers":[]'
PAGE = ("product", "cart", "home", "confirmation")
SIZES = (1, 100, 1_000)


def main(arguments: list[str]) -> int:
    """Measure everything and print it; give 1 if something failed."""
    chosen = options().parse_args(arguments)
    os.environ.setdefault("CROSSLIFT_CACHE", str(baskets.folder() / "machine-code"))
    core, other = servers.cores()
    bench = Bench(counter.make(), peers(chosen.make_peers), core, chosen.seconds)
    print(f"machine  {machine()}\ncommit   {commit()}\ncores    {core} serves, {other} asks; no limits\n", flush=True)
    os.sched_setaffinity(0, {other})
    asked = [name for name in SUITES if not chosen.words or any(word in name for word in chosen.words)]
    with servers.first_in_line():
        outcomes = [measured(bench, name, is_kept=not chosen.no_record) for name in asked]
    return int("failed" in outcomes)


def measured(bench: "Bench", name: str, *, is_kept: bool) -> str:
    """Run one suite, print it and keep its line; give its outcome."""
    begun, load = datetime.now(UTC), os.getloadavg()[0]
    print(name, flush=True)
    try:
        lines = shown([*SUITES[name](bench), f"load before {load:.1f}"])
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        lines = shown([f"FAILED {error}"])
    seconds = (datetime.now(UTC) - begun).total_seconds()
    stamp, outcome = begun.strftime("%Y-%m-%dT%H:%M:%SZ"), judge(lines)
    if is_kept:
        row = (stamp, commit(), machine(), f"serving: {name}", outcome, f"{seconds:.1f}", "; ".join(lines))
        append(row, RESULTS)
    return outcome


def options() -> argparse.ArgumentParser:
    """Describe the command line."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="benchmarks serve", description=__doc__, formatter_class=plain)
    parser.add_argument("words", nargs="*", help="suites whose name holds one of these")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each load")
    parser.add_argument("--make-peers", action="store_true", help="install benchmarks/peers_serving.txt if need be")
    parser.add_argument("--no-record", action="store_true", help="write no lines of results")
    return parser


def peers(is_made: bool) -> Path | None:
    """Give the interpreter of the service beside us, its environment made first if asked; None where there is none."""
    folder = baskets.folder() / "peers-serving"
    python = folder / "bin/python"
    if is_made and not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        wanted = str(REPO / "benchmarks/peers_serving.txt")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    return python if python.exists() else None


class Bench:
    """What is asked, of whom.

    Parameters
    ----------
    home : Path
        Never written to; copies of it are served.
    peers : Path or None
        The interpreter of the service beside us.
    core : int
        The core that serves.
    seconds : float
        How long each load is.
    """

    def __init__(self, home: Path, peers: Path | None, core: int, seconds: float) -> None:
        self.home, self.peers, self.core, self.seconds = home, peers, core, seconds

    @cached_property
    def asked(self) -> list[dict[str, object]]:
        """What is asked: random customers, carts that somebody bought."""
        who = np.random.default_rng(17).integers(0, counter.CUSTOMERS, N_ASKED).tolist()
        return [
            {"placement": "cart", "customer": f"c{one}", "cart": list(cart), "k": 3}
            for one, cart in zip(who, decisions.Shop().carts(N_ASKED), strict=True)
        ]

    def carts(self, key: str = "", path: str = "/v1/decide") -> list[bytes]:
        """Give requests for one placement."""
        return [post(path, json.dumps(one).encode(), key) for one in self.asked]

    def pages(self, key: str) -> list[bytes]:
        """Give requests for pages of four placements."""
        spots = [{"placement": name} for name in PAGE]
        return [
            post("/v1/decide/page", json.dumps({"customer": one["customer"], **_split(one["cart"]), "page": spots}).encode(), key)
            for one in self.asked
        ]  # fmt: skip


def _split(cart: object) -> dict[str, object]:
    names = list(cart) if isinstance(cart, list) else []
    return {"product": names[0], "cart": names[1:]}


# suites -------------------------------------------------------------------------------------------------------------


def floors(bench: Bench) -> list[str]:
    """The same requests and bytes, nothing in between."""
    body, lines = example(bench), []
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        for kind in ("protocol", "asgi"):
            port = servers.free_port()
            command = [sys.executable, "-m", "benchmarks.doors", kind, port, file.name]
            with servers.server(command, port, bench.core) as server:
                _, taken, cpu = most(server, bench.carts("sk_floor"), bench.seconds / 2)
            lines.append(f"bare {kind}: {taken.rate:,.0f} answers/s ({cpu:.1f} CPU µs each, {len(body):,} bytes)")
    return lines


def example(bench: Bench) -> bytes:
    """Give an answer of ours."""
    with servers.shop(bench.home, bench.core) as served:
        said = HTTPConnection("127.0.0.1", served.server.port)
        for one in bench.asked[:100]:
            said.request("POST", "/v1/decide", json.dumps(one), {"Authorization": f"Bearer {served.key}"})
            body = said.getresponse().read()
            if EMPTY not in body:
                return body
    raise RuntimeError("no answer offers anything")


def service(bench: Bench) -> list[str]:
    """What a team writes itself, over the model its library begins with and over the quickest one it has."""
    if bench.peers is None:
        return ["missing: the environment of the service beside us; --make-peers makes it"]
    baskets.make(decisions.DATA)
    data, lines = baskets.folder() / f"{decisions.DATA}-{baskets.N_ITEMS}", []
    for model in ("als", "cosine"):
        port, kept = servers.free_port(), baskets.folder() / f"{model}-{decisions.DATA}.npz"
        command = [bench.peers, REPO / "benchmarks/peer_service.py", port, data, model, kept]
        with servers.server(command, port, bench.core) as server:
            requests = bench.carts(path="/recommend")
            _, taken, cpu = most(server, requests, bench.seconds)
            paced = half(server, requests, taken.rate, bench.seconds)
        lines.append(f"FastAPI and implicit ({model}), nothing recorded: {_told(taken, cpu, 'answers')}")
        lines.append(_at_half(paced, taken.rate / 2))
    return lines


def decide(bench: Bench) -> list[str]:
    """Decisions, recorded and gated."""
    with servers.shop(bench.home, bench.core) as served:
        requests = bench.carts(served.key)
        warm, taken, cpu = most(served.server, requests, bench.seconds)
        paced = half(served.server, requests, taken.rate, bench.seconds)
        _acknowledged(served, 1, warm, taken, paced)
    verdict = "met" if taken.rate >= AIM_DECISIONS else "NOT met"
    first = f"recorded decisions: {_told(taken, cpu, 'decisions')}; {AIM_DECISIONS:,.0f}/s {verdict}"
    return [first, _at_half(paced, taken.rate / 2, AIM_MS), *served.lines]


def pages(bench: Bench) -> list[str]:
    """Pages of four placements."""
    with servers.shop(bench.home, bench.core) as served:
        requests = bench.pages(served.key)
        warm, taken, cpu = most(served.server, requests, bench.seconds)
        paced = half(served.server, requests, taken.rate, bench.seconds)
        _acknowledged(served, len(PAGE), warm, taken, paced)
    first = f"pages of four placements: {_told(taken, cpu, 'pages')}"
    return [
        f"{first}; {taken.rate * len(PAGE):,.0f} recorded decisions/s",
        _at_half(paced, taken.rate / 2),
        *served.lines,
    ]


def beside_learning(bench: Bench) -> list[str]:
    """Decisions while everything is learned anew."""
    with servers.shop(bench.home, bench.core) as served:
        requests = bench.carts(served.key)
        warm, alone, _ = most(served.server, requests, bench.seconds / 2)
        with servers.learning(served.home) as process:
            _, taken, cpu = most(served.server, requests, bench.seconds, is_warm=True)
            paced = half(served.server, requests, alone.rate, bench.seconds)
            was_learning = process.poll() is None
        _acknowledged(served, 1, warm, alone, taken, paced)
    beside = "all the while" if was_learning else f"FAILED: it ended before the load did, with {process.returncode}"
    first = f"recorded decisions while learning, {beside}: {_told(taken, cpu, 'decisions')}"
    return [first, _at_half(paced, alone.rate / 2, AIM_MS), *served.lines]


def events(bench: Bench) -> list[str]:
    """Events, each with an id of its own."""
    lines, numbers = [], count()
    with servers.shop(bench.home, bench.core) as served:
        for size in SIZES:
            cpu = served.server.cpu()
            requests = batches(served.key, size, numbers, bench.seconds / 2)
            taken = Load(served.server.port, 8 if size > 1 else CONNECTIONS).closed(requests, bench.seconds / 2)
            if taken.refused:
                raise RuntimeError(f"refused: {taken.refused}")
            spent, n = served.server.cpu() - cpu, taken.n * size
            served.told["events"] += n
            lines.append(
                f"events, {size:,} in a request: {n / taken.seconds:,.0f} events/s ({1e6 * spent / n:.1f} CPU µs an event; "
                f"p50 {taken.at(0.5):.1f} ms, p99 {taken.at(0.99):.1f} ms a request)"
            )
    lines[-1] += f"; {AIM_EVENTS:,.0f}/s {'met' if n / taken.seconds >= AIM_EVENTS else 'NOT met'}"
    return [*lines, *served.lines]


def batches(key: str, size: int, numbers: Iterator[int], seconds: float) -> Iterator[bytes]:
    """Give requests of so many events, made beforehand for as long as a fast server takes; after that, while it waits."""

    def made() -> Iterator[bytes]:
        while True:
            yield post("/v1/collect", b'{"batch":[' + b",".join(event(next(numbers)) for _ in range(size)) + b"]}", key)

    n_ready = int(seconds * (120_000 if size > 1 else 6_000)) // size
    return chain([*islice(made(), n_ready)], made())


def event(number: int) -> bytes:
    """Write an event as a shop's tracker sends it."""
    who, product = number * 7_919 % counter.CUSTOMERS, number * 104_729 % baskets.N_ITEMS
    return (
        f'{{"type":"track","event":"Product Viewed","messageId":"bench-{number}","userId":"c{who}",'
        f'"timestamp":"2026-03-05T12:00:00.{number % 1000:03d}Z","properties":{{"product_id":"P{product}","price":19.9,'
        f'"category":"H1/C7"}},"context":{{"library":{{"name":"analytics.js"}},"locale":"en-US"}}}}'
    ).encode()


SUITES: dict[str, Callable[[Bench], list[str]]] = {
    "floors": floors,
    "service beside us": service,
    "decisions": decide,
    "pages": pages,
    "decisions while learning": beside_learning,
    "events": events,
}


# loads ----------------------------------------------------------------------------------------------------------------


def most(
    server: Server, requests: Sequence[bytes], seconds: float, *, is_warm: bool = False
) -> tuple[Taken, Taken, float]:
    """Ask as fast as answers come; gives the warming up before, what came, and CPU microseconds an answer."""
    load = Load(server.port, CONNECTIONS, (EMPTY,))
    warm = Taken() if is_warm else load.closed(cycle(requests[-N_WARM:]), 1.0)
    cpu = server.cpu()
    taken = load.closed(cycle(requests), seconds)
    spent = server.cpu() - cpu
    if taken.refused or warm.refused:
        raise RuntimeError(f"refused: {taken.refused or warm.refused}")
    return warm, taken, 1e6 * spent / max(taken.n, 1)


def half(server: Server, requests: Sequence[bytes], rate: float, seconds: float) -> Taken:
    """Ask at half of a rate."""
    taken = Load(server.port, CONNECTIONS).paced(cycle(requests), plan(rate / 2, seconds))
    if taken.refused:
        raise RuntimeError(f"refused: {taken.refused}")
    return taken


def _acknowledged(served: Served, each: int, *loads: Taken) -> None:
    for table in ("decisions", "decision_inputs"):
        served.told[table] += each * sum(load.n for load in loads)


def _told(taken: Taken, cpu: float, what: str) -> str:
    n_empty = taken.marks[EMPTY]
    return (
        f"{taken.rate:,.0f} {what}/s on one core ({cpu:.0f} CPU µs each, {1 - n_empty / max(taken.n, 1):.0%} offer something; "
        f"at {CONNECTIONS} connections p50 {taken.at(0.5):.1f} ms, p99 {taken.at(0.99):.1f} ms)"
    )


def _at_half(paced: Taken, rate: float, aim: float | None = None) -> str:
    verdict = "" if aim is None else f", {'within' if paced.at(0.99) <= aim else 'BEYOND'} {aim:.0f} ms"
    return f"at {rate:,.0f}/s, half of that: p50 {paced.at(0.5):.2f} ms, p99 {paced.at(0.99):.2f} ms{verdict}"
