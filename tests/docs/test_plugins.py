"""The page on plugins: the package in it is the one of the repository, its tests run, and what it names exists."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

from crosslift.domain.plugin import API_VERSION, Kind
from crosslift.settings import KNOBS

BLOCK = re.compile(r"```(\w+)\n(.*?)\n```", re.DOTALL)


@pytest.fixture(scope="module")
def page(repo):
    return (repo / "docs/plugins.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def package(repo):
    return repo / "examples/crosslift-sample-plugin"


def test_every_file_of_the_package_stands_on_the_page_as_it_is(page, package):
    blocks = [text for _, text in BLOCK.findall(page)]
    files = [package / "pyproject.toml", *(package / "src/crosslift_sample").glob("[a-z]*.py")]
    assert len(files) == 6
    assert [file.name for file in files if file.read_text(encoding="utf-8").rstrip() not in blocks] == []


def test_the_package_has_one_of_each_kind_and_the_table_names_each(page, package):
    made = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert {kind: len(points) for kind, points in made.items()} == {kind.group: 1 for kind in Kind}
    assert set(re.findall(r"`(crosslift\.\w+)` \|", page)) == {kind.group for kind in Kind}


def test_its_tests_run(page, package, tmp_path):
    (tests,) = (text for _, text in BLOCK.findall(page) if "class TestSeason(" in text)
    (tmp_path / "test_mine.py").write_text(tests, encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(package / "src"), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout


def test_settings_and_version_are_those_of_the_code(page):
    named = set(re.findall(r"`(plugins\.\w+)`", page))
    assert named == {knob.name for knob in KNOBS if knob.name.startswith("plugins.")} - {"plugins.enabled"}
    assert f"`api_version` is not {API_VERSION}" in page
