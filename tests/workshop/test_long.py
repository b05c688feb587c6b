"""`make test-long` finds its suites, remembers what passed, and keeps the numbers."""

import subprocess

import pytest

REPORT = """<testsuites><testsuite><testcase name="a">
<properties><property name="n_false" value="1"/></properties>
<system-out>--------- Captured Out ---------
coverage 0.951 of 10000\tdraws
done
</system-out></testcase>{more}</testsuite></testsuites>"""


@pytest.fixture(scope="module")
def long(load_script):
    return load_script("tests/long.py")


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "tests").mkdir()
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    (tmp_path / "tests/test_a.py").write_text("import pytest\n\n@pytest.mark.long\ndef test_it(): ...\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    return tmp_path


def test_suites_are_the_files_with_a_long_test(long, tmp_path):
    (tmp_path / "tests/deep").mkdir(parents=True)
    for name, text in {
        "tests/test_none.py": 'SAID = "@pytest.mark.long"\n\n\ndef test_it(): ...\n',
        "tests/test_one.py": "@pytest.mark.long\ndef test_it(): ...\n",
        "tests/deep/test_all.py": "pytestmark = [pytest.mark.data, pytest.mark.long]\n",
        "tests/deep/test_case.py": "CASES = [pytest.param(1, marks=pytest.mark.long)]\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert long.find_suites(tmp_path) == [
        "tests/deep/test_all.py",
        "tests/deep/test_case.py",
        "tests/test_one.py",
    ]


def test_the_commit_says_when_files_differ_from_it_but_not_for_its_own_results(long, checkout):
    commit = long.find_commit(checkout)
    assert len(commit) == 12
    long.append(checkout / long.RESULTS, ("d", commit, "m", "s", "passed", "1.0", ""))
    assert long.find_commit(checkout) == commit
    (checkout / "tests/test_a.py").write_text("")
    assert long.find_commit(checkout) == commit + "+"


def test_outside_a_checkout_nothing_counts_as_passed(long, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert long.find_commit(tmp_path) == "unknown+"


def test_only_what_passed_on_this_very_commit_is_skipped(long, tmp_path):
    results = tmp_path / "results/long.tsv"
    assert long.find_passed(results, "abc") == set()
    for commit, suite, outcome in (
        ("abc", "tests/test_a.py", "failed"),
        ("abc", "tests/test_a.py", "passed"),
        ("abc", "tests/test_b.py", "incomplete"),
        ("old", "tests/test_c.py", "passed"),
        ("abc+", "tests/test_d.py", "passed"),
    ):
        long.append(results, ("date", commit, "machine", suite, outcome, "1.0", ""))
    assert long.find_passed(results, "abc") == {"tests/test_a.py"}
    assert long.find_passed(results, "abc+") == set()
    assert results.read_text().splitlines()[0] == "\t".join(long.COLUMNS)


def test_printed_and_recorded_numbers_become_one_line(long, tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT.format(more=""))
    assert long.read_report(report) == (False, "n_false=1; coverage 0.951 of 10000 draws")
    report.write_text(REPORT.format(more="<testcase name='b'><skipped/></testcase>"))
    assert long.read_report(report)[0]
