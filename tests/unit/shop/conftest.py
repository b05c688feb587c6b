"""One little shop that stays as it is, copies of it that a test may change, and no compiler."""

import shutil

import pytest


@pytest.fixture(scope="session")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@pytest.fixture(scope="session")
def pantry(little):
    return little.pantry(800)


@pytest.fixture(scope="session")
def learned_home(little, pantry, tmp_path_factory):
    """A home folder with orders and a catalog collected, learned once; nobody opens it, everybody copies it."""
    home = tmp_path_factory.mktemp("stocked") / "home"
    home.mkdir()
    little.stocked(home, pantry.orders, pantry.catalog).close()
    return home


@pytest.fixture
def stocked_home(learned_home, tmp_path):
    """A copy of it."""
    return shutil.copytree(learned_home, tmp_path / "stocked")


@pytest.fixture(scope="session")
def shop(little, learned_home, tmp_path_factory):
    """Ask it, do not change it."""
    home = shutil.copytree(learned_home, tmp_path_factory.mktemp("asked") / "home")
    with little.open_shop(home) as shop:
        yield shop


@pytest.fixture
def clock(little):
    return little.Clock()


@pytest.fixture
def own_shop(little, learned_home, tmp_path, clock):
    """A copy to change, with a clock to move."""
    shutil.copytree(learned_home, tmp_path / "home")
    with little.open_shop(tmp_path / "home", clock) as shop:
        yield shop


@pytest.fixture
def empty_shop(little, tmp_path):
    with little.open_shop(tmp_path / "empty") as shop:
        yield shop
