"""`crosslift shops`, and `serve` of a folder of shops."""

from contextlib import nullcontext

import pytest

from crosslift.jobs import child
from crosslift.shop import Shop
from crosslift.web import app


@pytest.fixture
def shops(run, tmp_path):
    return lambda *arguments: run("--home", tmp_path / "all", "shops", *arguments)


def test_a_shop_is_one_command_with_its_keys_and_settings(shops, tmp_path):
    made = shops("add", "tea", "--host", "tea.example", "--host", "www.tea.example", "--currency", "KRW", "--json").json
    assert made["secret"].startswith("sk_")
    with Shop(tmp_path / "all" / "tea") as shop:
        assert shop.kind_of_key(made["publishable"]) == "publishable"
        assert (shop.settings["shop.name"], shop.settings["shop.currency"]) == ("tea", "KRW")
    said = shops("add", "cup", "--title", 'The "Cup" \\ 컵').out
    assert "(shown once)" in said
    rows = shops("list", "--json").json
    assert [(row["name"], row["title"], row["hosts"], row["is_served"]) for row in rows] == [
        ("cup", 'The "Cup" \\ 컵', [], False), ("tea", "tea", ["tea.example", "www.tea.example"], False),
    ]  # fmt: skip


def test_names_and_hosts_that_cannot_be_and_that_are_taken_are_refused(shops, run, own_home, tmp_path):
    shops("add", "tea", "--host", "tea.example")
    assert shops("add", "tea").code == 4
    assert "tea.example leads to tea already" in shops("add", "cup", "--host", "tea.example").err
    for name in ("../up", "Tea", "", ".x", "a" * 41):
        assert shops("add", name).code == 2
    assert shops("add", "cup", "--host", "https://cup.example").code == 2
    assert run("--home", own_home, "shops", "add", "cup").code == 2
    assert [path.name for path in (tmp_path / "all").iterdir()] == ["tea"]


def test_a_shop_is_taken_away_in_one_command_and_can_be_brought_back(shops, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shops("add", "tea")
    shops("add", "cup")
    assert "tea removed; kept in tea-" in shops("remove", "tea").out
    [kept] = tmp_path.glob("tea-*.tar.zst")
    assert [row["name"] for row in shops("list", "--json").json] == ["cup"]
    assert run("--home", tmp_path / "all" / "tea", "restore", kept).code == 0
    assert [row["name"] for row in shops("list", "--json").json] == ["cup", "tea"]
    assert shops("remove", "cup", "--without-backup", "--json").json == {"name": "cup", "backup": None}
    assert shops("remove", "cup").code == 1
    assert shops("remove", "tea", "--without-backup", "--backup", "x").code == 2


def test_a_backup_that_cannot_be_written_leaves_the_shop_in_its_place(shops, tmp_path):
    shops("add", "tea")
    assert shops("remove", "tea", "--backup", tmp_path / "none" / "x").code == 1
    assert [row["name"] for row in shops("list", "--json").json] == ["tea"]


def test_a_folder_of_shops_is_served_as_such(shops, run, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        app, "serve_street", lambda folder, host, port, on_ready: (asked.append(folder), on_ready("http://x"))
    )
    monkeypatch.setattr(child, "jobs_beside", lambda home: nullcontext(asked.append(home)))
    shops("add", "tea")
    shops("add", "cup")
    assert "serving 2 shops at http://x: cup, tea" in run("--home", tmp_path / "all", "serve").out
    assert asked == [tmp_path / "all"] * 2
