"""Parts: immutable files that count only from the transaction that lists them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crosslift.errors import WillNotWork
from crosslift.store import parts
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import DAY, MONDAY, event, line, order


@pytest.fixture
def records(tmp_path):
    store = SqliteRecords(tmp_path / "records.db")
    yield store
    store.close()


@pytest.fixture
def frames(records, tmp_path):
    return DuckdbFrames(records, tmp_path / "parts")


def files(tmp_path, dataset):
    return sorted(p.name for p in (tmp_path / "parts" / dataset).iterdir())


def test_a_file_has_no_name_before_it_is_whole(tmp_path, monkeypatch):
    rows = pa.table({"id": [1]})

    def dies(_rows, stream, **_):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts.pq, "write_table", dies)
    with pytest.raises(WillNotWork, match=r"cannot write .*No space left on device; free space"):
        parts.write_part(rows, tmp_path / "parts" / "events", "x")
    assert files(tmp_path, "events") == []


def test_a_day_is_named_and_its_replaced_file_removed(records, frames, tmp_path):
    order(records, line(ordered_at=MONDAY))
    frames.refresh()
    [first] = files(tmp_path, "order_lines")
    assert first.startswith("2024-01-01-")
    order(records, line(order_id="2", ordered_at=MONDAY))
    frames.refresh()
    [second] = files(tmp_path, "order_lines")
    assert second != first


def test_a_file_nobody_listed_is_garbage(records, frames, tmp_path):
    order(records, line())
    frames.refresh()
    stray = frames.order_lines().set_column(0, "id", pa.array([99]))
    parts.write_part(stray, tmp_path / "parts" / "order_lines", "2024-01-01")
    assert frames.order_lines().column("id").to_pylist() == [1]


def test_a_listed_file_that_is_gone_is_an_error_and_no_empty_table(records, frames, tmp_path):
    order(records, line())
    frames.refresh()
    (tmp_path / "parts" / records.part_files("order_lines")[0]).unlink()
    with pytest.raises(FileNotFoundError):
        frames.order_lines()


def test_a_part_of_events_is_sorted_by_person_then_ingestion(records, frames, tmp_path):
    people = ["customer:b", "anonymous:x", "customer:a", "customer:b", "anonymous:x"]
    records.append_events([event(n, identity=who, at=n) for n, who in enumerate(people)], MONDAY)
    frames.seal(at_least=1)
    [name] = files(tmp_path, "events")
    part = pq.read_table(tmp_path / "parts" / "events" / name)
    assert part.column("at").to_pylist() == [1, 4, 2, 0, 3]
    assert frames.events().column("at").to_pylist() == [0, 1, 2, 3, 4]


def test_days_before_1970_are_days_too(records, frames, tmp_path):
    order(records, line(ordered_at=-DAY))
    assert frames.refresh() == 1
    assert files(tmp_path, "order_lines")[0].startswith("1969-12-31-")
    assert frames.order_lines().column("ordered_at").to_pylist() == [-DAY]


def test_the_copy_has_the_columns_of_the_table(records):
    for dataset, (day, columns) in parts.COPIES.items():
        assert day in columns
        assert records.table(dataset, columns).column_names == list(columns)
    assert np.all([name in parts.EVENT_COLUMNS for name in ("id", "at", "identity")])


def test_a_part_that_ends_before_the_window_is_not_opened_again(records, frames, tmp_path, monkeypatch):
    for at in (5, 50):
        records.append_events([event(at, at=at, identity="customer:a")], MONDAY)
        frames.seal(at_least=1)
    frames.sealed_events_of(["customer:a"], since=20)
    opened, read = [], parts.pq.read_table

    def noted(path, **given):
        opened.append(path)
        return read(path, **given)

    monkeypatch.setattr(parts.pq, "read_table", noted)
    assert frames.sealed_events_of(["customer:a"], since=20).column("at").to_pylist() == [50]
    assert [path.name for path in opened] == files(tmp_path, "events")[1:]


def test_a_part_written_anew_while_it_is_read_is_read_anew(records, frames, tmp_path, monkeypatch):
    records.append_events([event(1, identity="customer:a"), event(2, identity="customer:b")], MONDAY)
    frames.seal(at_least=1)
    read = parts.pq.read_table

    def late(path, **given):
        monkeypatch.setattr(parts.pq, "read_table", read)
        frames.forget_events(["customer:b"])  # another process erases somebody
        return read(path, **given)

    monkeypatch.setattr(parts.pq, "read_table", late)
    assert frames.sealed_events_of(["customer:a", "customer:b"]).column("identity").to_pylist() == ["customer:a"]


def test_the_events_of_one_person_are_few_row_groups(records, frames, tmp_path):
    written = parts.write_part(pa.table({"id": np.arange(2 * parts.ROWS_TOGETHER)}), tmp_path, "x")
    assert pq.read_metadata(tmp_path / written).num_row_groups == 2
