"""Text in Korean, Japanese and Unicode encodings is read as it is; a byte that does not fit is named."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect.sources.encodings import AsUtf8, decide, forced, shown
from crosslift.collect.sources.reading import TextTable
from crosslift.errors import BadInput, BadUsage

KOREAN = "주문번호,상품명\n1,에티오피아 예가체프 원두\n2,똠방각하 펲시콜라\n"
JAPANESE = "注文番号,商品名\n1,コーヒー豆（浅煎り）①\n2,髙島屋の珈琲\n"
PLACE = Path("a.csv")


class Drip(io.RawIOBase):
    """Gives its bytes in pieces of a size."""

    def __init__(self, raw, size):
        super().__init__()
        self._stream, self._size = io.BytesIO(raw), size

    def read(self, size=-1):
        return self._stream.read(self._size)


def read(raw, size=1 << 20, encoding=None):
    stream = AsUtf8(Drip(raw, size), PLACE, encoding)
    return b"".join(iter(lambda: stream.read(size), b"")).decode(), stream.encoding


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (KOREAN, "cp949", "cp949"), (KOREAN.replace("똠방각하 펲시콜라", "원두"), "euc_kr", "cp949"),
        (JAPANESE, "cp932", "cp932"),
        (JAPANESE.replace("①", "").replace("髙", "高"), "shift_jis", "cp932"), (KOREAN, "utf-8", "utf-8"),
        (JAPANESE, "utf-8", "utf-8"), ("a,b\n1,2\n", "ascii", None), ("é,ü\n", "utf-8", "utf-8"),
    ],
)  # fmt: skip
def test_the_encoding_is_told_by_the_first_letters_beyond_ascii(text, encoding, told):
    assert read(text.encode(encoding)) == (text, told)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_by_its_mark(tmp_path, encoding):
    path = tmp_path / "a.csv"
    mark = "" if encoding == "utf-16" else "\ufeff"
    path.write_bytes((mark + KOREAN).encode(encoding))
    table = TextTable(path)
    assert table.columns == ["주문번호", "상품명"]
    assert [row["상품명"] for batch in table.batches() for row in batch.to_pylist()][1] == "똠방각하 펲시콜라"
    assert table.notes == ["read as UTF-16"]


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl", "tsv"])
@pytest.mark.parametrize(("text", "encoding", "name"), [(KOREAN, "cp949", "CP949"), (JAPANESE, "cp932", "Shift_JIS")])
def test_every_kind_of_text_file_may_be_in_it(tmp_path, kind, text, encoding, name):
    second = text.splitlines()[1].split(",")[1]
    if kind == "jsonl":
        text = f'{{"a":"x","b":"{second}"}}\n'
    raw = (text.replace(",", "\t") if kind == "tsv" else text).encode(encoding)
    path = tmp_path / f"a.{kind}"
    path.write_bytes(gzip.compress(raw) if kind.endswith("gz") else raw)
    table = TextTable(path)
    rows = [list(row.values()) for batch in table.batches() for row in batch.to_pylist()]
    assert rows[0][1] == second
    assert table.notes == [f"read as {name}"]


def test_an_encoding_met_only_late_in_the_file_is_told_all_the_same(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,plain\n" * 300_000 + "2,커피 원두\n".encode("cp949"))
    table = TextTable(path)
    last = [batch.to_pylist()[-1] for batch in table.batches()][-1]
    assert last == {"a": "2", "b": "커피 원두"}
    assert table.notes == ["read as CP949"]


@given(
    lines=st.lists(st.text(alphabet="가각간갇힣커피원두ab,\n ", min_size=1, max_size=30), min_size=1, max_size=20),
    size=st.integers(1, 7),
)
def test_letters_are_whole_however_the_bytes_arrive(lines, size):
    text = "커피 원두," + "\n".join(lines)
    assert read(text.encode("cp949"), size, "cp949")[0] == text
    assert read(text.encode("utf-8"), size)[0] == text
    assert read(text.encode("utf-16"), size, "utf-16")[0] == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            "a\n가나다라\n마바".encode("cp949") + b"\xff\n",
            "a.csv, line 3: byte 0xff is not CP949, as the text before it is",
        ),
        ("a\nコーヒー\n豆".encode("cp932") + b"\x81\xff\n", "a.csv, line 3: byte 0x81 is not Shift_JIS"),
        ("a\n가나다라마바사\n".encode() + b"\xff\n", "a.csv, line 3: byte 0xff is not UTF-8"),
        (b"a\nb\ncaf\xe9 cr\xe8me\n", "a.csv, line 3: byte 0xe9 is not UTF-8 (it may be Latin-1 or Windows-1252)"),
        ("a\n가나다라마바사".encode()[:-1], "a.csv, line 2: byte 0xec is not UTF-8"),
        ("가나다라\n마".encode("cp949")[:-1], "a.csv, line 2: byte 0xb8 is not CP949"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1 << 20])
def test_a_wrong_byte_is_named_with_its_line(raw, message, size):
    if size == 1 and "may be" in message:
        message = message.partition(" (")[0]  # of one letter nobody can tell what it is
    encoding = None if "UTF-8" in message else "cp932" if "JIS" in message else "cp949"
    with pytest.raises(BadInput) as caught:
        read(raw, size, encoding)
    assert str(caught.value).startswith(message)


def test_korean_is_not_taken_for_japanese_nor_the_other_way_round():
    assert decide("커피".encode("cp949")) == "cp949"
    assert decide("抹茶".encode("cp932")) == "cp932"
    assert decide("珈琲豆です".encode("cp932")) == "cp932"
    assert decide("르뱅쿠키 뚱낭시에 휘낭시에".encode("cp949")) == "cp949"


@pytest.mark.parametrize(
    "text", ["café crème", "Größe Müller für Räder", "Men’s – “large”", "naïve façade", "Łódź Żółć"]
)
def test_western_letters_are_taken_for_neither(text):
    for encoding in ("cp1252", "cp1250", "latin-1"):
        raw = text.encode(encoding, errors="ignore")
        start = next((place for place, byte in enumerate(raw) if byte > 127), None)
        assert start is None or decide(raw[start:]) is None


@pytest.mark.parametrize("n_before", range(996, 1001))
def test_the_edge_of_a_block_cuts_no_letter_that_decides(n_before):
    text = "x" * n_before + KOREAN
    stream = AsUtf8(io.BytesIO(text.encode("cp949")), PLACE)
    assert b"".join(iter(lambda: stream.read(1_000), b"")).decode() == text
    assert stream.encoding == "cp949"


def test_mostly_unicode_with_a_wrong_byte_stays_unicode():
    assert decide("가나다라마바사".encode() + b"\xff" + "아자차카".encode()) == "utf-8"


def test_an_encoding_can_be_forced_by_any_of_its_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\n1,Größe\n".encode("cp1252"))
    table = TextTable(path, encoding="windows-1252")
    assert [row for batch in table.batches() for row in batch.to_pylist()] == [{"a": "1", "b": "Größe"}]
    assert table.notes == ["read as cp1252"]
    assert (forced("KS_C_5601-1987"), forced("SJIS"), forced("UTF8")) == ("cp949", "cp932", "utf-8")
    assert shown(forced("euc-kr")) == "CP949"


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", ""])
def test_an_unknown_encoding_is_usage(name):
    with pytest.raises(BadUsage, match="no encoding is called"):
        forced(name)
