"""Files as streams of text: every format is read the same, every broken one is named."""

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crosslift.collect.sources import delimited as rows_of_cells
from crosslift.collect.sources.lines import text_of
from crosslift.collect.sources.reading import TextTable
from crosslift.errors import BadInput

ROWS = [
    {"order_id": "00123", "product_id": "17850.0", "title": "Tea, black"},
    {"order_id": "2", "product_id": "é", "title": 'He said "no"\nand left'},
    {"order_id": "3", "product_id": "NULL", "title": ""},
]
NAMES = list(ROWS[0])


def delimited(delimiter=",", newline="\n", rows=ROWS):
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, NAMES, delimiter=delimiter, lineterminator=newline)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def json_lines(rows=ROWS):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def parquet(table):
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


FORMATS = {
    "comma.csv": ("csv", delimited()),
    "semicolon.csv": ("csv", delimited(";")),
    "tab.tsv": ("tsv", delimited("\t")),
    "crlf.csv": ("csv", delimited(newline="\r\n")),
    "cr.csv": ("csv", delimited(newline="\r")),
    "bom.csv": ("csv", b"\xef\xbb\xbf" + delimited()),
    "blank_lines_first.csv": ("csv", b"\n\n" + delimited()),
    "bom_blank_lines_first.csv": ("csv", b"\xef\xbb\xbf\r\n\r\n" + delimited(newline="\r\n")),
    "no_end.csv": ("csv", delimited().rstrip(b"\n")),
    "lines.jsonl": ("jsonl", json_lines()),
    "bom.jsonl": ("jsonl", b"\xef\xbb\xbf" + json_lines()),
    "blank_lines.jsonl": ("jsonl", b"\n \n" + json_lines().replace(b"}\n", b"}\n\n") + b"\n\n"),
    "columns.parquet": ("parquet", parquet(pa.Table.from_pylist(ROWS))),
}


def rows_of(path):
    table = TextTable(path)
    return [row for batch in table.batches() for row in batch.select(table.columns).to_pylist()]


@pytest.mark.parametrize("is_zipped", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_text(tmp_path, name, is_zipped):
    kind, content = FORMATS[name]
    path = tmp_path / (f"{name}.gz" if is_zipped else name)
    path.write_bytes(gzip.compress(content) if is_zipped else content)
    table = TextTable(path)
    assert (table.kind, table.columns) == (kind, NAMES)
    assert rows_of(path) == ROWS


def test_several_gz_members_are_one_file(tmp_path):
    head, tail = delimited(rows=ROWS[:1]), b"2,x,y\n"
    path = tmp_path / "two.csv.gz"
    path.write_bytes(gzip.compress(head) + gzip.compress(tail))
    assert [row["order_id"] for row in rows_of(path)] == ["00123", "2"]


def test_a_header_may_hold_quoted_names_over_two_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'order_id,"my\nnote"\n1,x\n2,y\n')
    assert TextTable(path).columns == ["order_id", "my\nnote"]
    assert [row["my\nnote"] for row in rows_of(path)] == ["x", "y"]


def test_names_of_columns_are_trimmed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b" order_id , title\n1,x\n")
    assert TextTable(path).columns == ["order_id", "title"]


def test_a_file_larger_than_one_block_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_of_cells, "BLOCK_BYTES", 1 << 12)
    path = tmp_path / "a.csv"
    path.write_text("order_id,title\n" + "".join(f'{n},"tea\n{n}"\n' for n in range(2_000)))
    assert [(r["order_id"], r["title"]) for r in rows_of(path)] == [(str(n), f"tea\n{n}") for n in range(2_000)]


def test_a_long_json_line_is_one_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"order_id": "1", "note": "x" * 200_000}))
    assert len(rows_of(path)[0]["note"]) == 200_000


def test_json_rows_may_lack_fields_and_hold_numbers(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1,"b":2.50}\n{"b":null,"c":true,"d":{"x":[1]}}\n')
    assert rows_of(path) == [
        {"a": "1", "b": "2.5", "c": None, "d": None},
        {"a": None, "b": None, "c": "true", "d": '{"x":[1]}'},
    ]


def test_parquet_columns_of_any_type_are_text(tmp_path):
    moment = datetime(2024, 1, 1, 10, 0, 0, 123456, tzinfo=UTC)
    table = pa.table({
        "int": [7, None],
        "float": [2.5, 1e-05],
        "decimal": pa.array([Decimal("2.500000"), None]),
        "bool": [True, False],
        "date": [date(2024, 1, 31), None],
        "utc": pa.array([moment, None], pa.timestamp("us", "UTC")),
        "local": pa.array([1_704_103_200_000, None], pa.timestamp("ms")),
        "ns": pa.array([1_704_103_200_123_456_789, None], pa.timestamp("ns")),
        "category": pa.array(["a", "b"]).dictionary_encode(),
        "large": pa.array(["x", None], pa.large_string()),
        "nested": [{"a": 1}, None],
        "nothing": pa.nulls(2),
    })  # fmt: skip
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet(table))
    assert rows_of(path)[0] == {
        "int": "7", "float": "2.5", "decimal": "2.500000", "bool": "true", "date": "2024-01-31",
        "utc": "2024-01-01T10:00:00.123456+00:00", "local": "2024-01-01T10:00:00", "ns": "2024-01-01T10:00:00.123456",
        "category": "a", "large": "x", "nested": '{"a":1}', "nothing": None,
    }  # fmt: skip
    assert rows_of(path)[1]["float"] == "0.00001"


@pytest.mark.parametrize(
    ("name", "first"), [("comma.csv", 2), ("blank_lines_first.csv", 4), ("lines.jsonl", 1), ("columns.parquet", 1)]
)
def test_the_first_row_is_numbered_as_a_person_would(tmp_path, name, first):
    path = tmp_path / name
    path.write_bytes(FORMATS[name][1])
    assert TextTable(path).first_row == first


