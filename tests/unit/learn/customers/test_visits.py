import numpy as np

from crosslift.learn.customers.visits import MINUTE, begins


def test_a_break_longer_than_allowed_or_another_person_begins_a_visit():
    who = np.array([1, 1, 1, 1, 2])
    at = np.array([0, 30, 61, 61, 62]) * MINUTE
    assert begins(who, at, 30).tolist() == [0, 2, 4]


def test_the_first_act_begins_a_visit_whoever_it_is_of():
    assert begins(np.array([0]), np.array([5]), 30).tolist() == [0]
    assert begins(np.zeros(0, int), np.zeros(0, int), 30).tolist() == []
