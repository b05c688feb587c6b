"""The tracker in a shop of another origin: what it sends once, what it keeps, and what it leaves alone."""

import json
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from crosslift.shop import Shop
from crosslift.web.browser.files import address_of, snippet

LD = json.dumps({
    "@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, {
        "@type": "Product", "sku": "DRIP", "name": "Cone dripper", "image": ["https://shop.example/drip.jpg"],
        "brand": {"@type": "Brand", "name": "Moru"},
        "offers": {"@type": "Offer", "price": 24000, "priceCurrency": "KRW", "availability": "https://schema.org/InStock"},
    }],
})  # fmt: skip
JSON_LD = f'<script type="application/ld+json">{LD}</script>'
MICRODATA = """
<div itemscope itemtype="https://schema.org/Product"><span itemprop="sku">DRIP</span><h1 itemprop="name">Cone dripper</h1>
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="price" content="24000">
<meta itemprop="priceCurrency" content="KRW"></div></div>"""
OPEN_GRAPH = """
<meta property="og:type" content="product"><meta property="og:title" content="Cone dripper">
<meta property="product:retailer_item_id" content="DRIP"><meta property="product:price:amount" content="24000">
<meta property="product:price:currency" content="KRW">"""
ADD = '<button data-crosslift-add="DRIP" data-crosslift-quantity="2">Add</button>'


class Elsewhere:
    """A shop on another origin: pages by path, served with a strict policy."""

    def __init__(self, server):
        self.server, self.pages = server, {}
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = elsewhere.pages.get(self.path.partition("?")[0], "").encode()
                self.send_response(200 if body else 204)
                kind = "text/javascript" if ".js" in self.path else "text/html"
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Security-Policy", f"default-src 'self' {elsewhere.server}")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def elsewhere(storefront):
    with closing(Elsewhere(storefront[0])) as shop:
        yield shop


@pytest.fixture
def key(storefront, elsewhere):
    """A publishable key that answers this shop alone."""
    with Shop(storefront[1]) as shop:
        return shop.keys.create("publishable", origins=[elsewhere.address])


@pytest.fixture
def visit(chromium, storefront, elsewhere, key):
    """Open pages of the shop with our line in them; what went wrong on any of them fails the test at its end."""
    contexts, wrong = [], []

    def visit(body="", *, attributes="", init="", forgiven=(), page=None, path="/p", line=None, **options):
        context = page.context if page else chromium.new_context(locale="en", **options)
        if page is None:
            contexts.append(context)
            context.add_init_script(init or "0")
            page = context.new_page()
            page.asked = []
            page.on("request", lambda sent: page.asked.append(sent))  # noqa: PLW0108 - Playwright counts its parameters
            page.on(
                "console", lambda said: said.text.startswith(forgiven or "\0") or wrong.append(f"console: {said.text}")
            )
            page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        line = line or snippet(storefront[0], key).replace("<script async", f"<script async {attributes}")
        elsewhere.pages[path] = f"<!doctype html><html lang=en><head>{line}</head><body>{body}</body></html>"
        page.goto(elsewhere.address + path)
        until(page, "window.crosslift?.version")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def events(rows):
    """Give what arrived since the test began, in the order it happened, once there are so many."""
    before = {row[0] for row in rows("events", "message_hash")}

    def events(n, seconds=8):
        deadline = time.monotonic() + seconds
        while True:
            found = [
                row[1:]
                for row in rows("events", "message_hash", "id", "name", "identity", "product_id", "properties")
                if row[0] not in before
            ]
            if len(found) >= n or time.monotonic() > deadline:
                assert len(found) == n, found
                return [
                    (name, identity, product, json.loads(told)) for _, name, identity, product, told in sorted(found)
                ]
            time.sleep(0.05)

    return events


def until(page, expression):
    """Wait for something in a page whose policy lets nobody wait in it."""
    deadline = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def kept(page):
    return page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]")


