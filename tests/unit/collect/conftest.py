"""Files written by hand, collected into an empty store."""

import shutil
from datetime import UTC, datetime

import pytest

from crosslift.collect.intake import Options, collect_file
from crosslift.settings import Settings
from crosslift.store import migrate
from crosslift.store.sql_imports import IMPORTED
from crosslift.store.sqlite import SqliteRecords

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def blank_records(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


@pytest.fixture
def records(blank_records, tmp_path):
    store = SqliteRecords(shutil.copy(blank_records, tmp_path / "records.db"))
    yield store
    store.close()


@pytest.fixture
def write(tmp_path):
    """Write a file: `write("orders.csv", "order_id,...")`, text as UTF-8."""

    def give(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return give


@pytest.fixture
def collect(records, write):
    """Collect content as a file and give the report: `collect(text, "a.csv", is_dry_run=True, settings={...})`."""

    def run(content, name="orders.csv", settings=None, progress=lambda *_: None, **options):
        path = write(name, content)
        return collect_file(path, records, Settings.load(settings, environment={}), NOW, Options(**options), progress)

    return run


@pytest.fixture
def read(records):
    """Read visible rows as tuples: `read("order_lines", "order_id", "quantity")`."""

    def give(dataset, *columns):
        table = records.table(dataset, columns)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    return give


@pytest.fixture
def nothing_is_left(records):
    """Assert that no row of any import is in the file, visible or not."""

    def check():
        assert {record.state for record in records.imports()} <= {"abandoned"}
        for table in (*IMPORTED, "message_ids", "identities", "product_live", "parts"):
            assert records._reader().execute(f"select count(*) from {table}").fetchone() == (0,), table

    return check


@pytest.fixture(scope="session")
def make(load_script):
    """Tables of lines, returns and products written by hand: `make.lines_of({"quantity": 2})`."""
    return load_script("tests/unit/collect/lines.py")
