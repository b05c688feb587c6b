from itertools import product

import pytest

from crosslift.decide import candidates
from crosslift.decide.decider import decide
from crosslift.decide.page import Page
from crosslift.decide.record import inputs
from crosslift.domain.customer import Person
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL
from crosslift.domain.pressure import PressureState, Reacted, Reaction


def test_the_same_things_are_worked_out_once():
    page, asked = Page(), []

    def work_out(*given):
        asked.append(given)
        return len(asked)

    thing, twin = [1], [1]
    assert [page.once(work_out, (thing,), 5) for _ in range(3)] == [1, 1, 1]
    assert page.once(work_out, (twin,), 5) == 2  # equal, but another
    assert page.once(work_out, (thing,), 6) == 3
    assert page.once(len, (thing,)) == 1
    assert asked == [(thing, 5), (twin, 5), (thing, 6)]


def test_what_was_given_lives_as_long_as_the_page():
    page = Page()
    answers = {page.once(tuple, ([number],)) for number in range(100)}  # a list let go would leave its id to the next
    assert len(answers) == 100


@pytest.mark.parametrize("placements", list(product(("product", "cart", "home", "popup", "confirmation"), repeat=2)))
def test_a_page_changes_no_answer(little, tea_known, placements):
    now, overlay = int(little.NOW.timestamp() * 1_000_000), little.overlay(tea_known)
    told = (
        Reacted(now - 5, Reaction.DECLINED, "spoon", "", "web"),
        Reacted(now - 4, Reaction.MUTED, "", "kitchen", "web"),
    )
    known = Person(
        "customer:c1", is_known=True, owned=frozenset({"honey"}), consents={("personalization", "*"): True},
        pressure=PressureState(1, (), told),
    )  # fmt: skip
    others = (known, Person("customer:c2", is_known=True, consents={("personalization", "*"): True}))
    page = Page()
    for person, placement in product(others, placements):
        request = Request(placement, little.NOW, person.identity[9:], ("tea",), policy=HELPFUL.name, product="tea")
        given = request, "d1", tea_known, overlay, person, HELPFUL, PLACEMENTS[placement]
        (alone, read), (beside, read_beside) = decide(*given), decide(*given, page=page)
        assert alone == beside
        assert inputs(request, person, read) == inputs(request, person, read_beside)


def test_what_is_alike_is_worked_out_once():
    page, answers, thing = Page(), iter(range(9)), [1]
    again = [page.alike("price", (thing,), ("tea",), lambda: next(answers)) for _ in range(3)]
    assert again == [0, 0, 0]
    assert page.alike("price", ([1],), ("tea",), lambda: next(answers)) == 1  # equal, but another
    assert page.alike("price", (thing,), ("cup",), lambda: next(answers)) == 2
    assert page.alike("owned", (thing,), ("tea",), lambda: next(answers)) == 3


def test_placements_that_ask_the_same_of_the_same_share_what_is_found(little, tea_known, monkeypatch):
    gathered = []
    gather = candidates.gather
    monkeypatch.setattr(candidates, "gather", lambda *given: gathered.append(given[2]) or gather(*given))
    page, overlay = Page(), little.overlay(tea_known)
    for placement, cart in (("product", ()), ("cart", ("tea",)), ("confirmation", ("tea",)), ("cart", ("cup",))):
        request = Request(placement, little.NOW, None, cart, policy=HELPFUL.name, product=None if cart else "tea")
        decide(request, "d1", tea_known, overlay, Person(), HELPFUL, PLACEMENTS[placement], page=page)
    assert len(gathered) == 2  # beside tea once, beside the cup once