def test_a_page_of_another_shop_tells_each_thing_once(visit, events, storefront):
    page = visit(JSON_LD + ADD)
    page.click("button")
    assert kept(page) == [[], [], ""]
    page.goto("about:blank")
    found = events(3)
    assert [(name, product) for name, _, product, _ in found] == [
        ("page", None),
        ("Product Viewed", "DRIP"),
        ("Product Added", "DRIP"),
    ]
    assert found[0][3] == {"path": "/p"}
    assert found[1][3] == {
        "product_id": "DRIP", "name": "Cone dripper", "brand": "Moru", "price": "24000", "currency": "KRW",
        "image_url": "https://shop.example/drip.jpg", "availability": "https://schema.org/InStock",
    }  # fmt: skip
    assert found[2][3] == {"product_id": "DRIP", "quantity": 2}
    assert len({identity for _, identity, _, _ in found}) == 1
    ours = [sent for sent in page.asked if sent.url.startswith(storefront[0])]
    assert "cookie" not in {name for sent in ours for name in sent.headers}


def test_nothing_is_asked_before_it_is_asked(visit, events, storefront):
    """A batch and a question from a page of another origin, and no preflight for either."""
    asked = 'crosslift_requests_total{status="204",verb="POST /v1/'

    def preflights():
        return [line for line in httpx.get(f"{storefront[0]}/metrics").text.splitlines() if line.startswith(asked)]

    before, page = preflights(), visit()
    assert page.evaluate("crosslift.decide({placement: 'product', product: 'DRIP'})")["decision_id"]
    page.evaluate("for (let n = 0; n < 20; n++) crosslift.track('Cart Viewed', {n})")
    assert [name for name, *_ in events(21)] == ["page", *["Cart Viewed"] * 20]
    assert preflights() == before


@pytest.mark.parametrize(
    "body", [MICRODATA, OPEN_GRAPH, '<main data-crosslift-product="DRIP"></main>'], ids=["microdata", "graph", "own"]
)
def test_the_product_is_read_from_whatever_the_page_says_of_it(visit, events, body):
    page = visit(body)
    page.goto("about:blank")
    told = {name: value for name, value in events(2)[1][3].items() if name != "image_url"}
    whole = {"product_id": "DRIP", "name": "Cone dripper", "price": "24000", "currency": "KRW"}
    assert told == (whole if "data-crosslift" not in body else {"product_id": "DRIP"})


def test_a_page_of_several_products_or_with_broken_data_shows_none_of_them(visit, events):
    page = visit(JSON_LD + JSON_LD + '<script type="application/ld+json">{ broken</script>' + MICRODATA)
    page.goto("about:blank")
    assert [name for name, *_ in events(1)] == ["page"]


def test_category_search_step_and_what_leaves_the_cart_are_told_by_attributes(visit, events):
    said = '<p data-crosslift-category="tea" data-crosslift-search="cake  stand" data-crosslift-step="2">'
    page = visit(said + '<a href="#" data-crosslift-remove="MUG"><b>x</b></a>')
    page.click("b")
    page.evaluate("crosslift.page('Cart', {path: '/cart'})")
    page.goto("about:blank")
    found = [(name, told) for name, _, _, told in events(9, 12) if name != "Page Left"]
    names = ["page", "Product List Viewed", "Products Searched", "Checkout Step Viewed"]
    assert [name for name, _ in found] == [*names, "Product Removed", *names]
    assert [told for _, told in found[1:6]] == [
        {"category": "tea"}, {"query": "cake  stand"}, {"step": "2"}, {"product_id": "MUG", "quantity": 1},
        {"name": "Cart", "path": "/cart"},
    ]  # fmt: skip


