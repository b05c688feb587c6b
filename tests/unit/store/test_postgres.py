"""What is PostgreSQL's own: texts and numbers as SQLite has them, one migration by many, dumps, errors that say what to do."""

import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from crosslift.errors import BadInput, Busy, StoreDown, UnknownFormat, WillNotWork
from crosslift.store import migrate
from crosslift.store.tables import metadata


@pytest.fixture
def records(postgres_server):
    from crosslift.store.postgres import PostgresRecords

    store = PostgresRecords(postgres_server)
    yield store
    store.close()


@pytest.fixture
def empty_server(postgres, tmp_path):
    from crosslift.store.postgres_server import Server

    name = postgres.database()
    yield Server(postgres.address(name), "My shop", tmp_path)
    postgres.drop(name)


def test_texts_are_ordered_by_their_bytes_and_as_long_as_they_like(records):
    names = ["b", "B", "a", "é", "가", "Z" * 5_000, "%", "'", "\\", "\t\n", ""]
    for name in names:
        records.set_meta(name, name)
    rows = records.table("shop_meta", ["key", "value"], "key <> 'serves_from' order by key").to_pydict()
    assert rows["key"] == rows["value"] == sorted(names, key=str.encode)


def test_many_rows_are_copied_as_they_are(records):
    rows = [(f"n{n}", '\\N\t"\r\n\\', 2**62 - n if n % 2 else None, None) for n in range(50)]
    columns = ("agent_id", "name", "updated_at", "team")
    given = [(*row, "[]", n % 2 == 0, n) for n, row in enumerate(rows)]
    number = records.start_import("agents", "f", "t", 1, None)
    assert records.import_rows(number, "agents", (*columns, "licences", "is_active", "row_hash"), given).n_new == 50
    records.commit_import(number, 2, "{}")
    found = records.table("agents", (*columns, "is_active"))
    assert list(zip(*(found.column(name).to_pylist() for name in columns), strict=True)) == rows
    assert found.column("is_active").to_pylist() == [n % 2 == 0 for n in range(50)]


def test_a_character_that_cannot_be_kept_is_the_callers_matter_and_nothing_else_is_lost(records):
    wrong = records.submit(lambda c: c.execute("insert into shop_meta (key, value) values (?, ?)", ("a\0", "x")))
    right = records.submit(lambda c: c.execute("insert into shop_meta (key, value) values (?, ?)", ("b", "x")))
    with pytest.raises(BadInput, match="NUL"):
        wrong.result()
    right.result()
    assert records.meta("b") == "x"


def test_whoever_writes_waits_for_the_others_and_is_told(records, postgres_server, monkeypatch):
    monkeypatch.setattr("crosslift.store.postgres_server.WAIT_SECONDS", 1)
    from crosslift.store.postgres import PostgresRecords

    hurried = PostgresRecords(postgres_server)
    with postgres_server.connect() as raw:
        raw.execute("begin")
        raw.execute("select pg_advisory_xact_lock(%s)", (postgres_server.number("write"),))
        with pytest.raises(Busy, match="being written by another process"):
            hurried.set_meta("x", "1")
        raw.execute("rollback")
    hurried.set_meta("x", "2")
    hurried.close()


