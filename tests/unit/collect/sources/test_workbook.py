"""Workbooks: the sheet and the row of names that fit are found, cells come as a person reads them, bombs are refused."""

import gzip
import io
import random
import zipfile
from datetime import datetime

import pytest

from crosslift.collect.recognition import fit
from crosslift.collect.sources.reading import TextTable
from crosslift.collect.sources.sheet import text_of
from crosslift.collect.sources.streams import USUAL, Limits
from crosslift.collect.sources.workbook import ROW, corner
from crosslift.errors import BadInput
from crosslift.testing.demo.samples.xlsx import workbook

NAMES = ["주문번호", "주문일시", "상품코드", "수량", "판매가"]
ROWS = [
    ["00123", datetime.fromisoformat("2026-11-22 14:03:05"), "A-1", 2, 12000.5],
    ["7", datetime.fromisoformat("2026-11-23"), 12345, 1, 5.1e3],
]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def several(sheets, packed=False, **more):
    """A workbook of sheets given as (name, rows or XML, attributes)."""
    first = zipfile.ZipFile(io.BytesIO(workbook("x", [["a"]])))
    parts = {name: first.read(name) for name in first.namelist() if "sheet1" not in name and "workbook" not in name}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" {more_}/>' for n, (name, _, more_) in enumerate(sheets, 1)
    )
    parts["xl/workbook.xml"] = f'<workbook {MAIN} xmlns:r="{REL}"><sheets>{listed}</sheets></workbook>'
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    styles = f'<Relationship Id="rId99" Type="{REL}/styles" Target="styles.xml"/>'
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{related}{styles}</Relationships>'
    )
    for n, (_, content, _) in enumerate(sheets, 1):
        if isinstance(content, str):
            parts[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {MAIN}><sheetData>{content}</sheetData></worksheet>"
        else:
            own = zipfile.ZipFile(io.BytesIO(workbook("x", content)))
            parts[f"xl/worksheets/sheet{n}.xml"] = own.read("xl/worksheets/sheet1.xml")
    parts.update(more)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def opened(tmp_path):
    def give(content, limits=USUAL):
        path = tmp_path / "a.xlsx"
        path.write_bytes(content)
        return TextTable(path, limits, fits=fit)

    return give


def rows_of(table):
    return [list(row.values()) for batch in table.batches() for row in batch.select(table.columns).to_pylist()]


def numbers_of(table):
    return [number for batch in table.batches() for number in batch.column(ROW).to_pylist()]


def refusal(opened, content, limits=USUAL):
    with pytest.raises(BadInput) as caught:
        opened(content, limits)
    return str(caught.value)


def test_cells_come_as_a_person_reads_them(opened):
    table = opened(workbook("s", [NAMES, *ROWS]))
    assert (table.kind, table.columns, table.notes) == ("xlsx", NAMES, [])
    assert rows_of(table) == [
        ["00123", "2026-11-22 14:03:05", "A-1", "2", "12000.5"], ["7", "2026-11-23", "12345", "1", "5100"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1"), (0.1 + 0.2, "0.3"), (1e20, "100000000000000000000"), (1e-7, "0.0000001"), (-12.50, "-12.5"),
        (20261122000123.0, "20261122000123"), (123456789012345.0, "123456789012345"), (7, "7"), (" as it is ", " as it is "),
        ("00012", "00012"), (False, "false"),
    ],
)  # fmt: skip
def test_numbers_are_written_without_point_or_exponent_that_nobody_typed(cell, text):
    assert text_of(cell) == text


def test_formulas_are_their_last_value_and_errors_are_empty(opened):
    sheet = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>order_id</t></is></c><c r="B1" t="inlineStr"><is><t>quantity</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>note</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>"A"&amp;1</f><v>A1</v></c><c r="B2"><f>1+1</f><v>2</v></c>'
        '<c r="C2" t="e"><v>#N/A</v></c></row>'
    )
    assert rows_of(opened(several([("s", sheet, "")]))) == [["A1", "2", ""]]


