from crosslift.decide.who import NOBODY, Answers
from crosslift.domain.membership import PersonFacts, predicate
from crosslift.domain.profile import Profile
from crosslift.domain.segment_grammar import parse

LOYAL = predicate(parse("orders >= 3"))
OPEN = predicate(parse("open_cases > 0"))


def test_what_held_is_named_and_what_did_not_is_not():
    answers = Answers(PersonFacts(Profile("customer:c1", 0, n_orders=4)), 0)
    assert (answers.hold("rule:loyal", LOYAL), answers.hold("rule:open", OPEN)) == (True, False)
    assert answers.held == ("rule:loyal",)


def test_each_condition_is_asked_once():
    asked = []
    answers = Answers(NOBODY, 7)

    def ask(facts, now):
        asked.append(now)
        return True

    assert answers.hold("one", ask)
    assert answers.hold("one", ask)
    assert asked == [7]


def test_a_decision_made_again_asks_nobody():
    answers = Answers(NOBODY, 0, kept=("rule:loyal",))
    assert (answers.hold("rule:loyal", LOYAL), answers.hold("rule:open", OPEN)) == (True, False)
    assert answers.held == ("rule:loyal",)


def test_nobody_is_the_blank_profile():
    answers = Answers(NOBODY, 0)
    assert not answers.hold("loyal", LOYAL)
    assert answers.hold("new", predicate(parse("orders = 0")))
    assert not answers.hold("stage", predicate(parse('stage is not "lapse"')))
