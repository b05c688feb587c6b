"""Hold the Korean and Japanese pages against the English ones, section by section.

`python docs/translated.py` names every difference. `python docs/translated.py --stamp docs/ko/3-decide.md` notes, section by
section, which English text the page was translated from, once somebody has read what was named; it changes stamps, never text.
"""

import hashlib
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"en": "English", "ko": "한국어", "ja": "日本語"}
CHAPTERS = ("1-collect", "2-learn", "3-decide", "4-deliver", "5-measure")
PAGES = {
    "README.md": {"ko": "README.ko.md", "ja": "README.ja.md"},
    **{f"docs/{name}.md": {of: f"docs/{of}/{name}.md" for of in ("ko", "ja")} for name in CHAPTERS},
}
"""English page: language to translated page, as paths from the root of the checkout."""

HEADING = re.compile(r"(#{1,6}) (.+)")
STAMP = re.compile(r"<!-- en: ([0-9a-f]{8}) -->")
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.,])(\d+(?:[.,]\d+)*)( (?:million|thousand)|[만억万億千])?")
SCALES = {" thousand": 10**3, "千": 10**3, "만": 10**4, "万": 10**4, " million": 10**6, "억": 10**8, "億": 10**8}
STRESS = re.compile(r"(?<!\*)(\*\*?)(?=[^\s*])(.+?)(?<=[^\s*])\1(?!\*)", re.DOTALL)
SENTENCE = {"ko": re.compile(r"\S+[.](?=[)”’]*(?:\s|$))", re.MULTILINE), "ja": re.compile(r"[^。\n]+。")}
POLITE = {
    "ko": ("니다.", "세요."),
    "ja": ("です", "ます", "ません", "ました", "でした", "ませんでした", "ましょう", "ください", "ですか", "ますか"),
}
"""How sentences end: 합니다 in Korean, です・ます in Japanese; tables may hold words alone."""
ASIDE = re.compile(r"(?:（[^（）]*）|：[x、]+)*[）」』*]*$")


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next heading of any level."""

    level: int
    title: str
    stamp: str | None
    text: str

    @cached_property
    def key(self) -> str:
        """What the stamp of a translation of this section says: eight digits of its words, however they are wrapped."""
        words = " ".join(f"{'#' * self.level} {self.title} {self.text}".split())
        return hashlib.sha256(words.encode()).hexdigest()[:8]

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The fenced and indented blocks, each as it stands."""
        found: list[str] = []
        block: list[str] = []
        fenced, before = False, ""
        for line in self.text.splitlines():
            fence, begins = line.startswith("```"), line.startswith("    ") and (block or not before.strip())
            if fenced or fence or begins:
                block.append(line)
            if fence:
                fenced = not fenced
            if block and not fenced and not begins:
                found.append("\n".join(block))
                block = []
            before = line
        return (*found, "\n".join(block)) if block else tuple(found)

    @cached_property
    def prose(self) -> str:
        """All that is in no block."""
        text = self.text
        for block in self.blocks:
            text = text.replace(block, "", 1)
        return text

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows of the tables, cell by cell, without the line under the heading."""
        lines = [line for line in self.prose.splitlines() if line.startswith("|")]
        return tuple(tuple(re.split(r"(?<!\\)\|", line)[1:-1]) for line in lines if set(line) - set("|-: "))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where its links lead, in order."""
        return tuple(LINK.findall(self.prose))

    @cached_property
    def numbers(self) -> frozenset[Decimal]:
        """The numbers its prose writes in digits, by value: 1.6 million is 160만."""
        plain = SPAN.sub(" ", LINK.sub(lambda link: link[0].replace(link[1], ""), self.prose))
        return frozenset(Decimal(n.replace(",", "")) * SCALES.get(scale, 1) for n, scale in NUMBER.findall(plain))


def spans(text: str) -> frozenset[str]:
    """Give the code spans of a text, each on one line."""
    return frozenset(" ".join(span.split()) for span in SPAN.findall(text))


