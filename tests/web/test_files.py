"""Our own files and the demo's pictures: served with care, and nothing else of the disk."""

import json

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
        "../secret.svg", "x/../../secret.svg", "..%2fsecret.svg", "%2e%2e/secret.svg", "..\\secret.svg", "/etc/passwd",
        "link.svg", "notes.txt", "missing.svg", "", ".", "..", "drip.svg\x00.png", "drip.svg/", "sub/drip.svg",
        "....//secret.svg", "~root", "drip.SVG", "x" * 5000,
    ],
)  # fmt: skip
def test_nothing_but_pictures_of_the_folder_is_served(demo, name):
    status, body = demo.raw(f"/pictures/{name}")
    assert status == 404
    assert json.loads(body)["code"] == "not_found"


def test_a_shop_without_demo_has_no_pictures(door, problem):
    problem(door.ask("GET", "/pictures/drip.svg", key=None), 404, "not_found")


@pytest.mark.parametrize("name", ["style.css", "docs.css", "seen.js", "no-picture.svg", "icon.svg"])
def test_our_files_are_served_and_kept_while_their_version_holds(door, name):
    from crosslift.web.pages.files import static_url

    plain, pinned = door.ask("GET", f"/static/{name}", key=None), door.ask("GET", static_url(name), key=None)
    assert plain.status_code == pinned.status_code == 200
    assert plain.headers["cache-control"] == "no-cache"
    assert "immutable" in pinned.headers["cache-control"]


@pytest.mark.parametrize("name", ["../app.py", "x/../../app.py", "..%2fapp.py", "nothing.css", "", "style.css/"])
def test_nothing_else_is_among_our_files(door, name):
    assert door.raw(f"/static/{name}")[0] == 404


def test_the_script_is_small():
    from crosslift.web.pages.files import STATIC

    assert len((STATIC / "seen.js").read_bytes()) < 1000


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("shopify_orders.csv", "text/csv"), ("merchant_feed.xml", "text/xml"), ("events.jsonl", "application/x-ndjson"),
        ("smartstore_orders.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)  # fmt: skip
def test_samples_are_saved_not_shown(door, name, kind):
    from crosslift.testing.demo.samples import samples

    answer = door.ask("GET", f"/static/samples/{name}", key=None)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == next(sample.content for sample in samples() if sample.name == name)
