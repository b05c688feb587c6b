from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.catalog import Catalog
from crosslift.learn.products.contents import COLUMNS, READ_DAYS, find_content
from crosslift.learn.products.links import Links
from crosslift.settings import Settings

DAY = 86_400_000_000
NAMES = ["bag", "camera", "card", "filter", "flash", "lens", "tripod"]
NONE = float("nan")


@pytest.fixture(scope="session")
def catalog():
    n = len(NAMES)
    nothing, unknown = [None] * n, np.full(n, NONE)
    return Catalog(
        NAMES,
        [{"": name} for name in NAMES],
        nothing,
        nothing,
        nothing,
        ["goods"] * n,
        unknown,
        unknown,
        unknown,
        [{}] * n,
    )


def table(rows, **kinds):
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()})


def reads_of(content, people, product=None, title=None, kind="customer", day=10):
    return [
        {"identity": f"{kind}:{p}", "content_id": content, "title": title, "product_id": product, "at": day * DAY}
        for p in people
    ]


def lines_of(product, people, day=12):
    return [{"customer_id": str(p), "product_id": product, "ordered_at": day * DAY} for p in people]


def curated(page, product, action="link", kind="content", **more):
    return {"from_id": page, "to_id": product, "kind": kind, "action": action, **more}


@pytest.fixture
def find(catalog):
    """Find the products of pages; the camera needs a card (curated), goes with tripod best, then lens and bag."""
    place = {name: number for number, name in enumerate(NAMES)}

    def find(reads=(), lines=(), links=(), as_of=100 * DAY):
        text, instant = pa.string(), pa.int64()
        related = [("bag", 2.0, True), ("lens", 3.0, True), ("tripod", 9.0, True), ("flash", 9.9, False)]
        ends = np.array([sorted((place["camera"], place[name])) for name, _, _ in related])
        pairs = SimpleNamespace(
            first=ends[:, 0], second=ends[:, 1], lift_low=np.array([low for _, low, _ in related]),
            is_relation=np.array([holds for _, _, holds in related]),
        )  # fmt: skip
        required = Links(
            "required", np.array([place["camera"]], np.int32), np.array([place["card"]], np.int32), np.array([1.0])
        )
        return find_content(
            table(reads, identity=text, content_id=text, title=text, product_id=text, at=instant),
            table(lines, customer_id=text, product_id=text, ordered_at=instant),
            table(links, from_id=text, to_id=text, kind=text, action=text, value=text, expires_at=instant),
            catalog, pairs, required, Settings.load({}, environment={}), as_of,
        )  # fmt: skip

    return find


def shown(links, page):
    """What a page shows, best first, with the basis."""
    if page not in links.keys:
        return []
    rows = np.flatnonzero(links.sources == links.keys.index(page))
    return [(NAMES[links.targets[row]], links.texts[row]["basis"]) for row in rows]


def test_a_page_about_a_product_shows_what_it_needs_then_what_goes_with_it(find):
    links = find(reads_of("faq-camera", [1], "camera", "Camera FAQ"))
    assert shown(links, "faq-camera") == [("card", "named"), ("tripod", "named"), ("lens", "named"), ("bag", "named")]
    assert links.texts[0] == {"title": "Camera FAQ", "basis": "named", "product": "camera"}
    assert np.isnan(links.columns["n_bought"]).all()
    assert ((links.scores >= 0) & (links.scores <= 1)).all()


def test_what_the_merchant_links_goes_first_pins_before_links(find):
    links = find(
        reads_of("guide", [1], "camera"),
        links=[curated("guide", "flash"), curated("guide", "bag"), curated("guide", "filter", "pin")],
    )
    assert shown(links, "guide") == [
        ("filter", "curated"), ("flash", "curated"), ("bag", "curated"), ("card", "named"), ("tripod", "named"),
        ("lens", "named"),
    ]  # fmt: skip


def test_a_ban_takes_a_product_off_the_page_and_a_burial_puts_it_last(find):
    links = find(
        reads_of("guide", [1], "camera"), links=[curated("guide", "tripod", "ban"), curated("guide", "card", "bury")]
    )
    assert [name for name, _ in shown(links, "guide")] == ["lens", "bag", "card"]


