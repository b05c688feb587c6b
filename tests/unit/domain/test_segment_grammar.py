from datetime import date

import pytest

from crosslift.domain.condition import (
    Ago,
    Compares,
    Consents,
    Count,
    Every,
    Figure,
    Has,
    Hold,
    Is,
    Known,
    Moment,
    Not,
    Possesses,
    Revisits,
    Share,
    Sign,
    Some,
    Trait,
    UsageShare,
    When,
    Word,
)
from crosslift.domain.segment_grammar import DEEPEST, parse
from crosslift.domain.segment_tokens import LONGEST
from crosslift.errors import BadInput

ORDERS, STAGE, LAST = Figure("n_orders"), Word("stage"), Moment("last_order_at")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("orders >= 3", Compares(ORDERS, Sign.AT_LEAST, 3.0)),
        ("n_orders ≥ 3", Compares(ORDERS, Sign.AT_LEAST, 3.0)),
        ("orders is not 3", Compares(ORDERS, Sign.OTHER, 3.0)),
        ("sentiment < -0.25", Compares(Figure("sentiment"), Sign.LESS, -0.25)),
        ('stage is "consider"', Is(STAGE, ("consider",))),
        ("stage != 'consider'", Is(STAGE, ("consider",), True)),
        ('stage not in ("buy", "use", "buy")', Is(STAGE, ("buy", "use"), True)),
        ("clv is unknown", Known(Figure("clv"), False)),
        ("clv is not unknown", Known(Figure("clv"), True)),
        ('trait("skin") is “dry”', Is(Trait("skin"), ("dry",))),
        ('trait("age") >= 18', Compares(Trait("age"), Sign.AT_LEAST, 18.0)),
        ("share(category = 'Coffee') > 0.5", Compares(Share("category", "Coffee"), Sign.MORE, 0.5)),
        ('usage_share("api calls") >= 0.8', Compares(UsageShare("api calls"), Sign.AT_LEAST, 0.8)),
        ('revisits("Grinders") >= 2', Compares(Revisits("Grinders"), Sign.AT_LEAST, 2.0)),
        ('consent("marketing")', Consents("marketing")),
        ('consent("marketing", channel is "email")', Consents("marketing", "email")),
        ('holds("plan-pro")', Possesses(Hold.HOLDS, "plan-pro")),
        ('goals has "more traffic"', Has("goals", "more traffic")),
        ('last_order_at > "2026-01-31"', When(LAST, Sign.MORE, date(2026, 1, 31))),
        ("last_order_at <= 2 weeks ago", When(LAST, Sign.AT_MOST, Ago(14 * 86_400))),
        (
            'count("Product Viewed", size="L", category="Grinders", last=1 hour, product="G-1", channel="app") = 0',
            Compares(
                Count("Product Viewed", 3600, "Grinders", "G-1", (("channel", "app"), ("size", "L"))), Sign.EQUAL, 0.0
            ),
        ),
    ],
)
def test_every_kind_of_condition_is_read(line, rule):
    assert parse(line) == rule


def test_not_binds_before_and_and_and_before_or():
    a, b, c = (Known(Figure(name)) for name in ("clv", "aov", "margin"))
    assert parse("not clv is known and aov is known or margin is known") == Some((Every((Not(a), b)), c))
    assert parse("not (clv is known and aov is known)") == Not(Every((a, b)))
    assert parse("clv IS known AND (aov is known OR margin is known)") == Every((a, Some((b, c))))


def test_either_quote_may_stand_in_the_other_and_a_doubled_one_for_itself():
    assert parse("""owns('12" pan')""").product == parse('owns("12"" pan")').product == '12" pan'


def test_decomposed_letters_and_line_breaks_are_one_line_of_composed_ones():
    decomposed = "\u1103\u1161\u11ab\u1105\u1175"
    assert parse(f'owns("{decomposed}")\nand orders > 1').parts[0] == Possesses(Hold.OWNS, "단리")


