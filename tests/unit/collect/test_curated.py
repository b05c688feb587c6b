"""Links and bundles: recognized, checked beyond their single cells, compared, visible as a whole or not at all."""

import json

import pyarrow as pa
import pytest

from crosslift.collect.builders import builder
from crosslift.collect.curated import MAX_PARTS
from crosslift.collect.from_json import bundle_rows, link_rows
from crosslift.collect.intake import WRITE_ROWS
from crosslift.collect.schemas import SCHEMAS
from crosslift.errors import BadInput
from crosslift.settings import Settings

LINKS = "from_id,to_id,kind,action,reason,author,expires_at,value\n"
BUNDLES = "bundle_id,product_id,kind,price,currency,title,quantity\n"
SET = "S,A,fixed,49,USD,Tea for two,1\nS,B,,,,,2\n"
SETTINGS = Settings.load(environment={})
NOW = 1_717_200_000_000_000


@pytest.fixture
def catalog(collect):
    """Products A, B and C."""
    collect("product_id,title,price,currency\nA,Pot,9,USD\nB,Cup,4,USD\nC,Tray,7,USD\n", "products.csv")


# links


def test_links_are_kept_and_reported(collect, records, catalog):
    report = collect(
        LINKS + "A,B,complement,,,,,\n*,C,complement,Pin,spring,mina,2024-07-01,\nC,C,refill,,,,,180 days\n"
        "category:tea/pots,B,required,ban,recall,jo,,\nguide-7,A,content,,,,,\n",
        "links.csv",
    )
    assert (report.format, report.n_new, report.findings) == ("canonical links", 5, [])
    rows = records.links(NOW)[1].to_pylist()
    assert [(r["from_id"], r["to_id"], r["action"], r["value"]) for r in rows] == [
        ("A", "B", "link", None), ("*", "C", "pin", None), ("C", "C", "link", "180 days"),
        ("category:tea/pots", "B", "ban", None), ("guide-7", "A", "link", None),
    ]  # fmt: skip
    assert rows[1]["expires_at"] == 1_719_792_000_000_000


def test_extra_columns_of_links_are_attributes(collect, records, catalog):
    collect(
        'from_id,to_id,kind,campaign,attributes\nA,B,complement,spring,"{""n"":1}"\nA,C,complement,,\n', "links.csv"
    )
    assert [r["attributes"] for r in records.links(NOW)[1].to_pylist()] == ['{"campaign":"spring","n":1}', None]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "A,B,complement,pin,,mina,,",
            "row 2, reason: is empty; a pin overrules what was learned, so it needs a reason and",
        ),
        ("A,B,complement,boost,why,,,", "row 2, author: is empty; a boost overrules what was learned"),
        (
            "A,B,complement,bury,,,,",
            "2 things are wrong, nothing was collected; first: row 2, reason: is empty; a bury",
        ),
        ("A,B,complement,ban,,x,,", "row 2, reason: is empty; a ban overrules what was learned"),
        ("A,*,complement,,,,,", "row 2, to_id: '*' is everything; only from_id can be that"),
        ("A,category:,complement,,,,,", "row 2, to_id: 'category:' names no category; write its path behind it"),
        ("A,A,complement,,,,,", "row 2, to_id: 'A' is linked to itself; only a refill may be"),
        ("*,A,content,,,,,", "row 2, from_id: '*' is no page; a content link starts from a content id"),
        ("A,B,complement,boost,why,me,,much", "row 2, value: 'much' is no factor above 0 and up to 100, such as 1.5"),
        ("A,B,complement,bury,why,me,,-1", "row 2, value: '-1' is no factor above 0"),
        ("A,B,refill,,,,,sometimes", "row 2, value: 'sometimes' is no interval, such as '180 days' or '10000 km'"),
        (
            "A,B,friend,,,,,",
            "row 2, kind: 'friend' is no one of complement, required, upgrade, substitute, refill, fits,",
        ),
        ("A,B,complement,like,,,,", "row 2, action: 'like' is no one of link, pin, boost, bury, ban, remove"),
        (
            ",B,complement,,,,,",
            "1 cells cannot be read, nothing was collected; first: row 2, from_id: is empty; mend them",
        ),
        ("A,B,complement,,,,soon,", "row 2, expires_at: 'soon' is no instant"),
    ],
)
def test_a_wrong_link_is_refused_and_leaves_nothing(collect, nothing_is_left, row, message):
    with pytest.raises(BadInput) as caught:
        collect(LINKS + row + "\n", "links.csv")
    assert message in str(caught.value)
    nothing_is_left()


def test_a_link_can_be_taken_back_without_saying_why(collect, records, catalog):
    collect(LINKS + "A,B,complement,ban,recall,jo,,\n", "links.csv")
    report = collect(LINKS + "A,B,complement,remove,,,,\n", "more.csv")
    assert (report.n_replaced, report.findings) == (1, [])
    assert records.links(NOW)[1].num_rows == 0


