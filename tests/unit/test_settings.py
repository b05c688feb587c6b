"""Every knob once: defaults, then the file, then the environment, then the argument; anything unknown is refused."""

import tomllib

import pytest

from crosslift.errors import BadInput
from crosslift.settings import KNOBS, VERSION, Settings


@pytest.fixture
def file(tmp_path):
    return tmp_path / "shop.toml"


def load(overrides=None, file=None, **environment):
    return Settings.load(overrides, file=file, environment=environment)


def test_knobs_are_named_once_in_a_section_with_a_default_of_their_type():
    names = [knob.name for knob in KNOBS]
    assert len(set(names)) == len(names)
    for knob in KNOBS:
        section, key = knob.name.split(".")
        assert section.isidentifier()
        assert key.isidentifier()
        assert type(knob.default) is knob.type
        assert knob.help.endswith(".")
        assert knob.low is None or knob.default >= knob.low
        assert knob.high is None or knob.default <= knob.high


def test_the_variables_of_all_knobs_differ():
    assert len({knob.variable for knob in KNOBS}) == len(KNOBS)


def test_without_anything_the_defaults_hold(file):
    assert load(file=file).as_dict() == {knob.name: knob.default for knob in KNOBS}
    assert list(load().as_dict()) == sorted(knob.name for knob in KNOBS)


def test_the_file_gives_way_to_the_environment_and_that_to_the_argument(file):
    file.write_text("[learn]\nmin_lift = 1.1\nmin_baskets = 5\nslice_days = 9\n")
    variables = {"CROSSLIFT_LEARN_MIN_LIFT": "1.2", "CROSSLIFT_LEARN_MIN_BASKETS": "6"}
    found = load({"learn.min_lift": 1.3}, file, **variables)
    assert (found["learn.min_lift"], found["learn.min_baskets"], found["learn.slice_days"]) == (1.3, 6, 9)


def test_the_environment_of_the_process_is_read(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_SHOP_NAME", "Moru")
    assert Settings.load()["shop.name"] == "Moru"


def test_variables_of_others_are_left_alone():
    assert load(CROSSLIFT_CACHE="cache", CROSSLIFT_NO_JIT="1", PATH="/bin").as_dict() == load().as_dict()


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("1", True), ("0", False)])
def test_flags_in_the_environment(text, value):
    assert load(CROSSLIFT_CLEANING_MERGE_DUPLICATES=text)["cleaning.merge_duplicates"] is value


def test_a_whole_number_will_do_for_a_fraction(file):
    file.write_text("[learn]\nmin_lift = 2\n")
    found = load(file=file)["learn.min_lift"]
    assert (found, type(found)) == (2.0, float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[learn]\nmin_lifft = 1\n", "unknown setting 'learn.min_lifft'; `crosslift doctor --settings` lists them all"),
        ("[nonsense]\na = 1\n", "unknown setting 'nonsense.a'"),
        ("name = 'x'\n", r"unknown setting 'name'; settings live in sections such as \[shop\]"),
        ("[learn]\nmin_lift = '1.5'\n", "learn.min_lift = '1.5' is no float"),
        ("[learn]\nmin_baskets = 1.5\n", "learn.min_baskets = 1.5 is no int"),
        ("[learn]\nmin_baskets = true\n", "learn.min_baskets = True is no int"),
        ("[shop]\nname = 5\n", "shop.name = 5 is no str"),
        ("[cleaning]\nmerge_duplicates = 1\n", "cleaning.merge_duplicates = 1 is no bool"),
        ("[learn]\nmax_q_value = 1.01\n", "learn.max_q_value = 1.01 must be between 0 and 1"),
        ("[learn]\nmin_baskets = 0\n", "learn.min_baskets = 0 must be at least 1"),
        ("[learn\n", "not valid TOML: "),
        ("[shop]\nname = 'Moru\n", "not valid TOML: "),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_key(file, text, message):
    file.write_text(text)
    with pytest.raises(BadInput, match=message) as caught:
        load(file=file)
    assert caught.value.where == str(file)


def test_a_file_in_another_encoding_is_refused(file):
    file.write_bytes("[shop]\nname = '커피'\n".encode("cp949"))
    with pytest.raises(BadInput, match="not valid TOML: 'utf-8' codec can't decode"):
        load(file=file)


def test_a_wrong_variable_is_refused_by_its_name():
    with pytest.raises(BadInput, match=r"CROSSLIFT_LEARN_MIN_BASKETS: learn.min_baskets = 'many' is no int"):
        load(CROSSLIFT_LEARN_MIN_BASKETS="many")
    with pytest.raises(BadInput, match=r"CROSSLIFT_SERVE_PORT: serve.port = 70000 must be between 0 and 65535"):
        load(CROSSLIFT_SERVE_PORT="70000")


def test_a_wrong_argument_is_refused():
    with pytest.raises(BadInput, match=r"argument: unknown setting 'learn.lift'"):
        load({"learn.lift": 1})
    with pytest.raises(BadInput, match=r"argument: learn.min_lift = '1.5' is no float"):
        load({"learn.min_lift": "1.5"})


def test_values_cannot_be_changed_through_what_is_given_out():
    found = load()
    found.as_dict()["learn.min_lift"] = 99
    assert found["learn.min_lift"] != 99
    with pytest.raises(KeyError):
        found["learn.unknown"]


def test_the_version_is_that_of_the_package(repo):
    import crosslift

    assert crosslift.__version__ == VERSION
    assert (
        tomllib.loads((repo / "pyproject.toml").read_text())["tool"]["hatch"]["version"]["path"]
        == "src/crosslift/settings.py"
    )