@pytest.mark.parametrize(
    ("line", "place", "said", "hint"),
    [
        ("", 1, "the rule is empty", "for example: orders >= 3"),
        ("orders >= 3 and recensy_days < 90", 17, "did you mean recency_days?", "orders, items, revenue"),
        ("orders", 7, "after orders comes a comparison, not the end of the rule", ">="),
        ("orders >= three", 11, "compared with a number, not 'three'", ""),
        ("orders >= 1234567890123456", 11, "at most 15 digits", ""),
        ("3 <= orders", 1, "a condition is needed, not '3'", "known are"),
        ("orders > 1,000", 11, "the rule could end here, but ',' follows", "and, or"),
        ("orders > 1 clv > 3", 12, "'clv' follows", "and, or"),
        ("orders @ 3", 8, "'@' means nothing here", ""),
        ('orders in ("a")', 1, "orders is not a text", ">="),
        ('stage is "considr"', 10, '"considr" is not known; did you mean consider?', "aware, consider, buy"),
        ("stage > 3", 7, "stage is a text", "or consider, buy, use, lapse"),
        ("stage is consider", 10, "stage is not compared with 'consider'", 'stage is "aware"'),
        ('stage in "buy"', 10, "texts in parentheses", ""),
        ('stage in ("buy"', 10, "not closed", ""),
        ("(orders > 1", 1, "not closed before the end", ""),
        ("orders > 1)", 11, "')' follows", ""),
        ('count("A") > 2', 1, "how far back events count", "last = 1 hour"),
        ('count("A", last = 1 month) > 1', 21, "'month' is no unit of time", "30 days"),
        ('count("A", last = 0 days) > 1', 19, "a time such as 30 days", ""),
        ('count("A", last = 9999 days) > 1', 19, "at most 3,650 days", ""),
        ('count("A", last = 1 day, last = 1 day) > 1', 26, "last is there twice", ""),
        ('count("A", size = 3, last = 1 day) > 1', 19, "size is compared with a text", ""),
        ('count("A", "B", last = 1 day) > 1', 12, "only one text without a name", ""),
        ('count(category = "A", last = 1 day) > 1', 7, "takes one text in quotes", ""),
        ('count("A", last = 1 day > 1', 6, "this ( is not closed", "for example"),
        ('consent("marketting")', 9, "did you mean marketing?", "personalization, marketing"),
        ('consent("contextual")', 9, "is no purpose", ""),
        ('consent("marketing", chanel = "x")', 22, "consent has no chanel; did you mean channel?", ""),
        ('share(categry = "x") > 1', 7, "did you mean category?", ""),
        ('share(category = "x", brand = "y") > 1', 23, "share is of one thing", ""),
        ('share("x") > 1', 7, 'without a name: share(category = "Coffee")', ""),
        ("trait > 3", 1, 'trait needs parentheses: trait("skin")', ""),
        ('cuont("A") > 1', 1, "did you mean count?", "share, trait"),
        ('orders("x") > 1', 1, "without parentheses", ""),
        ('holds(product = "x")', 7, "holds takes one text", ""),
        ("goals is 3", 7, "goals is a list", 'goals has "…"'),
        ("goals has 3", 11, "has a text in quotes", ""),
        ('last_order_at = "2026-01-31"', 15, "an instant", ""),
        ('last_order_at > "31.1.2026"', 17, "is no day", ""),
        ('last_order_at > "20260131"', 17, "is no day", ""),
        ("last_order_at > 30 days", 24, "the word ago", "30 days ago"),
        ('trait("") is "a"', 7, "something readable", ""),
        ('stage is "차', 10, "never closed", ""),
        ("not " * DEEPEST + "not orders > 1", 161, "more than 40", ""),
    ],
)
def test_an_error_says_what_is_wrong_where_and_what_is_known_instead(line, place, said, hint):
    with pytest.raises(BadInput) as caught:
        parse(line)
    assert said in str(caught.value)
    assert caught.value.where == f"character {place}"
    assert any(hint in problem for problem in caught.value.problems)


def test_the_mark_stands_under_the_wrong_word_also_behind_wide_letters():
    with pytest.raises(BadInput) as caught:
        parse('owns("녹차") and ordrs > 1')
    line, mark, *_ = caught.value.problems
    assert line == 'owns("녹차") and ordrs > 1'
    assert mark == " " * (len('owns("녹차") and ') + 2) + "^" * 5


def test_a_rule_of_a_whole_page_is_refused():
    with pytest.raises(BadInput, match="at most 2,000"):
        parse("orders > 1 or " * LONGEST)
