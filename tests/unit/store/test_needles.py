"""Many texts looked for at once are found where each alone would be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.store.needles import FEW, WIDTH, Needles

OTHERS = [f"nobody-{n:04}" for n in range(FEW + 5)]
"""So many that texts are looked for at once."""
texts = st.text("ab가", min_size=WIDTH, max_size=12)


@given(
    wanted=st.lists(texts, max_size=20),
    parts=st.lists(st.text("ab가 ", max_size=20), max_size=20),
    hidden=st.integers(0, 19),
)
def test_what_is_found_is_what_is_there(wanted, parts, hidden):
    content = " ".join([*parts, *wanted[:hidden]]).encode()
    there = {text for text in {*wanted, *OTHERS} if text.encode() in content}
    assert Needles([*wanted, *OTHERS]).found_in(content) == there
    assert Needles(wanted).found_in(content) == there


@pytest.mark.parametrize("at", [0, 1, (1 << 22) - 3, (1 << 22) - 11, 1 << 22, (1 << 22) + 1])
def test_a_text_is_found_wherever_it_stands_also_across_slices(at):
    content = bytes(at) + b"jane@x.org" + bytes(2)
    assert Needles([*OTHERS, "jane@x.org", "jane@x.orgs"]).found_in(content) == {"jane@x.org"}


def test_ids_that_begin_alike_and_addresses_that_end_alike_are_told_apart():
    ids = [f"customer-{n:06}" for n in range(400)] + [f"p{n}@mail.example" for n in range(100, 500)]
    content = b" ".join(text.encode() for text in [*ids[5:8], "customer-000999", *ids[700:703]])
    assert Needles(ids).found_in(content) == {*ids[5:8], *ids[700:703]}


@pytest.mark.parametrize("content", [b"", b"abc", b"nobody"])
def test_where_there_is_too_little_nothing_is_found(content):
    assert Needles(OTHERS).found_in(content) == set()
    assert Needles([]).found_in(content) == set()
