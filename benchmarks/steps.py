"""The measured steps. Each prints one JSON line: figures as (what, value, unit, what it stands beside), peak memory."""

import csv
import gzip
import json
import os
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Figures = list[tuple[str, float, str, str]]


def collect(home: Path, files: list[Path]) -> Figures:
    """Import through the ordinary door, beside reading the same text and inserting it bare."""
    import crosslift

    with crosslift.open(home) as shop:
        begun, cpu = time.perf_counter(), time.process_time()
        reports = shop.collect(*files)
        seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    rows = sum(report.n_read for report in reports)
    floor = bare_insert(
        home.parent / "floor.db",
        max(files, key=lambda f: f.stat().st_size if "orders" in f.name or "retail" in f.name else 0),
    )
    return [
        (
            "import with quality-ready copies",
            rows / seconds,
            "rows/s",
            f"{rows:,} rows in {seconds:.1f} s, {spent:.1f} s CPU",
        ),
        (
            "reading and writing alone",
            sum(r.n_read / max(r.seconds, 1e-9) * r.n_read for r in reports) / rows,
            "rows/s",
            "",
        ),
        (
            "floor: csv module and one executemany, no keys",
            floor,
            "rows/s",
            f"ours takes {floor / (rows / seconds):.1f} × as long",
        ),
    ]


def bare_insert(path: Path, file: Path) -> float:
    """Rows a second of the least that could be done: text in, one unindexed table, one commit."""
    begun = time.perf_counter()
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        connection = sqlite3.connect(path)
        connection.execute("pragma journal_mode=wal")
        connection.execute(f"create table t ({', '.join(f'c{i}' for i in range(len(header)))})")
        n = connection.executemany(f"insert into t values ({', '.join('?' * len(header))})", rows).rowcount
        connection.commit()
        connection.close()
    return n / (time.perf_counter() - begun)