def test_consent_keeps_one_id_and_its_refusal_forgets_it(visit, events):
    page = visit()
    before = page.evaluate("[crosslift.anonymousId(), crosslift.sessionId()]")
    assert before[0] is None
    page.evaluate("crosslift.consent(true)")
    known = page.evaluate("[crosslift.anonymousId(), crosslift.sessionId()]")
    assert known[1] == before[1]
    assert kept(page) == [["crosslift"], ["crosslift"], ""]
    visit(page=page, path="/next")
    assert page.evaluate("[crosslift.anonymousId(), crosslift.sessionId()]") == known
    page.evaluate("crosslift.consent(false)")
    assert kept(page) == [[], [], ""]
    after = page.evaluate("crosslift.sessionId()")
    page.evaluate("crosslift.track('Cart Viewed')")
    page.goto("about:blank")
    first, second, third = events(3)
    assert first[1] == second[1] == f"anonymous:{known[0]}"
    assert third[1] != second[1]
    assert after != known[1]


def test_a_page_that_waits_for_consent_sends_nothing_before(visit, events):
    page = visit(JSON_LD, attributes='data-consent="wait"')
    page.evaluate("crosslift.consent(false)")
    page.goto("about:blank")
    visit(JSON_LD, attributes='data-consent="wait"', page=page)
    page.evaluate("crosslift.consent(true)")
    page.goto("about:blank")
    found = events(2)
    assert [name for name, *_ in found] == ["page", "Product Viewed"]


@pytest.mark.parametrize("signal", ["globalPrivacyControl', { get: () => true", "doNotTrack', { get: () => '1'"])
def test_whoever_asks_not_to_be_tracked_is_not(visit, events, signal):
    page = visit(JSON_LD, init=f"Object.defineProperty(Navigator.prototype, '{signal} }})")
    page.evaluate("crosslift.consent(true)")
    answer = page.evaluate("crosslift.decide({placement: 'product', product: 'DRIP'})")
    assert answer["offers"]
    assert kept(page) == [[], [], ""]
    page.goto("about:blank")
    page.wait_for_timeout(300)
    assert events(0) == []


def test_machines_our_own_people_and_tries_count_nowhere(visit, events):
    robot = visit(JSON_LD, init="Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => true })")
    tried = visit(JSON_LD, attributes="data-test")
    staff = visit(JSON_LD)
    staff.goto("about:blank")
    assert len(events(2)) == 2  # before anybody said so
    staff.goto(f"{robot.url}#crosslift-self")
    until(staff, "window.crosslift?.version")
    assert [page.evaluate("crosslift.traffic()") for page in (robot, tried, staff)] == ["robot", "test", "staff"]
    for page in (robot, tried, staff):
        assert page.evaluate("crosslift.decide({placement: 'product', product: 'DRIP'})")["decision_id"] is None
        page.goto("about:blank")
    staff.wait_for_timeout(300)
    assert len(events(2)) == 2


FAILS_ONCE = """
const real = window.fetch;
window.failed = 0;
window.fetch = (...given) => window.failed++ ? real(...given) : Promise.reject(new TypeError("no network"));
"""


def test_offers_count_as_seen_after_a_second_in_view_and_clicks_at_once(visit, rows):
    page = visit("<br>" * 300)
    made = page.evaluate("crosslift.decide({placement: 'product', product: 'DRIP', k: 2})")
    near, far = (one["product"] for one in made["offers"])
    page.evaluate(
        """([decision, near, far]) => {
      const card = (product) => Object.assign(document.createElement("div"), { innerHTML:
        `<div data-decision="${decision}" data-product="${product}"><a href="#x">go</a></div>` });
      document.body.prepend(card(near)); document.body.append(card(far));
      crosslift.watch(); crosslift.watch();
    }""",
        [made["decision_id"], near, far],
    )
    page.wait_for_timeout(1400)
    page.click(f"[data-product={near}] a")
    page.goto("about:blank")

    def told(table, *columns):
        return [row[1:] for row in rows(table, "decision_id", *columns) if row[0] == made["decision_id"]]

    deadline = time.monotonic() + 8
    while not told("responses", "action"):
        assert time.monotonic() < deadline, "the click never came"
        time.sleep(0.05)
    assert told("responses", "action", "product_id") == [("click", near)]
    assert told("exposures", "product_id") == [(near,)]


