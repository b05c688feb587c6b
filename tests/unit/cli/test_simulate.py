"""`crosslift simulate`: a draft tried on what was decided, told as tables or JSON; and the reckoning on paper."""

import pytest

OURS = """
name = "our-shop"
extends = "helpful"
"""
DRAFT = f"""{OURS}
[[rules]]
id = "quiet-carts"
gate = "applicable"
code = "quiet_here"
owner = "mina"
reason = "Nothing is offered in the cart."
when.placements = ["cart"]
"""


@pytest.fixture
def ask(run, own_home, tmp_path):
    """Run the verb in a home where a cart and a page were answered just now; `draft.toml` stands for the draft."""
    (tmp_path / "draft.toml").write_text(DRAFT, encoding="utf-8")
    (tmp_path / "ours.toml").write_text(OURS, encoding="utf-8")
    said = ("--author", "mina")
    assert run("--home", own_home, "policies", "draft", tmp_path / "ours.toml", *said, "--reason", "a test").code == 0
    assert run("--home", own_home, "policies", "publish", "our-shop", 1, *said).code == 0
    for place in ("cart", "checkout"):
        asked = ("--placement", place, "--cart", "P00", "--policy", "our-shop")
        assert run("--home", own_home, "decide", *asked).code == 0

    def ask(*words):
        return run("--home", own_home, "simulate", *(tmp_path / w if w == "draft.toml" else w for w in words))

    return ask


def test_a_draft_is_tried(ask):
    found = ask("--draft", "draft.toml", "--json").json
    assert (found["n_decisions"], found["n_replayed"], found["days"], found["instead_of"]) == (2, 2, 30, ["our-shop"])
    assert found["decisions"] == {"gained": 0, "lost": 1, "other_offers": 0}
    assert [one["code"] for one in found["blocked"] if one["change"] > 0] == ["quiet_here"]


def test_a_page_for_people(ask):
    page = ask("--draft", "draft.toml", "--days", 7).out
    assert "our-shop in place of our-shop, last 7 days: 2 decisions" in page
    assert "tried 2; made again as recorded 2" in page
    assert "people: 0 would newly get an offer, 0 would get none any more" in page
    assert "quiet_here" in page
    assert "priority: not estimable" in page
    assert "Contacts are counted in the order of time" in page


def test_the_newest_alone(ask):
    page = ask("--draft", "draft.toml", "--most", 1).out
    assert "tried 1, the newest 50.0%" in page


def test_a_faulty_draft_names_its_line(ask, tmp_path):
    (tmp_path / "draft.toml").write_text('name = "x"\nnonsense = 1\n', encoding="utf-8")
    done = ask("--draft", "draft.toml")
    assert done.code == 1
    assert "line 2" in done.err


@pytest.mark.parametrize(
    "words", [(), ("price=5",), ("--draft", "draft.toml", "--what-if"), ("--draft", "draft.toml", "x=1")]
)
def test_one_of_the_two_is_asked(run, tmp_path, words):
    done = run("--home", tmp_path / "none", "simulate", *words)
    assert done.code == 2
    assert "name a draft" in done.err


def test_a_reckoning_on_paper_needs_no_shop(run, tmp_path):
    def reckon(*words):
        return run("--home", tmp_path / "none", "simulate", "--what-if", *words)

    said = ("price=5", "rate=0.35", "orders=1000")
    assert "350 of 1,000 orders a month take it at 5 USD" in reckon(*said).out
    assert "revenue: 1,750 USD a month\n" in reckon(*said).out
    assert reckon(*said, "--json").json == {
        "n_sold_a_month": "350", "revenue_a_month": {"amount": "1750", "currency": "USD"}, "margin_a_month": None,
    }  # fmt: skip
    more = reckon(*said, "margin=40%", "returns=10%", "currency=KRW").out
    assert "revenue: 1,575 KRW a month after 10.0% returned" in more
    assert "margin: 630 KRW a month" in more
    assert reckon("price=5").code == 1
    assert not (tmp_path / "none").exists()
