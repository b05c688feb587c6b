"""README and the five chapters say the same in Korean and Japanese, section by section, as far as a machine can tell.

`test_pages.py` reads the translated pages too: the commands, make targets and files they name exist.
"""

import re

import pytest

CHAPTERS = ("1-collect", "2-learn", "3-decide", "4-deliver", "5-measure")
PAGES = [
    name.format(language)
    for name in ("README.{}.md", *(f"docs/{{}}/{chapter}.md" for chapter in CHAPTERS))
    for language in ("ko", "ja")
]
ENGLISH = """# Learn

English · [한국어](ko/2-learn.md) · [日本語](ja/2-learn.md)

*Facts become knowledge* with `learn.min_lift`. See [Decide](3-decide.md#the-check), [gates](gates.md#rules) and
[the list](https://example.org/a).

```
crosslift learn   # once a day
```

## What counts

It takes 1.6 million rows and 0.3 ms.

| key | what |
|---|---|
| `a` | the `first` |
| `b` | the second |

    lift = observed / expected

### Twice
"""
KOREAN = """# 학습

[English](../2-learn.md) · 한국어 · [日本語](../ja/2-learn.md)

*사실이 지식이* 됩니다. `learn.min_lift`를 씁니다. [결정](3-decide.md#점검), [게이트](../gates.md#rules),
[목록](https://example.org/a)을 참고하세요.

```
crosslift learn   # once a day
```

## 세는 것

행 160만 개에 0.3 ms가 걸립니다.

| 키 | 뜻 |
|---|---|
| `a` | `first`인 것 |
| `b` | 둘째 |

    lift = observed / expected

### 두 번
"""
JAPANESE = """# 学習

[English](../2-learn.md) · [한국어](../ko/2-learn.md) · 日本語

*事実が知識に*なります。`learn.min_lift`を使います。[決定](3-decide.md#検証)、[ゲート](../gates.md#rules)、[一覧](https://example.org/a)を参照してください。

```
crosslift learn   # once a day
```

## 数えるもの

160万行で0.3 msかかります（約2秒ではありません）。

| キー | 意味 |
|---|---|
| `a` | `first`のもの |
| `b` | 2番目 |

    lift = observed / expected

### 2回
"""
WRONG = [
    ("ko", "### 두 번", "## 두 번", "does not have the headings"),
    ("ko", "### 두 번\n", "", "does not have the headings"),
    ("ko", "[English](../2-learn.md) · 한국어", "한국어 · [English](../2-learn.md)", "lacks the line"),
    ("ja", "../ko/2-learn.md", "../ko/3-decide.md", "lacks the line"),
    ("ko", "# once a day", "# 하루에 한 번", "a block of code"),
    ("ja", "observed / expected", "観測 / 期待", "a block of code"),
    ("ko", "`learn.min_lift`", "`learn.min_lft`", "code in the text"),
    ("ja", "`learn.min_lift`を", "最小のリフトを", "code in the text"),
    ("ko", "| `b` | 둘째 |\n", "", "other rows or columns"),
    ("ja", "| `b` | 2番目 |", "| `b` |", "other rows or columns"),
    ("ko", "| `a` | `first`인 것 |\n| `b` | 둘째 |", "| `b` | `first`인 것 |\n| `a` | 둘째 |", "in another cell"),
    ("ko", "160만", "16만", "missing: ['1600000']"),
    ("ja", "0.3 ms", "0.2 ms", "missing: ['0.3']"),
    ("ko", "3-decide.md#점검", "../3-decide.md#the-check", "its links are"),
    ("ja", "3-decide.md#検証", "3-decide.md#the-check", "its links are"),
    ("ko", "../gates.md", "gates.md", "its links are"),
    ("ja", "example.org/a", "example.org/b", "its links are"),
    ("ko", "걸립니다.", "걸린다.", "another register"),
    ("ko", "걸립니다.", "걸려요.", "another register"),
    ("ja", "かかります（約", "かかる（約", "another register"),
    ("ja", "使います。", "使う。", "another register"),
    ("ko", "*사실이 지식이*", "*사실(지식)*이", "sees no stress"),
    ("ja", "*事実が知識に*なります", "*「知識」*になります", "sees no stress"),
]


@pytest.fixture(scope="module")
def translated(load_script):
    return load_script("docs/translated.py")


