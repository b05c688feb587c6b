"""Little shops, and no compiler: these are too small for it."""

import pytest


@pytest.fixture(scope="session")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@pytest.fixture(scope="session")
def pantry(little):
    return little.pantry()


@pytest.fixture(scope="session")
def known(little, pantry):
    """What the pantry's orders teach: P00 with P01, P02 with P03, P04 with P05."""
    return little.knowledge(pantry.orders)


@pytest.fixture(scope="session")
def tea(little):
    """A shop of one shelf each: tea goes with honey, cup and spoon; cup with saucer; wine with glass."""
    baskets = [
        *[["tea", "honey"]] * 40, *[["tea", "cup"]] * 30, *[["tea", "spoon"]] * 25, *[["cup", "saucer"]] * 20,
        *[["wine", "glass"]] * 20, *([[f"n{i:02}"] for i in range(20)] * 12), *[["tea"]] * 5, *[["honey"]] * 5,
    ]  # fmt: skip
    return little.orders(*baskets, days=20)


@pytest.fixture(scope="session")
def tea_known(little, tea):
    return little.knowledge(tea, little.products(
        {"product_id": "tea", "title": "Tea", "titles": '{"ja":"紅茶","ko":"홍차"}', "category": "leaves"},
        {"product_id": "honey", "title": "Honey", "category": "sweet", "attributes": '{"consumable":true}'},
        {"product_id": "cup", "title": "Cup", "category": "table"},
        {"product_id": "saucer", "title": "Saucer", "category": "table"},
        {"product_id": "spoon", "title": "Spoon", "category": "table"},
    ))  # fmt: skip


@pytest.fixture
def places():
    """Number products of some knowledge: `places(known, "tea", "cup")`."""
    import numpy as np

    return lambda known, *names: np.array(sorted(known.index[name] for name in names), dtype=np.int32)
