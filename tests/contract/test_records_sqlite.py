"""Records on SQLite keep the contract of every records engine."""

import pytest

from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_contract import RecordsContract


class TestSqliteRecords(RecordsContract):
    @pytest.fixture
    def records(self, tmp_path):
        store = SqliteRecords(tmp_path / "records.db")
        yield store
        store.close()

    @pytest.fixture
    def other(self, records, tmp_path):
        store = SqliteRecords(tmp_path / "records.db")
        yield store
        store.close()
