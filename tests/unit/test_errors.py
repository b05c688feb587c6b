"""One short tree of errors: two branches that matter to a caller, stable codes, the drawing at its top."""

import inspect
import re

import pytest

from crosslift import errors
from crosslift.errors import BadInput, CrossliftError, TryAgain, WillNotWork

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, CrossliftError)]


def test_every_error_is_transient_or_terminal():
    for each in CLASSES:
        if each is not CrossliftError:
            assert issubclass(each, TryAgain) != issubclass(each, WillNotWork)


def test_codes_are_stable_and_differ():
    codes = {each.code for each in CLASSES}
    assert len(codes) == len(CLASSES)
    assert {each.code for each in CLASSES} == {re.sub(r"(?<!^)(?=[A-Z])", "_", e.__name__).lower() for e in CLASSES} - {
        "crosslift_error",
    } | {"error"}  # fmt: skip


def test_exit_codes_are_those_of_the_design():
    special = {"not_ready": 5, "bad_usage": 2, "quality_gate": 3, "conflict": 4}
    for each in CLASSES:
        assert each.exit_code == special.get(each.code, 1)


def test_the_drawing_shows_every_error_below_its_parent():
    depth_of, stack = {}, {}
    for row in re.findall(r"^    ([│ ]*)(?:[├└]── )?(\w+)", errors.__doc__, re.M):
        depth_of[row[1]] = len(row[0]) // 4 + (row[1] != "CrossliftError")
        stack[depth_of[row[1]]] = row[1]
        if row[1] != "CrossliftError":
            assert getattr(errors, row[1]).__base__.__name__ == stack[depth_of[row[1]] - 1]
    assert set(depth_of) == {each.__name__ for each in CLASSES}


@pytest.mark.parametrize(("where", "text"), [(None, "wrong"), ("a.csv, row 3", "a.csv, row 3: wrong")])
def test_bad_input_says_where(where, text):
    error = BadInput("wrong", where=where, problems=("one",))
    assert (str(error), error.where, error.problems) == (text, where, ("one",))
