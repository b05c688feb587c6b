"""Rules of a policy that stop everything somewhere, sometime, for somebody: what can be told before there is an offer."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from crosslift.decide.case import answers_of
from crosslift.decide.moments import Situation, checks_of
from crosslift.decide.rules import people_of
from crosslift.domain.condition import NOTHING_NEEDED, Needs, needs, needs_of_all
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.rule import Rule, Selector
from crosslift.domain.trait import AGE_TRAITS


class Bars:
    """The rules among some that select every offer; rules about certain offers are asked when there are offers."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = [(one, checks_of(one.moment), people_of(one)) for one in rules if one.stops == Selector()]

    @property
    def needs(self) -> Needs:
        """What has to be known of a person to ask them."""
        ages = AGE_TRAITS if any(rule.younger_than for rule, _, _ in self._rules) else frozenset[str]()
        conditions = [rule.condition for rule, _, _ in self._rules if rule.condition is not None]
        return needs_of_all([needs(conditions), replace(NOTHING_NEEDED, traits=ages)])

    def of(self, person: Person, now: int) -> Callable[[Situation], str | None]:
        """Make them one question of a situation: the code of the first rule that stops everything, None where none does.

        As in a decision, a person who did not consent to personalization on the channel is somebody nobody knows.

        Parameters
        ----------
        person : Person
            With `facts`, where anything is known.
        now : int
            Microseconds UTC.
        """
        known, unknown = (answers_of(person, now, may_use) for may_use in (True, False))

        def code_of(here: Situation) -> str | None:
            may_use = person.is_known and person.allows(Purpose.PERSONALIZATION, here.channel)
            answers = known if may_use else unknown
            for rule, checks, who in self._rules:
                fits = all(check(here) for check in checks)
                if fits and (who is None or answers.hold(f"rule:{rule.rule_id}", who)):
                    return rule.code
            return None

        return code_of
