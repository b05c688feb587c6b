"""`crosslift plugins`."""

import sys

import pytest


@pytest.fixture
def plugins(run, own_home, load_script, tmp_path, monkeypatch):
    pluggable = load_script("tests/unit/shop/pluggable.py")
    folder = pluggable.package(tmp_path / "site", "faulty_listed", pluggable.FAULTS, pluggable.FAULTY)
    monkeypatch.syspath_prepend(str(folder))

    def plugins(*arguments, enabled=""):
        monkeypatch.setenv("CROSSLIFT_PLUGINS_ENABLED", enabled)
        return run("--home", own_home, "plugins", *arguments)

    yield plugins
    sys.modules.pop("faulty_listed", None)


def states(ran):
    return {row["name"]: row["state"] for row in ran.json}


def test_they_are_listed_with_their_package_and_state(plugins):
    said = plugins(enabled="fine").out
    assert "fine" in said
    assert "faulty_listed" in said
    found = states(plugins("--json", enabled="fine"))
    assert (found["fine"], found["raising"]) == ("running", "installed")


def test_one_that_cannot_be_taken_is_listed_with_its_reason_and_nothing_fails(plugins):
    ran = plugins("--json", enabled="fine, old")
    assert ran.code == 0
    assert states(ran)["old"] == "refused"
    assert "api_version 0" in next(row["why"] for row in ran.json if row["name"] == "old")


def test_a_person_switches_one_off_and_on(plugins):
    assert plugins("off", "fine", enabled="fine").out == "fine is off\n"
    assert states(plugins("--json", enabled="fine"))["fine"] == "off"
    assert plugins("on", "fine", "--json", enabled="fine").json["state"] == "running"
    ran = plugins("on", "raising", enabled="fine")
    assert ran.code == 1
    assert "no plugin 'raising' in plugins.enabled; there are fine" in ran.err