def sections(text: str) -> list[Section]:
    """Cut a page at its headings; the line that links its languages, under the title, belongs to none."""
    found: list[tuple[int, str, list[str]]] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        heading = None if fenced else HEADING.fullmatch(line)
        if heading:
            found.append((len(heading[1]), heading[2], []))
        elif found and not _links_languages(line):
            found[-1][2].append(line)
    return [_section(*one) for one in found]


def language_line(page: str) -> str:
    """Give the line under the title of a page that links it to its other languages."""
    english, language = _of(page)
    there = {"en": english, **PAGES[english]}
    return " · ".join(
        name if one == language else f"[{name}]({relative(there[one], page)})" for one, name in LANGUAGES.items()
    )


def relative(target: str, page: str) -> str:
    """Give a path from the root as seen from the folder of a page."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def anchors(text: str) -> tuple[str, ...]:
    """Give the anchors of a page's headings, in order, as GitHub makes them."""
    made: list[str] = []
    for one in sections(text):
        shown = LINK.sub(lambda link: link[0][1 : link[0].index("](")], one.title)
        made.append(re.sub(r"[^\w\- ]", "", shown).lower().replace(" ", "-"))
    return tuple(slug if slug not in made[:n] else f"{slug}-{made[:n].count(slug)}" for n, slug in enumerate(made))


def stamped(text: str, english: str) -> str:
    """Give a translated page with the stamp of each section anew; every other line stays as it is.

    Raises
    ------
    ValueError
        If the two pages do not have the same headings: then nobody can say which section is which.
    """
    wanted = sections(english)
    if [one.level for one in wanted] != [one.level for one in sections(text)]:
        raise ValueError("the headings are not those of the English page: put them in order first")
    lines, keys, fenced = [], iter(one.key for one in wanted), False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if not STAMP.fullmatch(line):
            lines.append(line)
        if not fenced and HEADING.fullmatch(line):
            lines.append(f"<!-- en: {next(keys)} -->")
    return "\n".join(lines) + "\n"


def differences(page: str, read: Callable[[str], str]) -> list[str]:
    """Name whatever of a translated page is not as the English page has it.

    Parameters
    ----------
    page : str
        Path of the translated page from the root of the checkout.
    read : callable
        From such a path to the text of that page.

    Returns
    -------
    list of str
        A sentence each, with the section it is about; empty where all is in order.
    """
    english, language = _of(page)
    ours, theirs = sections(read(page)), sections(read(english))
    if [one.level for one in ours] != [one.level for one in theirs]:
        return [f"{page} does not have the headings of {english}, in their order: " + _unlike(ours, theirs)]
    line = language_line(page)
    found = [] if line in read(page).splitlines()[:4] else [f"{page} lacks the line that links its languages: {line}"]
    for one, other in zip(ours, theirs, strict=True):
        said = [*_unequal(one, other), *_unlinked(one, other, page, read), *_misspoken(one, language)]
        found += [f"{page}, section “{one.title}”: {what}" for what in said]
        if one.stamp != other.key:
            found.append(
                f"section “{one.title}” of {page} was translated from an older text of “{other.title}”: "
                f"read it again and run `python docs/translated.py --stamp {page}`"
            )
    return found


def _unequal(one: Section, other: Section) -> Iterator[str]:
    if one.blocks != other.blocks:
        yield "a block of code is not the one of the English page"
    if spans(one.prose) != spans(other.prose):
        yield f"code in the text, missing or too much: {sorted(spans(one.prose) ^ spans(other.prose))}"
    if [len(row) for row in one.rows] != [len(row) for row in other.rows]:
        yield "a table has other rows or columns"
    elif unlike := [row[0] for row, its in zip(one.rows, other.rows, strict=True) if _codes(row) != _codes(its)]:
        yield f"code in another cell than in the English table, in the rows: {unlike}"
    if missing := other.numbers - one.numbers:
        yield f"numbers of the English text that are missing: {[f'{one.normalize():f}' for one in sorted(missing)]}"


