"""The chapter on relations explains every number a snapshot holds, and its examples are what the demo shop says."""

import math
import re

import pytest

from crosslift.cli.report import _fact

ROW = re.compile(r"^\| `(\w+)` \| (.+?) \|(?: (.*) \|)?$", re.MULTILINE)
EXAMPLE = re.compile(r"^Example: `([^`]+)` → `([^`]+)`", re.MULTILINE)
WITHIN = 0.05
"""Chance is drawn: other processors, other last digits."""


@pytest.fixture(scope="module")
def page(repo):
    return (repo / "docs" / "how-products-relate.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(page):
    """Kind to the text under its heading."""
    parts = re.split(r"^### `(\w+)`$", page, flags=re.MULTILINE)
    return {
        kind: re.split(r"^## ", text, flags=re.MULTILINE)[0]
        for kind, text in zip(parts[1::2], parts[2::2], strict=True)
    }


@pytest.fixture(scope="module")
def learned(load_script):
    little = load_script("tests/unit/shop/little.py")
    return little.learned(little.pantry(300).orders)


def test_every_kind_of_a_snapshot_has_its_section(sections, learned):
    assert set(sections) == {"complement", *learned.texts["link_kinds"]}


def test_every_column_of_every_kind_is_explained_in_its_section(sections, learned):
    missing = {
        kind: [
            name
            for name in about["columns"]
            if name not in dict.fromkeys(row[0] for row in ROW.findall(sections[kind]))
        ]
        for kind, about in learned.texts["link_kinds"].items()
    }
    assert {kind: names for kind, names in missing.items() if names} == {}


def test_every_setting_named_exists(page):
    from crosslift.settings import KNOBS

    named = set(re.findall(r"`((?:learn|bundles|decide)\.\w+)`", page))
    assert named
    assert named <= {knob.name for knob in KNOBS}


def agree(shown: str, said: str, name: str) -> bool:
    """Compare a cell with what the demo says: texts exactly, numbers within a few percent, q-values by their magnitude."""
    if shown == said:
        return True
    try:
        one, other = (float(text.replace(",", "").lstrip("<")) for text in (shown, said))
    except ValueError:
        return False
    if name in ("q_value", "p_value", "p_threshold") and min(one, other) > 0:
        return math.isclose(math.log10(one), math.log10(other), rel_tol=WITHIN, abs_tol=0.1)
    return math.isclose(one, other, rel_tol=WITHIN)


def test_the_examples_are_what_the_demo_shop_says(sections, demo_home):
    from crosslift.shop import Shop

    wrong, told = [], set()
    with Shop(demo_home) as shop:
        for kind, text in sections.items():
            for source, target in EXAMPLE.findall(text):
                (said,) = (row for row in shop.relations_of(source, [kind]) if row["product"] == target)
                rows = ROW.findall(text)
                told.add(kind)
                wrong += [(kind, name, shown, _fact(name, said[name])) for name, _, shown in rows
                          if not agree(shown, _fact(name, said[name]), name)]  # fmt: skip
                columns = set(said) - {"kind", "from", "from_title", "product", "title", "pair", "score"}
                wrong += [(kind, name, "", "not explained") for name in columns - {name for name, _, _ in rows}]
        report = shop.learning_report()
    assert wrong == []
    assert told == set(sections) - {"searched", "content", "own_list"}
    assert report["kinds"].keys() >= told


def test_the_whole_shop_and_the_pair_that_only_the_raw_lift_calls_one(page, demo_home):
    from crosslift.shop import Shop

    (a, b) = re.search(r"^Example: why not `([^`]+)`, `([^`]+)`", page, re.MULTILINE).groups()
    pair, shop_wide = re.split(r"^Example: ", page.split("## What overrules what")[0], flags=re.MULTILINE)[1:]
    with Shop(demo_home) as shop:
        said = shop.why_not_related(a, b)
        for text, figures in ((pair, said["figures"]), (shop_wide, shop.learning_report())):
            rows = ROW.findall(text)
            assert len(rows) >= 7
            assert [(name, shown, figures[name]) for name, _, shown in rows
                    if not agree(shown, _fact(name, figures[name]), name)] == []  # fmt: skip
    assert not said["is_related"]
    assert said["code"] == "not_sure"
    assert said["figures"]["raw_lift"] > said["figures"]["lift"] > 1.2
