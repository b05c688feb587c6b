"""A real server and a real Chromium: every page is watched for errors, violations of its policy and outside requests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosslift.shop import Shop

CHROMIUM = Path("/usr/bin/chromium")
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # a person's browser: of machines nothing is counted, and a beacon says what the whole browser is called
    "--disable-blink-features=AutomationControlled", f"--user-agent={PERSON}",
]  # fmt: skip
SERVER = """
import sys
from pathlib import Path
from crosslift.shop import Shop
from crosslift.web.app import DemoInfo, serve
names = {"en": "Moru Coffee Supply", "ko": "모루 커피상회", "ja": "モル珈琲商会"}
with Shop(sys.argv[1], {"shop.currency": "KRW"}) as shop:
    serve(shop, "127.0.0.1", 0, on_ready=lambda url: print("READY", url, flush=True),
          demo=DemoInfo(names, Path(sys.argv[2])))
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240"><rect width="240" height="240" fill="#E8EFF9"/></svg>'
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) {
    window.shift += one.value;
    window.moved = one.sources.map((s) => [s.node?.className, JSON.stringify(s.previousRect), JSON.stringify(s.currentRect)]);
  }
}).observe({ type: "layout-shift", buffered: true });
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; run: apt-get install -y chromium fonts-noto-cjk")
    sync = pytest.importorskip("playwright.sync_api", reason="no playwright; run: make test")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def storefront(chromium, tmp_path_factory, load_script):
    """The demo storefront over a small learned shop: its address and its folder."""
    folder = tmp_path_factory.mktemp("storefront")
    load_script("tests/web/conftest.py").write_files(folder)
    (folder / "pictures").mkdir()
    (folder / "pictures" / "drip.svg").write_text(PICTURE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        with Shop(folder / "home", {"shop.currency": "KRW"}) as shop:
            shop.collect(folder / "products.csv", folder / "orders.csv")
            shop.learn()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder / "home"), str(folder / "pictures")], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env={**os.environ, "CROSSLIFT_NO_JIT": "1"},
    )  # fmt: skip
    yield next(line.split()[1] for line in process.stdout if line.startswith("READY")), folder / "home"
    process.terminate()
    process.communicate(timeout=20)


@pytest.fixture
def browse(chromium, storefront):
    """Open a page of the storefront; what went wrong on any page fails the test at its end."""
    address, _ = storefront
    contexts, wrong = [], []

    def browse(path, *, width=1280, height=800, scheme="light", language="en", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=language, **options
        )
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("request", lambda sent: sent.url.startswith(address) or wrong.append(f"outside request: {sent.url}"))
        page.on("response", lambda got: got.status < 400 or wrong.append(f"{got.status}: {got.url}"))
        page.goto(f"{address}{path}")
        return page

    yield browse
    for context in contexts:
        for page in context.pages:
            if context_has_script(page):
                wrong += page.evaluate("window.violations")
        context.close()
    assert wrong == []


def context_has_script(page):
    return page.evaluate("'violations' in window")


@pytest.fixture
def rows(storefront):
    """Read a table of the served shop."""
    _, home = storefront

    def rows(table, *columns):
        with Shop(home) as shop:
            return [tuple(row.values()) for row in shop.records.table(table, list(columns)).to_pylist()]

    return rows
