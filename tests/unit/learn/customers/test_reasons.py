import json

import numpy as np

from crosslift.learn.customers.reasons import written


def test_of_several_reasons_for_one_figure_the_first_counts():
    some, all_of_them = np.array([True, False, False]), np.array([True, True, False])
    found = written([(("clv", "aov"), "no_orders", some), (("clv",), "few_people", all_of_them)], 3)
    assert [json.loads(text) for text in found.to_pylist()] == [
        {"clv": "no_orders", "aov": "no_orders"}, {"clv": "few_people"}, {},
    ]  # fmt: skip


def test_people_who_lack_the_same_share_one_text():
    everybody = np.ones(1_000, bool)
    assert len(written([(("a",), "b", everybody)], 1_000).dictionary) == 1
    assert written([], 0).to_pylist() == []
