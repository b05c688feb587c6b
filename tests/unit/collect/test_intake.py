"""One file: recognized, validated, compared, visible as a whole or not at all."""

import gzip
import json

import pytest

from crosslift.errors import BadInput

HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n"
TWO = "1,2024-01-01 10:00,c1,A,2,2.50,USD\n1,2024-01-01 10:00,c1,B,1,10,USD\n"
GOOD = HEADER + TWO

UCI = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
UCI_ROWS = (
    "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\n"
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527.0,United Kingdom\n"
)
UCI_II = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"


# what becomes of a good file


def test_a_good_file_is_kept_and_reported(collect, read, records):
    report = collect(GOOD)
    assert (report.dataset, report.format, report.state, report.source) == (
        "orders", "canonical orders", "committed", "orders.csv",
    )  # fmt: skip
    assert (report.n_read, report.n_new, report.n_same, report.n_replaced, report.n_refused) == (2, 2, 0, 0, 0)
    assert report.findings == []
    assert read("order_lines", "source", "order_id", "line_id", "product_id", "quantity", "unit_price_micros") == [
        ("canonical", "1", "1", "A", 2, 2_500_000),
        ("canonical", "1", "2", "B", 1, 10_000_000),
    ]
    assert read("orders", "order_id", "customer_id") == [("1", "c1")]
    [kept] = records.imports()
    assert json.loads(kept.report)["n_new"] == 2


@pytest.mark.parametrize(
    ("header", "rows"), [(UCI, UCI_ROWS), (UCI_II, UCI_ROWS), (UCI_II, "1,2,T,1,12/1/2010 8:26,1,5,UK\n")]
)
def test_online_retail_is_recognized_and_named(collect, read, header, rows):
    report = collect(header + rows, "online_retail.csv")
    assert (report.format, report.dataset, report.n_new) == ("UCI Online Retail", "orders", rows.count("\n"))
    assert report.mapping["customer_id"] in ("CustomerID", "Customer ID")
    if "536365" in rows:
        assert read("order_lines", "source", "order_id", "customer_id", "title", "currency", "market", "status")[0] == (
            "UCI Online Retail", "536365", "17850", "WHITE HOLDER", "GBP", "United Kingdom", "placed",
        )  # fmt: skip
        assert read("order_lines", "status", "quantity")[2] == ("cancelled", -1)


@pytest.mark.parametrize(
    ("dataset", "content", "columns", "row"),
    [
        ("products", "product_id,title,category,price,currency,title_ko\n001,Mug,Cups,5.5,usd,머그\n",
         ("product_id", "title", "price_micros", "currency", "titles"), ("001", "Mug", 5_500_000, "USD", '{"ko":"머그"}')),
        ("customers", "customer_id,email,created_at,city\n00042,a@b.c,2024-01-01,Seoul\n",
         ("customer_id", "email", "traits"), ("00042", "a@b.c", '{"city":"Seoul"}')),
        ("consents", "customer_id,purpose,channel,status,source,at\nc1,Marketing,EMAIL,Granted,form,2024-01-01\n",
         ("customer_id", "purpose", "channel", "status"), ("c1", "marketing", "email", "granted")),
        ("returns", "order_id,product_id,quantity,returned_at,refund_amount,currency\n1,A,1,2024-01-09,2.5,USD\n",
         ("order_id", "product_id", "quantity", "refund_micros", "source"), ("1", "A", 1, 2_500_000, "canonical")),
    ],
)  # fmt: skip
def test_every_dataset_has_its_canonical_file(collect, read, dataset, content, columns, row):
    assert collect(content, f"{dataset}.csv").format == f"canonical {dataset}"
    assert read(dataset, *columns) == [row]


def test_a_file_of_events_is_recognized_and_idempotent(collect, read):
    lines = "".join(
        f'{{"type":"track","event":"Product Viewed","userId":"c1","messageId":"m{n}","properties":{{"product_id":"A"}}}}\n'
        for n in (1, 2, 1)
    )
    report = collect(lines, "events.jsonl")
    assert (report.format, report.dataset, report.n_read, report.n_new) == ("Segment events", "events", 3, 2)
    assert collect(lines + "\n", "again.jsonl").n_new == 0
    assert read("events", "identity", "product_id") == [("customer:c1", "A")] * 2


def test_tries_in_a_file_of_events_are_no_events_and_their_orders_say_so(collect, read):
    seen = {"event": "Product Viewed", "userId": "c1", "properties": {"product_id": "A"}}
    bought = {
        "event": "Order Completed",
        "userId": "c1",
        "properties": {"order_id": "9", "products": [{"sku": "A"}], "test": True},
    }
    lines = [seen, {**seen, "anonymousId": "b", "context": {"test": True}}, bought]
    report = collect("\n".join(map(json.dumps, lines)), "events.jsonl")
    assert (report.n_read, report.n_new) == (3, 1)
    assert read("order_lines", "order_id", "status") == [("9", "test")]
    assert read("identity_evidence", "first") == []