def test_tables_made_by_many_at_once_are_made_once(empty_server):
    said = []
    starts = [threading.Thread(target=lambda: said.append(empty_server.ensure_current())) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert said == [""] * 4
    with empty_server.connect() as raw:
        tables = {row[0] for row in raw.execute("select tablename from pg_tables where schemaname = 'My shop'")}
        assert tables == {*metadata.tables, "alembic_version"}


def test_every_column_is_as_the_tables_say_and_behaves_as_in_sqlite(postgres_server):
    kinds = {
        "BIGINT": "bigint",
        "INTEGER": "bigint",
        "BOOLEAN": "boolean",
        "FLOAT": "double precision",
        "BLOB": "bytea",
    }
    with postgres_server.connect() as raw:
        rows = raw.execute(
            "select table_name, column_name, data_type, collation_name, is_nullable from information_schema.columns "
            "where table_schema = 'shop' and table_name <> 'alembic_version'"
        ).fetchall()
    found = {(table, column): what for table, column, *what in rows}
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind, collation, nullable = found.pop((table.name, column.name))
            name = str(column.type).partition("(")[0]
            assert kind == kinds.get(name, "text"), (table.name, column.name)
            assert collation == ("C" if kind == "text" else None)
            assert (nullable == "YES") is column.nullable
    assert found == {}


def test_a_dump_is_made_before_tables_change_or_it_is_said_why_not(postgres_server, monkeypatch, tmp_path):
    earlier = f"{int(migrate.HEAD) - 1:04d}"
    with postgres_server.connect() as raw:
        raw.execute("update alembic_version set version_num = %s", (earlier,))
    monkeypatch.setattr(type(postgres_server), "_upgrade", _set_head)
    said = postgres_server.ensure_current()
    dump = tmp_path / f"records.before-{migrate.HEAD}.dump"
    assert said == f"{dump} holds the tables as they were"
    listed = subprocess.run(["pg_restore", "--list", dump], capture_output=True, text=True, check=True).stdout
    assert "TABLE DATA shop products" in listed
    assert dump.stat().st_mode & 0o777 == 0o600
    with postgres_server.connect() as raw:
        raw.execute("update alembic_version set version_num = %s", (earlier,))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert postgres_server.ensure_current() == "no dump was made before the tables changed: pg_dump is not installed"


def _set_head(server):
    with server.connect() as raw:
        raw.execute("update alembic_version set version_num = %s", (migrate.HEAD,))


def test_the_audit_is_only_ever_added_to(postgres_server):
    import psycopg

    with postgres_server.connect() as raw:
        raw.execute(
            "insert into audit (seq, at, actor, action, object, details, hash) values (1, 1, 'a', 'b', 'c', '{}', 'd')"
        )
        for wrong in ("update audit set actor = 'x'", "delete from audit"):
            with pytest.raises(psycopg.Error, match="only ever added to"):
                raw.execute(wrong)


def test_migrations_that_the_version_before_goes_on_beside_add_and_take_nothing_away():
    from crosslift.store.postgres_server import SERVES_FROM

    folder = Path(migrate.__file__).with_name("migrations") / "versions"
    done = {
        name for file in folder.glob("*.py") if file.name >= min(SERVES_FROM, "0014")
        for name in re.findall(r"\bop\.(\w+)", file.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert (
        {"create_table", "add_column"}
        <= done
        <= {"create_table", "create_index", "add_column", "execute", "get_bind", "f"}
    )


def test_a_newer_schema_is_served_as_long_as_it_says_so(postgres_server):
    from crosslift.store.postgres_server import SERVES_FROM

    try:
        with postgres_server.connect() as raw:
            raw.execute("update alembic_version set version_num = '9999'")
        assert postgres_server.ensure_current() == ""
        with postgres_server.connect() as raw:
            raw.execute("update shop_meta set value = '9998' where key = 'serves_from'")
        with pytest.raises(UnknownFormat, match="newer crosslift"):
            postgres_server.ensure_current()
    finally:
        _set_head(postgres_server)
        with postgres_server.connect() as raw:
            raw.execute("update shop_meta set value = %s where key = 'serves_from'", (SERVES_FROM,))


def test_statements_prepared_before_a_column_was_added_go_on(records, postgres_server):
    for _ in range(8):  # from the fifth on they are prepared
        assert records.offers() == []
        records.save_segment(_segment())
    with postgres_server.connect() as raw:
        raw.execute("alter table segments add column wish text")
    try:
        assert [row["segment_id"] for row in records.segments()] == ["s"]
        assert records.segments()[0]["wish"] is None
    finally:
        with postgres_server.connect() as raw:
            raw.execute("alter table segments drop column wish")


def test_a_writer_whose_statements_were_prepared_before_a_column_was_added_goes_on(records, postgres_server):
    for n in range(8):
        records.save_promise({**_PROMISE, "decision_id": f"d{n}"}, [f"c{n}"])
        records.redeem_promise(f"c{n}", "o", 2)
    with postgres_server.connect() as raw:
        raw.execute("alter table promises add column wish text")
    try:
        with pytest.raises(Busy, match="have just changed"):
            records.redeem_promise("c0", "o", 2)
        assert records.redeem_promise("c0", "o", 2)["redeemed_by"] == "o"
    finally:
        with postgres_server.connect() as raw:
            raw.execute("alter table promises drop column wish")


_PROMISE = {"slot": 0, "product_id": "A", "reason": "{}", "made_at": 1, "ends_at": 9}


def _segment():
    return {
        "segment_id": "s",
        "titles": "{}",
        "rule": "r",
        "author": "a",
        "reason": "b",
        "created_at": 1,
        "is_active": True,
    }


def test_a_server_that_is_not_there_is_named_without_the_password(postgres_server):
    from crosslift.store.postgres import PostgresRecords

    for wrong in (
        postgres_server.address.replace("correct-horse", "hunter2"),
        postgres_server.address.rpartition(":")[0].replace("correct-horse", "hunter2") + ":1/shop",
    ):
        with pytest.raises(StoreDown, match=r"cannot open postgresql://127\.0\.0\.1/") as refused:
            PostgresRecords(replace(postgres_server, address=wrong))
        assert "hunter2" not in str(refused.value) + repr(refused.value.__cause__)
    assert "correct-horse" not in repr(postgres_server)


def test_a_database_of_another_encoding_is_refused(postgres, tmp_path):
    from crosslift.store.postgres_server import Server

    postgres.sql("create database latin template template0 encoding 'LATIN1' locale 'C'")
    with pytest.raises(WillNotWork, match="encoding LATIN1"):
        Server(postgres.address("latin"), "shop", tmp_path).ensure_current()
    postgres.drop("latin")


def test_two_shops_of_one_database_do_not_meet(postgres_server, records):
    from crosslift.store.postgres import PostgresRecords

    neighbor = PostgresRecords(replace(postgres_server, schema="neighbor"))
    neighbor.set_meta("x", "theirs")
    assert records.meta("x") == ""
    with records.alone("learn", "held"), neighbor.alone("learn", "held"):
        assert neighbor.meta("x") == "theirs"
    neighbor.close()
    with postgres_server.connect() as raw:
        raw.execute("drop schema neighbor cascade")


def test_nothing_of_postgresql_is_imported_where_the_records_are_a_file():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, crosslift.shop; sys.exit('psycopg' in sys.modules)"], check=False
    )
    assert done.returncode == 0
