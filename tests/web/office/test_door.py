"""Who may see which page, in and out by links, and no form of another site."""

import re

import pytest

from crosslift.domain.access import ALLOWED, Role
from crosslift.web.office.frame import PAGES, SIGN_IN, local_path

PATHS = {path: permission for path, _, permission in PAGES}


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_pages_and_no_link_to_others(see, role):
    linked = set(re.findall(r'<li><a href="(/app[^"]*)"', see("/app", role).text.partition("</nav>\n  {")[0]))
    allowed = {path for path, permission in PATHS.items() if permission in ALLOWED[role]}
    assert {path for path in linked if path in PATHS} == allowed
    for path in PATHS:
        answer = see(path, role)
        assert answer.status_code == (200 if path in allowed else 403), path
        if path not in allowed:
            assert f"this caller is {role}" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_signed_in_is_led_to_the_door_and_back(door, path):
    answer = door.ask("GET", path, key=None)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{SIGN_IN}?next={path.replace('/', '%2F')}"
    part = door.ask("GET", path, key=None, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, answer.headers["location"])


@pytest.mark.parametrize("path", PATHS)
def test_a_publishable_key_sees_no_page(door, path):
    answer = door.ask("GET", path, key="publishable")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert door.ask("GET", path, key="wrong").status_code == 401


# in and out ---------------------------------------------------------------------------------------------------------


def test_signing_in_leads_to_what_was_asked_for_and_signing_out_ends_it(door, sessions, post, password):
    answer = post(SIGN_IN, {"login": "the-viewer", "password": password, "next": "/app/products?q=a"}, role=None)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/products?q=a")
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert door.ask("GET", "/app", key=None, headers={"Cookie": cookie}).status_code == 200
    assert door.ask("GET", SIGN_IN, key=None, headers={"Cookie": cookie}).headers["location"] == "/app"
    assert door.shop.audit.entries(action="session.open")[0]["actor"] == "web"
    out = door.run(door.client.post("/app/sign-out", headers={"Cookie": cookie}))
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert door.ask("GET", "/app", key=None, headers={"Cookie": cookie}).status_code == 303


def test_looking_at_the_door_changes_nothing(door, sessions):
    headers = {"Cookie": f"crosslift_session={sessions[Role.VIEWER]}"}
    for method in ("GET", "HEAD"):
        assert door.ask(method, "/app/sign-out", key=None, headers=headers).status_code == 303
    assert door.ask("GET", "/app", key=None, headers=headers).status_code == 200


def test_an_address_where_nothing_is_says_so_on_a_page(see, door):
    answer = see("/app/nothing/here")
    assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)
    assert see("/app/").headers["location"] == "/app"
    assert door.ask("GET", "/app/nothing", key=None).headers["location"].startswith(SIGN_IN)


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(post):
    said = [post(SIGN_IN, {"login": login, "password": "nothing like it"}, role=None) for login in ("the-viewer", "no")]
    assert [one.status_code for one in said] == [401, 401]
    assert all("do not belong together" in one.text and "set-cookie" not in one.headers for one in said)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/app", "//evil.example/app", "/\\evil.example", "/app//evil.example", "/app/../x", "/apple",
     "javascript:alert(1)", "/app\n/x", "", "/docs"],
)  # fmt: skip
def test_the_door_leads_nowhere_else(post, wanted, password):
    answer = post(SIGN_IN, {"login": "the-viewer", "password": password, "next": wanted}, role=None)
    assert answer.headers["location"] == local_path(wanted) == "/app"


def test_an_invitation_is_accepted_by_its_link_once(door, post, password):
    token = door.shop.users.invite("newcomer", ["viewer"])["token"]
    page = door.ask("GET", f"/app/password?token={token}", key=None)
    assert f'value="{token}"' in page.text
    poor = post("/app/password", {"token": token, "password": "short", "again": "short"}, role=None)
    assert (poor.status_code, "too short" in poor.text) == (422, True)
    differ = post("/app/password", {"token": token, "password": password, "again": "x"}, role=None)
    assert (differ.status_code, "not the same" in differ.text) == (422, True)
    done = post("/app/password", {"token": token, "password": password, "again": password}, role=None)
    assert (done.status_code, done.headers["location"]) == (303, f"{SIGN_IN}?done=password")
    again = post("/app/password", {"token": token, "password": password, "again": password}, role=None)
    assert (again.status_code, "too old" in again.text) == (403, True)
    assert post(SIGN_IN, {"login": "newcomer", "password": password}, role=None).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
@pytest.mark.parametrize("path", [SIGN_IN, "/app/sign-out", "/app/password"])
def test_no_other_site_lets_people_in_or_out(post, path, headers, password):
    answer = post(path, {"login": "the-viewer", "password": password, "token": "t"}, role=None, **headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
