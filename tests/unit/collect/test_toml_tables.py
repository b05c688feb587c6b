from decimal import Decimal

import pytest

from crosslift.collect.toml_tables import read_tables
from crosslift.errors import BadInput


def test_tables_are_read_in_order_and_numbers_as_asked(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("[[things]]\nn = 0.1\n\n[[things]]\nn = 2\n", encoding="utf-8")
    assert read_tables(path, "things", Decimal) == [{"n": Decimal("0.1")}, {"n": 2}]


@pytest.mark.parametrize("text", ["[things]\n", "[[things]]\n[[others]]\n", "", "[[things]\n", "things = 3\n"])
def test_a_file_of_something_else_is_refused_by_its_name(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"a\.toml"):
        read_tables(path, "things")


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    for name in ("a.toml", "b.toml"):
        with pytest.raises(BadInput, match="cannot be read"):
            read_tables(tmp_path / name, "things")
