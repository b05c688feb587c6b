"""Whatever a file holds: amounts are exact, instants are the clock's, text survives, nothing but BadInput is raised."""

import csv
import gzip
import io
import json
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.collect.parse import normalized, parse
from crosslift.collect.schemas import Field, Type
from crosslift.collect.sources.reading import TextTable
from crosslift.domain.money import Money
from crosslift.errors import BadInput

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
quick = settings(settings.get_profile("here"), max_examples=50)
many = settings(settings.get_profile("here"), max_examples=120)


def read(kind, cells, zone="UTC"):
    return parse(Field("x", kind), pa.array(cells, pa.string()), zone)


@many
@given(
    st.lists(st.decimals(-(10**12) + 1, 10**12 - 1, places=6, allow_nan=False), min_size=1, max_size=30),
    st.integers(0, 6),
)
def test_amounts_with_up_to_six_decimals_are_exact(amounts, places):
    cells = [f"{amount:.{places}f}" for amount in amounts]
    values, bad = read(Type.MONEY, cells)
    assert not bad.any()
    assert values.to_pylist() == [int(Decimal(cell) * 1_000_000) for cell in cells]
    assert values.to_pylist() == [Money(Decimal(cell), "USD").to_micros() for cell in cells]


@many
@given(st.lists(st.integers(-(10**15) + 1, 10**15 - 1), min_size=1))
def test_whole_numbers_are_exact(numbers):
    values, bad = read(Type.INTEGER, [str(number) for number in numbers])
    assert not bad.any()
    assert values.to_pylist() == numbers


ZONES = st.sampled_from(
    ["UTC", "Asia/Seoul", "Asia/Tokyo", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
)
EARLIEST, LATEST = datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2060-01-01")
MOMENTS = st.datetimes(EARLIEST, LATEST)


@many
@given(st.lists(MOMENTS, min_size=1, max_size=20), ZONES, st.sampled_from([" ", "T"]))
def test_local_instants_are_those_of_the_zones_clock(moments, zone, between):
    values, bad = read(Type.INSTANT, [moment.isoformat(between) for moment in moments], zone)
    assert not bad.any()
    expected = [moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for moment in moments]
    assert [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=v) for v in values.to_pylist()] == expected


@many
@given(st.lists(st.datetimes(EARLIEST, LATEST, timezones=st.timezones()), max_size=20), ZONES)
def test_instants_with_an_offset_do_not_ask_for_the_zone(moments, zone):
    cells = [moment.isoformat() for moment in moments if moment.utcoffset().total_seconds() % 60 == 0]
    values, bad = read(Type.INSTANT, cells, zone)
    assert not bad.any()
    expected = [datetime.fromisoformat(cell) for cell in cells]
    assert [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=v) for v in values.to_pylist()] == expected


@many
@given(st.sampled_from(list(Type)), st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=10))
def test_any_cell_is_a_value_missing_or_bad_and_never_two_of_them(kind, cells):
    values, bad = read(kind, cells)
    for cell, value, is_bad in zip(cells, values.to_pylist(), bad.tolist(), strict=True):
        is_missing = cell is None or pa.compute.utf8_trim_whitespace(pa.scalar(cell)).as_py() == ""
        assert is_missing + (value is not None) + is_bad == 1 or (is_bad and not is_missing)
        assert not (is_missing and (is_bad or value is not None))


@many
@given(st.lists(st.one_of(st.none(), st.text()), max_size=10))
def test_composed_text_is_unicodes_own_and_stays_so(cells):
    once = normalized(pa.array(cells, pa.string()))
    assert once.to_pylist() == [None if cell is None else unicodedata.normalize("NFC", cell) for cell in cells]
    assert normalized(once) == once


# any text survives the round trip through any format

NAMES = ["order_id", "title", "note"]
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=20)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, CELLS)), min_size=1, max_size=20)


def as_csv(rows, delimiter):
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, NAMES, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def as_parquet(rows):
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in NAMES])), stream)
    return stream.getvalue()


FORMATS = {
    "csv": lambda rows: as_csv(rows, ","),
    "semicolon": lambda rows: as_csv(rows, ";"),
    "tsv": lambda rows: as_csv(rows, "\t"),
    "jsonl": lambda rows: "\n".join(json.dumps(row) for row in rows).encode(),
    "parquet": as_parquet,
}


@quick
@given(ROWS, st.sampled_from(list(FORMATS)), st.booleans())
def test_any_text_survives_any_format(tmp_path, rows, kind, is_zipped):
    content = FORMATS[kind](rows)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content, 1) if is_zipped else content)
    table = TextTable(path)
    assert [row for batch in table.batches() for row in batch.to_pylist()] == rows


BEGINNINGS = st.sampled_from([b"", b"a,b\n1,2\n", b'{"a":1}\n', b"PAR1", b"\x1f\x8b\x08", b"\xef\xbb\xbf", b"\n\n"])
SOUP = st.text(st.sampled_from('ab,;\t"\r\n{}[]:0é한'), max_size=80).map(str.encode)


@many
@given(BEGINNINGS, st.one_of(st.binary(max_size=200), SOUP))
def test_any_bytes_are_read_or_refused(tmp_path, beginning, rest):
    path = tmp_path / "file"
    path.write_bytes(beginning + rest)
    refused = None
    try:
        table = TextTable(path)
        rows = [row for batch in table.batches() for row in batch.to_pylist()]
    except BadInput as error:
        refused = str(error)
    if refused is None:
        assert len(set(table.columns)) == len(table.columns)
        assert all(set(table.columns) <= set(row) for row in rows)
    else:
        assert refused.startswith(str(path))
        assert len(refused) < 3_000
