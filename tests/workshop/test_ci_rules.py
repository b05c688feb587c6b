"""In CI a skipped browser test is a failure; data tests may skip only where the data are absent."""

import os
import shutil
import subprocess
import sys

import pytest

SOURCE = """
import pytest

@pytest.mark.browser
def test_page():
    pytest.skip("no Chromium")

@pytest.mark.data
def test_rows():
    pytest.skip("file moved")

def test_real_orders(shared):
    assert (shared / "data").is_dir()

def test_other():
    pytest.skip("only on Tuesdays")

@pytest.mark.browser
@pytest.mark.xfail(strict=True)
def test_known_gap():
    raise AssertionError
"""
MARKERS = "[pytest]\nmarkers =\n    browser: needs Chromium\n    data: needs data\n"


@pytest.fixture
def run(tmp_path, repo):
    """Run the source above in a checkout of its own, with the shared data or without."""

    def run(*, ci, has_data, folder="tests/unit", source=SOURCE):
        checkout = tmp_path / "checkout"
        (checkout / folder).mkdir(parents=True)
        shutil.copy(repo / "tests/conftest.py", checkout / "tests")
        (checkout / "pytest.ini").write_text(MARKERS)
        (checkout / folder / "test_it.py").write_text(source)
        if has_data:
            (tmp_path / "shared/data").mkdir(parents=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
        environment = {**os.environ, "CI": "true" if ci else ""}
        return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True).stdout

    return run


def test_on_a_developers_machine_skips_stay_skips(run):
    said = run(ci=False, has_data=False)
    assert "4 skipped, 1 xfailed" in said
    assert "2 data tests skipped: ../shared/data is not here" in said


def test_in_ci_a_skipped_browser_test_fails_and_absent_data_are_told(run):
    said = run(ci=True, has_data=False)
    assert "1 failed, 3 skipped, 1 xfailed" in said
    assert "skipped in CI, where browser and data tests must run" in said
    assert "2 data tests skipped: ../shared/data is not here" in said


def test_in_ci_a_data_test_may_not_skip_where_the_data_are(run):
    said = run(ci=True, has_data=True)
    assert "2 failed, 1 passed, 1 skipped, 1 xfailed" in said


def test_in_ci_a_browser_file_may_not_be_skipped_as_a_whole(run):
    source = 'import pytest\n\npytest.importorskip("no_such_browser")\n\ndef test_page(): ...\n'
    said = run(ci=True, has_data=True, folder="tests/browser", source=source)
    assert "the whole file is skipped in CI" in said
    assert "1 error" in said