def refusal(path):
    with pytest.raises(BadInput) as caught:
        rows_of(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; export it again with its header line"),
        (b" \r\n\n ", "is empty"),
        (b"PK\x03\x04rest", "cannot be read to its end: File is not a zip file"),
        ("order_id,title\n1,x\n".encode("utf-16-le"), "is UTF-16 or no text at all; save it as CSV (UTF-8)"),
        (b"\x7fELF\x01\x00\x00", "is UTF-16 or no text at all"),
        (b'[{"order_id":1}]', "is one JSON array; write one object a line"),
        (b"order_id,title,order_id\n1,x,2\n", "the header names 'order_id' twice; rename one"),
        (b'{"a":1}\n{"a":\n', "line 2: not valid JSON: "),
        (b'{"a":1}\n\n[1]\n', "line 3: one JSON object a line is expected"),
        (b'{"a":1}\n{"a":"\\ud800"}\n', "line 2: not valid JSON: "),
        (b'{"a":1}\n{"a":' + b"[" * 100_000, "line 2: not valid JSON: "),
        (b'{"a":NaN}\n', "line 1: not valid JSON: "),
        (b"PAR1 and then nothing", "cannot be read to its end: "),
        (parquet(pa.table({"a": [1]}))[:-20], "cannot be read to its end: "),
        (b"\x1f\x8b", "cannot be read to its end: "),
        (b"\x1f\x8bgarbage that is no gz", "is a damaged gz file: "),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "a.file"
    path.write_bytes(content)
    found = refusal(path)
    assert message in found
    assert found.startswith(str(path))


def test_what_is_no_file_is_named(tmp_path):
    assert "no such file; check the path" in refusal(tmp_path / "missing.csv")
    assert "is a folder; name the files in it" in refusal(tmp_path)


MANY = [{"order_id": str(n * 7919), "product_id": f"P{n * n}", "title": f"{n:x}"} for n in range(3_000)]
MANY_AS = {
    "comma.csv": delimited(rows=MANY),
    "lines.jsonl": json_lines(MANY),
    "columns.parquet": parquet(pa.Table.from_pylist(MANY)),
}


@pytest.mark.parametrize("where", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("harm", ["cut off", "flipped"])
@pytest.mark.parametrize("name", MANY_AS)
def test_a_damaged_gz_is_refused_wherever_it_is_damaged(tmp_path, name, harm, where):
    zipped = bytearray(gzip.compress(MANY_AS[name], 1))
    place = int(len(zipped) * where)
    if harm == "cut off":
        zipped = zipped[:place]
    else:
        zipped[place - 4 : place + 4] = bytes(b ^ 0x5A for b in zipped[place - 4 : place + 4])
    path = tmp_path / f"{name}.gz"
    path.write_bytes(bytes(zipped))
    assert refusal(path).startswith(str(path))
    if harm == "cut off":
        assert "gz file: " in refusal(path) or "cannot be read to its end: " in refusal(path)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (b"2,only\n", "row 3: Expected 3 columns, got 2: 2,only"),
        (b"2,x,y,z\n", "row 3: Expected 3 columns, got 4: 2,x,y,z"),
        (b'2,"never closed,y\n4,x,y\n', "row 3: "),
    ],
)
def test_a_row_of_another_length_is_named_with_its_number(tmp_path, bad, expected):
    path = tmp_path / "a.csv"
    path.write_bytes(b"order_id,product_id,title\n1,x,y\n" + bad)
    assert f"{path}, {expected}" in refusal(path)


WESTERN = "café crème"


@pytest.mark.parametrize("title", [WESTERN, "Größe Müller für Räder", "Men’s – “large”"])
@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl"])
def test_an_encoding_that_cannot_be_told_is_named_with_its_line_and_byte(tmp_path, title, kind):
    if kind == "jsonl":
        text = f'{{"title":"plain"}}\n{{"title":"tea"}}\n{{"title":"{title}"}}\n'
    else:
        text = f"order_id,title\n1,tea\n2,{title}\n"
    raw = text.encode("cp1252")
    path = tmp_path / f"a.{kind}"
    path.write_bytes(gzip.compress(raw) if kind.endswith("gz") else raw)
    with pytest.raises(UnicodeDecodeError) as caught:
        raw.decode()
    assert (
        f"{path}, line 3: byte 0x{raw[caught.value.start]:02x} is not UTF-8 (it may be Latin-1 or Windows-1252); save the "
        "file as UTF-8, or name its encoding with --encoding" in refusal(path)
    )
    table = TextTable(path, encoding="windows-1252")
    assert [row["title"] for batch in table.batches() for row in batch.to_pylist()][-1] == title
    assert table.notes == ["read as cp1252"]


def test_what_only_looks_odd_is_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'order_id,title\n1,5" vase\n2, spaced \n3,NA\n4,null\n5,-\n')
    assert [row["title"] for row in rows_of(path)] == ['5" vase', " spaced ", "NA", "null", "-"]


def test_events_keep_their_line_and_number(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('\n{"type":"track","event":"A"}\n\n{"messageId":"m"}\n')
    table = TextTable(path)
    [batch] = table.batches()
    assert table.columns == ["line"]
    assert batch.to_pydict() == {"line": ['{"type":"track","event":"A"}', '{"messageId":"m"}'], "number": [2, 4]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("x", "x"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (2.55, "2.55"),
        ([1, "a"], '[1,"a"]'),
        ({}, "{}"),
    ],
)
def test_json_values_are_written_as_a_cell_would_hold_them(value, text):
    assert text_of(value) == text
