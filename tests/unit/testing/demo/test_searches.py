"""Searches and pages read: in three languages, in several spellings, and with the conversion that was stated."""

import json
from collections import Counter, defaultdict
from unicodedata import normalize

import numpy as np
import pytest

from crosslift.testing.demo import DemoFiles
from crosslift.testing.demo.catalog import PLACE
from crosslift.testing.demo.guides import GUIDES
from crosslift.testing.demo.sales import draw_sales
from crosslift.testing.demo.searches import SPELLINGS, TERMS, draw_searches, spelled
from crosslift.testing.demo.views import draw_views


@pytest.fixture(scope="module")
def events(demo: DemoFiles) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = defaultdict(list)
    for line in demo.events.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        found[event["event"]].append(event)
    return found


def _plain(query: str) -> str:
    return " ".join(normalize("NFKC", query).casefold().split())


def test_every_spelling_is_the_same_term() -> None:
    for term in TERMS:
        assert {_plain(spelled(term.query, way)) for way in range(SPELLINGS)} == {_plain(term.query)}


def test_terms_are_searched_in_every_spelling(events: dict[str, list[dict]]) -> None:
    queries = Counter(event["properties"]["query"] for event in events["Products Searched"])
    assert {_plain(query) for query in queries} == {_plain(term.query) for term in TERMS}
    assert {"filter 02", "FILTER 02", " filter  02 ", "ｆｉｌｔｅｒ ０２"} <= set(queries)
    assert queries["filter 02"] == max(queries.values())


def test_what_a_term_means_is_bought_as_often_as_stated() -> None:
    people, visits, lines, _ = draw_sales(20_000, seed=3)
    searches = draw_searches(people, visits, lines, draw_views(people, visits, lines, seed=3), seed=3)
    for place, term in enumerate(TERMS):
        mine = np.flatnonzero(searches.term == place)
        if not term.means or len(mine) < 150:
            continue
        wanted = np.isin(lines.product, [PLACE[name] for name in term.means]) & (lines.quantity > 0)
        order = np.unique(lines.order[wanted])
        bought: dict[int, list[int]] = defaultdict(list)
        for person, at in zip(visits.person[order].tolist(), visits.at[order].tolist(), strict=True):
            bought[person].append(at)
        asked = zip(searches.person[mine].tolist(), searches.at[mine].tolist(), strict=True)
        led = [any(0 < moment - at <= 1_800 for moment in bought[person]) for person, at in asked]
        assert np.mean(led) == pytest.approx(term.conversion, abs=0.03), term.query


def test_guides_are_read_in_the_readers_language(events: dict[str, list[dict]]) -> None:
    titles = {event["properties"]["title"] for event in events["Content Viewed"]}
    assert titles == {title for guide in GUIDES for title in (guide.title, guide.title_ko, guide.title_ja)}
    about = {
        event["properties"]["content_id"]: event["properties"].get("product_id") for event in events["Content Viewed"]
    }
    assert about == {guide.content_id: guide.about or None for guide in GUIDES}


def test_strangers_search_and_known_people_read(events: dict[str, list[dict]]) -> None:
    searches, reads = events["Products Searched"], events["Content Viewed"]
    assert 0.2 < sum("userId" in event for event in searches) / len(searches) < 0.8
    assert sum("userId" in event for event in reads) / len(reads) > 0.7
    assert not [event for event in searches + reads if event.get("userId") in {"C-SATO", "C-MINJI"}]