def test_only_links_of_pages_that_hold_count(find):
    links = find(links=[
        curated("guide", "flash", expires_at=100 * DAY), curated("guide", "gone"), curated("camera", "bag", kind="complement"),
        curated("guide", "bag", expires_at=100 * DAY + 1),
    ])  # fmt: skip
    assert (links.keys, shown(links, "guide")) == (["guide"], [("bag", "curated")])


def test_the_merchant_can_say_what_a_page_is_about(find):
    links = find(reads_of("setup", [1], "lens"), links=[curated("setup", "camera", value="about")])
    assert [name for name, _ in shown(links, "setup")] == ["card", "tripod", "lens", "bag"]
    assert links.texts[0]["title"] == "setup"  # nobody gave one


def test_a_page_is_about_the_product_most_events_name_and_has_its_newest_title(find):
    reads = [
        *reads_of("p", [1], "lens", "Old", day=1), *reads_of("p", [2, 3], "camera", "New", day=2), *reads_of("p", [4], day=3)
    ]  # fmt: skip
    assert find(reads).texts[0] == {"title": "New", "basis": "named", "product": "camera"}


def other_pages():
    """Pages with readers who buy other things, so that there is a chance to compare with."""
    pages = [("bags", "bag", range(100, 130)), ("lenses", "lens", range(200, 230)), ("cards", "card", range(300, 330))]
    return [r for page, _, who in pages for r in reads_of(page, who)], [
        r for _, p, who in pages for r in lines_of(p, who)
    ]


def test_what_readers_buy_more_than_chance_is_learned_with_its_evidence(find):
    reads, lines = other_pages()
    links = find(
        [*reads, *reads_of("waterfalls", range(40)), *reads_of("waterfalls", range(9), kind="anonymous")],
        [*lines, *lines_of("filter", range(30))],
    )
    [row] = [i for i, s in enumerate(links.sources) if links.keys[s] == "waterfalls"]
    assert (NAMES[links.targets[row]], links.texts[row]["basis"]) == ("filter", "learned")
    evidence = {name: float(links.columns[name][row]) for name in COLUMNS}
    assert (evidence["n_readers"], evidence["n_bought"]) == (40, 30)
    assert evidence["expected"] == pytest.approx(30 * 30 / 120)
    assert evidence["q_value"] < 0.001


@pytest.mark.parametrize(("day", "n"), [(10, 1), (9, 0), (10 + READ_DAYS, 1), (11 + READ_DAYS, 0)])
def test_only_purchases_after_the_read_and_within_the_days_count(find, day, n):
    reads, lines = other_pages()
    links = find([*reads, *reads_of("waterfalls", range(40))], [*lines, *lines_of("filter", range(30), day)])
    assert len(shown(links, "waterfalls")) == n


def test_what_was_learned_stands_beside_a_curated_link_as_evidence(find):
    reads, lines = other_pages()
    links = find(
        [*reads, *reads_of("waterfalls", range(40))], [*lines, *lines_of("filter", range(30))],
        [curated("waterfalls", "filter")],
    )  # fmt: skip
    [row] = np.flatnonzero(links.sources == links.keys.index("waterfalls"))
    assert links.texts[row]["basis"] == "curated"
    assert links.columns["n_bought"][row] == 30


def test_the_product_a_page_is_about_is_no_companion_of_it(find):
    reads, lines = other_pages()
    links = find([*reads, *reads_of("faq", range(40), "filter")], [*lines, *lines_of("filter", range(30))])
    assert shown(links, "faq") == []


@pytest.mark.parametrize("seed", range(5))
def test_pages_dealt_out_again_teach_nothing(find, seed):
    chance = np.random.default_rng(seed)
    pages = chance.choice(["a", "b", "c", "d"], 400, p=[0.4, 0.3, 0.2, 0.1])
    reads = [row for i, page in enumerate(pages) for row in reads_of(page, [chance.integers(0, 200)])]
    lines = [row for p in range(200) for name in chance.choice(NAMES, 2, replace=False) for row in lines_of(name, [p])]
    assert len(find(reads, lines)) == 0


def test_nothing_read_and_nothing_written_gives_no_links(find):
    links = find()
    assert (len(links), links.keys, set(links.columns)) == (0, [], set(COLUMNS))