def test_the_source_can_be_named_and_a_source_column_wins(collect, read):
    collect(GOOD, source="till")
    collect(HEADER.replace("currency", "currency,source") + "9,2024-01-01,c,A,1,1,USD,phone\n", "b.csv", source="web")
    assert [row[0] for row in read("order_lines", "source")] == ["till", "till", "phone"]


def test_columns_are_mapped_and_constants_fill_the_rest(collect, read):
    content = "Nr;When;Code;Qty;Net;Kunde\n7;2024-01-01;00A;3;1.5;k1\n"
    mapping = {
        "order_id": "Nr", "ordered_at": "When", "product_id": "Code", "quantity": "Qty", "unit_price": "Net",
        "customer_id": "Kunde", "currency": ":EUR", "channel": ":shop",
    }  # fmt: skip
    report = collect(content, mapping=mapping)
    assert report.mapping == mapping
    assert read("order_lines", "order_id", "product_id", "currency", "channel", "customer_id") == [
        ("7", "00A", "EUR", "shop", "k1"),
    ]


def test_ids_stay_text(collect, read):
    collect(HEADER + "00123,2024-01-01,17850.0,007,1,1,USD\n")
    assert read("order_lines", "order_id", "customer_id", "product_id") == [("00123", "17850.0", "007")]


def test_the_same_word_is_the_same_key_however_it_is_composed(collect, read):
    collect(HEADER + "1,2024-01-01,caf\u00e9,\uac00,1,1,USD\n2,2024-01-01,cafe\u0301,\u1100\u1161,1,1,USD\n")
    assert len(set(read("order_lines", "customer_id", "product_id"))) == 1
    collect("product_id,title,price,currency,title_ko\n1,T,1,USD,\u1100\u1161\n", "products.csv")
    assert read("products", "titles") == [('{"ko":"\uac00"}',)]


def test_times_without_a_zone_are_the_shops(collect, read):
    collect(GOOD, settings={"shop.time_zone": "Asia/Seoul"})
    assert read("order_lines", "ordered_at", "ordered_on")[0] == (1_704_070_800_000_000, 19_723)


def test_an_unknown_time_zone_leaves_nothing(collect, nothing_is_left):
    with pytest.raises(BadInput, match=r"shop\.time_zone = 'Mars' is no time zone"):
        collect(GOOD, settings={"shop.time_zone": "Mars"})
    nothing_is_left()


def test_gz_and_plain_give_the_same_rows(collect, read):
    collect(gzip.compress(GOOD.encode()), "a.csv.gz")
    assert collect(GOOD, "b.csv").n_same == 2


def test_progress_is_told(collect):
    told = []
    collect(GOOD, progress=lambda *step: told.append(step))
    assert told == [("read", 2, 0)]


# again


def test_the_same_file_again_is_already_collected(collect, read, records):
    first = collect(GOOD)
    again = collect(GOOD, "renamed.csv")
    assert (again.state, again.import_id, again.n_read) == ("already collected", first.import_id, 0)
    assert len(records.imports()) == 1


def test_the_same_file_mapped_otherwise_is_another(collect):
    collect(GOOD)
    assert collect(GOOD, source="till").n_new == 2


def test_the_same_rows_in_another_file_change_nothing(collect, read):
    collect(GOOD)
    before = read("order_lines", "id", "quantity")
    again = collect(GOOD.replace("\n", "\r\n"), "b.csv")
    assert (again.state, again.n_new, again.n_same, again.conflicts) == ("committed", 0, 2, 0)
    assert read("order_lines", "id", "quantity") == before


def test_with_line_ids_the_order_of_rows_does_not_matter(collect, read):
    header = HEADER.replace("currency", "currency,line_id")
    rows = [f"{n % 3},2024-01-01,c,P{n},1,1,USD,L{n}\n" for n in range(9)]
    collect(header + "".join(rows))
    again = collect(header + "".join(reversed(rows)), "b.csv")
    assert (again.n_new, again.n_same, again.conflicts) == (0, 9, 0)
    assert len(read("order_lines", "id")) == 9


def test_other_content_is_a_conflict_that_is_counted_and_sampled(collect, read):
    collect(GOOD)
    report = collect(
        HEADER + TWO.replace("2.50", "2.60").replace("10,USD", "11,USD") + "2,2024-01-02,c,A,1,1,USD\n", "b.csv"
    )
    assert (report.conflicts, report.n_new, report.n_same) == (2, 1, 0)
    [finding] = report.findings
    assert finding.message == "2 rows came again with other content and no newer updated_at"
    assert finding.samples == ("canonical / 1 / 1", "canonical / 1 / 2")
    assert read("order_lines", "unit_price_micros") == [(2_500_000,), (10_000_000,), (1_000_000,)]


