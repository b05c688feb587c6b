from itertools import product

import pytest

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
