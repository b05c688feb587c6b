"""The widget on the page of another site: steady, silent towards the outside, by keyboard, and never in the way."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crosslift.shop import Shop

VENDOR = Path(__file__).parent / "vendor"
AXE = """axe.run(document, {preload: false, resultTypes: ["violations"]})
  .then((found) => found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PERSON = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => false})"
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">
<link rel="stylesheet" href="{server}/static/widget.css">
<script type="module" src="{server}/widget/widget.js?key={key}" data-link="/p/{{product}}" data-cart="{cart}"
  {more} data-timeout="5000"></script>
</head><body><main><h1>Cone dripper</h1>{body}<p id="below">What stands below</p></main></body></html>"""
STYLE = """:root { color-scheme: light dark }
body { margin: 0; font: 16px/1.5 sans-serif; background: Canvas; color: CanvasText }
main { padding: 16px; max-width: 1100px; margin: auto }"""
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
window.violations = []; window.heard = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
for (const name of ["add", "declined", "shown", "empty"]) {
  document.addEventListener(`crosslift:${name}`, (e) => {
    window.heard.push({ name, ...e.detail });
    document.documentElement.classList.add(`${name}-${window.heard.filter((one) => one.name === name).length}`);
    if (name === "add" && window.takes !== false) e.preventDefault();
  });
}
"""
OFFERS = '<crosslift-offers placement="product" product="DRIP" size="medium"></crosslift-offers>'


@pytest.fixture(scope="module")
def foreign():
    """A server of another site: pages are given to it, and it says what was asked of it."""
    pages, policy = {}, {}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            found = (
                STYLE
                if self.path == "/shop.css"
                else pages.get(
                    self.path.partition("?")[0],
                    "<!doctype html><title>Another page</title><p>Another page</p>"
                    if self.path.startswith("/p/")
                    else None,
                )
            )
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", "text/css" if self.path == "/shop.css" else "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy.get("policy", "default-src 'self'"))
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}", pages, policy
        site.shutdown()


@pytest.fixture(scope="module")
def key(storefront):
    with Shop(storefront[1]) as shop:
        return shop.create_key("publishable", "widget")


