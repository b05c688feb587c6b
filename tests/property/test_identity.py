"""The same facts give the same people in any order; a split taken back leaves no trace; strangers stay strangers."""

from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect.identity import evidence_table, map_people
from crosslift.domain.identity import Limits, Rule, Split, kind_of

IDENTITIES = st.sampled_from(
    [f"{kind}:{n}" for kind in ("customer", "anonymous", "email", "phone", "device") for n in range(4)]
)
PIECES = st.tuples(IDENTITIES, IDENTITIES, st.sampled_from([rule.value for rule in Rule]), st.integers(0, 3))
SPLITS = st.builds(Split, IDENTITIES, IDENTITIES, st.just("a"), st.just("b"), st.just(0))
TIGHT = Limits(2, 2, 2, 3)


def mapped(rows, splits=(), limits=TIGHT):
    return map_people(evidence_table(rows), list(splits), limits)


@given(st.lists(PIECES, max_size=30), st.lists(SPLITS, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(rows, splits, random):
    shuffled = [*rows, *random.sample(rows, len(rows) // 2)]
    random.shuffle(shuffled)
    turned = [(b, a, rule, at) for a, b, rule, at in shuffled]
    once = mapped(rows, splits)
    assert mapped(shuffled, splits).person_of == once.person_of
    assert mapped(turned, splits[::-1]).person_of == once.person_of


@given(st.lists(PIECES, max_size=30), st.lists(SPLITS, max_size=4))
def test_who_is_kept_apart_is_apart(rows, splits):
    found = mapped(rows, splits).person_of
    for split in splits:
        if split.first != split.second and split.first in found:
            assert found[split.first] != found.get(split.second)


@given(st.lists(PIECES, max_size=30), st.lists(SPLITS, max_size=3))
def test_a_person_is_called_by_its_first_identity(rows, splits):
    found = mapped(rows, splits).person_of
    ranks = ["customer", "anonymous", "email", "phone", "loyalty", "device"]
    for identity, person in found.items():
        assert found[person] == person
        mine, theirs = ((ranks.index(kind_of(name)), name) for name in (identity, person))
        assert theirs <= mine


@given(st.lists(PIECES.filter(lambda piece: piece[2] != "stated"), max_size=40))
def test_a_browser_never_joins_two_customers(rows):
    """Without its browsers and devices, the same customers are the same people."""
    heavy = [row for row in rows if not any(name.startswith(("anonymous", "device")) for name in row[:2])]
    found, alone = mapped(rows).person_of, mapped(heavy).person_of
    customers = [name for name in found if name.startswith("customer")]
    for a in customers:
        for b in customers:
            if found[a] == found[b] and a != b:
                assert alone.get(a) == alone.get(b) is not None
