"""How words are compared: full and half width, capitals, hiragana and katakana, plurals and Korean particles do not matter."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 500
"""Letters of a question that are read."""
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_LONG_MARK = 0x30FC
_APART = re.compile(r"[^\w]+")
_RUN = re.compile(r"[a-z0-9ß-ɏ]+|[\uac00-\ud7a3]+|[\u3041-\u3096]+|[\u3400-\u9fff々]+|[^\W_]")
"""A word: letters of one script in a row."""
_PARTICLES = (
    "에서는", "으로는", "에게는", "이랑", "하고", "에서", "에게", "으로", "까지", "부터", "처럼", "보다",
    "에는", "에도", "이나", "라고", "은", "는", "이", "가", "을", "를", "과", "와", "의", "에", "로", "도",
    "만", "랑", "나", "요",
)  # fmt: skip
"""The longer before those they end in."""


@lru_cache(4_096)
def folded(text: str) -> str:
    """Fold a text for comparison: one space between words, no marks.

    Examples
    --------
    >>> folded("ＣＯＮＥ  Dripper-02!"), folded("ドリッパー"), folded("종이 필터, 02호")
    ('cone dripper 02', 'どりっぱ', '종이 필터 02호')
    """
    wide = unicodedata.normalize("NFKC", text[: 4 * LONGEST]).casefold().translate({**_KATAKANA, _LONG_MARK: None})
    return _APART.sub(" ", wide.replace("_", " ")).strip()


def words(text: str) -> list[str]:
    """Give the words of a text, folded; Japanese, which leaves no spaces, is parted where the script changes.

    Examples
    --------
    >>> words("V60 drippers"), words("핸드드립 주전자에"), words("円すいドリッパー02")
    (['v60', 'dripper'], ['핸드드립', '주전자'], ['円', 'すいどりっぱ', '02'])
    """
    return [bare(one) for one in _RUN.findall(folded(text))]


def bare(word: str) -> str:
    """Take the ending off a folded word: an English plural, a Korean particle.

    Examples
    --------
    >>> bare("filters"), bare("glass"), bare("brushes"), bare("드리퍼를"), bare("가"), bare("02")
    ('filter', 'glass', 'brush', '드리퍼', '가', '02')
    """
    if word.isascii():
        if word.endswith(("shes", "ches", "xes", "sses")):
            return word[:-2]
        return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    if "가" <= word[-1] <= "힣":
        for particle in _PARTICLES:
            if word.endswith(particle) and len(word) - len(particle) >= 2:
                return word[: -len(particle)]
    return word


def compact(text: str) -> str:
    """Give a text folded and without spaces: product numbers are written in many ways.

    Examples
    --------
    >>> compact("FLT-02"), compact("flt 02"), compact("ﾄﾞﾘｯﾊﾟｰ 02")
    ('flt02', 'flt02', 'どりっぱ02')
    """
    return folded(text).replace(" ", "")


def language_in(text: str, otherwise: str) -> str:
    """Tell in which of our languages a text is written, by its script; a Latin name alone does not tell.

    Examples
    --------
    >>> language_in("필터 있어요?", "en"), language_in("在庫はありますか", "en"), language_in("V60?", "ko")
    ('ko', 'ja', 'ko')
    """
    n_hangul = sum("\uac00" <= c <= "\ud7a3" or "\u1100" <= c <= "\u11ff" or "\u3131" <= c <= "\u318e" for c in text)
    n_kana = sum("\u3041" <= c <= "\u30ff" or "\uff66" <= c <= "\uff9d" for c in text)
    if n_hangul or n_kana:
        return "ko" if n_hangul >= n_kana else "ja"
    if otherwise == "en" and any("\u3400" <= c <= "\u9fff" for c in text):
        return "ja"
    n_latin = sum(c.isascii() and c.isalpha() for c in text)
    return "en" if n_latin > 2 * _most_of_a_name(text) else otherwise


def _most_of_a_name(text: str) -> int:
    """Give the length of the longest word: one word of Latin letters may be a product's name in any language."""
    return max((len(word) for word in text.split()), default=0)
