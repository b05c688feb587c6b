"""Plugins of a shop: what is refused at the start, and how a switch reaches every process."""

import sys

import pytest

from crosslift.decide.plugged import with_gates
from crosslift.domain.plugin import AskedGate, GateTerms, Kind
from crosslift.domain.policy import HELPFUL
from crosslift.errors import BadInput, StoreDown
from crosslift.settings import Settings
from crosslift.shop import installed
from crosslift.shop.installed import made_of, wrong_with
from crosslift.shop.plugins import LOOK_SECONDS, Plugins, catalog

CODE = """
from crosslift.domain.plugin import GateTerms, Proposal


class Good:
    api_version = 1
    reason = ""

    def propose(self, question):
        return [Proposal("P07", 0.5)]


class Spoken(Good):
    reason = "nobody"


class Mute:
    api_version = 1
    reason = ""


class NoTerms:
    api_version = 1

    def judge(self, question, product_ids):
        return ()


class BadTerms(NoTerms):
    terms = GateTerms("Not This", "why")


class Ends:
    def __init__(self):
        raise SystemExit("no licence")
"""
POINTS = {
    "candidates/good": "Good", "candidates/spoken": "Spoken", "candidates/mute": "Mute", "gates/no-terms": "NoTerms",
    "gates/bad-terms": "BadTerms", "reasons/ends": "Ends", "candidates/nothing": "Nothing", "candidates/Loud": "Good",
}  # fmt: skip


class Kept:
    """The shop-wide values of the records, and nothing else of them."""

    def __init__(self):
        self.values, self.is_down = {}, False

    def meta(self, key, default=None):
        if self.is_down:
            raise StoreDown("the disk is full")
        return self.values.get(key, "")

    def set_meta(self, key, value, entry=None):
        if self.is_down:
            raise StoreDown("the disk is full")
        self.values[key] = value


class Hand:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def pluggable(load_script):
    return load_script("tests/unit/shop/pluggable.py")


@pytest.fixture
def site(pluggable, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(pluggable.package(tmp_path / "site", "some_plugins", POINTS, CODE)))
    yield tmp_path / "site"
    sys.modules.pop("some_plugins", None)


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def begun(site, kept, little):
    def begun(enabled="good", monotonic=None, **knobs):
        settings = Settings.load({"plugins.enabled": enabled, **knobs}, environment={})
        return Plugins(settings, kept, little.Clock(), monotonic or Hand())

    return begun


def test_without_names_nothing_is_looked_for(kept, little, monkeypatch):
    monkeypatch.setattr(installed, "entry_points", None)
    plugins = Plugins(Settings.load({}, environment={}), kept, little.Clock())
    assert (plugins.is_online, plugins.sources(), plugins.channels()) == (False, [], {})
    assert plugins.round(HELPFUL).policy is HELPFUL


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("mute", "is of kind candidates and has no method propose"),
        ("no-terms", "has no terms: crosslift.domain.plugin.GateTerms"),
        ("bad-terms", "has terms without a code of small letters ('Not This') or without a reason"),
        ("ends", "cannot be started (SystemExit: no licence)"),
        ("nothing", "cannot be started (AttributeError: "),
        ("Loud", "has no name of small letters, digits and '-'"),
        ("spoken", "needs the reasons of 'nobody'; name that one in the list too"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name_and_reason(begun, name, why):
    with pytest.raises(BadInput) as raised:
        begun(name)
    assert f"plugin {name!r}" in str(raised.value)
    assert why in str(raised.value)
    assert str(raised.value).endswith(", or take it out of plugins.enabled")


def test_two_packages_with_one_name_are_refused(begun, pluggable, tmp_path, monkeypatch):
    other = pluggable.package(tmp_path / "other", "other_plugins", {"channels/good": "Good"}, CODE)
    monkeypatch.syspath_prepend(str(other))
    with pytest.raises(BadInput, match=r"is brought by some_plugins \(candidates\) and other_plugins \(channels\)"):
        begun("good")


def test_the_list_names_what_is_refused_and_raises_nothing(site):
    rows = catalog(Settings.load({"plugins.enabled": "good, ends"}, environment={}))
    states = {row["name"]: row["state"] for row in rows}
    assert (states["good"], states["ends"], states["mute"]) == ("running", "refused", "installed")
    assert "no licence" in next(row["why"] for row in rows if row["name"] == "ends")


def test_a_switch_reaches_every_process_at_its_next_look(begun):
    hand = Hand()
    here, there = begun(), begun(monotonic=hand)
    here.switch("good", is_on=False)
    assert here.of(Kind.CANDIDATES) == []
    assert len(there.of(Kind.CANDIDATES)) == 1
    hand.now = LOOK_SECONDS
    assert there.of(Kind.CANDIDATES) == []
    here.switch("good", is_on=True)
    hand.now = 2 * LOOK_SECONDS
    assert len(there.of(Kind.CANDIDATES)) == 1


def test_while_the_records_are_down_everything_stays_as_it_was(begun, kept):
    hand = Hand()
    plugins = begun(monotonic=hand)
    kept.is_down, hand.now = True, LOOK_SECONDS
    assert len(plugins.of(Kind.CANDIDATES)) == 1
    plugins._given_up("good", "error: it broke")
    assert plugins.troubled() == ["good"]


def test_a_policy_keeps_its_gates_as_one_object_so_that_it_is_compiled_once(begun):
    plugins = begun()
    assert plugins.round(HELPFUL).policy is plugins.round(HELPFUL).policy
    gate = AskedGate("g", "1.0", GateTerms("not_now", "Not now.", categories=("tea",)))
    stops, failed = with_gates(HELPFUL, (gate,)).rules[-2:]
    assert (stops.code, stops.owner, stops.spares_needs, stops.stops.categories) == (
        "not_now", "plugin g 1.0", False, ("tea",),
    )  # fmt: skip
    assert (failed.code, failed.rule_id) == ("plugin_failed", "plugin:g:failed")


def test_a_metric_and_a_source_say_what_they_are_or_are_refused():
    class Nothing:
        api_version = 1
        sources = ()
        metric = "aov"

        def measure(self, lines):
            return None

    assert "has no sources" in wrong_with(Kind.SOURCE, Nothing())
    assert "has no metric" in wrong_with(Kind.METRIC, Nothing())


def test_it_is_made_only_from_what_is_installed(site):
    good = next(one for one in installed.installed() if one.name == "good")
    assert (good.package, good.version, made_of(good).made.api_version) == ("some_plugins", "1.0", 1)
