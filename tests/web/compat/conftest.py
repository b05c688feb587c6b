"""One served shop for all doors, and the clients from PyPI pointed at it."""

import shutil
from contextlib import contextmanager

import pytest

from crosslift.shop import Shop

FILTERS = """
brew: INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("brew")
cheap: INCLUDE ItemID WHERE Items.PRICE <= $MAX
not-bought: EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")
not-kind: EXCLUDE ItemID WHERE Items.CATEGORY_L1 IN ($KIND)
"""
SETTINGS = {
    "shop.currency": "KRW",
    "compat.filters": FILTERS,
    "compat.bindings": "personalize/bound = home, retail/bound = home",
}


@pytest.fixture(autouse=True, scope="session")
def _plain_connections():
    """Proxies and foreign certificates of the environment are none of these tests'."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.delenv(name, raising=False)
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        yield


@pytest.fixture(scope="session")
def serving(load_script):
    return load_script("tests/web/compat/serving.py").serving


@pytest.fixture(scope="session")
def served_copy(serving, learned_home, tmp_path_factory, _plain_connections):
    """Serve a copy of the shop of the web tests on a free port: `with served_copy() as site`."""

    @contextmanager
    def give():
        home = tmp_path_factory.mktemp("compat") / "home"
        shutil.copytree(learned_home, home)
        with Shop(home, SETTINGS) as shop, serving(shop) as served:
            yield served

    return give


@pytest.fixture(scope="session")
def site(served_copy):
    """One for all tests that know what they change."""
    with served_copy() as served:
        yield served


@pytest.fixture
def barred(site):
    """Bans SERV and sells FILT out for one test."""
    ban = {
        "from_id": "*",
        "to_id": "SERV",
        "kind": "complement",
        "action": "ban",
        "reason": "recalled",
        "author": "mina",
    }
    site.shop.put_links([ban])
    site.shop.patch_products([{"product_id": "FILT", "stock": 0}])
    yield
    site.shop.remove_link("*", "SERV", "complement")
    site.shop.patch_products([{"product_id": "FILT", "stock": 90}])
