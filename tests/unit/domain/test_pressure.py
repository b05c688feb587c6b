from datetime import time

import pytest

from crosslift.domain.pressure import (
    CONTACT_DAYS,
    DAY,
    Cap,
    Contact,
    ContactState,
    Cooldown,
    QuietHours,
    Reaction,
    is_below,
)
from crosslift.errors import BadInput


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Cap(-1, 7.0), "a cap of -1 contacts"), (lambda: Cap(1, 0.0), "a cap over 0 days"),
        (lambda: Cap(1, CONTACT_DAYS + 1.0), "contacts are kept 366 days"),
        (lambda: Cooldown(Reaction.DECLINED, 9.0, "shelf"), "choose product, category, all"),
        (lambda: Cooldown(Reaction.DECLINED, 9.0, n_times=0), "after 0 x declined"),
        (lambda: Cooldown(Reaction.DECLINED, 0.0), "times and days are above 0"),
        (lambda: Cooldown(Reaction.SEEN, 100.0, n_times=3), "together at most 184"),
        (lambda: QuietHours(time(9), time(9)), "quiet hours from 09:00 to 09:00"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(wrong, says):
    with pytest.raises(BadInput, match=says):
        wrong()


def test_only_what_is_reserved_now_or_was_confirmed_counts():
    made = {state: Contact(0, "web", "", state, 10) for state in ContactState}
    assert [state for state, one in made.items() if one.counts_at(9)] == [ContactState.RESERVED, ContactState.CONFIRMED]
    assert [state for state, one in made.items() if one.counts_at(10)] == [ContactState.CONFIRMED]


def test_a_contact_is_about_each_of_its_topics_and_all_above_them():
    mail = Contact(0, "email", "Coffee/Beans\nsleep", ContactState.CONFIRMED)
    assert [mail.is_about((topic,)) for topic in ("Coffee", "Coffee/Beans", "sleep", "Beans", "Coffee/Be")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert is_below("Coffee/Beans", "Coffee/")


def test_days_become_whole_microseconds():
    assert (Cap(1, 0.5).span, Cooldown(Reaction.DECLINED, 1 / 3).span) == (DAY // 2, DAY // 3)
    assert Cooldown(Reaction.SEEN, 1.0, n_times=2, within_days=2.0).within == 2 * DAY
