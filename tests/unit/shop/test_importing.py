"""Files on their way in, and out again: a shop is the same as before what was taken back."""

import json

import pytest

from crosslift.errors import BadInput, BadUsage, Busy, Conflict, NotFound, Unconfirmed
from crosslift.shop import facts

HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency,title\n"
ORDERS = HEADER + "1,2026-01-01,c1,A,1,5,USD,Mug\n2,2026-01-02,c2,B,1,6,USD,Cup\n"
MORE = HEADER + "3,2026-01-03,c3,C,1,5,USD,Pot\n4,2026-01-02,c1,A,2,7,USD,Mug\n"
PRODUCTS = "product_id,title,price,currency,stock\nA,Mug,9,USD,4\nD,Jar,3,USD,1\n"
CUSTOMERS = "customer_id,email\nc1,a@x.example\nc9,a@x.example\n"
TILL = "주문번호,주문일시,상품코드,수량,판매가\nT-1,2026-01-04,A,1,500원\n"


def events(*names):
    return "".join(
        json.dumps({"type": "track", "event": "Product Viewed", "anonymousId": "z", "messageId": name,
                    "properties": {"product_id": "A"}}) + "\n" for name in names
    )  # fmt: skip


@pytest.fixture
def shop(empty_shop):
    return empty_shop


@pytest.fixture
def collect(shop):
    """Collect texts given by the names of their files, one after the other."""

    def give(**options):
        given = {name: text for name, text in options.items() if "__" in name}
        rest = {name: value for name, value in options.items() if "__" not in name}
        paths = []
        for name, text in given.items():
            path = shop.home / name.replace("__", ".")
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return shop.collect(*paths, **rest)

    return give


def state(shop):
    """Everything collected, as it is read; numbers given to rows and changes may differ."""
    people = shop.records.table("identities", ["identity", "person_id"])
    states = shop.records.table("person_states", ["identity", "n_orders", "last_order_at", "owned"])
    return {
        "products": sorted(shop.products().to_pylist(), key=lambda row: row["product_id"]),
        "lines": shop.frames.order_lines().to_pylist(),
        "events": shop.frames.events().drop_columns(["id"]).to_pylist(),
        "people": sorted(people.to_pylist(), key=str),
        "states": sorted(states.to_pylist(), key=str),
        "live": sorted(row[:6] for row in shop.records.live_since(-1)[1]),
    }


# taken back


def test_files_are_taken_back_one_by_one_the_last_first(shop, collect):
    files = {"a__csv": ORDERS, "b__csv": MORE, "p__csv": PRODUCTS, "c__csv": CUSTOMERS, "e__jsonl": events("m1", "m2")}
    before = [state(shop)]
    for name, text in files.items():
        collect(**{name: text})
        before.append(state(shop))
    for name in reversed(files):
        before.pop()
        told = shop.undo_import()
        assert told["source"] == name.replace("__", ".")
        assert state(shop) == before[-1]
    with pytest.raises(NotFound, match="no file was collected that could be taken back"):
        shop.undo_import()


def test_what_it_did_is_told(shop, collect):
    collect(a__csv=ORDERS)
    collect(b__csv=MORE)
    told = shop.undo_import()
    assert told == {
        "import_id": told["import_id"], "dataset": "orders", "source": "b.csv", "format": "canonical orders", "n_gone": 2,
        "n_back": 0, "n_derived": 1,
    }  # fmt: skip


def test_what_was_replaced_comes_back(shop, collect):
    collect(p__csv=PRODUCTS)
    before = state(shop)
    collect(q__csv=PRODUCTS.replace("9,USD", "8,USD"))
    assert shop.undo_import()["n_back"] == 1
    assert state(shop) == before


def test_an_earlier_import_can_be_named(shop, collect):
    [first] = collect(a__csv=ORDERS)
    collect(b__csv=MORE)
    shop.undo_import(first.import_id)
    assert sorted(shop.frames.order_lines().column("order_id").to_pylist()) == ["3", "4"]


def test_the_same_file_can_be_collected_again(shop, collect):
    collect(a__csv=ORDERS)
    before = state(shop)
    shop.undo_import()
    [again] = collect(a__csv=ORDERS)
    assert (again.state, again.n_new) == ("committed", 2)
    assert state(shop) == before


