"""Particles: any text at all may stand before one."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from crosslift.wording.korean import josa, particle

pairs = st.sampled_from(["을/를", "이/가", "은/는", "과/와", "으로/로", "이나/나", "이에요/예요"])
syllables = st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣"))


@given(st.text(), st.one_of(pairs, st.text(max_size=6)))
def test_josa_never_raises_and_never_touches_the_word(word, pair):
    assert josa(word, pair).startswith(word)


@given(st.text(), pairs)
def test_particle_is_one_of_its_forms_or_shows_both(word, pair):
    first, _, second = pair.partition("/")
    assert particle(word, pair) in {first, second, f"{first}({second})", f"({first[0]}){second}"}


@given(st.text(), syllables)
def test_last_syllable_decides_as_its_letters_say(start, syllable):
    has_final = len(unicodedata.normalize("NFD", syllable)) == 3
    assert particle(start + " " + syllable, "을/를") == ("을" if has_final else "를")


@given(st.text(), pairs)
def test_order_of_the_forms_does_not_matter(word, pair):
    first, _, second = pair.partition("/")
    assert particle(word, pair) == particle(word, f"{second}/{first}")
