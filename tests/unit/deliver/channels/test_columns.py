"""Columns: no line too wide, words whole, nothing that moves a printer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.deliver.channels.columns import columns, plain, row, wrapped


@given(st.text(max_size=200), st.integers(8, 60), st.integers(0, 2))
def test_no_line_is_wider_than_the_paper_whatever_the_text(text, width, indent):
    lines = wrapped(text, width, indent)
    assert lines
    assert all(columns(line) <= width for line in lines)


@given(st.text(max_size=120), st.integers(8, 60))
def test_wrapping_loses_no_letter(text, width):
    whole = "".join(plain(text).split())
    assert "".join("".join(line.split()) for line in wrapped(text, width)) == whole


@given(st.text(max_size=60), st.text(max_size=30), st.integers(20, 60))
def test_a_row_ends_with_its_figure_at_the_edge(left, right, width):
    lines = row(left, right, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join((plain(left) + plain(right)).split())


@pytest.mark.parametrize(
    "text", ["Cut \x1bi the paper", "bell\x07", "two\r\nlines", "\u202eturned", "zero\u200bwidth", "\x9b2J"]
)
def test_what_controls_a_printer_is_left_out(text):
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u200b" for c in plain(text))


def test_wide_letters_take_two_columns_and_marks_none():
    assert [columns(one) for one in ("a", "가", "漢", "ｱ", "é", "e\u0301")] == [1, 2, 2, 1, 1, 1]


def test_korean_words_stay_whole_and_keep_their_numbers():
    assert wrapped("주문 127건에 담겼어요.", 10) == ["주문", "127건에", "담겼어요."]


def test_japanese_lines_never_begin_with_a_closing_mark():
    lines = wrapped("「円すいドリッパー」と一緒に、127件の注文で購入されています。", 12)
    assert not any(line[0] in "、。」）" for line in lines)
    assert not any(line[-1] in "「（" for line in lines)


def test_a_figure_that_does_not_fit_stands_on_a_line_of_its_own():
    assert row("Yearly maintenance", "₩1,234,567", 20) == ["Yearly maintenance", "          ₩1,234,567"]
