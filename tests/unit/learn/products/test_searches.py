import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.event import normalized
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.searches import COLUMNS, find_searched
from crosslift.settings import Settings

HOUR = 3_600_000_000
NAMES = ["cup", "filter", "kettle", "pot", "tea"]
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


def table(rows, *names):
    kinds = [pa.int64() if name in {"at", "ordered_at"} else pa.string() for name in names]
    return pa.table({name: pa.array([row[i] for row in rows], kinds[i]) for i, name in enumerate(names)})


@pytest.fixture
def find(catalog):
    """Find what is searched: rows of (identity, query, hour), (customer, product, hour) and (identity, product, hour)."""

    def find(searches, lines=(), views=(), **knobs):
        in_micros = [[(a, b, int(hour * HOUR)) for a, b, hour in rows] for rows in (searches, lines, views)]
        return find_searched(
            table(in_micros[0], "identity", "query", "at"), table(in_micros[1], "customer_id", "product_id", "ordered_at"),
            table(in_micros[2], "identity", "product_id", "at"), catalog, Settings.load(knobs, environment={}),
        )  # fmt: skip

    return find


def told(links):
    """Rows of links in words."""
    return [
        (links.keys[source], NAMES[target], text["basis"])
        for source, target, text in zip(links.sources, links.targets, links.texts, strict=True)
    ]


def searched(query, product, people, after=1.0, kind="customer"):
    """Some people search and get a product some hours later."""
    searches = [(f"{kind}:{person}", query, 10.0) for person in people]
    return searches, [
        (str(person) if kind == "customer" else f"{kind}:{person}", product, 10.0 + after) for person in people
    ]


def crowd():
    """Sixty people who search for other things and buy those, so that there is a chance to compare with."""
    found = [
        searched(q, p, range(a, a + 20))
        for q, p, a in (("mug", "cup", 100), ("kettle", "kettle", 200), ("pot", "pot", 300))
    ]
    return [row for one, _ in found for row in one], [row for _, one in found for row in one]


def test_what_is_bought_after_a_search_answers_it(find):
    searches, lines = crowd()
    asked, bought = searched("  ＧＲＥＥＮ   Tea ", "tea", range(20))
    links = find([*searches, *asked, *searched("green tea", "tea", range(20, 24))[0]], [*lines, *bought])
    assert ("green tea", "tea", "bought") in told(links)
    row = told(links).index(("green tea", "tea", "bought"))
    evidence = {name: float(links.columns[name][row]) for name in COLUMNS}
    assert (evidence["n_searchers"], evidence["n_bought"]) == (24, 20)
    assert np.isnan(evidence["n_viewed"])
    assert evidence["expected"] == pytest.approx(20 * 20 / 80)  # its own 20 of all 80 purchases that followed a search
    assert evidence["lift"] == pytest.approx(4)
    assert links.scores[row] == pytest.approx((20 / 24 + 1) / 2)
    assert len(links) == 4  # mug, kettle and pot are answered too


@pytest.mark.parametrize(("after", "n"), [(24.0, 1), (24.01, 0), (0.0, 1), (-1.0, 0)])
def test_only_what_follows_within_the_hours_counts(find, after, n):
    searches, lines = crowd()
    asked, bought = searched("tea", "tea", range(20), after)
    assert told(find([*searches, *asked], [*lines, *bought])).count(("tea", "tea", "bought")) == n
    longer = find([*searches, *asked], [*lines, *bought], **{"learn.search_hours": 48})
    assert told(longer).count(("tea", "tea", "bought")) == (after >= 0)


def test_a_query_of_fewer_than_five_people_is_not_kept_at_all(find):
    searches, lines = crowd()
    four, bought = searched("kim min-ji order 4711", "tea", range(4))
    assert "kim min-ji order 4711" not in find([*searches, *four * 30], [*lines, *bought]).keys
    five, bought = searched("tea", "tea", range(5))
    assert ("tea", "tea", "bought") in told(find([*searches, *five], [*lines, *bought]))


def test_anonymous_searches_are_answered_by_what_was_viewed_and_say_so(find):
    searches, views = [], []
    for query, product, first in (("tea", "tea", 0), ("mug", "cup", 100), ("pot", "pot", 200)):
        asked, seen = searched(query, product, range(first, first + 20), kind="anonymous")
        searches += asked
        views += seen
    links = find(searches, (), views)
    assert told(links) == [("mug", "cup", "viewed"), ("pot", "pot", "viewed"), ("tea", "tea", "viewed")]
    assert np.isnan(links.columns["n_bought"]).all()
    assert links.columns["n_viewed"].tolist() == [20, 20, 20]
    assert (links.scores <= 0.5).all()


def test_a_purchase_speaks_before_a_view(find):
    searches, lines = crowd()
    asked, bought = searched("tea", "tea", range(20))
    more, seen = searched("tea", "tea", range(20), kind="anonymous")
    others, looked = searched("mug", "cup", range(50, 90), kind="anonymous")
    links = find([*searches, *asked, *more, *others], [*lines, *bought], [*seen, *looked])
    assert [basis for query, _, basis in told(links) if query == "tea"] == ["bought"]


def test_a_query_that_is_nearly_all_there_is_compares_with_the_whole_shop(find):
    asked, bought = searched("tea", "tea", range(20))
    others = [(f"o{i}", name, 500.0) for i in range(60) for name in ("cup", "pot")]
    links = find(asked, [*bought, *others])
    assert told(links) == [("tea", "tea", "bought")]
    assert links.columns["expected"].tolist() == pytest.approx([20 * 20 / 140])


def test_what_everyone_buys_answers_no_query(find):
    searches, lines = crowd()
    people = sorted({int(row[0].partition(":")[2]) for row in searches})
    filters = [(str(person), "filter", 12.0) for person in people]
    assert all(product != "filter" for _, product, _ in told(find(searches, [*lines, *filters])))


@pytest.mark.parametrize("seed", range(5))
def test_searches_dealt_out_again_answer_nothing(find, seed):
    chance = np.random.default_rng(seed)
    queries = chance.permutation(np.repeat(["tea", "mug", "kettle", "pot", "filter"], 80))
    people = chance.integers(0, 150, len(queries))
    searches = [(f"customer:{person}", query, 10.0) for person, query in zip(people, queries, strict=True)]
    lines = [
        (str(person), name, 12.0)
        for person in range(150)
        for name in chance.choice(NAMES, 2, p=[0.4, 0.3, 0.1, 0.1, 0.1])
    ]
    assert len(find(searches, lines)) == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ＵＳＢ－Ｃ", "usb-c"), (" 드립\t서버 ", "드립 서버"), ("ｺｰﾋｰ", "コーヒー"), ("STRASSE", "strasse"),
        ("Straße", "strasse"),
    ],
)  # fmt: skip
def test_queries_are_written_alike(query, said):
    assert normalized(query) == said
    assert normalized(normalized(query)) == said


def test_no_searches_give_no_links(find):
    links = find([])
    assert (len(links), links.keys, set(links.columns)) == (0, [], set(COLUMNS))