@pytest.fixture
def house(translated):
    """Two little translated pages that agree with their English page, stamped, by path."""
    return {
        "docs/2-learn.md": ENGLISH,
        "docs/ko/2-learn.md": translated.stamped(KOREAN, ENGLISH),
        "docs/ja/2-learn.md": translated.stamped(JAPANESE, ENGLISH),
        "docs/3-decide.md": "# Decide\n\n## The check\n",
        "docs/ko/3-decide.md": "# 결정\n\n## 점검\n",
        "docs/ja/3-decide.md": "# 決定\n\n## 検証\n",
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_translated_page_agrees_with_the_english_one(translated, repo, page):
    found = translated.differences(page, lambda name: (repo / name).read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_readme_and_every_chapter_have_their_translations_and_no_other_page_claims_to_be_one(translated, repo):
    chapters = {f"docs/{file.name}" for file in (repo / "docs").glob("[0-9]-*.md")}
    assert set(translated.PAGES) == {"README.md", *chapters}
    there = [*repo.glob("README.*.md"), *(repo / "docs/ko").rglob("*.md"), *(repo / "docs/ja").rglob("*.md")]
    assert {file.relative_to(repo).as_posix() for file in there} == set(PAGES)


def test_every_english_page_links_its_translations_under_its_title(translated, repo):
    for page in translated.PAGES:
        title, blank, links, *_ = (repo / page).read_text(encoding="utf-8").splitlines()
        assert (title[:2], blank, links) == ("# ", "", translated.language_line(page))


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_pages_that_agree_are_let_be(translated, house, language):
    assert translated.differences(f"docs/{language}/2-learn.md", house.get) == []


@pytest.mark.parametrize(("language", "right", "wrong", "said"), WRONG)
def test_what_a_translation_lost_or_changed_is_named(translated, house, language, right, wrong, said):
    page = f"docs/{language}/2-learn.md"
    text = house[page]
    assert right in text
    found = translated.differences(page, {**house, page: text.replace(right, wrong)}.get)
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    ("right", "wrong", "section"),
    [("0.3 ms", "0.3 ms a row", "세는 것"), ("What counts", "What is counted", "세는 것"), ("### Twice", "### Thrice", "두 번"),
     ("once a day", "once a week", "학습"), ("the second", "the other", "세는 것")],
)  # fmt: skip
def test_a_change_of_the_english_text_names_the_sections_to_be_read_again(translated, house, right, wrong, section):
    texts = house | {"docs/2-learn.md": ENGLISH.replace(right, wrong)}
    stale = [one for one in translated.differences("docs/ko/2-learn.md", texts.get) if "older text" in one]
    assert [re.search("“(.+?)”", one)[1] for one in stale] == [section]
    assert "run `python docs/translated.py --stamp docs/ko/2-learn.md`" in stale[0]


def test_lines_wrapped_elsewhere_and_a_language_more_are_no_change_of_the_text(translated, house):
    wrapped = ENGLISH.replace("It takes 1.6 million rows", "It takes\n1.6 million   rows")
    bare = re.sub("English · .*\n", "", wrapped)
    assert wrapped != ENGLISH != bare
    assert translated.differences("docs/ko/2-learn.md", (house | {"docs/2-learn.md": bare}).get) == []


def test_stamping_changes_stamps_and_nothing_else(translated, house, tmp_path, capsys):
    def stamp():
        done = translated.main(["--stamp", "docs/ko/2-learn.md"], tmp_path)
        return done, capsys.readouterr().out

    for name, text in house.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    page = tmp_path / "docs/ko/2-learn.md"
    assert stamp() == (0, "docs/ko/2-learn.md: every stamp was right\n")
    assert page.read_text(encoding="utf-8") == house["docs/ko/2-learn.md"]

    (tmp_path / "docs/2-learn.md").write_text(ENGLISH.replace("0.3 ms", "0.3 ms a row"), encoding="utf-8")
    assert stamp() == (0, "docs/ko/2-learn.md: “세는 것”\n")
    without = [line for line in page.read_text(encoding="utf-8").splitlines() if not line.startswith("<!-- en: ")]
    assert without == KOREAN.splitlines()
    assert stamp() == (0, "docs/ko/2-learn.md: every stamp was right\n")


def test_a_page_with_other_headings_is_not_stamped(translated):
    with pytest.raises(ValueError, match="the headings are not those of the English page"):
        translated.stamped(KOREAN.replace("### 두 번", ""), ENGLISH)


def test_without_a_page_the_tool_names_every_difference(translated, repo, tmp_path, capsys):
    for page in {*translated.PAGES, *PAGES}:
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text((repo / page).read_text(encoding="utf-8"), encoding="utf-8")
    translated.main(["--stamp", *PAGES], tmp_path)
    assert len(capsys.readouterr().out.splitlines()) == len(PAGES)
    assert translated.main([], tmp_path) == 0
    assert capsys.readouterr().out == "12 translated pages agree with the English ones\n"
    (tmp_path / "docs/ja/4-deliver.md").write_text("# 提供\n", encoding="utf-8")
    assert translated.main([], tmp_path) == 1
    assert capsys.readouterr().out.startswith("docs/ja/4-deliver.md does not have the headings of docs/4-deliver.md")


def test_headings_have_the_anchors_of_the_web(translated):
    page = "# A `b` & c!\n\n## 제안이 벌어들인 것\n\n## 何が？\n\n## 何が\n\n## [Link](x.md) there\n"
    assert translated.anchors(page) == ("a-b--c", "제안이-벌어들인-것", "何が", "何が-1", "link-there")