def test_wrong_links_can_be_left_out(collect, records, catalog):
    report = collect(LINKS + "A,B,complement,,,,,\nA,C,complement,ban,,jo,,\n", "links.csv", skip_bad_rows=True)
    assert (report.n_read, report.n_new, report.n_refused) == (2, 1, 1)
    [finding] = report.findings
    assert (finding.code, finding.message) == ("unreadable_cells", "1 thing is wrong")
    assert finding.samples == (
        "row 3, reason: is empty; a ban overrules what was learned, so it needs a reason and an author",
    )


def test_products_nobody_knows_are_a_finding_not_an_error(collect, catalog):
    report = collect(
        LINKS + "A,X,complement,,,,,\nY,category:tea,fits,,,,,\nguide,B,content,,,,,\nZ,A,complement,remove,,,,\n",
        "links.csv",
    )
    [finding] = report.findings
    assert (finding.code, finding.count, finding.samples) == ("unknown_product", 2, ("X", "Y"))
    assert finding.message == "2 products named here are not in the catalog"


def test_a_dry_run_names_unknown_products_too(collect, nothing_is_left):
    assert collect(LINKS + "A,B,fits,,,,,\n", "links.csv", is_dry_run=True).findings[0].count == 2
    nothing_is_left()


# bundles


def test_a_bundle_is_put_together_from_all_its_rows(collect, records, catalog):
    report = collect(
        "bundle_id,product_id,role,kind,price,currency,title,title_ko,quantity,season\n"
        "S,A,pot,fixed,49.5,usd,Tea for two,둘을 위한 차,,spring\nT,C,,look,,,,,,\nS,B,cup,,,,,,2,\nT,A,,,,,,,,\n",
        "bundles.csv",
    )
    assert (report.format, report.n_new, report.findings) == ("canonical bundles", 4, [])
    names = ("bundle_id", "product_id", "role", "quantity", "kind", "price_micros", "currency", "title", "titles")
    rows = records.bundles()[1].to_pylist()
    assert [tuple(r[n] for n in names) for r in rows] == [
        ("S", "A", "pot", 1, "fixed", 49_500_000, "USD", "Tea for two", '{"ko":"둘을 위한 차"}'),
        ("S", "B", "cup", 2, "fixed", 49_500_000, "USD", "Tea for two", '{"ko":"둘을 위한 차"}'),
        ("T", "C", None, 1, "look", None, None, "T", "{}"),
        ("T", "A", None, 1, "look", None, None, "T", "{}"),
    ]
    assert [r["attributes"] for r in rows] == ['{"season":"spring"}', None, None, None]


def test_a_bundles_file_again_brings_its_changes_bundle_by_bundle(collect, records, catalog):
    more = "T,A,mix,,,,\nT,C,,,,,\n"
    header = BUNDLES.replace("price", "discount_percent")
    collect(header + SET.replace("49", "10") + more.replace("mix,", "mix,20"), "b.csv")
    report = collect(header + SET.replace("49", "10") + more.replace("mix,", "mix,25"), "b.csv")
    assert (report.n_new, report.n_same, report.n_replaced) == (0, 2, 2)
    assert [(r["bundle_id"], r["discount_percent"]) for r in records.bundles()[1].to_pylist()] == [
        ("S", 10.0), ("S", 10.0), ("T", 25.0), ("T", 25.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BUNDLES + SET + "S,C,fixed,45,USD,Tea for two,1\n",
         "row 4, price: bundle 'S' has 45 here and 49 in row 2; a bundle has one price; mend them"),
        (BUNDLES + SET + "S,C,mix,,,,1\n", "row 4, kind: bundle 'S' has 'mix' here and 'fixed' in row 2; a bundle has one kind"),
        (BUNDLES + SET + "S,C,,,,Tea,1\n", "row 4, title: bundle 'S' has 'Tea' here and 'Tea for two' in row 2"),
        (BUNDLES + "S,A,fixed,49,USD,T,1\n", "row 2, product_id: bundle 'S' has one part; a bundle needs at least two"),
        (BUNDLES + SET.replace("fixed", ""), "row 2, kind: bundle 'S' has no kind; say fixed, mix or look"),
        (BUNDLES + SET.replace("49", ""), "row 2, price: bundle 'S' has neither price nor discount_percent; only a look may"),
        (BUNDLES + SET.replace("USD", ""), "row 2, currency: bundle 'S' has a price without a currency"),
        (BUNDLES + SET + "S,A,,,,,1\n", "row 4, product_id: bundle 'S' names 'A' already in row 2; give its quantity there"),
        (BUNDLES + SET.replace(",2\n", ",0\n"), "row 3, quantity: '0' is no whole number of at least 1"),
        ("bundle_id,product_id,kind,discount_percent\nS,A,mix,120\nS,B,,\n",
         "row 2, discount_percent: '120' is no number from 0 to 100"),
        ("bundle_id,product_id,kind,discount_percent,price,currency\nS,A,mix,10,5,USD\nS,B,,,,\n",
         "row 2, price: bundle 'S' has both a price and a discount_percent; keep one of them"),
        ("bundle_id,product_id,kind,discount_percent,min_parts\nS,A,mix,10,3\nS,B,,,\n",
         "row 2, min_parts: bundle 'S' asks for 3 of its 2 parts"),
    ],
)  # fmt: skip
def test_a_wrong_bundle_is_refused_and_leaves_nothing(collect, nothing_is_left, content, message):
    with pytest.raises(BadInput) as caught:
        collect(content, "bundles.csv")
    assert message in str(caught.value)
    nothing_is_left()


