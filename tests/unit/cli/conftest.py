"""The command line inside this process: arguments in; exit code, stdout and stderr out."""

import json
import shutil
import sys
from dataclasses import dataclass

import pytest
import structlog


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@pytest.fixture(scope="session")
def pantry(little):
    return little.pantry(700)


@pytest.fixture(scope="session")
def learned_home(little, pantry, tmp_path_factory):
    """A home folder with orders and a catalog collected, learned once; nobody opens it, everybody copies it."""
    home = tmp_path_factory.mktemp("cli") / "home"
    home.mkdir()
    little.stocked(home, pantry.orders, pantry.catalog).close()
    return home


@pytest.fixture(scope="session")
def stocked_home(learned_home, tmp_path_factory):
    """A copy that all share: read it, do not change it; what is decided in it stays in its log."""
    return shutil.copytree(learned_home, tmp_path_factory.mktemp("shared") / "home")


@pytest.fixture
def own_home(learned_home, tmp_path):
    """A copy to change."""
    shutil.copytree(learned_home, tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run one command: `run("--home", home, "learn", "--json")`."""
    from crosslift.cli import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["crosslift", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    yield run
    structlog.reset_defaults()