def count(home: Path, files: list[Path]) -> Figures:
    """Count pairs with customers by our kernel, beside scipy and DuckDB on the same baskets."""
    import duckdb
    import pyarrow as pa

    import crosslift
    from crosslift.learn.baskets import from_lines
    from crosslift.stats import kernels
    from crosslift.stats.pairs import count_pairs

    with crosslift.open(home) as shop:
        warm = kernels.warm(shop.cache)
        baskets = from_lines(shop.cleaned().lines)
    baskets = baskets.take(baskets.sizes <= 100)
    ours = best(
        lambda: count_pairs(baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, engine="numba")
    )
    scipy = best(
        lambda: count_pairs(baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, engine="scipy"),
        2,
    )
    import numpy as np

    lines = pa.table({"b": np.repeat(np.arange(baskets.n_baskets), baskets.sizes), "i": baskets.items})
    sql = "select x.i, y.i, count(*) n from lines x join lines y on x.b = y.b and x.i < y.i group by 1, 2"
    connection = duckdb.connect(":memory:", config={"threads": os.cpu_count() or 1})
    connection.register("lines", lines)
    oracle = best(lambda: connection.execute(sql).to_arrow_table(), 2)
    increments = int((baskets.sizes * (baskets.sizes - 1) // 2).sum())
    return [
        ("compile the kernels (once a machine)", warm, "s", ""),
        (
            "count pairs and distinct customers, kernel",
            ours * 1e3,
            "ms",
            f"{increments:,} pair increments, {increments / ours / 1e6:,.0f} M/s",
        ),
        ("the same by scipy", scipy * 1e3, "ms", f"{scipy / ours:.1f} × ours"),
        ("pairs alone by DuckDB", oracle * 1e3, "ms", f"{oracle / ours:.1f} × ours"),
    ]


def learn(home: Path, files: list[Path]) -> Figures:
    """Learn and publish, kernels warm."""
    import crosslift
    from crosslift.stats import kernels

    with crosslift.open(home) as shop:
        kernels.warm(shop.cache)
        begun, cpu = time.perf_counter(), time.process_time()
        report = shop.learn()
        seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    return [
        (
            "learn, check on a later slice, publish",
            seconds,
            "s",
            f"{spent:.1f} s CPU, {report['n_orders']:,} orders, {report['n_products']:,} products",
        ),
        ("relations found", report["n_relations"], "relations", f"{report['n_pairs_tested']:,} pairs tested"),
    ]


def decide(home: Path, files: list[Path]) -> Figures:
    """Decide in process: the pure pipeline, with its record, and in bulk from file to file."""
    import crosslift
    from crosslift.shop.batch import decide_file

    with crosslift.open(home) as shop:
        knowledge = shop.knowledge
        popular = [knowledge.products[i] for i in knowledge.bestsellers[:60].tolist()]
        carts = [[popular[(3 * n + j) % len(popular)] for j in range(3)] for n in range(400)]
        shop.decide("cart", carts[0])
        pure = spread([once(lambda c=cart: shop.decide("cart", c)) for cart in carts])
        unrecorded = spread([once(lambda c=cart: shop.decide_unrecorded(request(shop, c))) for cart in carts])
        contexts, answers = home.parent / "contexts.jsonl", home.parent / "answers.jsonl"
        with contexts.open("w") as sink:
            for n in range(6000):
                sink.write(json.dumps({"id": n, "placement": "cart", "cart": carts[n % 400], "k": 3}) + "\n")
        cpu = time.process_time()
        begun = time.perf_counter()
        decide_file(shop, contexts, answers, lambda *_: None)
        wall, spent = time.perf_counter() - begun, time.process_time() - cpu
    return [
        (
            "decide, explained, record made, p50",
            unrecorded[0],
            "µs",
            f"p99 {unrecorded[1]:,.0f} µs; carts of 3, 3 offers",
        ),
        ("the same, durable before the answer, p50", pure[0], "µs", f"p99 {pure[1]:,.0f} µs; one fsync each"),
        ("batch, file to file, durable", 6000 / wall, "contexts/s", f"{6000 / spent:,.0f} a CPU second"),
    ]


def request(shop: object, cart: list[str]) -> object:
    """Build a request for the unrecorded measurement."""
    from crosslift.shop import requests

    return requests.build("cart", cart, None, (), None, shop.clock(), (), "helpful", None, "en", None)  # type: ignore[attr-defined]


def http(home: Path, files: list[Path]) -> Figures:
    """Decide over HTTP on loopback: one connection, then sixteen; the server is another process."""
    import crosslift

    with crosslift.open(home) as shop:
        key = shop.create_key("secret", "bench")
        popular = [shop.knowledge.products[i] for i in shop.knowledge.bestsellers[:30].tolist()]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "crosslift", "--home", str(home), "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        for line in server.stdout:  # type: ignore[union-attr]
            if "serving" in line:
                break
        body = json.dumps({"placement": "cart", "cart": popular[:3], "k": 3}).encode()
        head = ("POST /v1/decide HTTP/1.1", "Host: x", f"Authorization: Bearer {key}", "Content-Type: application/json",
                f"Content-Length: {len(body)}", "", "")  # fmt: skip
        raw = "\r\n".join(head).encode() + body
        connection = socket.create_connection(("127.0.0.1", port))
        for _ in range(50):
            exchange(connection, raw)
        alone = spread([once(lambda: exchange(connection, raw)) for _ in range(1500)])
        connection.close()
        rate = together(port, raw, connections=16, each=400)
    finally:
        server.terminate()
        server.wait(10)
    return [
        ("decide over HTTP, one connection, p50", alone[0], "µs", f"p99 {alone[1]:,.0f} µs; durable before the answer"),
        ("decide over HTTP, 16 connections", rate, "requests/s", "client on the other core; group commit"),
    ]


def exchange(connection: socket.socket, raw: bytes) -> None:
    """Send one request and read its answer."""
    connection.sendall(raw)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer.decode())
    length = int(
        next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    )
    while len(body) < length:
        body += connection.recv(65536)


def together(port: int, raw: bytes, connections: int, each: int) -> float:
    """Requests a second over several connections at once."""
    import threading

    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]

    def work(connection: socket.socket) -> None:
        for _ in range(each):
            exchange(connection, raw)

    threads = [threading.Thread(target=work, args=(s,)) for s in sockets]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return connections * each / (time.perf_counter() - begun)


def once(job: Callable[[], object]) -> float:
    """Microseconds of one call."""
    begun = time.perf_counter()
    job()
    return (time.perf_counter() - begun) * 1e6


def best(job: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of a few calls."""
    return min(once(job) for _ in range(times)) / 1e6


def spread(values: list[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    return statistics.median(values), sorted(values)[int(len(values) * 0.99)]


STEPS: dict[str, Callable[[Path, list[Path]], Figures]] = {
    "collect": collect,
    "count": count,
    "learn": learn,
    "decide": decide,
    "http": http,
}

if __name__ == "__main__":
    name, home_name, *file_names = sys.argv[1:]
    figures = STEPS[name](Path(home_name), [Path(f) for f in file_names])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"step": name, "figures": figures, "peak_mb": peak}))