def test_a_newer_updated_at_replaces(collect, read):
    header = HEADER.replace("currency", "currency,updated_at")
    collect(header + "1,2024-01-01,c,A,1,1,USD,2024-01-01\n")
    report = collect(header + "1,2024-01-01,c,A,5,1,USD,2024-01-02\n", "b.csv")
    assert (report.n_replaced, report.conflicts) == (1, 0)
    assert read("order_lines", "quantity") == [(5,)]


def test_a_products_file_again_brings_its_changes(collect, read):
    content = "product_id,title,price,currency,stock\nA,Mug,5,USD,3\nB,Cup,4,USD,1\n"
    collect(content, "p.csv")
    report = collect(content.replace("B,Cup,4", "B,Cup,4.5"), "p.csv")
    assert (report.n_new, report.n_same, report.n_replaced) == (0, 1, 1)
    assert read("products", "product_id", "price_micros") == [("A", 5_000_000), ("B", 4_500_000)]


def test_an_older_products_file_does_not_take_back_a_newer_one(collect, read):
    header = "product_id,title,price,currency,updated_at\n"
    collect(header + "A,New,5,USD,2024-02-01\n", "p.csv")
    assert collect(header + "A,Old,4,USD,2024-01-01\n", "q.csv").conflicts == 1
    assert read("products", "title", "updated_at") == [("New", 1_706_745_600_000_000)]


# dry run


def test_a_dry_run_says_everything_and_writes_nothing(collect, records, nothing_is_left):
    report = collect(GOOD, is_dry_run=True)
    assert (report.state, report.import_id, report.format, report.n_read) == ("dry run", None, "canonical orders", 2)
    assert report.preview[1]["product_id"] == "B"
    assert records.imports() == []
    nothing_is_left()
    with pytest.raises(BadInput, match="'x' is no amount"):
        collect(GOOD.replace("2.50", "x"), is_dry_run=True)
    assert collect(GOOD).n_new == 2


def test_the_preview_shows_as_many_rows_as_asked(collect):
    report = collect(GOOD, is_dry_run=True, preview_rows=1)
    assert [row["product_id"] for row in report.preview] == ["A"]


