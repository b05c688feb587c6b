"""Killed while it writes to PostgreSQL: what a process was told is there is there once, and nothing by halves."""

import os
import subprocess
import sys
import threading
from hashlib import blake2b
from pathlib import Path

import pytest

from crosslift.errors import StoreDown

WRITER = """
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from crosslift.store.postgres import PostgresRecords
from crosslift.store.postgres_server import Server

address, schema, name = sys.argv[1:]
records = PostgresRecords(Server(address, schema, Path(".")))

def write(n):
    text = f"{name}-{n}"
    digest = blake2b(text.encode(), digest_size=16).digest()
    events = [(digest, "seen", n, n, text, None, None, None, "{}")]
    assert records.append_events(events, n) == 1
    try:
        records.save_erasure({"certificate_id": text, "at": n, "tombstone": text, "report": None if n % 7 == 0 else "{}"})
    except Exception:
        pass  # refused by the table; what shares its commit is not
    os.write(1, f"{text}\\n".encode())  # one write, whole or not at all

with ThreadPoolExecutor(8) as threads:
    list(threads.map(write, range(100_000)))
"""


def start(server, name):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, server.address, server.schema, name], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parent, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("after", [1, 120])
def test_what_a_killed_process_acknowledged_is_there_once(postgres_server, after):
    from crosslift.store.postgres import PostgresRecords

    writers = [start(postgres_server, name) for name in ("a", "b")]
    told = [writers[0].stdout.readline().strip() for _ in range(after)]
    for writer in writers:
        writer.kill()
    told += [line for writer in writers for line in writer.stdout.read().splitlines()]
    for writer in writers:
        writer.stdout.close()
        writer.wait()
    records = PostgresRecords(postgres_server)
    kept = records.table("events", ["identity"]).column("identity").to_pylist()
    assert len(kept) == len(set(kept))
    assert set(told) <= set(kept)
    certified = set(records.table("erasures", ["certificate_id"]).column("certificate_id").to_pylist())
    assert {name for name in told if int(name.partition("-")[2]) % 7} <= certified
    assert not {name for name in certified if int(name.partition("-")[2]) % 7 == 0}
    records.set_meta("again", "yes")  # nobody holds the lock of writers any more
    records.close()


def test_what_was_acknowledged_before_the_database_was_killed_is_there_once_and_writing_goes_on(
    postgres, postgres_server
):
    from crosslift.store.postgres import PostgresRecords

    records = PostgresRecords(postgres_server)
    told, lost = [], []
    enough, is_over = threading.Event(), threading.Event()

    def write(writer):
        n = 0
        while not is_over.is_set():
            name, n = f"{writer}-{n}", n + 1
            digest = blake2b(name.encode(), digest_size=16).digest()
            try:
                records.append_events([(digest, "seen", n, n, name, None, None, None, "{}")], n)
            except StoreDown:
                lost.append(name)
                enough.set()
                return
            told.append(name)
            if len(told) == 200:
                enough.set()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    postgres.stop()
    for writer in writers:
        writer.join(60)
    is_over.set()
    assert len(lost) == len(writers)
    postgres.start()
    again = lost[0]
    records.append_events(
        [(blake2b(again.encode(), digest_size=16).digest(), "seen", 1, 1, again, None, None, None, "{}")], 1
    )
    kept = records.table("events", ["identity"]).column("identity").to_pylist()
    records.close()
    assert len(kept) == len(set(kept))
    assert {*told, again} <= set(kept) <= {*told, *lost}
