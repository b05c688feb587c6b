"""Who may come in, on SQLite: keeps the contract of every records engine."""

import shutil

import pytest

from crosslift.store import migrate
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.access_contract import AccessContract


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A migrated file without rows, made once."""
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


class TestSqliteAccess(AccessContract):
    @pytest.fixture
    def records(self, blank, tmp_path):
        store = SqliteRecords(shutil.copy(blank, tmp_path / "records.db"))
        yield store
        store.close()

    @pytest.fixture
    def other(self, records, tmp_path):
        store = SqliteRecords(tmp_path / "records.db")
        yield store
        store.close()