def test_titles_above_and_totals_below_are_skipped_and_said(opened):
    table = opened(workbook("s", [
        ["2026년 11월 주문 내역"], ["다운로드: 2026-11-30", None, None, "모루 커피상회"], [], NAMES, ROWS[0], [], ROWS[1],
        ["합계", None, None, 3, 29101], [], ["※ 부가세 포함"],
    ]))  # fmt: skip
    assert [row[0] for row in rows_of(table)] == ["00123", "7"]
    assert numbers_of(table) == [5, 7]
    assert table.notes == ["2 title rows above the names skipped", "2 rows of totals or notes skipped"]


@pytest.mark.parametrize("word", ["합 계", "총계:", "소계", "合計", "総計", "計", "Total", "Grand Total", "sum"])
def test_totals_are_known_by_their_word(opened, word):
    table = opened(workbook("s", [NAMES, *ROWS, [word, None, None, 3, 1]]))
    assert len(rows_of(table)) == 2


def test_a_sum_without_a_word_is_left_out_where_nothing_follows_it(opened):
    table = opened(workbook("s", [NAMES, ROWS[0], [None, None, None, 3, 1], ROWS[1], [None, None, None, 3, 29101]]))
    assert [row[3] for row in rows_of(table)] == ["2", "3", "1"]


def test_rows_that_say_little_but_whose_they_are_stay(opened):
    """The second line of a Shopify order holds half the cells; it is no sum."""
    table = opened(workbook("s", [
        ["order_id", "when", "who", "state", "product", "quantity", "note"], ["#1", "a", "b", "c", "d", 1, "e"],
        ["#1", None, None, None, "f", 2, None],
    ]))  # fmt: skip
    assert len(rows_of(table)) == 2


def test_of_several_sheets_the_one_that_fits_is_taken_and_named(opened):
    content = several([
        ("안내", [["이 파일은", "주문 내역입니다"], ["문의", "02-555-0100"]], ""), ("주문", [["제목"], NAMES, *ROWS], ""),
        ("요약", [["월", "매출"], ["11", 29101], ["12", 5], ["1", 6]], ""),
    ])  # fmt: skip
    table = opened(content)
    assert table.columns == NAMES
    assert table.notes == ["sheet '주문' of 3", "1 title row above the names skipped"]


def test_hidden_sheets_are_not_looked_at(opened):
    content = several([("a", [["x", "y"], ["1", "2"]], ""), ("b", [NAMES, *ROWS], 'state="hidden"')])
    assert opened(content).columns == ["x", "y"]


def test_a_header_nobody_knows_is_the_first_wide_row_of_words(opened):
    table = opened(workbook("s", [["Report"], ["Farbe", "Menge", "Ort"], ["rot", 1, "Ulm"]]))
    assert table.columns == ["Farbe", "Menge", "Ort"]


def test_columns_without_a_name_are_left_out(opened):
    table = opened(workbook("s", [["order_id", None, "quantity"], ["1", "stray", 2]]))
    assert (table.columns, rows_of(table)) == (["order_id", "quantity"], [["1", "2"]])


def test_a_table_may_begin_anywhere(opened):
    table = opened(workbook("s", [[], [], [None, None, *NAMES], [None, None, *ROWS[0]]]))
    assert (table.columns, numbers_of(table)) == (NAMES, [4])
    assert rows_of(table)[0][0] == "00123"


@pytest.mark.parametrize("rows", [[], [[None]], [["only one cell"]], [[1, 2], [3, 4]]])
def test_a_workbook_without_names_is_refused(opened, rows):
    assert "is a workbook without a row of column names; add one" in refusal(opened, workbook("s", rows))


# what is no workbook


