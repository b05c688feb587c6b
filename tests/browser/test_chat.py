"""The chat in a real browser: asked by keyboard, told aloud, strict policy, three languages, light and dark, narrow and wide."""

import gzip
import json
import re
from pathlib import Path

import pytest

from crosslift.shop import Shop
from crosslift.wording.chat import UI, say
from crosslift.wording.messages import LANGUAGES

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
SOURCE = Path(__file__).parents[2] / "widget" / "chat.js"
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
MOST_BYTES = 4096
PRICE = {"en": "How much is the Glass server?", "ko": "유리 서버 얼마예요?", "ja": "ガラスサーバーはいくらですか"}


@pytest.fixture(scope="session")
def chat_key(storefront):
    with Shop(storefront[1]) as shop:
        return shop.create_key("publishable", "chat")


@pytest.fixture
def talk(browse, chat_key):
    """Open a page of a shop with the chat on it, under a policy that allows no inline style or script."""

    def talk(language="en", attributes="", **options):
        page = browse("/docs", language=language, **options)
        html = (
            f'<!doctype html><html lang="{language}"><meta name="viewport" content="width=device-width"><title>Shop</title>'
            '<script type="module" src="/widget/chat.js"></script><main><h1>Shop</h1>'
            f'<crosslift-chat key="{chat_key}" anonymous="b-{language}" {attributes}></crosslift-chat></main></html>'
        )
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
        page.route("**/chat-page", lambda route: route.fulfill(body=html, headers=headers))
        page.goto(page.url.split("/docs")[0] + "/chat-page")
        page.get_by_role("button", name=say("ui.open", language)).wait_for()
        return page

    return talk


def ask(page, text):
    n = page.locator("crosslift-chat .own").count()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "n => document.querySelector('crosslift-chat').shadowRoot.querySelectorAll('.own').length >= n + 2", arg=n
    )
    return page.locator("crosslift-chat .own").last.inner_text()


def test_the_keyboard_alone_asks_and_the_answer_names_its_source(talk):
    page = talk()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('crosslift-chat').shadowRoot.activeElement.tagName") == "INPUT"
    assert "Glass server costs ₩21,000, tax included." in ask(page, PRICE["en"])
    log = page.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert (
        page.evaluate("document.querySelector('crosslift-chat').shadowRoot.activeElement.textContent")
        == "Ask a question"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_language_of_the_page_and_fits_a_small_screen(talk, language, scheme):
    page = talk(language, scheme=scheme, width=320, height=640)
    page.get_by_role("button", name=say("ui.open", language)).press("Enter")
    for key in ("title", "about", "close", "send"):
        assert say(f"ui.{key}", language) in page.get_by_role("dialog").inner_text()
    assert "21,000" in ask(page, PRICE[language])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    box = page.get_by_role("dialog").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert page.evaluate("window.shift") == 0
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run(document, {preload: false, resultTypes: ['violations']}).then((one) => one.violations)"
    )
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_an_offer_has_its_reason_and_a_no_as_near_as_its_link(talk, rows):
    page = talk(attributes='product="DRIP"')
    page.get_by_role("button", name="Ask a question").press("Enter")
    told = ask(page, "What goes well with it?")
    assert "Bought together with Cone dripper" in told
    assert "₩6,500" in told
    page.get_by_role("button", name=say("ui.no", "en")).click()
    page.get_by_text(say("no_thanks.done", "en")).wait_for()
    assert "decline" in {action for (action,) in rows("responses", "action")}


def test_a_hand_over_is_told_plainly_and_a_hostile_answer_stays_text(talk):
    page = talk()
    page.get_by_role("button", name="Ask a question").press("Enter")
    assert say("ui.handed_over", "en") in ask(page, "Do you roast at night?")
    assert "<script>" in ask(page, "how much is MUG?")
    assert page.locator("crosslift-chat script").count() == 0


def test_it_is_small_and_says_what_the_catalogs_say():
    text = SOURCE.read_text(encoding="utf-8")
    assert len(gzip.compress(text.encode(), 9)) <= MOST_BYTES
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.cookie|localStorage", text)
    for language in LANGUAGES:
        block = re.search(rf"  {language}: {{(.*?)\n  }}", text, re.DOTALL)[1]
        said = {key: json.loads(value) for key, value in re.findall(r'(\w+): ("(?:[^"\\]|\\.)*")', block)}
        assert said == {key: say(f"ui.{key}", language) for key in UI}
