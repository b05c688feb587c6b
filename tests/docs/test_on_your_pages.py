"""The section on the widget says what the widget does: its places, its caps, its variables, its events, its calls."""

import re

import pytest

from crosslift.deliver.channels.blocks import BLOCKS, WHERE
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL
from crosslift.web.openapi import OPERATIONS

PAGES = ("docs/4-deliver.md", "docs/ko/4-deliver.md", "docs/ja/4-deliver.md")


@pytest.fixture(scope="module", params=PAGES)
def section(repo, request):
    text = (repo / request.param).read_text(encoding="utf-8")
    [found] = [part for part in re.split(r"^## ", text, flags=re.MULTILINE) if "crosslift-offers" in part]
    return found


@pytest.fixture(scope="module")
def scripts(repo):
    return (repo / "widget/widget.js").read_text(encoding="utf-8")


def test_every_place_stands_there_with_its_cap_and_what_else_is_shown(section):
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (.+?) \|$", section, re.MULTILINE)
    assert {name: int(most) for name, most, _ in rows} == {name: HELPFUL.max_extras[name] for name in WHERE}
    else_ = {name: said for name, _, said in rows}
    nothing = {said for name, said in else_.items() if PLACEMENTS[name].fallback == "nothing"}
    assert len(nothing) == 1
    assert nothing.isdisjoint(said for name, said in else_.items() if PLACEMENTS[name].fallback != "nothing")


def test_the_ten_variables_of_the_theme_are_those_the_widget_reads(section, scripts):
    told = set(re.findall(r"^\| `(--crosslift-[a-z0-9-]+)`", section, re.MULTILINE))
    style = re.search(r"const css = `(.*?)`;", scripts, re.DOTALL)[1]
    assert told == set(re.findall(r"--crosslift-[a-z0-9-]+", style))
    assert len(told) == 10


def test_the_events_and_elements_are_those_of_the_widget(section, scripts):
    told = set(re.findall(r"crosslift:\w+", section))
    assert told == set(re.findall(r'"(crosslift:\w+)"', scripts))
    assert set(re.findall(r"<(crosslift-\w+)", section)) == set(re.findall(r'"(crosslift-\w+)":', scripts))
    assert set(re.findall(r'block="(\w+)"', section)) <= BLOCKS.keys()


def test_the_sizes_are_those_that_keep_room(section, repo):
    style = (repo / "src/crosslift/web/static/widget.css").read_text(encoding="utf-8")
    assert set(re.findall(r'size="(\w+)"', section)) <= set(re.findall(r'size="(\w+)"', style))


def test_the_calls_name_doors_and_parameters_there_are(section):
    paths = {one.path: one for one in OPERATIONS}
    fragment = paths["/v1/fragment"]
    call = re.search(r"curl -G (.*?)(?=^curl)", section, re.DOTALL | re.MULTILINE)[1]
    names = set(re.findall(r"(?:-d|--data-urlencode) (\w+)=", call))
    assert names <= {one.name for one in fragment.parameters}
    assert "/v1/widget?key=pk_..." in section
    assert "/v1/widget" in paths
