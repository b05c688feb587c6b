"""The register of capabilities says what the tests show, no more and no less."""

from collections import Counter

import pytest

ROWS = {"C": 12, "U": 10, "R": 18, "D": 23, "V": 17, "J": 11, "M": 12, "O": 12}


@pytest.fixture(scope="module")
def register(load_script):
    return load_script("tests/acceptance/register.py")


@pytest.fixture(scope="module")
def owed(register):
    return register.read_register()


def test_tests_and_register_name_the_same_rows_and_parts(owed):
    assert not owed.problems, "\n".join(owed.problems)


def test_the_capabilities_page_is_up_to_date(register, owed, repo):
    page = (repo / register.PAGE).read_text(encoding="utf-8")
    assert page == register.as_page(owed), "docs/capabilities.md is out of date: run `make rows`"


def test_every_row_and_example_is_registered_once(owed):
    ids = [row.id for row in owed.rows]
    assert ids == [f"{letter}{number:02}" for letter, n in ROWS.items() for number in range(1, n + 1)]
    assert [case.id for case in owed.examples] == [f"example_{number:02}" for number in range(1, 44)]


def test_every_part_is_owed_by_a_known_step(register, owed):
    steps = {part.step for entry in (*owed.rows, *owed.examples) for part in entry.parts}
    assert steps <= {*map(int, owed.steps), register.LATER}


def test_keys_are_unique_within_a_row(owed):
    for entry in (*owed.rows, *owed.examples):
        keys = Counter(part.key for part in entry.parts)
        assert max(keys.values()) == 1, entry.id


@pytest.fixture
def small(register, tmp_path):
    """A register of three rows and one example; call it with the source of the tests."""
    rows = """
        landed = {landed}
        [steps]
        1 = "first"
        [rows.A01]
        name = "whole"
        step = 2
        [rows.A02]
        name = "in parts"
        parts = [
          {{ key = "one", step = 1, what = "the one" }},
          {{ key = "one_more", step = 2, what = "the other" }},
        ]
        [rows.A03]
        name = "elsewhere"
        parts = [{{ key = "seen", step = 2, what = "seen", tests = ["tests/test_else.py::test_seen"] }}]
    """
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_else.py").write_text("def test_seen(): ...\n")
    (tmp_path / "examples.toml").write_text('[examples.7]\nname = "tea → honey"\nstep = 2\n')

    def read(source="", landed=0):
        (tmp_path / "rows.toml").write_text(rows.format(landed=landed))
        (tmp_path / "test_rows.py").write_text(source)
        found = register.read_register(tmp_path, tmp_path)
        return {entry.id: entry for entry in (*found.rows, *found.examples)}, found.problems

    return read


def test_a_row_without_tests_is_not_yet_and_names_its_steps(small):
    entries, problems = small()
    assert (entries["A02"].state, entries["A02"].remainder) == ("not yet", "steps 1, 2")
    assert not problems


def test_a_row_is_part_until_its_last_part_has_a_test(small):
    entries, _ = small("def test_a02_one_works(): ...\n")
    assert (entries["A02"].state, entries["A02"].remainder) == ("part", "the other (step 2)")
    entries, _ = small("def test_a02_one(): ...\ndef test_a02_one_more_works(): ...\n")
    assert (entries["A02"].state, entries["A02"].remainder) == ("shown", "")


def test_a_row_owed_as_a_whole_is_shown_by_any_test_of_its_name(small):
    entries, _ = small("class TestIt:\n    async def test_a01_anything(self): ...\ndef test_example_07(): ...\n")
    assert entries["A01"].state == entries["example_07"].state == "shown"


def test_a_skipped_test_shows_nothing(small):
    entries, _ = small("import pytest\n@pytest.mark.skip(reason='later')\ndef test_a01_anything(): ...\n")
    assert entries["A01"].state == "not yet"


def test_a_part_may_be_shown_by_a_test_elsewhere(small, tmp_path):
    entries, _ = small()
    assert entries["A03"].state == "shown"
    (tmp_path / "tests/test_else.py").write_text("")
    assert small()[1] == ("A03: no such test: tests/test_else.py::test_seen",)


def test_an_unknown_row_or_part_is_named_with_its_place(small):
    _, problems = small("def test_z99_what(): ...\ndef test_a02_two(): ...\n")
    assert problems == (
        "test_rows.py:2: test_a02_two shows no part of A02; its parts: one, one_more",
        "test_rows.py:1: no such row or example: test_z99_what",
    )


def test_once_a_step_has_landed_each_of_its_parts_needs_a_test(small):
    _, problems = small(landed=1)
    assert problems == ("A02: step 1 has landed but no test shows: the one",)
