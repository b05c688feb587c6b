"""Korean particles: which of 을/를, 이/가, 과/와, 으로/로 follows a word, or both where nobody is sure."""

import unicodedata
from enum import Enum

_FORMS_AFTER_CONSONANT = frozenset({"을", "은", "이", "과", "아", "으로", "이나", "이랑", "이라", "이다", "이에요"})


class _Ending(Enum):
    """How a word sounds at its end."""

    VOWEL = "vowel"
    RIEUL = "rieul"
    CONSONANT = "consonant"


_DIGITS = {
    0: _Ending.CONSONANT,  # 영, 공, 십, 백, 천, 만, 억: a consonant however it is read
    1: _Ending.RIEUL,
    2: _Ending.VOWEL,
    3: _Ending.CONSONANT,
    4: _Ending.VOWEL,
    5: _Ending.VOWEL,
    6: _Ending.CONSONANT,
    7: _Ending.RIEUL,
    8: _Ending.RIEUL,
    9: _Ending.VOWEL,
}
_TRILLION_ZEROS = "0" * 12  # 10¹² is 조, a vowel: from here on reading digit by digit and as a number differ
_ALIKE_IN_ENGLISH = "245"
"""Two, four, five end in a vowel in both languages."""
_BRACKETS = {")": "(", "]": "[", "】": "【", "）": "（"}


def josa(word: str, pair: str) -> str:
    """Give a word with its particle.

    A final consonant takes the first form, a vowel the second; 으로/로 takes 로 after ㄹ as well. Numbers are
    judged by their Korean reading. Where the reading is not sure (Latin letters, kana, symbols) both
    forms are written, as Korean newspapers do.

    Parameters
    ----------
    word : str
        Any text; it is never changed.
    pair : str
        Both forms with a slash, such as ``"을/를"``; ``"를/을"`` means the same. Without a slash it is simply
        appended (만, 도).

    Examples
    --------
    >>> josa("서버", "을/를"), josa("주전자", "과/와"), josa("필터 40장", "이/가")
    ('서버를', '주전자와', '필터 40장이')
    >>> josa("포트 1", "으로/로"), josa("필터 40", "을/를"), josa("V60", "을/를"), josa("Kalita", "은/는")
    ('포트 1로', '필터 40을', 'V60을(를)', 'Kalita은(는)')
    """
    return word + particle(word, pair)


def particle(word: str, pair: str) -> str:
    """Give only the particle that `josa` would append.

    Examples
    --------
    >>> particle("저울", "으로/로"), particle("Hario", "으로/로"), particle("컵", "도")
    ('로', '(으)로', '도')
    """
    after_consonant, slash, after_vowel = pair.partition("/")
    if not slash:
        return pair
    if after_vowel in _FORMS_AFTER_CONSONANT:
        after_consonant, after_vowel = after_vowel, after_consonant
    ending = _ending(word)
    if ending is None:
        return _both(after_consonant, after_vowel)
    if ending is _Ending.VOWEL or (ending is _Ending.RIEUL and after_consonant == "으로"):
        return after_vowel
    return after_consonant


def _both(after_consonant: str, after_vowel: str) -> str:
    """Write 을(를), and (으)로 where the forms share their end."""
    if after_vowel and after_consonant.endswith(after_vowel):
        return f"({after_consonant.removesuffix(after_vowel)}){after_vowel}"
    return f"{after_consonant}({after_vowel})"


def _ending(word: str) -> _Ending | None:
    """Tell how a word sounds at its end, or None where readers may differ."""
    word = unicodedata.normalize("NFC", word).rstrip()
    opening = _BRACKETS.get(word[-1:])
    if opening is None or opening not in word:
        return _sound(word)
    # Grammar looks before the bracket, many readers read it aloud: sure only where both agree.
    before, _, inside = word[:-1].rpartition(opening)
    ending = _sound(before.rstrip())
    return ending if ending is _sound(inside) else None


def _sound(word: str) -> _Ending | None:
    """Judge the last character: a Hangul syllable, a digit, a percent sign."""
    word = word.rstrip("’”」』.,!?… ")
    last = word[-1:]
    if _is_hangul(last):
        final = (ord(last) - ord("가")) % 28
        return _Ending.VOWEL if final == 0 else _Ending.RIEUL if final == 8 else _Ending.CONSONANT
    if last.isdecimal():
        return _DIGITS[int(last)] if _is_read_in_korean(word) else None
    return _Ending.VOWEL if last in {"%", "％"} else None


def _is_read_in_korean(word: str) -> bool:
    """Whether the number at the end is surely read in Korean, or sounds alike at its end if not."""
    if word.replace(",", "").endswith(_TRILLION_ZEROS):
        return False
    letter = word.rstrip("0123456789.,-")[-1:]
    is_foreign = letter.isalpha() and not _is_hangul(letter)  # MP3 is 쓰리, V60 육십 or 식스티
    return not is_foreign or word[-1] in _ALIKE_IN_ENGLISH


def _is_hangul(character: str) -> bool:
    """Whether it is a whole syllable, whose last letter can be computed."""
    return "가" <= character <= "힣"
