"""/theme.css: the shop's theme where the lint lets it pass, else the plain one, and why."""

from crosslift.shop import Shop


def test_the_plain_theme_is_served_to_any_page(door):
    answer = door.ask("GET", "/theme.css", key=None)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.text.startswith(":root{--crosslift-ink:#1b2430;")


def test_a_theme_nobody_could_read_is_not_served_and_says_why(learned_home, open_door):
    settings = {"shop.currency": "KRW", "brand.theme": "muted: #bbbbbb; radius: 0"}
    with Shop(learned_home, settings) as shop, open_door(shop) as door:
        text = door.ask("GET", "/theme.css", key=None).text
    assert "theme_contrast at brand.theme.muted" in text
    assert "--crosslift-muted:#55606e" in text
    with Shop(learned_home, {**settings, "brand.theme": "accent: #0a7d55; radius: 0"}) as shop, open_door(shop) as door:
        text = door.ask("GET", "/theme.css", key=None).text
    assert "--crosslift-accent:#0a7d55;" in text
    assert "--crosslift-radius:0;" in text
    assert "/*" not in text
