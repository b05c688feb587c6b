"""What crosslift can show today: every capability, every example, and the tests that show it.

    python tests/acceptance/register.py                                 print the register
    python tests/acceptance/register.py --write docs/capabilities.md    and write the page
    python tests/acceptance/register.py --check                         say what does not fit, exit 1

The register itself is `rows.toml` and `examples.toml` beside this file; how a test is named is told there.
A state is computed, never written down: `shown` when every part has a test, `part` when some have, else
`not yet`.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
PAGE = Path("docs/capabilities.md")
TEST = re.compile(r"test_(?P<id>[a-z]\d\d|example_\d\d)(?:_(?P<rest>\w+))?$")
LATER = "later"


@dataclass(frozen=True)
class Part:
    """A piece of a row that can be shown by itself, the step that owes it, and the tests that show it."""

    key: str
    what: str
    step: int | str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A capability row or an example."""

    id: str
    name: str
    parts: tuple[Part, ...]

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts without a test."""
        return tuple(part for part in self.parts if not part.tests)

    @property
    def state(self) -> str:
        """One of `shown`, `part`, `not yet`."""
        if not self.missing:
            return "shown"
        return "part" if len(self.missing) < len(self.parts) else "not yet"

    @property
    def remainder(self) -> str:
        """What is missing and which step owes it, in words."""
        if self.state == "not yet":
            return _owed_by(*(part.step for part in self.missing))
        return "; ".join(f"{part.what} ({_owed_by(part.step)})" for part in self.missing)


@dataclass(frozen=True)
class Register:
    """Everything owed, everything shown, and what does not fit together."""

    steps: dict[str, str]
    rows: tuple[Entry, ...]
    examples: tuple[Entry, ...]
    problems: tuple[str, ...]


def read_register(folder: Path = HERE, repo: Path = REPO) -> Register:
    """Read both lists and join them with the tests of `folder`."""
    head = tomllib.loads((folder / "rows.toml").read_text(encoding="utf-8"))
    cases = tomllib.loads((folder / "examples.toml").read_text(encoding="utf-8"))
    found = dict(find_tests(folder))
    problems: list[str] = []
    rows = tuple(_entry(id_, row, found, repo, problems) for id_, row in head["rows"].items())
    examples = tuple(
        _entry(f"example_{int(number):02}", case, found, repo, problems) for number, case in cases["examples"].items()
    )
    problems += [f"{place}: no such row or example: {name}" for name, place in found.items()]
    for entry in (*rows, *examples):
        problems += [
            f"{entry.id}: step {part.step} has landed but no test shows: {part.what}"
            for part in entry.missing
            if part.step != LATER and part.step <= head["landed"]
        ]
    return Register(head["steps"], rows, examples, tuple(problems))


def find_tests(folder: Path) -> Iterator[tuple[str, str]]:
    """Give name and place of each test of a row or an example; one marked skip or xfail shows nothing."""
    for file in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and TEST.match(node.name):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                if not any(re.match(r"pytest\.mark\.(skip|xfail)\b", mark) for mark in marks):
                    yield node.name, f"{file.name}:{node.lineno}"


def _entry(id_: str, fields: dict[str, Any], found: dict[str, str], repo: Path, problems: list[str]) -> Entry:
    listed = fields.get("parts") or [{"key": "", "what": fields["name"], "step": fields["step"]}]
    shown: dict[str, list[str]] = {part["key"]: [] for part in listed}
    for name in [name for name in found if TEST.match(name)["id"] == id_.lower()]:
        place, rest = found.pop(name), TEST.match(name)["rest"] or ""
        keys = [key for key in shown if not key or rest == key or rest.startswith(key + "_")]
        if keys:
            shown[max(keys, key=len)].append(name)
        else:
            problems.append(f"{place}: {name} shows no part of {id_}; its parts: {', '.join(shown)}")
    for part in listed:
        for test in part.get("tests", []):
            shown[part["key"]].append(test)
            problems += [] if _exists(test, repo) else [f"{id_}: no such test: {test}"]
    tests = {key: tuple(sorted(names)) for key, names in shown.items()}
    return Entry(
        id_,
        fields["name"],
        tuple(Part(part["key"], part["what"], part["step"], tests[part["key"]]) for part in listed),
    )


def _exists(test: str, repo: Path) -> bool:
    file, _, name = test.partition("::")
    path = repo / file
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    return re.search(rf"^\s*(async )?def {re.escape(name)}\(", written, re.MULTILINE) is not None


def _owed_by(*steps: int | str) -> str:
    numbers = [str(step) for step in sorted({step for step in steps if step != LATER})]
    words = [f"step{'s' * (len(numbers) > 1)} {', '.join(numbers)}"] if numbers else []
    return " and ".join([*words, *["a later step"] * (LATER in steps)])


def as_text(register: Register) -> str:
    """Print the register for a terminal, one line an entry."""
    lines = []
    for entry in (*register.rows, *register.examples):
        word = _word(entry)
        owed = f"  [{entry.remainder}]" if entry.missing else ""
        lines.append(f"{entry.id.removeprefix('example_'):>4}  {word:<9}  {entry.name}{owed}")
    lines.insert(len(register.rows), "\nExamples of the articles")
    return "\n".join([*lines, "", *totals(register)])


def totals(register: Register) -> tuple[str, str]:
    """Count the states, in two sentences."""
    rows = [entry.state for entry in register.rows]
    shown, begun, none = rows.count("shown"), rows.count("part"), rows.count("not yet")
    examples = [_word(entry) for entry in register.examples]
    done, some = examples.count("performed"), examples.count("part")
    return (
        f"{len(rows)} capabilities: {shown} shown, {begun} in part, {none} not yet.",
        f"{len(examples)} examples: {done} performed, {some} in part, {len(examples) - done - some} owed.",
    )


def as_page(register: Register) -> str:
    """Write the register as docs/capabilities.md."""
    rows = [_line(row.id, row) for row in register.rows]
    cases = [_line(str(int(case.id[-2:])), case) for case in register.examples]
    steps = [f"{number}. {title}" for number, title in register.steps.items()]
    return "\n".join(
        [
            "# What crosslift can show",
            "",
            "Written by `make rows` from the tests; do not edit. *Shown*: every part of the capability has a",
            "test that performs it. *Part*: some have; the last column says which step owes what is missing.",
            "",
            *totals(register),
            "",
            "The steps:",
            "",
            *steps,
            "",
            "| | capability | state | shown by | owed |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "## Examples",
            "",
            "A small situation goes in; the named offer, or the named refusal, comes out with a true reason.",
            "",
            "| | example | state | performed by | owed |",
            "|---|---|---|---|---|",
            *cases,
            "",
        ]
    )


def _line(name: str, entry: Entry) -> str:
    tests = "<br>".join(f"`{test}`" for part in entry.parts for test in part.tests)
    return f"| {name} | {entry.name} | {_word(entry)} | {tests or '–'} | {entry.remainder or '–'} |"


def _word(entry: Entry) -> str:
    words = {"shown": "performed", "not yet": "owed"} if entry.id.startswith("example") else {}
    return words.get(entry.state, entry.state)


def main() -> int:
    """Print, write or check the register."""
    plain = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    options.add_argument("--write", type=Path, metavar="PAGE", help="write the page too")
    options.add_argument("--check", action="store_true", help="exit 1 where anything disagrees")
    options.add_argument("--quiet", action="store_true", help="print only the totals")
    chosen = options.parse_args()
    register = read_register()
    print("\n".join(totals(register)) if chosen.quiet or chosen.check else as_text(register))
    if chosen.write:
        chosen.write.write_text(as_page(register), encoding="utf-8")
    problems = list(register.problems)
    if not (REPO / PAGE).exists() or (REPO / PAGE).read_text(encoding="utf-8") != as_page(register):
        problems.append(f"{PAGE} is out of date: run `make rows`")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return int(bool(problems) and chosen.check)


if __name__ == "__main__":
    sys.exit(main())
