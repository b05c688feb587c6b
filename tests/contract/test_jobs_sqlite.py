"""Jobs on SQLite keep the contract of every records engine."""

import shutil

import pytest

from crosslift.store import migrate
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.jobs_contract import JobsContract


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A migrated file without rows, made once."""
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


class TestSqliteJobs(JobsContract):
    @pytest.fixture
    def records(self, blank, tmp_path):
        store = SqliteRecords(shutil.copy(blank, tmp_path / "records.db"))
        yield store
        store.close()
