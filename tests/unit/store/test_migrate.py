"""The records file comes to the newest schema, whole or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from crosslift.errors import UnknownFormat, WillNotWork
from crosslift.store import migrate, tables
from crosslift.store.sqlite import SqliteRecords

MIGRATIONS = Path(migrate.__file__).parent / "migrations"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.db"


def execute(path, *statements):
    with sqlite3.connect(path) as connection:
        answers = [connection.execute(statement).fetchall() for statement in statements]
    connection.close()
    return answers[-1]


def test_the_migrated_schema_is_the_declared_one(path):
    migrate.ensure_current(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": tables.metadata}
        )
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_ingestion_numbers_of_events_are_never_used_again(path):
    migrate.ensure_current(path)
    [(made,)] = execute(path, "select sql from sqlite_master where name = 'events'")
    assert "AUTOINCREMENT" in made
    assert tables.metadata.tables["events"].dialect_kwargs["sqlite_autoincrement"] is True


def test_head_is_the_newest_revision():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [migrate.HEAD]


def test_revisions_are_numbered_so_that_their_text_compares():
    numbers = sorted(p.name.split("_")[0] for p in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert numbers[-1] == migrate.HEAD


def test_a_current_file_is_left_alone(path):
    migrate.ensure_current(path)
    before = path.read_bytes()
    migrate.ensure_current(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["records.db"]


def test_a_file_of_a_newer_crosslift_is_refused_untouched(path):
    migrate.ensure_current(path)
    execute(path, "update alembic_version set version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(UnknownFormat, match=r"written by a newer crosslift \(schema 9999, this one knows .*upgrade"):
        SqliteRecords(path)
    assert path.read_bytes() == before


def test_an_old_file_is_put_aside_before_it_is_migrated(path, monkeypatch):
    migrate.ensure_current(path)
    execute(path, "update alembic_version set version_num = '0000'")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("pragma journal_mode=wal")
    writer.execute("insert into shop_meta (key, value) values ('only in the log', '1')")
    copies = []
    aside = path.with_name(f"records.before-{migrate.HEAD}.db")
    monkeypatch.setattr(migrate, "_upgrade", lambda _: copies.append(execute(aside, "select key from shop_meta")))
    migrate.ensure_current(path)
    writer.close()
    assert copies == [[("only in the log",)]]


def test_a_migration_that_dies_half_way_leaves_nothing_and_works_the_next_time(path, monkeypatch):
    from alembic.operations import Operations

    original = Operations.create_table

    def dies(self, name, *columns, **options):
        if name == "parts":
            raise KeyboardInterrupt
        return original(self, name, *columns, **options)

    monkeypatch.setattr(Operations, "create_table", dies)
    with pytest.raises(KeyboardInterrupt):
        migrate.ensure_current(path)
    assert execute(path, "select name from sqlite_master") == []
    monkeypatch.undo()
    migrate.ensure_current(path)
    assert len(execute(path, "select * from parts")) == 0


def test_a_file_that_is_no_database_is_refused(path):
    path.write_text("order_id,ordered_at\n" * 100)
    with pytest.raises(WillNotWork, match=r"records.db is no crosslift records file"):
        migrate.ensure_current(path)


def test_an_empty_file_becomes_a_records_file(path):
    path.touch()
    migrate.ensure_current(path)
    assert execute(path, "select version_num from alembic_version") == [(migrate.HEAD,)]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WillNotWork, match=r"cannot write .*nowhere/records.db: unable to open .*permissions and space"):
        migrate.ensure_current(tmp_path / "nowhere" / "records.db")


def test_a_home_of_the_first_release_is_upgraded_without_loss(path):
    first = {
        "imports": "1, 'orders', 'a.csv', 'canonical orders', 'committed', 1, 2, 1, 0, 'h', '{}'",
        "product_live": "'A', 5, 'USD', 3, 1, 1, null, 7, 2",
        "person_states": "'customer:c1', x'91a141', 1, 5, 0",
        "shop_meta": "'change_number', '7'",
    }
    upgrade_to(path, "0001")
    for table, values in first.items():
        execute(path, f"insert into {table} values ({values})")
    before = contents(path)
    with closing(SqliteRecords(path)) as records:
        assert (records.person("customer:c1").owned, records.person(None).change_number) == ({"A"}, 7)
        assert records.links(0)[1].num_rows == records.bundles()[1].num_rows == 0
        assert records.person("customer:c1").holdings == set()
    after = contents(path)
    assert {name: after[name] for name in before if name != "alembic_version"} == {
        name: rows for name, rows in before.items() if name != "alembic_version"
    }
    assert set(after) - set(before) >= {"links", "bundles", "subscriptions", "usage", "refill_dues"}
    assert contents(path.with_name(f"records.before-{migrate.HEAD}.db")) == before


def test_records_of_customers_made_before_have_no_time_and_the_erased_stay_out(path):
    upgrade_to(path, "0006")
    execute(
        path,
        "insert into customers (id, customer_id, traits, import_id) values (1, 'c1', '{}', 1)",
        "insert into erased (digest, at) values (x'00', 5)",
    )
    migrate.ensure_current(path)
    assert execute(path, "select customer_id, updated_at from customers") == [("c1", None)]
    assert execute(path, "select digest, at, is_idle from erased") == [(b"\0", 5, 0)]


def upgrade_to(path, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def contents(path):
    names = [name for (name,) in execute(path, "select name from sqlite_master where type = 'table'")]
    return {name: execute(path, f"select * from {name}") for name in names if not name.startswith("sqlite_")}
