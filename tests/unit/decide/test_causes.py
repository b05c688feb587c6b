import pytest

from crosslift.decide import candidates, sources
from crosslift.decide.causes import OF_SIGHT, silent_over, with_cause
from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.curation import NOTHING
from crosslift.domain.customer import Due
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, Goal


@pytest.mark.parametrize("placement", PLACEMENTS.values(), ids=PLACEMENTS)
@pytest.mark.parametrize("cart", [(), ("tea",), ("tea", "cup")])
def test_sources_without_a_cause_would_have_named_nothing(tea_known, places, placement, cart):
    context = Context(cart=places(tea_known, *cart) if cart else NO_ITEMS)
    every = sources.sources_of(HELPFUL, placement, ())
    speaking = [one for one in every if one not in silent_over(tea_known)]
    some = with_cause(speaking, context, NOTHING)
    found, all_found = (candidates.gather(tea_known, context, names) for names in (some, every))
    assert set(some) < set(every)
    for column in ("items", "scores", "rows", "anchors", "weights"):
        assert getattr(found, column).tolist() == getattr(all_found, column).tolist()
    assert list(map(found.source_of, range(len(found.items)))) == list(
        map(all_found.source_of, range(len(found.items)))
    )


def test_each_cause_lets_its_source_speak(tea_known, places):
    names, tea = ["stand_in", "refill", "goal", "searched", "content", "complement"], places(tea_known, "tea")
    asked = {
        "stand_in": Context(page=tea), "refill": Context(dues={1: Due("tea", 0, 30.0, None, 3, "own")}),
        "goal": Context(goals=(Goal("g", {}),)),
        "searched": Context(query="tea"), "content": Context(content="guide"),
    }  # fmt: skip
    for name, context in asked.items():
        assert with_cause(names, context, NOTHING) == [name, "complement"]


def test_every_source_named_here_is_one(tea_known):
    assert set(sources.SOURCES) >= OF_SIGHT | silent_over(tea_known)
