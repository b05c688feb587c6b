import numpy as np
import pytest

from crosslift.decide.candidates import Candidates
from crosslift.decide.found import no_rows, ones
from crosslift.decide.pauses import pauses
from crosslift.domain.policy import GENTLE
from crosslift.domain.pressure import DAY, Cooldown, PressureLimits, PressureState, Reacted, Reaction

NOW = 20_000 * DAY
IGNORED = PressureLimits(cooldowns=(Cooldown(Reaction.SEEN, 10.0, "product", 3, 30.0),))


def days_ago(days, reaction=Reaction.SEEN, product="cup", category=""):
    return Reacted(NOW - round(days * DAY), reaction, product, category)


@pytest.fixture
def resting(tea_known):
    """Name the products that rest."""

    def resting(limits, *reactions, now=NOW, parent_of=str):
        n = tea_known.n_items
        items, none = np.arange(n, dtype=np.int32), no_rows(n)
        found = Candidates(items, ones(n), np.zeros(n, np.int8), none, none, ones(n), ("complement",))
        mask = pauses(PressureState(reactions=reactions), limits, tea_known, now, parent_of).mask(tea_known, found)
        return set() if mask is None else {tea_known.products[item] for item in items[mask]}

    return resting


def test_what_was_declined_rests_for_its_days(resting):
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.DECLINED, 90.0),))
    said = days_ago(0, Reaction.DECLINED)
    assert resting(limits, said, now=NOW + 90 * DAY - 1) == {"cup"}
    assert resting(limits, said, now=NOW + 90 * DAY) == set()


def test_three_glances_without_a_click_are_a_no_for_ten_days(resting):
    seen = [days_ago(days) for days in (20, 9, 2)]
    assert resting(IGNORED, *seen) == {"cup"}
    assert resting(IGNORED, *seen[:2]) == set()
    assert resting(IGNORED, *seen, now=NOW + 8 * DAY - 1) == {"cup"}
    assert resting(IGNORED, *seen, now=NOW + 8 * DAY) == set()


def test_a_pause_does_not_end_because_its_first_glance_grows_old(resting):
    seen = [days_ago(days) for days in (35, 20, 6)]
    assert resting(IGNORED, *seen) == {"cup"}


def test_glances_too_far_apart_do_not_add_up(resting):
    assert resting(IGNORED, *[days_ago(days) for days in (30, 10, 0)]) == set()
    assert resting(IGNORED, *[days_ago(days) for days in (29.99, 10, 0)]) == {"cup"}


@pytest.mark.parametrize("answer", [Reaction.CLICKED, Reaction.ACCEPTED])
def test_a_click_forgets_the_glances_before_it(resting, answer):
    assert resting(IGNORED, days_ago(5), days_ago(4), days_ago(3, answer), days_ago(2)) == set()
    assert resting(IGNORED, days_ago(6), days_ago(5, answer), *[days_ago(d) for d in (4, 3, 2)]) == {"cup"}


def test_a_click_on_another_product_forgets_nothing(resting):
    seen = [days_ago(days) for days in (5, 4, 3)]
    assert resting(IGNORED, *seen, days_ago(1, Reaction.CLICKED, "honey")) == {"cup"}


def test_a_whole_category_may_rest(resting):
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.SEEN, 10.0, "category", 3, 30.0),))
    seen = [days_ago(3, product="cup"), days_ago(2, product="spoon"), days_ago(1, product="saucer")]
    assert resting(limits, *seen) == {"cup", "saucer", "spoon"}
    assert resting(limits, *seen, days_ago(0, Reaction.CLICKED, "spoon")) == set()


def test_a_category_is_remembered_when_its_product_has_gone(resting):
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.DECLINED, 10.0, "category"),))
    assert resting(limits, days_ago(1, Reaction.DECLINED, "gone", "table")) == {"cup", "saucer", "spoon"}
    assert resting(limits, days_ago(1, Reaction.DECLINED, "gone", "tab")) == set()


def test_a_no_to_a_variant_is_a_no_to_its_product(resting):
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.DECLINED, 10.0),))
    assert resting(limits, days_ago(1, Reaction.DECLINED, "cup-red")) == set()
    parents = {"cup-red": "cup"}
    assert resting(limits, days_ago(1, Reaction.DECLINED, "cup-red"), parent_of=lambda n: parents.get(n, n)) == {"cup"}


def test_what_was_muted_rests_for_good_under_any_policy(resting):
    assert resting(PressureLimits(), days_ago(9_000, Reaction.MUTED)) == {"cup"}
    assert resting(PressureLimits(), days_ago(9_000, Reaction.MUTED, "", "table")) == {"cup", "saucer", "spoon"}


def test_a_muted_product_leaves_its_category_alone(resting):
    limits = PressureLimits(cooldowns=(Cooldown(Reaction.SEEN, 10.0, "category", 3),))
    assert resting(limits, days_ago(1, Reaction.MUTED)) == {"cup"}


def test_the_built_in_limits_leave_alone_what_was_returned_and_whom_somebody_answered(resting):
    assert resting(GENTLE, days_ago(170, Reaction.RETURNED)) == {"cup"}
    assert resting(GENTLE, days_ago(181, Reaction.RETURNED)) == set()
    assert resting(GENTLE, days_ago(1, Reaction.ACCEPTED), days_ago(1, Reaction.CLICKED)) == set()


def test_a_pause_names_what_it_rests_on(tea_known):
    seen = [days_ago(days) for days in (9, 5, 4, 3)]
    state = PressureState(reactions=tuple(seen))
    assert pauses(state, IGNORED, tea_known, NOW).places == {tea_known.index["cup"]: seen[1:]}
