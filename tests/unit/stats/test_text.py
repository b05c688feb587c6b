import unicodedata
from math import log, sqrt

import numpy as np
import pytest

from crosslift.errors import BadUsage
from crosslift.stats import text


def test_a_worked_example():
    # "ab" gives " a", "ab", "b "; "ac" gives " a", "ac", "c ": one of three shared. Two texts: rarity 1 of the shared
    # bigram, 1 + ln(3/2) of the others.
    rows = text.char_tfidf(["ab", "ac"], sizes=(2,))
    own = 1 + log(3 / 2)
    assert (rows @ rows.T).toarray()[0, 1] == pytest.approx(1 / (1 + 2 * own**2))
    assert text.cosine_of(rows, np.array([0, 0]), np.array([1, 0])) == pytest.approx([1 / (1 + 2 * own**2), 1])


def test_a_repeated_gram_counts_by_its_logarithm():
    rows = text.char_tfidf(["aa", "aaa"], sizes=(1,))
    assert (rows @ rows.T).toarray()[0, 1] == pytest.approx(1)  # one direction, whatever the count
    counts = text.weigh(np.array([[1.0, 3.0], [1.0, 0.0]]))
    more = (1 + log(3)) * (1 + log(3 / 2))
    assert counts.toarray()[0] == pytest.approx([1 / sqrt(1 + more**2), more / sqrt(1 + more**2)])


def test_width_case_composition_and_punctuation_do_not_matter():
    assert text.normalize("Ｋｅｔｔｌｅ—ＰＲＯ（１Ｌ）") == "kettle pro 1l"
    assert text.normalize(unicodedata.normalize("NFD", "카페")) == "카페"
    rows = text.char_tfidf(["STRASSE", "straße"])
    assert text.cosine_of(rows, np.array([0]), np.array([1])) == pytest.approx([1])


@pytest.mark.parametrize(
    ("one", "like", "unlike"),
    [
        ("원추형 드리퍼 02 도자기", "원추형 드리퍼 03 도자기", "전동 그라인더"),
        ("円すいドリッパー 02 陶器", "円すいドリッパー 03 陶器", "電動グラインダー"),
        ("Cone dripper 02, ceramic", "Cone dripper 03, ceramic", "Electric grinder"),
    ],
)
def test_titles_of_a_kind_are_close_in_every_script(one, like, unlike):
    rows = text.char_tfidf([one, like, unlike])
    near, far = text.cosine_of(rows, np.array([0, 0]), np.array([1, 2]))
    assert near > 0.6
    assert far < 0.2


def test_a_text_without_letters_is_like_nothing():
    rows = text.char_tfidf(["!!!", "", "tea"])
    assert rows[:2].nnz == 0
    assert text.nearest(rows, 2).ids.tolist() == []


def test_no_gram_spans_two_words_or_two_texts():
    rows = text.char_tfidf(["ab cd", "bc", "a"], sizes=(2,))
    assert text.cosine_of(rows, np.array([0]), np.array([1])).tolist() == [0]
    rows = text.char_tfidf(["x", "y"], sizes=(3,))
    assert rows.nnz == 0  # " x " says no more than its bigrams


@pytest.fixture
def many():
    chance = np.random.default_rng(5)
    words = ["".join(chance.choice(list("abcdefgh"), 5)) for _ in range(40)]
    return text.char_tfidf([" ".join(chance.choice(words, 3)) for _ in range(200)])


def share_of_best(rows, found, k):
    whole = (rows @ rows.T).toarray()
    np.fill_diagonal(whole, -1)
    assert np.all(np.diff(found.offsets) == k)
    best = np.sort(whole, axis=1)[:, ::-1][:, :k]
    return np.mean(np.isclose(found.scores.reshape(-1, k), best, atol=1e-6))


def test_nearest_ranks_like_all_pairs(many):
    assert share_of_best(many, text.nearest(many, 3, block=64), 3) == 1


def test_nearest_of_many_rows_misses_few(many, monkeypatch):
    monkeypatch.setattr(text, "MAX_SHARED", 100)
    assert 0.75 < share_of_best(many, text.nearest(many, 3, block=64), 3) < 1


def test_features_of_too_many_rows_find_no_candidates(monkeypatch):
    monkeypatch.setattr(text, "MAX_SHARED", 2)
    rows = text.char_tfidf(["tea", "tea", "tea", "pot", "pot"])
    assert text.nearest(rows, 4).ids.tolist() == [4, 3]


def test_an_impossible_size_is_refused():
    with pytest.raises(BadUsage, match="1, 2 and 3"):
        text.char_tfidf(["tea"], sizes=(4,))
    assert text.char_tfidf([]).shape == (0, 0)
