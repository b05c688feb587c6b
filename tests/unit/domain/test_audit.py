"""The chain itself: any edit of any entry is found, wherever it is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.audit import GENESIS, Head, Link, hash_of, verify

TEXTS = st.text(max_size=12)


def chain(entries):
    """Link entries as a store does."""
    before, links = GENESIS, []
    for seq, (at, actor, action, about, subject, details) in enumerate(entries, 1):
        before = hash_of(before, seq, at, actor, action, about, subject, details)
        links.append(Link(seq, at, actor, action, about, subject, details, before))
    return links, Head(len(links), before) if links else None


ENTRIES = st.lists(
    st.tuples(st.integers(0, 2**60), TEXTS, TEXTS, TEXTS, st.none() | TEXTS, TEXTS), min_size=1, max_size=8
)


@given(entries=ENTRIES)
def test_a_chain_nobody_touched_is_whole(entries):
    links, head = chain(entries)
    assert verify(links, head).is_whole
    assert verify(links, head, [Head(one.seq, one.hash) for one in links]).is_whole


@given(entries=ENTRIES, data=st.data())
def test_any_edit_is_found(entries, data):
    links, head = chain(entries)
    place = data.draw(st.integers(0, len(links) - 1))
    field = data.draw(st.sampled_from(["actor", "action", "object", "details", "subject", "at", "hash", "seq"]))
    old = getattr(links[place], field)
    links[place] = replace(links[place], **{field: old + 1 if isinstance(old, int) else f"{old}x"})
    assert not verify(links, head).is_whole


@given(entries=ENTRIES, data=st.data())
def test_any_deletion_is_found(entries, data):
    links, head = chain(entries)
    del links[data.draw(st.integers(0, len(links) - 1))]
    assert not verify(links, head).is_whole


@given(entries=ENTRIES, data=st.data())
def test_any_cut_is_found_by_a_head_noted_before_even_if_the_head_was_mended(entries, data):
    links, head = chain(entries)
    kept = links[: data.draw(st.integers(0, len(links) - 1))]
    mended = Head(kept[-1].seq, kept[-1].hash) if kept else None
    assert verify(kept, mended).is_whole
    assert verify(kept, mended, [head]).faults == (f"entry {head.seq} was noted and is gone: the end was cut",)


def test_many_faults_are_told_up_to_a_limit():
    links, head = chain([(n, "a", "b", "c", None, "{}") for n in range(50)])
    broken = [replace(one, actor="x") for one in links]
    assert len(verify(broken, head, most=7).faults) == 7
