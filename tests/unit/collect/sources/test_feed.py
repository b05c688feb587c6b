"""Feeds in XML: streamed, without entities, each element of an item a column."""

import tracemalloc

import pytest

from crosslift.collect.sources.reading import TextTable
from crosslift.collect.sources.streams import USUAL, Limits
from crosslift.errors import BadInput

RSS = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{}</channel></rss>'
LITTLE = Limits(line_bytes=1_000, unpacked_bytes=1 << 30, unpacked_ratio=250, workbook_bytes=1 << 30)


@pytest.fixture
def items(write):
    def give(content, limits=USUAL):
        table = TextTable(write("feed.xml", content), limits)
        return table.columns, [row for batch in table.batches() for row in batch.to_pylist()]

    return give


def refusal(items, content, limits=USUAL):
    with pytest.raises(BadInput) as caught:
        items(content, limits)
    return str(caught.value)


def test_elements_of_items_are_columns_and_those_missing_are_null(items):
    assert items(RSS.format("<title>Shop</title><item><id> 1 </id><b>x</b></item><item><id>2</id></item>")) == (
        ["id", "b"], [{"id": "1", "b": "x"}, {"id": "2", "b": None}],
    )  # fmt: skip


def test_what_google_names_counts_before_what_rss_names(items):
    one = (
        "<item><title>rss</title><g:title>google</g:title><g:title>second</g:title><description>d</description></item>"
    )
    other = "<item><g:title>google</g:title><title>rss</title></item>"
    _, rows = items(RSS.format(one + other))
    assert [row["title"] for row in rows] == ["google", "google"]


def test_elements_within_elements_are_no_columns(items):
    columns, rows = items(RSS.format("<item><id>1</id><g:shipping><g:price>5 USD</g:price></g:shipping></item>"))
    assert (columns, rows) == (["id"], [{"id": "1"}])


def test_atom_links_are_attributes_and_text_may_be_quoted(items):
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="https://x.example/1"/>'
    _, rows = items(atom + "<summary><![CDATA[a < b &amp; c]]></summary><title>R&amp;D &#44608;</title></entry></feed>")
    assert rows == [{"id": "1", "link": "https://x.example/1", "summary": "a < b &amp; c", "title": "R&D 김"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_other_encodings_are_read(items, encoding):
    content = RSS.format("<item><id>1</id><title>한국어 머그잔입니다</title></item>")
    assert items(content.encode(encoding))[1] == [{"id": "1", "title": "한국어 머그잔입니다"}]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>', '<!DOCTYPE r SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "<!DOCTYPE rss>",
    ],
)  # fmt: skip
def test_a_document_type_is_refused_before_any_entity_counts(items, doctype):
    assert "declares a document type; a feed needs none" in refusal(
        items, f"<?xml version='1.0'?>{doctype}" + RSS.format("<item><id>1</id></item>")
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (RSS.format("<item><id>1</item>"), "is no well-formed XML: mismatched tag: line 1"),
        (RSS.format("<item><id>1</id></item>")[:-9], "is no well-formed XML: "),
        (RSS.format("<item><id>&nbsp;</id></item>"), "is no well-formed XML: undefined entity"),
        (RSS.format(""), "holds no items; a feed in RSS or Atom is expected"),
        ("<html><body><table><tr><td>a</td></tr></table></body></html>", "is a web page, as some shops write for .xls"),
        ("<!DOCTYPE html><html></html>", "is a web page"),
        ('<table border="1"><tr><td>주문번호</td></tr></table>', "is a web page"),
    ],
)
def test_what_is_no_feed_is_said(items, content, message):
    assert message in refusal(items, content)


@pytest.mark.parametrize(
    "inner",
    ["<id>" + "x" * 2_000_000 + "</id>", "<a>x</a>" * 300_000, "<id a='" + "x" * 2_000_000 + "'/>"],
    ids=["text", "elements", "attribute"],
)
def test_an_item_longer_than_a_record_may_be_is_refused(items, inner):
    tracemalloc.start()
    try:
        assert "is longer than 1,000 bytes" in refusal(items, RSS.format(f"<item>{inner}</item>"), LITTLE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20
