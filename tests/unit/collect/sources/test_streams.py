"""What is too much is refused while it is read: nothing of it is written anywhere, and little of it held."""

import gzip
import json
import tracemalloc

import pytest

from crosslift.collect.sources import streams
from crosslift.collect.sources.reading import TextTable
from crosslift.collect.sources.streams import USUAL, Limits, Unpacked
from crosslift.errors import BadInput
from crosslift.settings import Settings

LITTLE = Limits(line_bytes=1_000, unpacked_bytes=100_000, unpacked_ratio=50, workbook_bytes=100_000)
HEADER = b"order_id,title\n"


def refusal(path, limits=USUAL):
    with pytest.raises(BadInput) as caught:
        for _ in TextTable(path, limits).batches():
            pass
    return str(caught.value)


def members(piece, times):
    """A gz file of one piece many times over: gigabytes in a few kilobytes, made at once."""
    return gzip.compress(piece) * times


def test_limits_come_from_the_settings():
    given = Settings.load({"collect.max_line_bytes": 5_000, "collect.max_unpacked_ratio": 9}, environment={})
    assert Limits.of(given) == Limits(5_000, USUAL.unpacked_bytes, 9, USUAL.workbook_bytes)


def test_a_gz_file_that_unpacks_to_more_than_is_allowed_is_refused_where_it_does(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(HEADER + b"1,tea\n" * 100_000))
    assert refusal(path, LITTLE) == (
        f"{path}: unpacks to more than 100,000 bytes; split it, or raise collect.max_unpacked_bytes"
    )


def test_a_gz_file_that_unpacks_to_many_times_its_size_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(HEADER) + members(b"1,tea\n" * 200_000, 600))
    assert "unpacks to more than 250 times its size, as no export does" in refusal(path)


def test_a_little_file_may_be_as_repetitive_as_it_likes(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(HEADER + b"1,tea\n" * 500_000))
    assert path.stat().st_size * USUAL.unpacked_ratio < 3_000_000
    assert sum(batch.num_rows for batch in TextTable(path).batches()) == 500_000


def test_reading_of_a_bomb_ends_when_the_limit_is_passed(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "RATIO_FROM", 1 << 20)
    path = tmp_path / "bomb.gz"
    path.write_bytes(members(b"\0" * (1 << 20), 5_000))
    with Unpacked(path, USUAL) as stream:
        pieces = map(len, iter(lambda: stream.read(1 << 16), b""))
        with pytest.raises(BadInput, match="250 times its size"):
            sum(pieces)
        assert stream.n_given < 100 << 20


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_line_longer_than_allowed_is_named(tmp_path, name, is_zipped):
    rows = {
        "a.csv": HEADER + b"1,tea\n2," + b"x" * 1_200 + b"\n",
        "a.jsonl": b'{"a":"1"}\n{"a":"2"}\n' + json.dumps({"a": "x" * 1_200}).encode() + b"\n",
    }
    path = tmp_path / name
    path.write_bytes(gzip.compress(rows[name]) if is_zipped else rows[name])
    assert refusal(path, LITTLE).startswith(f"{path}, line 3: is longer than 1,000 bytes; is a line break or a quote")


def test_a_line_as_long_as_allowed_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b"1," + b"x" * 998 + b"\n2,y\n")
    assert [batch.num_rows for batch in TextTable(path, LITTLE).batches()] == [2]


def test_a_header_that_never_ends_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a," * (2 << 20))
    assert f"{path}, line 1: is longer than" in refusal(path)


def test_a_quote_that_is_never_closed_is_no_endless_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b'1,"' + b"tea\n" * 6_000_000)
    assert "a row is longer than 8,388,608 bytes; is a quote never closed?" in refusal(path)


GIGABYTES = 6


@pytest.mark.parametrize("start", [HEADER + b"1,", b'{"order_id":"', b'<?xml version="1.0"?><rss><item><id>'])
def test_one_line_of_gigabytes_is_refused_with_little_of_it_in_memory(tmp_path, start):
    """The file is kilobytes, what it unpacks to gigabytes; the ratio is allowed, so that the line itself is met."""
    path = tmp_path / "line.gz"
    path.write_bytes(gzip.compress(start) + members(b"x" * (16 << 20), 64 * GIGABYTES))
    assert path.stat().st_size < 16 << 20
    generous = Limits(USUAL.line_bytes, 1 << 50, 10**6, USUAL.workbook_bytes)
    tracemalloc.start()
    try:
        message = refusal(path, generous)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "is longer than 8,000,000 bytes" in message
    assert peak < 100 << 20


def test_a_sparse_file_of_ten_gigabytes_is_refused_after_its_first_bytes(tmp_path):
    path = tmp_path / "line.csv"
    with path.open("wb") as stream:
        stream.write(HEADER + b"1,")
        stream.truncate(10 << 30)
    tracemalloc.start()
    try:
        message = refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert f"{path}, line 2: is longer than 8,000,000 bytes" in message
    assert peak < 60 << 20


def test_nothing_is_written_while_a_bomb_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(HEADER + b"1,tea\n" * 100_000))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    refusal(path, LITTLE)
    assert [found.name for found in tmp_path.rglob("*")] == ["a.csv.gz"]