# bad files leave nothing


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (HEADER, "has a header but no rows; export it again"),
        (HEADER.strip(), "has a header but no rows; export it again"),
        (GOOD.replace("customer_id,product_id", "customer_id,thing"), "nearest is orders, missing product_id; name them: --map"),
        (GOOD.replace("order_id,", "number,"), "nearest is orders, missing order_id"),
        (GOOD.replace(",currency", ",curr"), "looks like orders, but column 'currency' is missing"),
        ("a,b\n1,2\n", "no known format has the columns a, b"),
        (GOOD.replace("quantity", "order_id"), "the header names 'order_id' twice"),
        (GOOD.replace(",2,2.50", ",two,2.50"), "first: row 2, quantity: 'two' is no whole number; mend them"),
        (GOOD.replace(",10,USD", ",ten,USD"), "first: row 3, unit_price: 'ten' is no amount; mend them"),
        (GOOD.replace("1,2024-01-01 10:00,c1,B", "1,2024-02-31,c1,B"), "row 3, ordered_at: '2024-02-31' is no instant"),
        (GOOD.replace("c1,B", "c1,"), "first: row 3, product_id: is empty; mend them"),
        (GOOD.replace("1,2024-01-01 10:00,c1,B", ",2024-01-01,c1,B"), "first: row 3, order_id: is empty"),
        (GOOD.replace(",10,USD", ",10,Dollars"), "row 3, currency: 'Dollars' is no ISO 4217 currency"),
        (HEADER.replace("currency", "currency,status") + "1,2024-01-01,c,A,1,1,USD,sent\n",
         "row 2, status: 'sent' is no one of placed, cancelled, adjustment"),
        (GOOD + "1,2024-01-01,c1\n", "row 4: Expected 7 columns, got 3"),
        (GOOD.encode() + "2,2024-01-01,c1,café,1,1,USD\n".encode("cp1252"), "line 4: byte 0xe9 is not UTF-8"),
        (GOOD.encode("utf-16-le"), "is UTF-16 or no text at all"),
        (gzip.compress((HEADER + TWO * 20_000).encode(), mtime=0)[:-40], "cannot be read to its end"),
        (b"PK\x03\x04....", "File is not a zip file"),
        ('{"order_id":"1"}\n{"order_id":\n', "line 2: not valid JSON"),
        ('{"event":"A","userId":"c","messageId":"m"}\n{"event":7}\n', "line 2: not an event"),
        ('{"event":"A","userId":"c","messageId":"m"}\n{"event":"A"}\n', "event 2: an event needs userId or anonymousId"),
        ("product_id,title,price,currency\nA,Mug,-1,USD\n", "row 2, price: '-1' is no amount"),
        ("order_id,product_id,quantity,returned_at\n1,A,0,2024-01-01\n", "row 2, quantity: '0' is no whole number"),
        ("customer_id,purpose,channel,status,source,at\nc,research,web,granted,f,2024-01-01\n",
         "row 2, purpose: 'research' is no one of personalization, marketing"),
        ("customer_id,purpose,channel,status,source,at\nc,marketing,,granted,f,2024-01-01\n", "row 2, channel: is empty"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_and_leaves_nothing(collect, nothing_is_left, tmp_path, content, message):
    with pytest.raises(BadInput) as caught:
        collect(content, "bad.file")
    assert message in str(caught.value)
    assert str(tmp_path / "bad.file") in str(caught.value)
    nothing_is_left()


def test_a_bad_row_after_many_good_ones_leaves_nothing(collect, nothing_is_left):
    rows = "".join(f"{n},2024-01-01,c{n % 50},P{n % 90},1,1.5,USD\n" for n in range(30_000))
    with pytest.raises(
        BadInput, match="1 cells cannot be read, nothing was collected; first: row 30002, quantity: 'x'"
    ):
        collect(HEADER + rows + "9,2024-01-01,c,A,x,1,USD\n")
    nothing_is_left()


def test_an_interruption_leaves_nothing(collect, nothing_is_left):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(GOOD, progress=stop)
    nothing_is_left()


def test_a_bad_file_leaves_what_was_there(collect, read):
    collect(GOOD)
    with pytest.raises(BadInput):
        collect(HEADER + TWO.replace("2.50", "9") + "2,2024-01-01,c,A,x,1,USD\n", "b.csv")
    assert read("order_lines", "unit_price_micros") == [(2_500_000,), (10_000_000,)]


def test_at_most_a_handful_of_problems_is_shown(collect):
    with pytest.raises(BadInput, match="30 cells cannot be read") as caught:
        collect(HEADER + "1,2024-01-01,c,A,x,y,USD\n" * 15)
    assert len(caught.value.problems) == 5
    assert caught.value.problems[0] == "row 2, quantity: 'x' is no whole number"


@pytest.mark.parametrize(("name", "row"), [("a.jsonl", 1), ("a.csv", 2)])
def test_rows_are_numbered_as_the_file_has_them(collect, name, row):
    bad = dict(zip(HEADER.strip().split(","), ["1", "2024-01-01", "c", "A", "x", "1", "USD"], strict=True))
    content = json.dumps(bad) if name == "a.jsonl" else HEADER + ",".join(bad.values()) + "\n"
    with pytest.raises(BadInput, match=f"row {row}, quantity"):
        collect(content, name)


def test_json_rows_with_nulls_and_missing_fields_are_rows(collect, read):
    full = {
        "order_id": "1",
        "ordered_at": "2024-01-01",
        "product_id": "A",
        "quantity": 1,
        "unit_price": 2.5,
        "currency": "USD",
    }
    collect(
        "\n".join(json.dumps(row) for row in ({**full, "title": None}, {**full, "customer_id": "c", "line_id": "x"})),
        "a.jsonl",
    )
    assert read("order_lines", "customer_id", "line_id", "unit_price_micros", "title") == [
        (None, "1", 2_500_000, None),
        ("c", "x", 2_500_000, None),
    ]


# bad rows left out


def test_bad_rows_can_be_left_out_and_are_counted(collect, read):
    rows = "1,2024-01-01,c1,A,1,1,USD\n1,2024-01-01,c1,B,x,1,USD\n1,2024-01-01,c1,C,1,1,USD\n"
    report = collect(HEADER + rows, skip_bad_rows=True)
    assert (report.n_read, report.n_new, report.n_refused) == (3, 2, 1)
    [finding] = report.findings
    assert (finding.code, finding.count, finding.samples) == (
        "unreadable_cells", 1, ("row 3, quantity: 'x' is no whole number",),
    )  # fmt: skip
    assert read("order_lines", "product_id", "line_id") == [("A", "1"), ("C", "3")]


def test_a_mended_file_brings_only_the_row_that_was_left_out(collect, read):
    bad = HEADER + "1,2024-01-01,c1,A,1,1,USD\n1,2024-01-01,c1,B,x,1,USD\n1,2024-01-01,c1,C,1,1,USD\n"
    collect(bad, skip_bad_rows=True)
    report = collect(bad.replace(",x,", ",7,"), "mended.csv")
    assert (report.n_new, report.n_same, report.conflicts) == (1, 2, 0)
    assert sorted(read("order_lines", "line_id", "product_id", "quantity")) == [
        ("1", "A", 1),
        ("2", "B", 7),
        ("3", "C", 1),
    ]