def test_a_file_that_later_ones_build_on_stays(shop, collect):
    [first] = collect(a__csv=ORDERS)
    collect(b__csv=ORDERS + "5,2026-01-05,c5,A,1,5,USD,Mug\n")
    before = state(shop)
    with pytest.raises(Conflict, match=r"import \d+ \(a.csv\) cannot be taken back: import \d+ \(b.csv\) builds on it"):
        shop.undo_import(first.import_id)
    assert state(shop) == before
    assert not shop.frames_are_stale()


def test_what_came_by_the_api_is_not_a_file(shop, collect):
    collect(a__csv=ORDERS)
    facts.put_facts(shop.records, shop.settings, shop.clock(), "customers", [{"customer_id": "z"}])
    assert shop.undo_import()["source"] == "a.csv"
    api = next(one.import_id for one in shop.records.imports() if one.source == "api")
    with pytest.raises(BadUsage, match="came by the API"):
        shop.undo_import(api)
    with pytest.raises(NotFound):
        shop.undo_import(10_000)


def test_events_in_sealed_files_go_too(shop, collect):
    collect(a__jsonl=events("m1", "m2"))
    before = state(shop)
    collect(b__jsonl=events("m3", "m4", "m5"))
    assert shop.frames.seal(1) == 5
    assert shop.undo_import()["n_gone"] == 3
    assert state(shop) == before
    collect(c__jsonl=events("m3", "m6"))
    assert len(state(shop)["events"]) == 4


def test_a_refusal_leaves_no_files_behind(shop, collect):
    [first] = collect(a__jsonl=events("m1", "m2"))
    collect(b__jsonl=events("m2", "m3"))
    shop.frames.seal(1)
    files = sorted(path.name for path in shop.home.rglob("*.parquet"))
    with pytest.raises(Conflict):
        shop.undo_import(first.import_id)
    assert sorted(path.name for path in shop.home.rglob("*.parquet")) == files
    assert len(state(shop)["events"]) == 3


def test_a_crash_before_it_was_worked_up_is_mended_with_the_next_command(shop, collect, monkeypatch):
    collect(a__csv=ORDERS)
    before = state(shop)
    collect(b__csv=MORE)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(shop.records), "refresh_person_states", crash)
        with pytest.raises(KeyboardInterrupt):
            shop.undo_import()
    assert shop.frames_are_stale()
    collect(p__csv=PRODUCTS)
    shop.undo_import()
    now = state(shop)
    assert [row for row in now["states"] if row["n_orders"]] == before["states"]
    assert all(now[part] == before[part] for part in ("products", "lines", "live"))


def test_only_one_import_runs_at_a_time(shop, collect):
    collect(a__csv=ORDERS)
    with shop._importing(), pytest.raises(Busy):
        shop.undo_import()


# all looked at before the first is collected


@pytest.mark.parametrize(("second", "error"), [(TILL, Unconfirmed), ("a,b\n1,2\n", BadInput)])
def test_a_file_that_is_not_certain_stops_all_before_the_first(shop, collect, second, error):
    with pytest.raises(error):
        collect(a__csv=ORDERS, b__csv=second)
    assert shop.records.imports() == []


def test_a_word_may_be_for_one_file_only(shop, collect):
    (shop.home / "u.csv").write_text(TILL.replace("T-1", "T-2"), encoding="utf-8")
    with pytest.raises(Unconfirmed) as caught:
        collect(t__csv=TILL, u__csv=TILL.replace("T-1", "T-2"), accept=[shop.home / "t.csv"])
    assert caught.value.proposal.file == "u.csv"
    first, second = collect(
        t__csv=TILL, u__csv=TILL.replace("T-1", "T-2"), accept=[shop.home / "t.csv", str(shop.home / "u.csv")]
    )
    assert (first.n_new, second.n_new) == (1, 1)
    assert first.format == "orders by their headings"


def test_an_encoding_is_handed_on(shop):
    path = shop.home / "p.csv"
    path.write_bytes("product_id,title,price,currency\nA,Caf\u00e9,5,EUR\n".encode("cp1252"))
    [report] = shop.collect(path, encoding="cp1252")
    assert report.notes == ["read as cp1252"]
