"""Pages as they are handed out: nothing inline, every language, empty shops, hostile words."""

import re

import pytest

from crosslift.domain.access import Role
from crosslift.jobs.office import Office
from crosslift.shop import Shop
from crosslift.web.office import home
from crosslift.web.office.frame import HTMX, PAGES, SIGN_IN
from crosslift.wording.office import teller

PATHS = [path for path, *_ in PAGES]


@pytest.mark.parametrize("path", [*PATHS, SIGN_IN, "/app/password?token=x", "/app/password"])
def test_pages_hold_nothing_inline_and_fetch_nothing_from_outside(see, path):
    page = see(path, None if "sign-in" in path else Role.ADMIN)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|<script(?![^>]* src=)|\son[a-z]+=|\sstyle=|javascript:|hx-on|https?://", page.text)


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
@pytest.mark.parametrize(
    ("path", "name"), [*((path, f"page.{name}") for path, name, _ in PAGES), (SIGN_IN, "sign_in.title")]
)
def test_every_page_speaks_its_language(see, path, name, language):
    page = see(f"{path}?lang={language}", None if path == SIGN_IN else Role.ADMIN)
    assert f'<html lang="{language}">' in page.text
    assert re.search("<h1>(.*?)</h1>", page.text)[1] == teller(language)(name)
    assert f"crosslift_language={language}" in page.headers["set-cookie"]


def test_the_script_is_pinned_kept_for_ever_and_held_against_its_hash(door, see):
    page = see("/app").text
    source, held = re.search(r'<script src="([^"]+)" integrity="(sha384-[^"]+)" defer>', page).groups()
    answer = door.ask("GET", source, key=None)
    assert "immutable" in answer.headers["cache-control"]
    assert source.startswith(f"/static/{HTMX}?v=")
    assert held.startswith("sha384-")
    assert "includeIndicatorStyles&#34;:false" in page or '"includeIndicatorStyles":false' in page


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_page_of_an_empty_shop_says_what_to_do(tmp_path, open_door, language, password):
    with Shop(tmp_path / "empty") as shop:
        shop.users.choose_password(shop.users.first_admin(), password)
        token, _ = shop.users.sign_in("admin", password)
        headers = {"Cookie": f"crosslift_session={token}; crosslift_language={language}"}
        with open_door(shop) as door:
            said = {path: door.ask("GET", path, key=None, headers=headers) for path in PATHS}
    assert {one.status_code for one in said.values()} == {200}
    tell = teller(language)
    assert tell("home.why.collect") in said["/app"].text
    assert tell("imports.none") in said["/app/imports"].text
    assert tell("quality.no_orders") in said["/app/quality"].text
    assert tell("products.not_ready") in said["/app/products"].text
    assert tell("decisions.none") in said["/app/decisions"].text
    assert "user.invite" in said["/app/audit"].text


def test_no_word_of_a_product_or_a_caller_becomes_markup(door, see, hostile):
    made = door.decide(cart=["SPOON"])
    for path in (
        "/app/products?q=%3Cscript%3Ealert(1)%3C/script%3E", "/app/products/of/MUG?beside=SPOON&to=%22%3E%3Cscript%3E",
        "/app/products",
        f"/app/decisions/{made['decision_id']}?product=%3Cscript%3E", "/app/decisions?identity=%3Cscript%3E",
        "/app/audit?action=%3Cscript%3E", "/app/products/of/%3Cscript%3E", f"{SIGN_IN}?next=%22%3E%3Cscript%3E",
    ):  # fmt: skip
        page = see(path, None if path.startswith(SIGN_IN) else Role.ADMIN).text
        assert "<script>" not in page, path
        assert hostile not in page
        assert "{{" not in page.replace("{{ 7 * 7 }}", "")


def test_what_failed_on_our_side_is_a_page_with_the_name_of_the_request(door, see, monkeypatch):
    monkeypatch.setattr(door.shop.records, "imports", lambda: 1 / 0)
    answer = see("/app/imports")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-request-id"] in answer.text
    assert "division" not in answer.text


def test_what_calls_for_somebody_stands_on_the_front_page(tmp_path, open_door, monkeypatch, password):
    class Troubled(Office):
        def jobs(self):
            return [{**job, "state": "troubled" if job["name"] == "learn" else job["state"]} for job in super().jobs()]

    monkeypatch.setattr(home, "Office", Troubled)
    with Shop(tmp_path / "troubled") as shop:
        monkeypatch.setattr(shop.guard, "alarms", lambda: {"alarms": [{}, {}]})
        shop.policies.stop("mina", "prices are wrong")
        tokens = {}
        for role in (Role.COMPLIANCE, Role.VIEWER):
            shop.users.choose_password(shop.users.invite(role, [role])["token"], password)
            tokens[role], _ = shop.users.sign_in(role, password)
        with open_door(shop) as door:
            said = {
                role: door.ask("GET", "/app?lang=en", key=None, headers={"Cookie": f"crosslift_session={token}"}).text
                for role, token in tokens.items()
            }
    for page in said.values():
        assert "learn: the job fails" in page
        assert "All offers are stopped" in page
        assert "mina: prices are wrong" in page
    assert "Alarms about assisted sales: 2" in said[Role.COMPLIANCE]
    assert "Alarms about assisted sales" not in said[Role.VIEWER]
