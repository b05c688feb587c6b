"""The message catalogs: one key, three languages, each sentence written whole by a person.

The sources are `catalogs/<language>/LC_MESSAGES/crosslift.po`. After a change run

    pybabel compile -D crosslift -d src/crosslift/wording/catalogs

and commit the `.mo` beside it; a test compares the two. Placeholders are named, `{n_both}`; Korean may add
the particle to one, `{anchor:과/와}`.
"""

import gettext
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from crosslift.errors import BadInput
from crosslift.wording.korean import particle

LANGUAGES = ("en", "ko", "ja")
CATALOGS = Path(__file__).parent / "catalogs"

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_TURNING = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI"})


@lru_cache(256)
def language_of(tag: str) -> str:
    """Give the language we write in for a BCP 47 tag: its first part where we have it, else English.

    Examples
    --------
    >>> language_of("ko-KR"), language_of("JA_jp"), language_of("fr"), language_of("")
    ('ko', 'ja', 'en', 'en')
    """
    first = tag.replace("_", "-").partition("-")[0].lower()
    return first if first in LANGUAGES else "en"


def text(key: str, language: str, /, count: int | None = None, **values: str) -> str:
    """Give one message of the catalog, filled.

    Parameters
    ----------
    key : str
        Such as ``"drop.in_cart"``.
    count : int, optional
        Chooses singular or plural where English needs it.
    **values : str
        The placeholders. Filled once, so braces, percent signs or markup in a value stay as they are. The
        result is plain text: escape it for HTML.

    Raises
    ------
    BadInput
        If no catalog has the key.

    Examples
    --------
    >>> text("drop.in_cart", "ko"), text("price.tax_included", "ja", price="¥1,200")
    ('이미 장바구니에 담긴 상품이에요.', '¥1,200（税込）')
    """
    catalog = _catalog(language_of(language))
    template = catalog.gettext(key) if count is None else catalog.ngettext(key, key, count)
    if template == key:
        raise BadInput(f"No message {key!r}; the keys stand in {CATALOGS.name}/en/LC_MESSAGES/crosslift.po")
    return template.format(**values) if values else template


@cache
def _catalog(language: str) -> gettext.GNUTranslations:
    """Read a compiled catalog, once per process."""
    with _compiled(language).open("rb") as file:
        return gettext.GNUTranslations(file)


def _compiled(language: str) -> Path:
    return CATALOGS / language / "LC_MESSAGES" / "crosslift.mo"


@cache
def templates(language: str) -> dict[str, tuple[str, ...]]:
    """Give every message of a language as it is written, by key; a message with a plural has its forms in order.

    Examples
    --------
    >>> templates("ko")["slip.total"], len(templates("en")["unit.days"])
    (('합계',), 2)
    """
    from babel.messages.mofile import read_mo  # only who lists every message asks

    with _compiled(language_of(language)).open("rb") as file:
        every = [one for one in read_mo(file) if one.id]
    return {
        one.id if isinstance(one.id, str) else one.id[0]: (one.string,)
        if isinstance(one.string, str)
        else tuple(one.string or ())
        for one in every
    }


class Noun(str):
    """A name from outside, such as a product title, on its way into a sentence.

    It takes its Korean particle, and where it is written from right to left it is isolated, so that the
    figures after it stay where they belong. The name itself is never changed.

    Examples
    --------
    >>> "{a:과/와} 함께".format(a=Noun("드리퍼")), "{a} works".format(a=Noun("50% {off}"))
    ('드리퍼와 함께', '50% {off} works')
    """

    __slots__ = ()

    def __format__(self, pair: str) -> str:
        return _isolated(str(self)) + (particle(self, pair) if pair else "")


def _isolated(name: str) -> str:
    """Fence in a name that turns the writing direction."""
    if name.isascii() or not any(unicodedata.bidirectional(c) in _TURNING for c in name):
        return name
    return f"{_FIRST_STRONG_ISOLATE}{name}{_POP_ISOLATE}"
