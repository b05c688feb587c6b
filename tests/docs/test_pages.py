"""What the pages name exists: files, make targets, commands, the version."""

import importlib
import re

import pytest

import crosslift

ROOMS = ("collect", "learn", "decide", "deliver", "measure")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
MAKE = re.compile(r"(?:`|^\s*)make ([a-z][a-z-]*)", re.MULTILINE)
VERB = re.compile(r"(?:`|^\s*|\$ )crosslift (?:--home \S+ )?([a-z]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def pages(repo):
    files = [*repo.glob("*.md"), *(repo / "docs").rglob("*.md")]
    return {file: file.read_text(encoding="utf-8") for file in files}


@pytest.fixture(scope="module")
def targets(repo):
    makefile = (repo / "Makefile").read_text(encoding="utf-8")
    return set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())


def test_every_room_has_its_chapter_in_the_order_of_the_house(repo):
    chapters = sorted(file.stem for file in (repo / "docs").glob("[0-9]-*.md"))
    assert chapters == [f"{number}-{room}" for number, room in enumerate(ROOMS, 1)]


def test_every_link_leads_to_a_file(pages, repo):
    dead = [
        f"{file.relative_to(repo)}: {target}"
        for file, text in pages.items()
        for target in LINK.findall(text)
        if not (file.parent / target).exists()
    ]
    assert not dead


def test_every_make_target_named_exists_and_is_in_the_help(pages, targets, repo):
    named = {target for text in pages.values() for target in MAKE.findall(text)}
    assert named <= targets
    makefile = (repo / "Makefile").read_text(encoding="utf-8")
    assert {target for target in targets if f'"make {target} ' not in makefile} == {"help"}


def test_every_command_named_exists(pages, load_script):
    if not load_script("docs/generate.py").exists("crosslift.cli"):
        pytest.skip("the command line is not there yet")
    import typer

    known = set(typer.main.get_command(importlib.import_module("crosslift.cli").app).commands)
    assert {verb for text in pages.values() for verb in VERB.findall(text)} <= known


def test_no_page_names_the_folder_it_was_written_in(pages, repo):
    assert [file.name for file, text in pages.items() if str(repo) in text] == []


def test_the_changelog_has_an_entry_for_this_version(repo):
    changelog = (repo / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {crosslift.__version__}" in changelog
