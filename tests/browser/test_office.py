"""The back office in a real browser: every page in every language, by keyboard, without JavaScript, silent and readable."""

import os
import re
from pathlib import Path

import pytest

from crosslift.shop import Shop

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
AUDIT = """
() => axe.run({ resultTypes: ["violations"] }).then((found) => found.violations.map(
  (one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`))
"""
PAGES = {
    "home": "/app", "imports": "/app/imports", "import": "/app/imports/1", "quality": "/app/quality",
    "products": "/app/products", "product": "/app/products/of/DRIP?beside=TOWEL&to=FILT", "none": "/app/products?q=zzz",
    "decisions": "/app/decisions", "decision": "/app/decisions/{decision}?product=TOWEL", "audit": "/app/audit?verify=1",
    "results": "/app/results", "experiments": "/app/experiments", "experiment": "/app/experiments/mail?control=none",
    "refused": "/app/decisions/nobody", "sign-in": "/app/sign-in", "password": "/app/password?token=x",
}  # fmt: skip
SIGNED_OUT = frozenset({"sign-in", "password"})
SMALL = (("en", "light", 1440), ("ko", "dark", 320), ("ja", "light", 320))
WHOLE = [(one, scheme, width) for one in ("en", "ko", "ja") for scheme in ("light", "dark") for width in (320, 1440)]
OVERLONG = "document.documentElement.scrollWidth"


class Window:
    """One page of one browser, and what went wrong in it."""

    def __init__(self, chromium, address, decision, **options):
        self.address, self.decision, self.wrong = address, decision, []
        self.context = chromium.new_context(locale="en", **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.wrong.append(said.text))
        self.page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        self.page.on(
            "request", lambda sent: sent.url.startswith(address) or self.wrong.append(f"outside request: {sent.url}")
        )

    def sign_in(self, login="mina"):
        self.page.goto(f"{self.address}/app/sign-in")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(re.compile("/app$"))
        return self

    def see(self, path, language="en", scheme="light", width=1280):
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme)
        path = path.format(decision=self.decision)
        self.page.goto(f"{self.address}{path}{'&' if '?' in path else '?'}lang={language}")
        return self.page


@pytest.fixture(scope="module")
def opened(chromium, storefront):
    """Open windows on the server of the storefront, whose back office has an admin called mina."""
    address, home = storefront
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        with Shop(home, {"shop.currency": "KRW"}) as shop:
            shop.users.choose_password(shop.users.invite("mina", ["admin"])["token"], PASSWORD)
            decision = shop.decide("cart", ["DRIP"]).decision_id
            at = shop.clock().isoformat()
            shop.put_facts("assignments", [
                {"experiment_id": "mail", "unit_kind": "customer", "unit_id": f"m{number}", "arm": ("none", "letter")[number % 2],
                 "at": at} for number in range(80)
            ])  # fmt: skip
    windows = []

    def opened(**options):
        windows.append(Window(chromium, address, decision, **options))
        return windows[-1]

    yield opened
    for window in windows:
        window.context.close()


@pytest.fixture(scope="module")
def inside(opened):
    return opened().sign_in()


@pytest.fixture(scope="module")
def outside(opened):
    return opened()


def look(window, name, language, scheme, width):
    """Look at a page as a machine can: width, language, contrast, names, landmarks; keep a picture where that is asked for."""
    page = window.see(PAGES[name], language, scheme, width)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").inner_text().strip()
    assert page.evaluate(OVERLONG) <= width, "wider than the window"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(AUDIT)
    folder = os.environ.get("CROSSLIFT_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-{language}-{scheme}-{width}.png", full_page=True)
    expected = [one for one in window.wrong if name == "refused" and "404" in one]
    assert [one for one in window.wrong if one not in expected] == []
    window.wrong.clear()
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_in_every_language(inside, outside, name):
    for language, scheme, width in SMALL:
        look(outside if name in SIGNED_OUT else inside, name, language, scheme, width)


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_in_every_language_light_scheme_and_width(inside, outside, name):
    for language, scheme, width in WHOLE:
        look(outside if name in SIGNED_OUT else inside, name, language, scheme, width)


def test_the_keyboard_alone_gets_in_and_around(opened):
    page = opened().see("/app/products")
    assert page.url.endswith("next=%2Fapp%2Fproducts%3Flang%3Den")
    page.keyboard.type("mina")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/app/products"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_list_follows_what_is_typed_without_a_new_page(inside):
    page = inside.see("/app/products")
    page.evaluate("window.same = true")
    page.locator("#q").press_sequentially("kettle")
    page.locator("#found th a", has_text="Gooseneck kettle").wait_for()
    page.locator("#found tbody tr").nth(1).wait_for(state="detached")
    assert page.evaluate("window.same")
    assert page.url.endswith("/app/products?q=kettle")
    assert inside.wrong == []


def test_a_session_that_ended_leads_to_the_door(opened):
    window = opened().sign_in()
    page = window.see("/app/products")
    window.context.clear_cookies()
    page.locator("#q").press_sequentially("mug")
    page.wait_for_url(re.compile("/app/sign-in"))


def test_a_ban_is_written_and_taken_back_without_javascript(opened):
    page = opened(java_script_enabled=False).sign_in().see("/app/products/of/DRIP")
    page.get_by_role("link", name="Change: Paper filters").first.click()
    page.get_by_label("What to do").select_option("ban")
    page.get_by_label("Why").first.fill("other size")
    page.get_by_role("button", name="Save").click()
    assert "Saved." in page.get_by_role("status").inner_text()
    assert page.get_by_role("cell", name="other size").is_visible()
    page.get_by_role("button", name="Undo: Paper filters").click()
    assert "Taken back." in page.get_by_role("status").inner_text()


def test_a_file_is_looked_at_before_it_is_collected(inside, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(
        "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\nb-1,2026-03-30T10:00:00Z,c1,DRIP,1,24000,KRW\n"
    )
    page = inside.see("/app/imports", width=320)
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    assert page.get_by_text("Format recognized").is_visible()
    assert page.evaluate(OVERLONG) <= 320
    page.get_by_role("button", name="Collect this file").click()
    assert "collected" in page.get_by_role("status").inner_text()
    page.get_by_label("I want to take it back").check()
    page.get_by_role("button", name="Take orders.csv back").click()
    assert "taken back" in page.get_by_role("status").inner_text()
