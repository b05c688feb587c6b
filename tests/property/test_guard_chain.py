"""Whatever is done to an exported list, it shows; and the same list gives the same hashes."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from crosslift.measure.guard_chain import HASH, broken, chained
from crosslift.shop.guard import _as_csv, _of_csv

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
COLUMNS = ("sale", "customer_id", "to_refund")
LISTS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, TEXT)), min_size=1, max_size=8)
HEAD = {"agent": "mina", "since": "2026-08-01"}


@given(LISTS)
def test_an_untouched_list_is_whole_and_replays_to_the_same_hashes(rows):
    told, manifest = chained(rows, HEAD)
    assert broken(told, manifest) == []
    assert chained(copy.deepcopy(rows), dict(HEAD)) == (told, manifest)


@given(LISTS, st.data())
def test_dropping_any_row_shows(rows, data):
    told, manifest = chained(rows, HEAD)
    del told[data.draw(st.integers(0, len(told) - 1))]
    assert broken(told, manifest)


@given(LISTS, st.data())
def test_changing_any_cell_shows(rows, data):
    told, manifest = chained(rows, HEAD)
    changed = copy.deepcopy(told)
    row = data.draw(st.sampled_from(changed))
    name = data.draw(st.sampled_from((*COLUMNS, HASH)))
    row[name] = data.draw(TEXT.filter(lambda text: text != row[name]))
    assert broken(changed, manifest)


@given(LISTS, st.randoms())
def test_another_order_shows(rows, random):
    told, manifest = chained(rows, HEAD)
    moved = list(told)
    random.shuffle(moved)
    assert bool(broken(moved, manifest)) == (moved != told)


@given(LISTS, st.data())
def test_adding_or_doubling_a_row_shows(rows, data):
    told, manifest = chained(rows, HEAD)
    more = data.draw(st.sampled_from(told) | st.fixed_dictionaries(dict.fromkeys((*COLUMNS, HASH), TEXT)))
    told.insert(data.draw(st.integers(0, len(told))), more)
    assert broken(told, manifest)


@given(LISTS, TEXT)
def test_a_list_of_another_time_or_agent_is_not_this_one(rows, agent):
    told, manifest = chained(rows, HEAD)
    assert bool(broken(told, {**manifest, "head": {**HEAD, "agent": agent}})) == (agent != "mina")


@given(LISTS)
def test_a_list_survives_its_file(rows):
    told, manifest = chained(rows, HEAD)
    assert _of_csv(_as_csv(told, [*COLUMNS, HASH])) == told
    assert broken(_of_csv(_as_csv(told, [*COLUMNS, HASH])), manifest) == []
