"""`/v1/plugins`, and what a served shop tells of a plugin that fails: its requests are answered all the same."""

import shutil
import sys

import pytest

from crosslift.domain.decision import NoOffer
from crosslift.errors import BadInput, StoreDown
from crosslift.shop import Shop

KNOBS = {"shop.currency": "KRW", "plugins.online_ms": 1000.0, "plugins.most_failures": 1}


@pytest.fixture
def plugged(load_script, learned_home, tmp_path, monkeypatch, now):
    """Open the learned shop with some faulty plugins."""
    pluggable = load_script("tests/unit/shop/pluggable.py")
    folder = pluggable.package(tmp_path / "site", "faulty_served", pluggable.FAULTS, pluggable.FAULTY)
    monkeypatch.syspath_prepend(str(folder))
    shutil.copytree(learned_home, tmp_path / "home")
    shops = []

    def plugged(enabled):
        shops.append(Shop(tmp_path / "home", {**KNOBS, "plugins.enabled": enabled}, clock=lambda: now))
        return shops[-1]

    yield plugged
    for shop in shops:
        shop.close()
    sys.modules.pop("faulty_served", None)


def test_plugins_are_listed_with_how_they_do_and_a_failing_one_holds_no_request_up(plugged, open_door, problem):
    with open_door(plugged("raising")) as door:
        door.wait_until_ready()
        assert door.decide()["offers"]
        problem(door.ask("GET", "/v1/plugins", key=None), 401, "key_needed")
        rows = {row["name"]: row for row in door.ask("GET", "/v1/plugins").json()["plugins"]}
        assert (rows["raising"]["state"], rows["raising"]["api_version"]) == ("failed", 1)
        assert rows["raising"]["failures"] == {"error": 1, "slow": 0, "busy": 0, "answer": 0}
        assert rows["fine"]["state"] == "installed"
        assert door.ask("GET", "/readyz", key=None).json()["plugins_failed"] == ["raising"]
        figures = door.ask("GET", "/metrics", key=None).text
        assert 'crosslift_plugin_errors_total{cause="error",plugin="raising"} 1.0' in figures
        assert 'crosslift_plugin_running{plugin="raising"} 0.0' in figures
        assert door.decide()["offers"]


def test_a_server_with_a_plugin_it_cannot_take_does_not_start(plugged, open_door):
    with pytest.raises(BadInput, match="plugin 'old' of faulty_served"), open_door(plugged("old")):
        pass


def test_a_gate_holds_while_the_store_is_down(plugged, open_door, monkeypatch):
    shop = plugged("raising-gate")
    with open_door(shop) as door:
        door.wait_until_ready()
        gate = shop.plugins._all["raising-gate"].loaded.made
        monkeypatch.setattr(type(gate), "terms", type(gate.terms)("not_now", "Not now."))

        def down(*_):
            raise StoreDown("the disk is full")

        monkeypatch.setattr(shop.records, "person", down)
        said = door.decide()
        assert (said["degraded"], said["offers"]) == (True, [])
        assert said["no_offer"] != NoOffer.NO_CANDIDATES
