"""`crosslift measure threshold`: a bar with its effect and assumption, or why there is none."""

import pytest


@pytest.fixture(scope="module")
def home(little, tmp_path_factory):
    """Orders of 42 for the most part, some of 54."""
    home = tmp_path_factory.mktemp("threshold") / "home"
    catalog = [
        {"product_id": name, "title": name.title(), "price": price, "cost": cost, "currency": "USD"}
        for name, price, cost in (("tea", "42", "16.8"), ("cup", "12", "4.8"))
    ]
    with little.open_shop(home) as shop:
        rows = little.order_rows(
            little.orders(*[["tea"]] * 350, *[["tea", "cup"]] * 50), prices={"tea": "42", "cup": "12"}
        )
        shop.collect(little.write(home / "orders.csv", rows), little.write(home / "products.csv", catalog))
    return home


def test_the_bar_its_effect_and_what_it_rests_on_are_printed(run, home):
    out = run("--home", home, "measure", "threshold", "--worth", 0.5).out
    assert "half of them 42.00 USD or more; what is sold earns 60.0%" in out
    assert "400 orders from 2026-09-02 to 2026-11-01" in out
    assert "Suggested: from 50 USD" in out
    assert "usually 8 short" in out
    assert "where 10% of those within reach add what is missing: +" in out
    assert "95 % interval" in out
    assert "Assumed, not learned" in out
    assert "Mind: of 100% of sales nobody told the tax" in out
    assert '[[bars]]\nid = "from-50"\namount = 50.0' in out
    assert run("--home", home, "measure", "threshold", "--worth", 0.5, "--json").json["suggested"]["amount"] == 50.0


def test_where_none_pays_that_is_said(run, home):
    out = run("--home", home, "measure", "threshold", "--worth", 9).out
    assert "No bar is suggested: no bar earns what it gives away" in out
    assert "[[bars]]" not in out


def test_too_few_orders_say_so(run, home):
    ran = run("--home", home, "measure", "threshold", "--worth", 1, "--currency", "EUR")
    assert (ran.code, ran.out) == (0, "not estimable, 0 orders in EUR have a price, at least 200 needed\n")
    told = run("--home", home, "measure", "threshold", "--worth", 1, "--currency", "EUR", "--json").json
    assert told == {"not_estimable": "0 orders in EUR have a price, at least 200 needed"}
    late = run("--home", home, "measure", "threshold", "--worth", 1, "--from", "2026-10-31").out
    assert late.startswith("not estimable, ")
    wrong = run("--home", home, "measure", "threshold", "--worth", -1)
    assert (wrong.code, wrong.out) == (2, "")
    assert "reaching a bar cannot cost -1" in wrong.err
