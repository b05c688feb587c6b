from crosslift.domain import condition
from crosslift.domain.condition import (
    Compares,
    Count,
    Every,
    Figure,
    Hold,
    Known,
    Sign,
    Some,
    every,
    is_within,
    needs,
    number_of,
    property_text,
    some,
    total_share,
    values,
)
from crosslift.domain.segment_grammar import parse

KNOWN = [Known(Figure(column)) for column in ("clv", "aov", "margin")]


def test_joined_conditions_lie_in_one_level():
    assert every([KNOWN[0], every(KNOWN[1:])]) == Every(tuple(KNOWN))
    assert some([some(KNOWN[:2]), KNOWN[2]]) == Some(tuple(KNOWN))
    assert every([some(KNOWN[:2]), KNOWN[2]]) == Every((Some(tuple(KNOWN[:2])), KNOWN[2]))
    assert every(KNOWN[:1]) == KNOWN[0]


def test_a_value_that_several_rules_compare_is_named_once():
    rules = [parse("orders > 1 or clv > 5"), parse("not (orders < 9) and clv is known")]
    assert values(rules) == [Figure("n_orders"), Figure("clv")]


def test_needs_name_everything_a_rule_reads():
    told = needs([
        parse('orders > 1 and share(brand = "x") > 0 and trait("skin") is "dry" and goals has "traffic"'),
        parse('count("A", size = "L", last = 2 days) > 0 or count("B", last = 1 week) = 0 or revisits("x") > 1'),
        parse('consent("marketing") and lacks("backup") and usage_share("seats") > 0.8'),
    ])  # fmt: skip
    assert told.columns == {"n_orders", "brands", "goals", "returning_intent"}
    assert (told.traits, told.events, told.properties) == ({"skin"}, {"A", "B"}, {"size"})
    assert told.seconds == 7 * 86_400
    assert told.has_consents
    assert told.has_usage
    assert told.possessions == {Hold.HOLDS, Hold.OWNS}
    assert needs([parse('owns("x")')]).possessions == {Hold.OWNS}


def test_a_simple_rule_needs_little():
    told = needs([parse("orders > 1")])
    assert (told.columns, told.seconds, told.has_consents, told.has_usage) == ({"n_orders"}, 0, False, False)
    assert not told.traits | told.events | told.properties | told.possessions


def test_categories_hold_what_lies_below_them_and_nothing_that_only_looks_alike():
    assert is_within("Tea/Green/Sencha", "Tea/Green")
    assert is_within("Tea", "Tea")
    assert not is_within("Teapots", "Tea")
    assert not is_within("Tea", "Tea/Green")
    assert not is_within(None, "Tea")


def test_shares_add_up_exactly_in_any_order():
    shares = {"a/1": 0.1, "a/2": 0.2, "a/3": 0.3}
    assert total_share(shares, "category", "a") == total_share(dict(reversed(shares.items())), "category", "a") == 0.6
    assert total_share(shares, "brand", "a") == 0
    assert total_share({}, "category", "a") is None


def test_texts_that_are_no_plain_numbers_are_no_numbers():
    assert [number_of(text) for text in ("12", " -1.5 ", "1e3", "inf", "٣", "", "1,5")] == [12, -1.5] + [None] * 5


def test_properties_are_compared_as_texts():
    values = ["L", 3, 3.0, 2.5, True, None, {"a": 1}, float("nan")]
    assert [property_text(value) for value in values] == ["L", "3", "3", "2.5", "true", None, None, None]


def test_every_column_of_the_profile_that_rules_may_ask_is_of_one_kind():
    kinds = [condition.FIGURES, condition.WORDS, condition.MOMENTS, condition.LISTS]
    named = [name for kind in kinds for name in kind]
    assert len(named) == len(set(named))
    assert {"person_id", "holdings", "as_of"}.isdisjoint(named)
    assert Compares(Figure("n_orders"), Sign.MORE, 1.0).value.column in condition.FIGURES


def test_counts_of_the_same_events_are_the_same_value():
    assert parse('count("A", last = 7 days) > 1').value == parse('count("A", last = 1 week) < 9').value
    assert isinstance(parse('count("A", last = 7 days) > 1').value, Count)
