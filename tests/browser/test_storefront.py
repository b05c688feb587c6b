"""The storefront in a real browser: seen, heard by keyboard, steady, and silent towards the outside."""

import re

import pytest

TITLES = {"ko": "원추형 드리퍼", "ja": "円すいドリッパー", "en": "Cone dripper"}
PAGES = ("/", "/p/DRIP", "/p/BEANS", "/cart", "/?page=1", "/?q=zzz", "/docs")


def cards(page):
    found = page.locator("[data-decision]").all()
    return {(card.get_attribute("data-decision"), card.get_attribute("data-product")) for card in found}


@pytest.mark.parametrize("language", TITLES)
def test_a_product_page_offers_with_a_true_sentence(browse, language):
    page = browse(f"/p/DRIP?lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    offer = page.locator("[data-decision]").first
    assert offer.is_visible()
    assert TITLES[language] in offer.locator(".reason").inner_text()
    why = offer.locator(".why")
    assert not why.locator("dl").is_visible()
    why.locator("summary").click()
    assert why.locator("dl").is_visible()
    assert offer.get_attribute("data-decision") in why.locator("dl").inner_text()


def test_the_switch_changes_the_language_and_it_stays(browse):
    page = browse("/p/DRIP")
    page.get_by_role("link", name="日本語").click()
    assert page.locator("h1").inner_text() == TITLES["ja"]
    page.locator(".name").click()
    assert page.locator("html").get_attribute("lang") == "ja"


def test_an_offer_in_sight_for_a_second_is_an_exposure_and_no_sooner(browse, rows):
    page = browse("/p/DRIP", height=2000)
    seen = cards(page)
    assert seen
    page.wait_for_timeout(300)
    assert not seen & set(rows("exposures", "decision_id", "product_id"))
    page.wait_for_timeout(1500)
    assert seen <= set(rows("exposures", "decision_id", "product_id"))


def test_an_offer_out_of_sight_is_no_exposure_until_it_is_scrolled_to(browse, rows):
    page = browse("/p/DRIP", width=390, height=300)
    card = page.locator("[data-decision]").last
    decision_id = card.get_attribute("data-decision")
    page.wait_for_timeout(1500)
    assert decision_id not in {one for (one,) in rows("exposures", "decision_id")}
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    assert decision_id in {one for (one,) in rows("exposures", "decision_id")}


def test_the_keyboard_alone_puts_a_product_into_the_cart(browse):
    page = browse("/p/DRIP")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('button.primary')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("done=added"))
    assert page.locator(".count").inner_text() == "1"


def test_a_no_by_keyboard_is_as_near_as_a_yes(browse, rows):
    page = browse("/p/DRIP")
    card = page.locator("[data-decision]").first
    product, decision_id = card.get_attribute("data-product"), card.get_attribute("data-decision")
    yes, no = card.locator(".choice button").all()
    assert yes.bounding_box()["height"] == no.bounding_box()["height"] >= 44
    assert abs(yes.bounding_box()["width"] - no.bounding_box()["width"]) <= 1
    no.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("done=noted"))
    assert (decision_id, product, "decline") in rows("responses", "decision_id", "product_id", "action")
    assert product not in [one.get_attribute("data-product") for one in page.locator("[data-decision]").all()]


def test_everything_works_without_javascript(browse):
    page = browse("/p/DRIP", java_script_enabled=False)
    page.locator(".buy button").click()
    page.locator(".to-cart").click()
    assert page.locator(".lines li").count() == 1
    page.locator(".lines button").click()
    assert page.locator(".lines li").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_every_width_without_shift(browse, path):
    for width in (320, 768, 1440):
        page = browse(path, width=width)
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.shift && [window.shift, window.moved, innerWidth]") == 0


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_no_language_breaks_the_narrowest_page(browse, language):
    for path in ("/", "/p/DRIP", "/p/BEANS"):
        page = browse(f"{path}?lang={language}", width=320)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


CONTRAST = """
() => {
  const light = (c) => c.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const under = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parts(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color).slice(0, 3)), light(under(element))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return poor;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_text_stands_out_from_what_is_behind_it(browse, path, scheme):
    assert browse(path, scheme=scheme).evaluate(CONTRAST) == []


@pytest.mark.parametrize("path", PAGES)
def test_everything_to_press_is_large_enough_and_named(browse, path):
    page = browse(path, width=320)
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input:not([type=hidden]), summary")]
        .filter((one) => one.checkVisibility() && !one.matches(".skip"))
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([one, box]) => box.height < 24 || (box.width < 24 && !one.closest("p, h3, .crumbs")))
        .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
    )
    assert small == []
    for one in page.locator("button, select, input:not([type=hidden])").all():
        assert one.evaluate(
            "e => (e.textContent || e.getAttribute('aria-label') || e.labels?.[0]?.innerText || '').trim()"
        )