def _codes(row: tuple[str, ...]) -> list[frozenset[str]]:
    return [spans(cell) for cell in row]


def _unlinked(one: Section, other: Section, page: str, read: Callable[[str], str]) -> Iterator[str]:
    english, language = _of(page)
    wanted = sorted(_translated(link, english, page, language, read) for link in other.links)
    if wanted != sorted(one.links):
        yield f"its links are {sorted(one.links)}, not {wanted}"


def _translated(link: str, english: str, page: str, language: str, read: Callable[[str], str]) -> str:
    """Give a link of an English page as its translation has it: to the translated page and heading where there are."""
    if re.match(r"[a-z]+:", link):
        return link
    path, _, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(english), path)) if path else english
    if target not in PAGES:
        return relative(target, page) + (f"#{anchor}" if anchor else "")
    there = PAGES[target][language]
    if anchor:
        here = anchors(read(target))
        anchor = anchors(read(there))[here.index(anchor)] if anchor in here else "which the English page lacks too"
    return (relative(there, page) if path else "") + (f"#{anchor}" if anchor else "")


def _misspoken(one: Section, language: str) -> Iterator[str]:
    told = "\n".join(line for line in one.prose.splitlines() if not line.startswith("|"))
    for sentence in SENTENCE[language].findall(SPAN.sub("x", LINK.sub("x", told))):
        end = ASIDE.sub("", sentence.rstrip("。)”’*"))
        if not end.endswith(POLITE[language]) and (language == "ja" or re.search("[다요][.]$", end)):
            yield f"a sentence in another register than the page: {sentence[-30:]!r}"
    text = SPAN.sub(lambda span: "`" + "x" * (len(span[0]) - 2) + "`", f" {one.prose} ")
    for stress in STRESS.finditer(text):
        inside, before, after = stress[2], text[stress.start() - 1], text[stress.end()]
        if any(re.fullmatch(r"\w[^\w\s]", beside) for beside in (before + inside[0], after + inside[-1])):
            yield f"Markdown sees no stress where a sign stands inside the asterisks and a letter outside: {stress[0]!r}"


def _unlike(ours: list[Section], theirs: list[Section]) -> str:
    for one, other in zip_longest(ours, theirs):
        if one is None or other is None or one.level != other.level:
            return f"{one and one.title!r} stands where {other and other.title!r} is"
    return ""


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Name every difference, or write the stamps of the pages given; 1 where something is not in order."""

    def read(page: str) -> str:
        return (root / page).read_text(encoding="utf-8")

    if arguments[:1] != ["--stamp"]:
        pages = [name for translated in PAGES.values() for name in translated.values()]
        found = [what for page in pages for what in differences(page, read)]
        print("\n".join(found) or f"{len(pages)} translated pages agree with the English ones")
        return int(bool(found))
    for page in arguments[1:]:
        before = read(page)
        after = stamped(before, read(_of(page)[0]))
        (root / page).write_text(after, encoding="utf-8")
        changed = [new.title for old, new in zip(sections(before), sections(after), strict=True) if old != new]
        print(f"{page}: " + (", ".join(f"“{title}”" for title in changed) or "every stamp was right"))
    return 0


def _section(level: int, title: str, lines: list[str]) -> Section:
    stamps = [STAMP.fullmatch(line) for line in lines]
    stamp = next((one[1] for one in stamps if one), None)
    body = "\n".join(line for line, one in zip(lines, stamps, strict=True) if not one)
    return Section(level, title, stamp, body.strip("\n"))


def _links_languages(line: str) -> bool:
    names = [re.sub(r"\[(.*)\]\(.*\)", r"\1", part) for part in line.split(" · ")]
    return names == list(LANGUAGES.values())


def _of(page: str) -> tuple[str, str]:
    for english, translated in PAGES.items():
        for language, name in {"en": english, **translated}.items():
            if name == page:
                return english, language
    raise ValueError(f"{page} is none of the pages that are translated")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
