"""`crosslift learn --report`: what people read of the snapshot in force, and the same as JSON; nothing is learned."""

import json

import pytest

from crosslift.cli.output import width
from crosslift.cli.report import fit, wrapped

SECTIONS = ["Relations by kind", "What overrules what", "Strongest: complement", "Proposals", "Nothing goes with:", "Groups",
            "Changes: this is the first snapshot", "To review: "]  # fmt: skip


@pytest.fixture(scope="module")
def refitted_home(little, pantry, tmp_path_factory):
    """A shop whose long-titled, partly Korean catalog was learned twice; P06 with P07 came between."""
    home = tmp_path_factory.mktemp("refitted") / "home"
    home.mkdir()
    titles = {
        "P00": "A kettle with a name that is far longer than any table has room for",
        "P01": "아주 긴 이름을 가진 주전자 받침 세트 " * 3,
    }
    catalog = [{**row, "title": titles.get(row["product_id"], row["title"])} for row in pantry.catalog]
    with little.stocked(home, pantry.orders, catalog) as shop, little.no_jit():
        later = [little.Order(("P06", "P07"), f"late{i}", 12.0 * i) for i in range(150)]
        rows = [{**row, "order_id": f"late-{row['order_id']}"} for row in little.order_rows(later)]
        shop.collect(little.write(home / "later.csv", rows))
        shop.learn(force=True)
    return home


def test_the_report_in_the_order_of_its_sections_learns_nothing(run, stocked_home):
    before = sorted(path.name for path in (stocked_home / "snapshots").iterdir())
    ran = run("--home", stocked_home, "learn", "--report")
    assert ran.code == 0
    places = [ran.out.find(section) for section in SECTIONS]
    assert -1 not in places
    assert places == sorted(places)
    assert sorted(path.name for path in (stocked_home / "snapshots").iterdir()) == before


@pytest.mark.parametrize(
    "asked",
    [["--report"], ["--report", "--raw"], ["--product", "P01"], ["--why-not", "P00,P01"], ["--why-not", "P00,P10"]],
)
def test_nothing_is_wider_than_a_hundred_columns(run, refitted_home, asked):
    ran = run("--home", refitted_home, "learn", *asked)
    assert ran.code == 0
    assert [line for line in ran.out.splitlines() if width(line) > 100] == []


def test_what_changed_since_the_snapshot_before(run, refitted_home):
    out = run("--home", refitted_home, "learn", "--report").out
    said = run("--home", refitted_home, "learn", "--report", "--json").json
    came = [
        (row["from"], row["product"])
        for row in said["changes"]
        if row["kind"] == "complement" and row["change"] == "in"
    ]
    assert ("P06", "P07") in came
    assert f"Pairs that came or went since {said['since']}" in out
    affected = said["offers_affected"]
    assert f"Offers affected: {len(affected['changed'])} of {affected['asked']} products asked" in out
    assert "P06" in {row["product"] for row in affected["changed"]}
    assert [(row["from"], row["product"]) for row in said["review_queue"]] == [("P06", "P07")]


def test_everything_as_json_and_nothing_else(run, stocked_home):
    said = run("--home", stocked_home, "learn", "--report", "--json").json
    assert said["report"]["kinds"]["complement"] == len(said["strongest"]["complement"]) == 3
    assert said["report"]["precedence"][0] == "ban"
    assert len(said["without_companions"]) == 24 - 6
    assert said["since"] is None


def test_one_product_with_every_column_of_evidence(run, stocked_home, little, pantry):
    ones, twos = little.recount(pantry.orders)
    rows = run("--home", stocked_home, "learn", "--report", "--product", "P00", "--json").json
    (row,) = (row for row in rows if row["kind"] == "complement")
    assert (row["product"], row["n_both"], row["n_a"]) == ("P01", little.both(twos, "P00", "P01"), ones["P00"])
    out = run("--home", stocked_home, "learn", "--product", "P00").out
    shown = out.replace("\n", " ")
    for name in set(row) - {"kind", "from", "from_title", "product", "title", "pair"}:
        assert f" {name} " in shown
    assert "complement: 1" in out


def test_raw_or_corrected(run, stocked_home):
    corrected = run("--home", stocked_home, "learn", "--report").out
    raw = run("--home", stocked_home, "learn", "--report", "--raw").out
    assert "raw_lift" in raw
    assert "by the raw lift" in raw
    assert "raw_lift" not in corrected
    rows = run("--home", stocked_home, "learn", "--report", "--raw", "--json").json["strongest"]["complement"]
    assert [row["raw_lift"] for row in rows] == sorted((row["raw_lift"] for row in rows), reverse=True)


def test_why_a_product_is_not_there(run, stocked_home, little, pantry):
    _, twos = little.recount(pantry.orders)
    ran = run("--home", stocked_home, "learn", "--why-not", "P00,P10")
    assert ran.out.startswith("P00 Kettle 0 + P10 Kettle 10: not related\n")
    assert f"{little.both(twos, 'P00', 'P10')} orders with both where chance alone brings" in ran.out
    assert f"n_both {little.both(twos, 'P00', 'P10')} ·" in ran.out
    assert ": related\n  1. it is there" in run("--home", stocked_home, "learn", "--why-not", "P00, P01").out
    assert run("--home", stocked_home, "learn", "--why-not", "P00,ghost", "--json").json["code"] == "not_in_catalog"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--why-not", "P00"], "names no pair; give two product ids"),
        (["--why-not", "P00,P00"], "are one product"),
        (["--why-not", "P00,P01", "--product", "P00"], "two questions"),
        (["--raw"], "belong to --report"),
        (["--report", "--force"], "only read"),
        (["--report", "--since", "1999"], "no snapshot 1999 to compare with"),
        (["--product", "ghost"], "no product ghost in snapshot"),
    ],
)
def test_what_cannot_be_asked_is_named(run, stocked_home, asked, said):
    ran = run("--home", stocked_home, "learn", *asked)
    assert ran.code != 0
    assert said in ran.err


def test_before_the_first_snapshot_there_is_nothing_to_report(run, tmp_path):
    ran = run("--home", tmp_path / "h", "learn", "--report", "--json")
    assert ran.code != 0
    assert json.loads(ran.out)["error"]["message"].startswith("nothing has been learned yet")


def test_texts_are_cut_by_the_columns_they_take():
    assert fit("주전자 받침", 7) == "주전자…"
    assert width(fit("주전자 받침 세트", 9)) <= 9
    lines = wrapped([f"name{i} 주전자" for i in range(20)], " · ", 40)
    assert all(width(line) <= 40 for line in lines)
    assert " ".join(lines).replace(" ·", "").split() == [word for i in range(20) for word in (f"name{i}", "주전자")]