def test_what_could_not_be_sent_is_sent_later_and_counts_once(visit, events):
    page = visit(init=FAILS_ONCE)
    page.evaluate("for (let n = 0; n < 130; n++) crosslift.track('Cart Viewed', {n})")
    found = events(100, 12)
    assert page.evaluate("window.failed") == 6
    assert [told["n"] for _, _, _, told in found] == [*range(30, 130)]


BLOCKED = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new Error("blocked"); } });
"""


def test_blocked_storage_changes_nothing_else(visit, events):
    page = visit(JSON_LD, init=BLOCKED)
    page.evaluate("crosslift.consent(true); crosslift.consent(false)")
    page.evaluate("crosslift.track('Cart Viewed', {loop: window}); crosslift.track('Cart Viewed')")
    page.goto("about:blank")
    assert [name for name, *_ in events(3)] == ["page", "Product Viewed", "Cart Viewed"]


def test_calls_made_before_the_script_came_are_made_up_for(visit, events):
    page = visit(init="window.crosslift = [['track', 'Product Removed', { product_id: 'MUG' }], ['nonsense']]")
    page.evaluate("crosslift.push(['track', 'Cart Viewed'])")
    page.goto("about:blank")
    assert [name for name, *_ in events(3)] == ["page", "Product Removed", "Cart Viewed"]


def test_how_long_a_page_was_looked_at_is_told_when_it_is_left(visit, events):
    page = visit(JSON_LD)
    page.wait_for_timeout(1200)
    page.goto("about:blank")
    assert events(3)[-1][3] == {"path": "/p", "dwell_seconds": 1, "product_id": "DRIP"}


def test_a_signed_in_customer_is_named_by_a_token_and_only_after_consent(visit, events, storefront):
    with Shop(storefront[1]) as shop:
        token = shop.keys.token("c2")
    page = visit()
    page.evaluate("(token) => crosslift.identify(token)", token)
    page.evaluate("crosslift.consent(true)")
    anonymous = page.evaluate("crosslift.anonymousId()")
    page.goto("about:blank")
    found = events(2)
    assert [(name, identity) for name, identity, *_ in found] == [
        ("page", f"anonymous:{anonymous}"),
        ("identify", "customer:c2"),
    ]


def test_a_token_that_is_not_good_costs_no_event_but_the_name(visit, events):
    page = visit(forgiven="Failed to load resource")
    page.evaluate("crosslift.consent(true); crosslift.identify('ct_bad')")
    page.evaluate("for (let n = 0; n < 20; n++) crosslift.track('Cart Viewed', {n})")
    found = events(21, 12)
    assert {name for name, *_ in found} == {"page", "Cart Viewed"}


def test_the_module_speaks_the_same_way(visit, events, elsewhere, storefront, key):
    at = address_of("index.js")
    elsewhere.pages["/m.js"] = f"""
      import {{ start, track, decide }} from "{storefront[0]}{at}";
      start({{ key: "{key}", server: "{storefront[0]}" }});
      track("Cart Viewed", {{ n: 1 }});
      window.answer = await decide({{ placement: "product", product: "DRIP" }});"""
    page = visit(line='<script type="module" src="/m.js"></script>')
    until(page, "window.answer")
    page.goto("about:blank")
    assert [name for name, *_ in events(2)] == ["page", "Cart Viewed"]


def test_a_key_that_does_not_answer_this_shop_ends_it_in_silence(visit, events, storefront):
    with Shop(storefront[1]) as shop:
        other = shop.keys.create("publishable", origins=["https://another.example"])
    page = visit(line=snippet(storefront[0], other), forgiven="Failed to load resource")
    page.evaluate("for (let n = 0; n < 25; n++) crosslift.track('Cart Viewed', {n})")
    with page.expect_response("**/v1/collect*") as refused:
        pass
    assert refused.value.status == 403
    assert page.evaluate("crosslift.decide({placement: 'product', product: 'DRIP'})") is None
    page.goto("about:blank")
    assert events(0) == []
