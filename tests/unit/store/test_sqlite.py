"""What is SQLite's own: durability pragmas, group commit, history in the file, several processes."""

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from crosslift.errors import Busy, WillNotWork
from crosslift.store import sqlite_file
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import COLUMNS, MONDAY, bring, event, line, order, row


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.db"


@pytest.fixture
def records(path):
    store = SqliteRecords(path)
    yield store
    store.close()


def raw(path, statement, *values):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def held(records):
    """Keep the writer busy until the returned event is set, so that what is queued meanwhile shares a commit."""
    started, go = threading.Event(), threading.Event()

    def wait(_connection):
        started.set()
        assert go.wait(10)

    records.submit(wait)
    assert started.wait(10)
    return go


def test_writes_survive_a_power_cut_and_deleted_rows_are_overwritten(records):
    connection = records._connect()
    pragmas = [
        connection.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")
    ]
    assert pragmas == ["wal", 2, 1]


def test_a_failing_job_is_taken_back_alone(records, path):
    def add(key, fails=False):
        def job(connection):
            connection.execute("insert into shop_meta (key, value) values (?, '1')", (key,))
            if fails:
                raise ValueError(key)
            return key

        return job

    go = held(records)
    before, bad, after = (records.submit(job) for job in (add("a"), add("b", fails=True), add("c")))
    go.set()
    assert (before.result(10), after.result(10)) == ("a", "c")
    with pytest.raises(ValueError, match="b"):
        bad.result(10)
    assert raw(path, "select key from shop_meta order by key") == [("a",), ("c",)]


def test_jobs_that_wait_together_share_one_commit(records):
    statements = []
    records.submit(lambda c: c.set_trace_callback(statements.append)).result(10)
    go = held(records)
    waiting = [records.submit(lambda c: None) for _ in range(5)]
    go.set()
    for future in waiting:
        future.result(10)
    assert statements.count("begin immediate") == 2  # of the job that held the others up, and of these


def test_a_transaction_lost_under_a_job_fails_its_whole_group_and_the_writer_lives_on(records, path):
    def lose(connection):
        connection.execute("insert into shop_meta (key, value) values ('b', '1')")
        connection.execute("rollback")  # as SQLite itself does when the disk is full
        raise sqlite3.OperationalError("database or disk is full")

    go = held(records)
    first = records.submit(lambda c: c.execute("insert into shop_meta (key, value) values ('a', '1')"))
    second = records.submit(lose)
    go.set()
    for future in (first, second):
        with pytest.raises(WillNotWork, match="disk is full; free space or fix the permissions, nothing was changed"):
            future.result(10)
    assert raw(path, "select key from shop_meta") == []
    records.set_meta("c", "1")
    assert records.meta("c") == "1"


def test_an_acknowledged_write_is_in_the_file_before_the_answer(records, path):
    for number in range(5):
        records.append_events([event(number)], MONDAY)
        assert raw(path, "select count(*) from events") == [(number + 1,)]


def test_a_file_is_mapped_by_readers_until_it_is_written_to_often(records, monkeypatch):
    monkeypatch.setattr(sqlite_file, "OFTEN", records._n_written + 2)

    def mapped():
        return records._reader().execute("pragma mmap_size").fetchone()[0]

    assert mapped() == sqlite_file.MAPPED
    records.set_meta("first", "1")
    assert mapped() == sqlite_file.MAPPED
    with records._snapshot() as reader:  # what is under way is let end
        records.set_meta("second", "2")
        assert records._reader() is reader
        assert mapped() == sqlite_file.MAPPED
    assert mapped() == 0
    assert records.meta("second") == "2"


def test_a_locked_file_asks_to_try_again(records, path):
    writer = sqlite3.connect(path, isolation_level=None)
    records.submit(lambda c: c.execute("pragma busy_timeout = 1")).result()
    writer.execute("begin immediate")
    with pytest.raises(Busy, match="being written by another process; try again"):
        records.set_meta("a", "1")
    writer.execute("rollback")
    writer.close()
    records.set_meta("a", "1")


