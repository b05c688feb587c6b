"""Little shops, and no compiler: these are too small for it."""

import pytest


@pytest.fixture(scope="session")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
