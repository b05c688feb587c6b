"""Frames on DuckDB over SQLite records keep the contract of every frames engine."""

import pytest

from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.frames_contract import FramesContract


class TestDuckdbFrames(FramesContract):
    @pytest.fixture
    def records(self, tmp_path):
        store = SqliteRecords(tmp_path / "records.db")
        yield store
        store.close()

    @pytest.fixture
    def frames(self, records, tmp_path):
        return DuckdbFrames(records, tmp_path / "parts")

    @pytest.fixture
    def elsewhere(self, records, tmp_path):
        store = SqliteRecords(tmp_path / "records.db")
        yield store, DuckdbFrames(store, tmp_path / "parts")
        store.close()
