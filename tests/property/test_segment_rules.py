"""A rule written out reads back as itself, and whatever is typed is either read or refused with a place."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.domain.segment_grammar import parse
from crosslift.domain.segment_text import text_of
from crosslift.domain.segment_told import told
from crosslift.errors import BadInput
from crosslift.testing.segments_contract import rules

TEXTS = st.text(min_size=1, max_size=12).map(lambda text: unicodedata.normalize("NFC", text)).filter(
    lambda text: text.strip() and text.isprintable()
)  # fmt: skip
PIECES = st.sampled_from(
    ["orders", "stage", " ", ">=", "3", '"buy"', "(", ")", "and", "or", "not", "is", "in", "has", "goals", "count",
     "last", "=", ",", "day", "ago", "'", "unknown", "last_order_at", "share", "category", "차", "-1", "1.5", "\n", "“"]
)  # fmt: skip


@settings(deadline=None)
@given(rules(TEXTS, is_wide=True))
def test_every_rule_reads_back_from_its_line(rule):
    line = text_of(rule)
    assert "\n" not in line
    assert parse(line) == rule
    assert text_of(parse(line)) == line


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=30))
def test_anything_typed_is_read_or_refused_with_a_place(line):
    try:
        rule = parse(line)
    except BadInput as error:
        refused = error
    else:
        assert parse(text_of(rule)) == rule
        return
    shown, mark = refused.problems[:2]
    assert int(refused.where.removeprefix("character ")) <= len(shown) + 1
    assert set(mark.strip()) == {"^"}


@settings(deadline=None)
@given(rules())
def test_a_description_names_every_condition(rule):
    def count(part):
        return sum(map(count, part.parts)) if part.parts else 1

    def leaves(line_part):
        return sum(map(leaves, line_part.parts)) if hasattr(line_part, "parts") else (
            leaves(line_part.part) if hasattr(line_part, "part") else 1
        )  # fmt: skip

    assert count(told(rule)) == leaves(rule)