def test_closing_while_others_write_leaves_nobody_waiting(path):
    store = SqliteRecords(path)

    def write(number):
        try:
            store.set_meta(str(number), "1")
        except WillNotWork as error:
            return "is closed" in str(error)
        return True

    with ThreadPoolExecutor(8) as pool:
        pending = [pool.submit(write, number) for number in range(400)]
        store.close()
        assert all(future.result(20) for future in pending)


def test_the_replaced_version_of_a_line_is_kept(records, path):
    order(records, line(updated_at=MONDAY))
    order(records, line(quantity=2, updated_at=MONDAY + 1))
    versions = "select quantity, import_id, superseded_by from order_lines order by id"
    assert raw(path, versions) == [(1, 1, 2), (2, 2, None)]


def test_a_conflicting_version_is_not_kept(records, path):
    order(records, line())
    order(records, line(quantity=2))
    assert raw(path, "select count(*) from order_lines") == [(1,)]


@pytest.mark.parametrize("dataset", ["products", "customers", "consents", "returns", "events"])
def test_abandoning_deletes_the_rows_themselves(records, path, dataset):
    import_id = records.start_import(dataset, "f", "canonical", MONDAY, None)
    records.import_rows(import_id, dataset, COLUMNS[dataset], [row(dataset)])
    assert raw(path, f"select count(*) from {dataset}") == [(1,)]
    records.abandon_import(import_id, MONDAY)
    for table in (dataset, "identities", "message_ids", "product_live"):
        assert raw(path, f"select count(*) from {table}") == [(0,)]


OTHER_PROCESS = """
import json, sys
from pathlib import Path
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import *

store = SqliteRecords(Path(sys.argv[1]))
print(json.dumps(sorted(store.person("customer:c1").owned)), flush=True)
for line_in in sys.stdin:
    word, number = line_in.split()
    if word == "put":
        status = "granted" if int(number) % 2 == 0 else "withdrawn"
        store.put_rows("consents", CONSENT_COLUMNS, [row("consents", status=status, at=MONDAY + int(number))], MONDAY)
    print(json.dumps(store.person("customer:c1").consents.get(("personalization", "web"))), flush=True)
store.close()
"""


def test_a_withdrawal_in_one_process_counts_in_the_other_at_once(records, path):
    order(records, line())
    records.refresh_person_states()
    bring(records, "consents", (row("consents", at=MONDAY),))
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def other(*words):
            process.stdin.write(" ".join(map(str, words)) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        assert json.loads(process.stdout.readline()) == ["A"]
        assert other("read", 0) is True
        for number in range(1, 21):
            is_granted = number % 2 == 0
            if number % 3:
                assert other("put", number) is is_granted
            else:
                status = "granted" if is_granted else "withdrawn"
                bring(records, "consents", (row("consents", status=status, at=MONDAY + number),))
                assert other("read", number) is is_granted
            assert records.person("customer:c1").consents == {("personalization", "web"): is_granted}
        process.stdin.close()
        assert process.wait(20) == 0


WRITER = """
import sys
from pathlib import Path
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import *

store = SqliteRecords(Path(sys.argv[1]))
start = int(sys.argv[2])
for number in range(start, start + 60):
    store.append_events([event(number), event(0)], MONDAY)
    store.put_rows("products", PRODUCT_COLUMNS, [row("products", price_micros=number)], MONDAY)
store.close()
"""


def test_processes_that_create_and_write_one_file_at_once_lose_nothing(path):
    starts = (1000, 2000, 3000)
    running = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(start)]) for start in starts]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    records = SqliteRecords(path)
    assert records.table("events", ["id"]).num_rows == 3 * 60 + 1
    assert records.table("products", ["id"]).num_rows == 1
    assert records.live_since(-1)[0] == 180
    assert raw(path, "select count(*) from products") == [(180,)]
    records.close()
