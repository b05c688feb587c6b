import pytest

from crosslift.cli import output
from crosslift.errors import BadInput, NotReady


@pytest.mark.parametrize(("text", "columns"), [("tea", 3), ("홍차", 4), ("紅茶 x", 6), ("", 0)])
def test_korean_and_japanese_characters_take_two_columns(text, columns):
    assert output.width(text) == columns


def test_tables_line_up_in_every_script(capsys):
    output.table(("title", "orders"), [("홍차", 1234), ("tea", None)], right=(1,))
    assert capsys.readouterr().out.splitlines() == ["  title  orders", "  홍차    1,234", "  tea         –"]


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (0.25, "0.2500"), (1234, "1,234"), ("x", "x")])
def test_cells(value, shown):
    assert output._cell(value) == shown


def test_titles_are_cut_to_a_width():
    assert output.shorten("a long title", 6) == "a lon…"
    assert output.shorten("short", 5) == "short"


def test_an_error_is_a_message_on_stderr_and_its_exit_code(capsys):
    assert output.fail(NotReady("not yet"), debug=False, as_json=False) == 5
    assert capsys.readouterr() == ("", "crosslift: not yet\n")


def test_further_problems_follow_the_message(capsys):
    error = BadInput("3 cells", where="f.csv", problems=("row 2", "row 3", "row 4"))
    assert output.fail(error, debug=False, as_json=True) == 1
    said = capsys.readouterr()
    assert said.err == "crosslift: f.csv: 3 cells\n  row 3\n  row 4\n"
    assert (
        said.out
        == '{"error": {"code": "bad_input", "message": "f.csv: 3 cells", "problems": ["row 2", "row 3", "row 4"]}}\n'
    )


def test_json_keeps_the_characters_people_wrote(capsys):
    output.as_json({"b": "홍차", "a": 1})
    assert capsys.readouterr().out == '{"a": 1, "b": "홍차"}\n'


def test_progress_is_silent_where_nobody_watches(capsys):
    with output.progress() as report:
        report("step", 1, 2)
    assert capsys.readouterr() == ("", "")
