"""A search of everything a shop keeps finds every text, however it is stored and however many are looked for."""

import gzip
import sqlite3
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crosslift.store.needles import FEW
from crosslift.store.traces import Trace, find_traces

OTHERS = tuple(f"nobody-{n:04}" for n in range(FEW + 5))


@pytest.fixture(params=[(), OTHERS], ids=["few", "many"])
def find(request, tmp_path):
    """Search a folder for some texts, alone or among many others."""
    return lambda *texts: find_traces(tmp_path, (*texts, *request.param)).found


def database(path, value):
    connection = sqlite3.connect(path)
    connection.execute("create table people (id integer primary key, note, more)")
    connection.executemany("insert into people (note, more) values (?, ?)", [(n, None) for n in range(5000)])
    connection.execute("insert into people (note) values (?)", (value,))
    connection.commit()
    connection.close()


def test_texts_in_files_of_any_kind_are_found(find, tmp_path):
    (tmp_path / "a.txt").write_text("from jane@x.org to nobody")
    with gzip.open(tmp_path / "b.gz", "wb") as stream:
        stream.write(b"x" * 1000 + b"jane@x.org")
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.json", '{"email":"jane@x.org"}')
    table = pa.table({"n": range(3), "email": ["bob@x.org", None, "jane@x.org"]})
    pq.write_table(table, tmp_path / "d.parquet", compression="zstd")
    assert {trace for trace in find("jane@x.org", "june@x.org") if trace.place != "raw bytes"} == {
        Trace("b.gz", "unpacked", "jane@x.org"), Trace("c.zip", "inside.json", "jane@x.org"),
        Trace("d.parquet", "email", "jane@x.org"),
    }  # fmt: skip
    assert Trace("a.txt", "raw bytes", "jane@x.org") in find("jane@x.org")


@pytest.mark.parametrize(
    ("value", "place"),
    [("to jane@x.org!", "people.note"), (b"\x01jane@x.org", "people.note"),
     (zlib.compress(b"jane@x.org" * 9), "people.note unpacked")],
    ids=["text", "bytes", "compressed"],
)  # fmt: skip
def test_texts_in_columns_of_a_database_are_found(find, tmp_path, value, place):
    database(tmp_path / "r.db", value)
    assert place in {trace.place for trace in find("jane@x.org")}


def test_a_text_that_a_page_of_the_database_cuts_is_found(find, tmp_path):
    database(tmp_path / "r.db", "x" * 4080 + "jane-of-the-many-letters@x.org" + "x" * 4000)
    assert "people.note" in {trace.place for trace in find("jane-of-the-many-letters@x.org")}


def test_short_texts_are_found_as_whole_values_only(find, tmp_path):
    database(tmp_path / "r.db", "bob")
    (tmp_path / "a.txt").write_text("bobsled")
    pq.write_table(pa.table({"who": ["bob", "bobsled"]}), tmp_path / "d.parquet")
    assert set(find("bob", "obs")) == {Trace("r.db", "people.note", "bob"), Trace("d.parquet", "who", "bob")}


def test_where_nothing_is_nothing_is_found_and_all_was_searched(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"12345")
    database(tmp_path / "r.db", "bob")
    search = find_traces(tmp_path, ["jane@x.org", *OTHERS])
    assert (search.n_files, search.found) == (2, ())
    assert search.n_bytes == 5 + (tmp_path / "r.db").stat().st_size
