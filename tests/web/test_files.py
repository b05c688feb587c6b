"""Our own files and the demo's pictures: served with care, and nothing else of the disk."""

import pytest


def test_a_picture_is_served_in_a_sandbox(demo):
    answer = demo.ask("GET", "/pictures/drip.svg", key=None)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.svg", "..%2fsecret.svg", "%2e%2e/secret.svg", "..\\secret.svg", "..%5csecret.svg", "/etc/passwd",
        "%2fetc%2fpasswd", "link.svg", "notes.txt", "missing.svg", "", ".", "..", "drip.svg%00.png", "drip.svg/", "sub/drip.svg",
        "....//secret.svg", "~root", "drip.SVG",
    ],
)  # fmt: skip
def test_nothing_but_pictures_of_the_folder_is_served(demo, problem, name):
    answer = demo.ask("GET", f"/pictures/{name}", key=None)
    problem(answer, 404, "not_found")
    assert "secret" not in answer.text.replace(name, "")


def test_a_shop_without_demo_has_no_pictures(door, problem):
    problem(door.ask("GET", "/pictures/drip.svg", key=None), 404, "not_found")


@pytest.mark.parametrize("name", ["style.css", "docs.css", "seen.js", "no-picture.svg", "icon.svg"])
def test_our_files_are_served_and_kept_while_their_version_holds(door, name):
    from crosslift.web.pages.files import static_url

    plain, pinned = door.ask("GET", f"/static/{name}", key=None), door.ask("GET", static_url(name), key=None)
    assert plain.status_code == pinned.status_code == 200
    assert plain.headers["cache-control"] == "no-cache"
    assert "immutable" in pinned.headers["cache-control"]


@pytest.mark.parametrize("name", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "nothing.css", ""])
def test_nothing_else_is_among_our_files(door, problem, name):
    problem(door.ask("GET", f"/static/{name}", key=None), 404, "not_found")


def test_the_script_is_small():
    from crosslift.web.pages.files import STATIC

    assert len((STATIC / "seen.js").read_bytes()) < 1000
