"""The examples in docstrings run and give what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


def _find_modules_with_examples():
    for file in sorted((SOURCE / "crosslift").rglob("*.py")):
        if "migrations" not in file.parts and ">>> " in file.read_text(encoding="utf-8"):
            parts = file.relative_to(SOURCE).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("name", list(_find_modules_with_examples()))
def test_examples_in_docstrings_run(name):
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    said: list[str] = []
    module = importlib.import_module(name)
    for example in finder.find(module, name):
        runner.run(example, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
