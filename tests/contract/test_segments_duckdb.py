"""Rules asked in bulk on DuckDB find the people that they find one by one."""

import pytest

from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.segments_contract import SegmentsContract


class TestSegmentsDuckdb(SegmentsContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def frames(cls, tmp_path_factory):
        folder = tmp_path_factory.mktemp("frames")
        store = SqliteRecords(folder / "records.db")
        cls.engine = DuckdbFrames(store, folder / "parts")
        yield
        store.close()

    def lazies(self, tables):
        return self.engine.lazies(tables)