@pytest.fixture
def visit(chromium, storefront, foreign, key):
    """Open a page of the other site with something of ours on it; whatever goes wrong on it fails the test at its end."""
    server, (site, pages, policy) = storefront[0], foreign
    ours = " ".join(f"{one} 'self' {server};" for one in ("script-src", "connect-src", "style-src"))
    policy["policy"] = f"default-src 'self'; img-src 'self' data: {server}; {ours}"
    contexts, wrong = [], []

    def visit(
        body=OFFERS,
        *,
        language="en",
        cart="",
        more="",
        width=1280,
        height=900,
        scheme="light",
        at=None,
        quiet=False,
        **options,
    ):
        pages["/p/1"] = PAGE.format(language=language, server=at or server, key=key, cart=cart, more=more, body=body)
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale=language,
            user_agent=BROWSER,
            **options,
        )
        contexts.append(context)
        context.add_init_script(PERSON)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.asked = []
        page.on("console", lambda said: quiet or wrong.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("request", lambda sent: page.asked.append((sent.method, sent.url)))
        page.on(
            "request",
            lambda sent: (
                sent.url.startswith((server, site, "data:", at or site)) or wrong.append(f"outside: {sent.url}")
            ),
        )
        page.goto(f"{site}/p/1")
        return page

    yield visit
    for context in contexts:
        for page in context.pages:
            wrong += page.evaluate("window.violations || []")
        context.close()
    assert wrong == []


def ready(page, n=1):
    page.wait_for_selector(f"html.shown-{n}", state="attached", timeout=5000)
    return page


def posts(page, path):
    return [url for method, url in page.asked if method == "POST" and path in url]


def test_the_whole_page_is_one_request_without_a_preflight(visit):
    needs = '<crosslift-offers placement="product" product="DRIP" block="needs"></crosslift-offers>'
    body = f"{needs}{OFFERS}<crosslift-bar></crosslift-bar>"
    page = ready(visit(body, cart="BEANS-200"))
    assert len(posts(page, "/v1/widget")) == 1
    assert [one for one in page.asked if one[0] == "OPTIONS"] == []
    card = page.locator("crosslift-offers .card").first
    assert card.is_visible()
    assert "Bought together with Cone dripper" in card.locator(".reason").inner_text()
    assert card.locator("h3 a").get_attribute("href") == "/p/FILT"


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_nothing_on_the_page_moves_in_any_language_and_width(visit, language, width):
    page = ready(visit(f"{OFFERS}<crosslift-bar size='s'></crosslift-bar>", language=language, width=width))
    page.wait_for_timeout(150)
    assert page.evaluate("window.shift") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("crosslift-offers .box").get_attribute("lang") == language


def test_an_answer_below_the_fold_takes_the_room_it_needs(visit):
    page = ready(visit(f"<div id='tall'></div>{OFFERS}".replace("<div id='tall'>", "<div>" + "<p>text</p>" * 60)))
    assert page.evaluate("window.shift") == 0
    assert page.locator("crosslift-offers").get_attribute("size") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_no_barrier_is_found(visit, language, scheme):
    page = ready(
        visit(
            f"{OFFERS}<crosslift-bundle placement='product' product='DRIP'></crosslift-bundle>",
            language=language,
            scheme=scheme,
        )
    )
    for summary in page.locator("crosslift-offers summary").all()[:4]:
        summary.click()
    page.evaluate((VENDOR / "axe-4.14.1.min.js").read_text(encoding="utf-8"))
    assert page.evaluate(AXE) == []


def test_everything_to_press_is_large_enough(visit):
    page = ready(visit(width=320))
    small = page.evaluate(
        """() => [...document.querySelector("crosslift-offers").shadowRoot.querySelectorAll("a, button, summary")]
        .filter((one) => one.checkVisibility() && one.tabIndex >= 0).map((one) => [one, one.getBoundingClientRect()])
        .filter(([one, box]) => box.height < (one.matches("button") ? 44 : 24) || box.width < 24)
        .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
    )
    assert small == []


def test_a_no_is_as_easy_as_a_yes_and_is_kept(visit, rows):
    page = ready(visit(more='data-anonymous="a-no"'))
    card = page.locator("crosslift-offers .card").first
    product, decision = card.get_attribute("data-product"), card.get_attribute("data-decision")
    yes, no = card.locator(".choice button").all()
    look = "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.fontSize, s.fontWeight, s.borderColor] }"
    assert yes.evaluate(look) == no.evaluate(look)
    assert abs(yes.bounding_box()["width"] - no.bounding_box()["width"]) <= 1
    assert yes.bounding_box()["height"] == no.bounding_box()["height"]
    no.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("html.declined-1", state="attached")
    note = page.locator("crosslift-offers [data-declined]")
    assert "noted" in note.inner_text()
    assert (
        page.evaluate("document.querySelector('crosslift-offers').shadowRoot.activeElement.dataset.product") == product
    )
    assert (decision, product, "decline") in rows("responses", "decision_id", "product_id", "action")
    again = ready(visit(more='data-anonymous="a-no"'))
    assert product not in [one.get_attribute("data-product") for one in again.locator("crosslift-offers .card").all()]


def test_never_again_is_two_presses_and_can_be_taken_back(visit, rows):
    page = ready(visit(more='data-anonymous="a-never"'))
    card = page.locator("crosslift-offers .card").first
    product = card.get_attribute("data-product")
    card.locator(".others summary").click()
    card.get_by_role("button", name="Never again").click()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back.").wait_for()
    said = [(one, action) for one, action in rows("responses", "product_id", "action") if one == product]
    assert {(product, "mute"), (product, "unmute")} <= set(said)
    again = ready(visit(more='data-anonymous="a-never"'))
    assert product in [one.get_attribute("data-product") for one in again.locator("crosslift-offers .card").all()]


def test_the_shop_is_told_what_to_put_into_its_cart(visit, rows):
    page = ready(visit())
    card = page.locator("crosslift-offers .card").first
    product, decision = card.get_attribute("data-product"), card.get_attribute("data-decision")
    card.get_by_role("button", name="Add to cart").click()
    page.wait_for_selector("html.add-1", state="attached")
    heard = next(one for one in page.evaluate("window.heard") if one["name"] == "add")
    assert (heard["product"], heard["decision_id"], heard["quantity"]) == (product, decision, 1)
    assert card.get_by_role("status").inner_text() == "Added to the cart."
    page.wait_for_timeout(200)
    assert (decision, product, "accept") in rows("responses", "decision_id", "product_id", "action")


def test_a_shop_that_takes_nothing_gets_its_visitor_on_the_product_page(visit):
    page = ready(visit(quiet=True))
    page.evaluate("window.takes = false")
    page.locator("crosslift-offers .card").first.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/p/FILT")


def test_an_offer_seen_for_a_second_is_one_exposure(visit, rows):
    page = ready(visit())
    card = page.locator("crosslift-offers .card").first
    seen = (card.get_attribute("data-decision"), card.get_attribute("data-product"))
    page.wait_for_timeout(300)
    assert seen not in rows("exposures", "decision_id", "product_id")
    page.wait_for_timeout(1400)
    assert rows("exposures", "decision_id", "product_id").count(seen) == 1
    page.evaluate("scrollTo(0, 9999)")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1200)
    assert rows("exposures", "decision_id", "product_id").count(seen) == 1


OWN = '<ul id="own"><li><a href="/p/FILT">Paper filters</a></li></ul>'
FALLBACK = f'<crosslift-offers placement="product" product="DRIP" size="medium">{OWN}</crosslift-offers>'


def test_a_late_answer_leaves_what_the_shop_rendered(visit):
    context = visit(FALLBACK, more='data-timeout="1"', quiet=True)
    context.wait_for_timeout(600)
    assert context.get_by_role("link", name="Paper filters").is_visible()
    assert context.locator("crosslift-offers .card").count() == 0
    assert context.evaluate("window.shift") == 0


def test_a_server_that_is_down_leaves_what_the_shop_rendered(visit):
    page = visit(FALLBACK, quiet=True, java_script_enabled=False)
    assert page.get_by_role("link", name="Paper filters").is_visible()


def test_better_offers_take_the_place_of_what_the_shop_rendered(visit):
    page = ready(visit(FALLBACK))
    assert page.locator("crosslift-offers .card").first.is_visible()
    assert not page.locator("#own").is_visible()


def test_the_window_after_adding_is_closed_by_keyboard_and_gives_the_focus_back(visit):
    page = visit('<button id="buy">Buy</button><crosslift-popup></crosslift-popup>', more='data-anonymous="pop"')
    page.evaluate("performance.now = () => 60000")
    page.locator("#buy").focus()
    page.evaluate("document.dispatchEvent(new CustomEvent('crosslift:added', {detail: {product: 'DRIP'}}))")
    ready(page)
    dialog = page.get_by_role("dialog", name="Added to the cart.")
    assert dialog.is_visible()
    assert dialog.locator(".card").count() >= 1
    inside = "document.querySelector('crosslift-popup').shadowRoot.activeElement !== null"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{inside} || document.activeElement === document.body")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.id") == "buy"


def test_the_way_out_of_the_window_is_in_sight_from_the_start(visit):
    page = visit("<crosslift-popup></crosslift-popup>", more='data-anonymous="out"', width=320, height=568)
    page.evaluate("performance.now = () => 60000")
    page.evaluate("document.dispatchEvent(new CustomEvent('crosslift:added', {detail: {product: 'DRIP'}}))")
    ready(page)
    out = page.get_by_role("button", name="No, thank you")
    assert out.bounding_box()["y"] < 200
    out.click()
    assert not page.get_by_role("dialog").is_visible()


def test_a_theme_reaches_inside(visit):
    page = ready(visit())
    page.evaluate("document.documentElement.style.setProperty('--crosslift-ink', 'rgb(1, 2, 3)')")
    assert page.locator("crosslift-offers h2").first.evaluate("e => getComputedStyle(e).color") == "rgb(1, 2, 3)"


def test_own_markup_stands_before_and_after(visit):
    body = OFFERS.replace("></", '><p slot="before">From our kitchen</p><p slot="after">All prices with tax</p></')
    page = ready(visit(body))
    before, after = (
        page.get_by_text("From our kitchen").bounding_box(),
        page.get_by_text("All prices with tax").bounding_box(),
    )
    card = page.locator("crosslift-offers .box").bounding_box()
    assert before["y"] < card["y"] < after["y"]


def test_a_cart_that_changed_is_asked_about_again_in_one_request(visit):
    page = ready(visit('<crosslift-offers placement="cart"></crosslift-offers>', cart="DRIP"))
    page.evaluate("document.dispatchEvent(new CustomEvent('crosslift:cart', {detail: {cart: ['DRIP', 'FILT']}}))")
    ready(page, 2)
    assert len(posts(page, "/v1/widget")) == 2
    assert "FILT" not in [one.get_attribute("data-product") for one in page.locator("crosslift-offers .card").all()]


def test_all_of_it_is_at_most_12_kilobytes(repo):
    files = [repo / "widget/widget.js", repo / "src/crosslift/web/static/widget.css"]
    assert sum(len(gzip.compress(one.read_bytes(), 9)) for one in files) <= 12_000
