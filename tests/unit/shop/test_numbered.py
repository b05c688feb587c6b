"""Texts as numbers: the same text has the same number in every table, and ids are found where they stand."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.shop.numbered import Places, numbered

ID = "0123456789abcdef0123456789abcde"
texts = st.text("ab0-é", max_size=9)


@given(st.lists(texts | st.none()), st.lists(texts | st.none()))
def test_texts_are_alike_where_their_numbers_are(one: list[str | None], other: list[str | None]) -> None:
    tables = {"plain": pa.table({"unit": pa.array(one, pa.string())}),
              "coded": pa.table({"unit": pa.array(other, pa.string()).dictionary_encode()})}  # fmt: skip
    found = numbered(tables, "unit")
    numbers = [*found["plain"]["unit"].to_pylist(), *found["coded"]["unit"].to_pylist()]
    words = [*one, *other]
    assert [number is None for number in numbers] == [word is None for word in words]
    assert len({*zip(numbers, words, strict=True)}) == len({*words}) == len({*numbers})


def test_a_table_without_the_column_stays_as_it_is() -> None:
    table = pa.table({"at": [1]})
    assert numbered({"one": table}, "unit")["one"] is table


def test_rows_of_several_chunks_keep_their_order() -> None:
    column = pa.chunked_array([["a"], [], ["b", "a"]], pa.string())
    found = numbered({"one": pa.table({"unit": column}), "none": pa.table({"unit": pa.array([], pa.string())})}, "unit")
    first, second, third = found["one"]["unit"].to_pylist()
    assert first == third != second
    assert found["none"].num_rows == 0


@given(st.lists(texts, unique=True), st.lists(texts | st.none()))
def test_texts_of_any_length_are_found_where_they_stand(among: list[str], asked: list[str | None]) -> None:
    assert _found(among, asked) == [among.index(one) if one in among else None for one in asked]


@given(st.lists(st.text("ab", min_size=8, max_size=8), unique=True), st.lists(st.text("ab", min_size=8, max_size=8)))
def test_ids_of_one_length_are_found_where_they_stand(among: list[str], asked: list[str]) -> None:
    assert _found(among, asked) == [among.index(one) if one in among else None for one in asked]


def test_ids_that_differ_in_one_letter_are_told_apart() -> None:
    among = [f"{ID}{last}" for last in "0123456789abcdef"]
    assert _found(among, among[::-1]) == list(range(15, -1, -1))
    assert _found(among, [f"{ID}g"]) == [None]


def test_two_ids_of_one_hash_are_told_apart_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crosslift.shop.numbered._hashed", lambda words: words[:, 0].astype("uint64") * 0)
    assert _found(["aaaa", "bbbb"], ["bbbb", "aaaa", "cccc"]) == [1, 0, None]


def test_part_of_a_column_is_found_like_the_whole() -> None:
    whole = pa.chunked_array([[f"{ID}{last}" for last in "0123"]]).slice(2)
    assert Places(whole).of(whole).to_pylist() == [0, 1]


def _found(among: list[str], asked: list[str | None]) -> list[int | None]:
    found = Places(pa.chunked_array([among], pa.string())).of(pa.chunked_array([asked], pa.string()))
    return pc.cast(found, pa.int32()).to_pylist()
