"""One little shop with a few decisions, and no compiler: it is too small for it."""

import pytest


@pytest.fixture(scope="session")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@pytest.fixture(scope="session")
def shop(little, tmp_path_factory):
    found = little.pantry(500)
    with little.stocked(tmp_path_factory.mktemp("deliver"), found.orders, found.catalog) as shop:
        yield shop
