"""The scripts that shops load: an address holds the same bytes for ever, and pages of any site may read them."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import tarfile

import pytest

from crosslift.settings import VERSION
from crosslift.web.app import build
from crosslift.web.browser import files

NOW_THERE = "/widget/{}/track.js"


@pytest.fixture(scope="module")
def listing(gate_door):
    return gate_door.ask("GET", "/widget/", key=None).json()


@pytest.fixture(scope="module")
def gate_door(learned_home, tmp_path_factory, open_door, now):
    """One shop served for all: nobody changes it."""
    import shutil

    from crosslift.shop import Shop

    home = tmp_path_factory.mktemp("files") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, clock=lambda: now) as shop, open_door(shop) as one:
        yield one


def test_every_script_is_what_its_hash_says_and_kept_for_ever(gate_door, listing):
    for told in listing["files"].values():
        answer = gate_door.ask("GET", told["path"], key=None, headers={"Accept-Encoding": "identity"})
        digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
        assert (answer.status_code, told["integrity"], len(answer.content)) == (
            200,
            f"sha384-{digest}",
            told["n_bytes"],
        )
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_the_tracker_is_four_kilobytes_on_the_wire(gate_door, listing):
    packed = gate_door.ask("GET", listing["files"]["track.js"]["path"], key=None, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert listing["files"]["track.js"]["n_bytes_packed"] <= 4000
    assert len(gzip.compress(packed.content, 9)) <= 4000


def test_the_line_to_paste_names_the_tracker_and_its_hash(listing):
    told = listing["files"]["track.js"]
    src, integrity = re.search(
        r'src="(\S+)" data-key="pk_…" integrity="(\S+)" crossorigin="anonymous"', listing["snippet"]
    ).groups()
    assert (src, integrity) == ("http://shop.test" + told["path"], told["integrity"])


def test_the_newest_has_an_address_of_its_own_that_is_not_kept_long(gate_door):
    answer = gate_door.ask("GET", "/widget/track.js", key=None)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=300")


@pytest.mark.parametrize("path", [
    "/widget/000000000000/track.js", "/widget/track.py", "/widget/pack.py", "/widget/package.json", NOW_THERE.format("..%2f"),
    NOW_THERE.format(files.version()) + ".map", f"/widget/{files.version()}/../../records.db", "/widget/x/records.db",
])  # fmt: skip
def test_nothing_else_is_given(gate_door, path):
    status, body = gate_door.raw(path)
    assert status == 404
    assert b"not_found" in body


def test_a_version_served_once_is_served_after_an_update(shop, open_door, monkeypatch):
    with open_door(shop) as door:
        before = door.ask("GET", files.address_of("track.js"), key=None)
    old = files.address_of("track.js")
    newer = {"track.js": files.Script("track.js", b"// newer")}
    monkeypatch.setattr(files, "scripts", lambda: newer)
    monkeypatch.setattr(files, "version", lambda: "0" * 12)
    with open_door(shop) as door:
        assert door.ask("GET", files.address_of("track.js"), key=None).content == b"// newer"
        again = door.ask("GET", old, key=None)
    assert (again.status_code, again.content) == (200, before.content)


def test_a_home_that_cannot_keep_it_serves_it_all_the_same(shop, open_door):
    shutil.rmtree(shop.home / files.KEPT, ignore_errors=True)
    (shop.home / files.KEPT).write_text("in the way")
    with open_door(shop) as door:
        assert door.ask("GET", files.address_of("track.js"), key=None).status_code == 200


def test_what_is_kept_is_whole_and_written_once(shop):
    build(shop)
    (kept,) = (shop.home / files.KEPT).iterdir()
    track = kept / "track.js"
    before = track.stat().st_mtime_ns
    build(shop)
    assert (kept.name, track.stat().st_mtime_ns) == (files.version(), before)
    assert {path.name for path in kept.rglob("*.js")} >= {"track.js", "index.js"}


def test_the_tarball_is_the_same_every_time_and_names_this_version(load_script, repo, tmp_path):
    pack = load_script("widget/pack.py").pack
    first, second = pack(tmp_path / "a"), pack(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as archive:
        names = set(archive.getnames())
        about = json.load(archive.extractfile("package/package.json"))
    assert names >= {f"package/{name}" for name in ("track.js", "index.js", "index.d.ts", "README.md", "LICENSE")}
    assert about["version"] == VERSION
    assert f'version: "{VERSION}"' in (repo / "widget" / "track.js").read_text()


def test_the_types_name_every_function_of_the_module(repo):
    module, types = ((repo / "widget" / name).read_text() for name in ("index.js", "index.d.ts"))
    exported = set(re.findall(r"export const (\w+)", module))
    assert exported == set(re.findall(r"export function (\w+)", types))
    assert exported <= set(
        re.findall(r"[\w]+", re.search(r"const api = \{(.*?)\};", (repo / "widget/track.js").read_text(), re.S)[1])
    ) | {"decide"}
