"""A little shop with planted pairs for the rows, copied for each test that changes it."""

import shutil

import pytest


@pytest.fixture(scope="session")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@pytest.fixture(scope="session")
def pantry(little):
    return little.pantry(800)


@pytest.fixture(scope="session")
def pantry_home(little, pantry, tmp_path_factory):
    home = tmp_path_factory.mktemp("pantry") / "home"
    home.mkdir()
    little.stocked(home, pantry.orders, pantry.catalog).close()
    return home


@pytest.fixture
def clock(little):
    return little.Clock()


@pytest.fixture
def shop(little, pantry_home, tmp_path, clock, _no_compiler):
    """A copy of the little shop, to be asked and changed."""
    shutil.copytree(pantry_home, tmp_path / "home")
    with little.open_shop(tmp_path / "home", clock) as shop:
        yield shop


@pytest.fixture
def fresh(little, tmp_path, clock, _no_compiler):
    """An empty shop."""
    with little.open_shop(tmp_path / "fresh", clock) as shop:
        yield shop