def compound(*names, sector=512):
    """The beginning of an old Office file with a directory of these entries."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
    head[30:32] = (9).to_bytes(2, "little")
    head[48:52] = (2).to_bytes(4, "little")
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return bytes(head) + b"\0" * sector * 2 + entries.ljust(sector * 2, b"\0")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            compound("EncryptionInfo", "EncryptedPackage"),
            "is a workbook under a password; open it, take the password off",
        ),
        (compound("Workbook"), "is a workbook of the old kind (.xls); save it as XLSX"),
        (compound("Book"), "is a workbook of the old kind (.xls)"),
        (compound("WordDocument"), "is an old Office file, no table"),
        (compound()[:100], "is an old Office file, no table"),
        (b"PK\x03\x04....", "cannot be read to its end: File is not a zip file"),
        (workbook("s", [["a", "b"]])[:-30], "cannot be read to its end: "),
        (gzip.compress(b"PK\x03\x04" + b"x" * 100, mtime=0), "is a workbook inside a gz; unpack it first"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "is a web page, as some shops write for .xls"),
    ],
)
def test_what_is_no_xlsx_is_named(opened, content, message):
    assert message in refusal(opened, content)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("content.xml", "is a workbook of another kind than XLSX; save it as XLSX"),
        ("xl/workbook.bin", "is a workbook of another kind than XLSX"),
        ("orders.csv", "is a zip file, no workbook; unpack it and name the files in it"),
    ],
)
def test_other_zip_files_are_named(opened, name, message):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    assert message in refusal(opened, stream.getvalue())


def test_damage_anywhere_is_a_message_and_never_a_crash(opened):
    whole = bytearray(several([("s", [NAMES, *ROWS], "")], packed=True))
    rng = random.Random(3)
    for _ in range(150):
        harmed = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            harmed[rng.randrange(len(harmed))] = rng.randrange(256)
        assert message_of(opened, bytes(harmed)).startswith("/")


def message_of(opened, content):
    """Read a workbook; give what it was refused with, or its folder."""
    try:
        rows_of(opened(content))
    except BadInput as error:
        return str(error)
    return "/"


# bombs

LITTLE = Limits(1_000, 100_000, 50, 50_000)


def test_a_workbook_that_unpacks_to_more_than_is_allowed_is_refused_before_it_is_opened(opened):
    content = several([("s", [NAMES, *ROWS], "")], packed=True, **{"xl/media/a.bin": b"\0" * 60_000})
    assert "bytes, 50,000 are allowed; save it as CSV, or raise collect.max_workbook_bytes" in refusal(
        opened, content, LITTLE
    )


def test_a_workbook_that_unpacks_to_many_times_its_size_is_refused(opened):
    content = several([("s", [NAMES, *ROWS], "")], packed=True, **{"xl/media/a.bin": b"\0" * (80 << 20)})
    assert "times its size, as no workbook of rows does" in refusal(opened, content)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_two_cells_as_far_apart_as_can_be_do_not_fill_the_memory(opened, quote):
    """Readers hold every cell between the corners (calamine issue 693): 17 thousand million of them."""
    last = f'<row r="1048576"><c s="1" r = {quote}XFD1048576{quote}><v>2</v></c></row>'
    far = f'<row r="1"><c r="A1"><v>1</v></c></row>{last}'
    assert "has cells up to row 1,048,576 and column 16,384, too many to hold" in refusal(
        opened, several([("s", far, "")])
    )


def test_formats_far_below_the_table_are_no_cells(opened):
    own = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
    far = own + '<row r="2"><c r="A2"><v>1</v></c></row><row r="9"><c r="XFD9" s="1"/></row>'
    assert rows_of(opened(several([("s", far, "")]))) == [["1", ""]]


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_the_corner_of_a_sheet_is_found_however_its_bytes_arrive(size):
    second = b'<row r="2"><c r="B2"><v>1</v></c><c r="AB2" t="s"><v>0</v></c></row>'
    xml = b"<sheetData>" + second + b'<row r="40"><c r="C40"><v>1</v></c></row>'
    assert corner(xml[i : i + size] for i in range(0, len(xml), size)) == (40, 28)


def test_cells_without_an_address_follow_one_another():
    xml = b"<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row><row><c><v>1</v></c></row>"
    assert corner([xml]) == (2, 3)
