"""Run the long tests, one suite (file) at a time, and keep a line for each: `make test-long`.

Resumable: a suite that already passed on this very commit is not run again. Uncommitted changes make the
commit end in `+`, and then nothing counts as passed before. Numbers a test prints, or hands to pytest's
`record_property`, stand at the end of its line. Outcome `incomplete`: passed, but a test was skipped.

    python tests/long.py [--again] [words ...]

--again runs also what passed before; words choose the suites whose path holds one of them.
"""

import argparse
import ast
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

REPO = Path(__file__).resolve().parent.parent
RESULTS = Path("benchmarks/results/long.tsv")
COLUMNS = ("date", "commit", "machine", "suite", "outcome", "seconds", "numbers")


def main() -> int:
    """Run what has not passed yet; give 1 if anything failed."""
    plain = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    options.add_argument("words", nargs="*")
    options.add_argument("--again", action="store_true")
    chosen = options.parse_args()

    commit, host = find_commit(REPO), machine()
    done = set() if chosen.again else find_passed(REPO / RESULTS, commit)
    failed = 0
    for suite in find_suites(REPO):
        if chosen.words and not any(word in suite for word in chosen.words):
            continue
        if suite in done:
            print(f"{suite}: passed before on {commit}")
            continue
        print(f"{suite} ...", flush=True)
        outcome, seconds, numbers = run(suite)
        append(REPO / RESULTS, (_now(), commit, host, suite, outcome, f"{seconds:.1f}", numbers))
        print(f"{suite}: {outcome} in {seconds:.1f} s  {numbers}", flush=True)
        failed += outcome == "failed"
    return int(failed > 0)


def find_suites(repo: Path) -> list[str]:
    """Name the test files that hold a test marked `long`."""
    files = sorted((repo / "tests").rglob("test_*.py"))
    return [str(file.relative_to(repo)) for file in files if _names_the_mark(file.read_text(encoding="utf-8"))]


def _names_the_mark(source: str) -> bool:
    names = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute))
    return "mark.long" in source and any(ast.unparse(name) == "pytest.mark.long" for name in names)


def find_commit(repo: Path) -> str:
    """Name the commit; `+` at the end where files differ from it, `unknown` outside a checkout."""
    try:
        commit = _git(repo, "rev-parse", "--short=12", "HEAD")
        changed = _git(repo, "status", "--porcelain", "--", ".", f":!{RESULTS.parent}")
    except (OSError, subprocess.CalledProcessError):
        return "unknown+"
    return commit + ("+" if changed else "")


def find_passed(results: Path, commit: str) -> set[str]:
    """Name the suites that passed on this commit; none for a commit with changes on top."""
    if commit.endswith("+") or not results.exists():
        return set()
    rows = (line.split("\t") for line in results.read_text(encoding="utf-8").splitlines()[1:])
    return {row[3] for row in rows if len(row) >= 5 and row[1] == commit and row[4] == "passed"}


def run(suite: str) -> tuple[str, float, str]:
    """Run one suite; give outcome, seconds and the numbers it printed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", "long", "--tb=short", f"--junitxml={report}"]
        command += ["-o", "junit_logging=system-out", "-o", "junit_family=xunit1", suite]
        started = time.monotonic()
        code = subprocess.run(command, cwd=REPO).returncode
        seconds = time.monotonic() - started
        if not report.exists():
            return "failed", seconds, f"pytest ended with {code}"
        has_skips, numbers = read_report(report)
    return "failed" if code else "incomplete" if has_skips else "passed", seconds, numbers


def read_report(report: Path) -> tuple[bool, str]:
    """Say whether a test was skipped, and give what the tests printed and recorded as one line."""
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314
    found: list[str] = []
    for case in cases:
        found += [f"{one.get('name')}={one.get('value')}" for one in case.iter("property")]
        for output in case.iter("system-out"):
            found += [line.strip() for line in (output.text or "").splitlines() if re.search(r"\d", line)]
    return any(case.find("skipped") is not None for case in cases), " ".join("; ".join(found).split())[:4000]


def append(results: Path, row: tuple[str, ...]) -> None:
    """Add one line, with the header first where the file is new."""
    results.parent.mkdir(parents=True, exist_ok=True)
    is_new = not results.exists()
    with results.open("a", encoding="utf-8") as file:
        if is_new:
            file.write("\t".join(COLUMNS) + "\n")
        file.write("\t".join(row) + "\n")


def machine() -> str:
    """Name processor, cores, memory and Python, as benchmarks do."""
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        models = [line.split(":")[1] for line in info.splitlines() if line.startswith("model name")]
        processor = models[0].strip()
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (OSError, IndexError, ValueError):
        return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def _git(repo: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=repo, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    sys.exit(main())
