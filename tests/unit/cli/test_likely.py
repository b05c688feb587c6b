"""`crosslift customers propensity` and `uplift`: what they print for people and programs."""

import pytest


@pytest.fixture
def customers(run, stocked_home):
    return lambda *words: run("--home", stocked_home, "customers", *words)


def test_propensity_says_what_it_rests_on(customers):
    page = customers("propensity", "P23", "--rate", "0.2", "--worth", "50", "--most", "3")
    assert page.code == 0, page.err
    assert page.out.startswith("P23: ")
    assert "people who have anything else have it" in page.out
    found = customers("propensity", "P23", "--json").json
    assert found["n_positive"] <= found["n_people"]


def test_half_a_belief_and_an_unknown_product_are_refused(customers):
    assert customers("propensity", "P23", "--rate", "0.2").code == 2
    assert "no product 'nothing'" in customers("propensity", "nothing").err


def test_uplift_prints_effects_with_intervals_or_why_there_are_none(run, own_home):
    rows = "".join(
        f"x{row},2026-10-01T10:00:00Z,u{row},{'ab'[row % 2]},0.5,{int(row % 10 < 3 + 2 * (row % 2))}\n"
        for row in range(800)
    )
    path = own_home.parent / "choices.csv"
    path.write_text(f"choice_id,at,unit_id,action,probability,outcome\n{rows}", encoding="utf-8")
    assert run("--home", own_home, "collect", path).code == 0
    page = run("--home", own_home, "customers", "uplift", "b").out
    assert "against a: 400 choices and 400" in page
    assert "difference" in page
    assert "whom it moves: not estimable" in page
    assert run("--home", own_home, "customers", "uplift", "b", "--json").json["basis"] == "measured"
    assert (
        "not estimable, 0 choices of 'c'" in run("--home", own_home, "customers", "uplift", "a", "--against", "c").out
    )
    unknown = run("--home", own_home, "customers", "uplift", "c")
    assert (unknown.code, "no choice of 'c' was logged; logged were a, b" in unknown.err) == (1, True)