def test_a_bundle_with_a_wrong_row_is_left_out_as_a_whole(collect, records, catalog):
    report = collect(BUNDLES + SET + "T,A,look,,,,1\nT,B,,,,,x\nT,C,,,,,1\n", "bundles.csv", skip_bad_rows=True)
    assert (report.n_read, report.n_new, report.n_refused) == (5, 2, 3)
    assert {r["bundle_id"] for r in records.bundles()[1].to_pylist()} == {"S"}
    [finding] = report.findings
    assert finding.samples == (
        "row 5, quantity: 'x' is no whole number of at least 1",
        "row 4, bundle_id: bundle 'T' lost a row that cannot be read, and is left out as a whole",
    )


def test_bundles_over_many_batches_stay_whole(collect, records):
    n = 1_500
    rows = [f"S{i},P{part},{'look' if part == 0 else ''},,,,1\n" for part in range(3) for i in range(n)]
    assert collect(BUNDLES + "".join(rows), "bundles.csv").n_new == 3 * n
    found = records.bundles()[1].column("bundle_id").to_pylist()
    assert found == [f"S{i}" for i in range(n) for _ in range(3)]


def test_no_transaction_ever_holds_half_a_bundle():
    made = builder(SCHEMAS["bundles"], "file")
    names = [f"S{i}" for i in range(40) for _ in range(MAX_PARTS if i == 3 else 90)]
    columns = {"bundle_id": names, "product_id": [f"P{i}" for i in range(len(names))], "kind": ["look"] * len(names)}
    made.build(made.numbered({name: pa.array(cells) for name, cells in columns.items()}), {})
    written = [[row[0] for row in rows] for _, _, rows in made.finish().tables]
    assert [name for rows in written for name in rows] == names
    assert len(written) > 1
    assert max(map(len, written)) <= WRITE_ROWS
    assert sum(len(set(rows)) for rows in written) == 40


def test_a_products_file_may_name_bundles(collect):
    content = "product_id,title,price,currency,bundle_id,kind,category\nA,Pot,9,USD,S,goods,tea\n"
    assert collect(content, "products.csv").dataset == "products"


# as JSON


def test_links_as_json_are_rows_of_the_file_door(collect, records):
    sent = [{"from_id": "A", "to_id": "B", "kind": "fits", "action": "ban", "reason": "r", "author": "a", "note": "x"}]
    columns, rows, named = link_rows(sent, SETTINGS)
    assert named == {"A", "B"}
    records.put_rows("links", columns, rows, 1)
    assert collect("from_id,to_id,kind,action,reason,author,note\nA,B,fits,ban,r,a,x\n", "links.csv").n_same == 1


def test_bundles_as_json_are_rows_of_the_file_door(collect, records):
    sent = [{"bundle_id": "S", "product_id": "A", "kind": "fixed", "price": 49, "currency": "USD", "title": "Tea for two"},
            {"bundle_id": "S", "product_id": "B", "quantity": 2}]  # fmt: skip
    columns, rows, named = bundle_rows(sent, SETTINGS)
    assert named == {"A", "B"}
    records.put_rows("bundles", columns, rows, 1)
    assert collect(BUNDLES + SET, "bundles.csv").n_same == 2


@pytest.mark.parametrize(
    ("links", "message"),
    [
        ([], "links: the list of links is empty"),
        ([{"from_id": "A", "to_id": "B"}], r"links\[0\]: kind is missing"),
        ([{"from_id": "A", "to_id": "B", "kind": "fits"}, {"from_id": "A", "to_id": "B", "kind": "fits", "action": "ban"}],
         r"first: links\[1\], reason: is empty; a ban overrules .*; mend them and send again"),
        ([{"from_id": "A", "to_id": "B", "kind": "x"}], r"links\[0\], kind: 'x' is no one of complement"),
    ],
)  # fmt: skip
def test_wrong_links_are_named_by_place_and_field(links, message):
    with pytest.raises(BadInput, match=message):
        link_rows(links, SETTINGS)


def test_wrong_bundles_are_named_by_place_and_field():
    parts = [
        {"bundle_id": "S", "product_id": p, "kind": "fixed", "price": n, "currency": "USD"} for n, p in enumerate("AB")
    ]
    with pytest.raises(
        BadInput, match=r"bundles\[1\], price: bundle 'S' has 1 here and 0 in bundles\[0\]; a bundle has one"
    ):
        bundle_rows(parts, SETTINGS)


def test_the_report_of_unknown_products_is_kept_with_the_import(collect, records):
    collect(LINKS + "A,B,fits,,,,,\n", "links.csv")
    assert json.loads(records.imports()[-1].report)["findings"][0]["code"] == "unknown_product"
