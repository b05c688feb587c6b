import pytest


def test_a_file_is_recognized_counted_and_looked_at(run, tmp_path, little, pantry):
    orders = little.write(tmp_path / "orders.csv", little.order_rows(pantry.orders))
    ran = run("--home", tmp_path / "h", "collect", orders)
    assert ran.code == 0
    assert ran.out.startswith("orders.csv: canonical orders, committed\n")
    n = sum(len(order.products) for order in pantry.orders)
    assert f"{n:,} read, {n:,} new" in ran.out
    assert "What can be learned: thin (700 orders, at least 1,000 advised" in ran.out


def test_the_same_file_again_changes_nothing(run, own_home):
    assert (
        "orders.csv: canonical orders, already collected"
        in run("--home", own_home, "collect", own_home / "orders.csv").out
    )


def test_a_dry_run_shows_the_first_rows_and_keeps_nothing(run, tmp_path, little, pantry):
    orders = little.write(tmp_path / "orders.csv", little.order_rows(pantry.orders))
    ran = run("--home", tmp_path / "h", "collect", orders, "--dry-run", "--json")
    assert ran.json["imports"][0]["state"] == "dry run"
    assert ran.json["imports"][0]["preview"][0]["order_id"] == "o0"
    assert ran.json["quality"] is None
    assert run("--home", tmp_path / "h", "collect", "--quality", "--json").json["quality"]["readiness"]["n_orders"] == 0


def test_columns_are_mapped_by_name_or_to_one_value(run, tmp_path, little, pantry):
    rows = [{"no": r["order_id"], "when": r["ordered_at"], "sku": r["product_id"], "qty": 1, "price": "5"}
            for r in little.order_rows(pantry.orders[:50])]  # fmt: skip
    file = little.write(tmp_path / "export.csv", rows)
    pairs = ("order_id=no", "ordered_at=when", "product_id=sku", "quantity=qty", "unit_price=price", "currency=:EUR")
    ran = run("--home", tmp_path / "h", "collect", file, *(x for pair in pairs for x in ("--map", pair)), "--json")
    assert (ran.code, ran.json["imports"][0]["n_new"]) == (0, len(rows))


@pytest.mark.parametrize("pair", ["order_id", "=no", "order_id="])
def test_a_mapping_that_maps_nothing_is_usage(run, tmp_path, pair):
    ran = run("--home", tmp_path / "h", "collect", "x.csv", "--map", pair)
    assert ran.code == 2
    assert "write canonical=column" in ran.err


def test_no_file_is_usage(run, tmp_path):
    assert run("--home", tmp_path / "h", "collect").code == 2


def test_bad_rows_stop_the_file_and_are_named_or_left_out_when_asked(run, tmp_path, little, pantry):
    rows = little.order_rows(pantry.orders[:20])
    rows[3]["quantity"] = "three"
    file = little.write(tmp_path / "orders.csv", rows)
    ran = run("--home", tmp_path / "h", "collect", file, "--json")
    assert ran.code == 1
    assert "row 5, quantity: 'three' is no whole number" in ran.json["error"]["message"]
    ran = run("--home", tmp_path / "h", "collect", file, "--skip-bad-rows", "--json")
    assert (ran.code, ran.json["imports"][0]["n_refused"]) == (0, 1)


def test_the_quality_report_alone(run, stocked_home):
    ran = run("--home", stocked_home, "collect", "--quality")
    assert ran.code == 0
    assert "What can be learned" in ran.out
    assert "missing_picture" not in ran.out  # said in words, not in codes
    assert "products have no picture" in ran.out


TILL = "주문번호,주문일시,상품코드,수량,판매가,메모\nT-1,2026-10-04,A,1,500원,x\nT-2,2026-10-05,B,2,700원,\n"
ORDERS = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n1,2026-10-01,c,A,1,5,KRW\n"


@pytest.fixture
def till(tmp_path):
    path = tmp_path / "till.csv"
    path.write_bytes(TILL.encode("cp949"))
    return path


@pytest.fixture
def answers(monkeypatch):
    """Sit at the terminal and answer."""

    def give(answer):
        asked = []
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("typer.confirm", lambda question: asked.append(question) or answer)
        return asked

    return give


def test_a_proposal_is_shown_and_nothing_is_kept(run, tmp_path, till):
    ran = run("--home", tmp_path / "h", "collect", till)
    assert ran.code == 1
    assert ran.out.startswith("till.csv: looks like orders by their headings (read as CP949)\n")
    assert "판매가" in ran.out
    assert "500원 | 700원" in ran.out
    assert "others   메모" in ran.out
    assert "collect it so with --accept" in ran.err
    assert run("--home", tmp_path / "h", "collect", "--quality", "--json").json["quality"]["readiness"]["n_orders"] == 0


def test_a_proposal_is_in_the_json(run, tmp_path, till):
    ran = run("--home", tmp_path / "h", "collect", till, "--json")
    assert ran.code == 1
    assert (ran.json["imports"], ran.json["error"]["code"]) == ([], "unconfirmed")
    assert ran.json["proposal"]["mapping"] == {
        "order_id": "주문번호", "ordered_at": "주문일시", "product_id": "상품코드", "quantity": "수량", "unit_price": "판매가",
        "currency": ":KRW",
    }  # fmt: skip


def test_a_proposal_is_accepted_in_one_step(run, tmp_path, till):
    ran = run("--home", tmp_path / "h", "collect", till, "--accept")
    assert ran.code == 0
    assert ran.out.startswith("till.csv: orders by their headings, committed (read as CP949)\n")
    assert "2 read, 2 new" in ran.out


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 1)])
def test_whoever_sits_there_is_asked(run, tmp_path, till, answers, answer, code):
    asked = answers(answer)
    ran = run("--home", tmp_path / "h", "collect", till)
    assert (ran.code, asked) == (code, ["Collect it so?"])
    assert ("committed" in ran.out) == answer


def test_nobody_is_asked_about_a_file_that_lacks_a_column(run, tmp_path, answers):
    path = tmp_path / "a.csv"
    path.write_text(TILL.replace("상품코드", "바코드"), encoding="utf-8")
    asked = answers(True)
    ran = run("--home", tmp_path / "h", "collect", path, "--accept")
    assert (ran.code, asked) == (1, [])
    assert "missing  product_id" in ran.out
    assert "--map product_id=COLUMN" in ran.err


def test_an_encoding_can_be_named(run, tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes("product_id,title,price,currency\nA,Caf\u00e9,5,EUR\n".encode("cp1252"))
    ran = run("--home", tmp_path / "h", "collect", path, "--encoding", "cp1252", "--json")
    assert (ran.code, ran.json["imports"][0]["notes"]) == (0, ["read as cp1252"])
    assert run("--home", tmp_path / "h", "collect", path, "--encoding", "klingon").code == 2


def test_the_last_file_is_taken_back(run, tmp_path):
    home, path = tmp_path / "h", tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    run("--home", home, "collect", path)
    ran = run("--home", home, "collect", "--undo")
    assert (ran.code, ran.out) == (0, "orders.csv: canonical orders, taken back\n  rows     1 gone\n")
    assert run("--home", home, "collect", "--quality", "--json").json["quality"]["readiness"]["n_orders"] == 0
    ran = run("--home", home, "collect", "--undo", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "not_found")


def test_taking_back_is_told_as_json(run, tmp_path):
    home, path = tmp_path / "h", tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    run("--home", home, "collect", path)
    assert run("--home", home, "collect", "--undo", "--json").json["undone"]["n_gone"] == 1


def test_samples_are_written(run, tmp_path):
    ran = run("--home", tmp_path / "h", "collect", "--samples", tmp_path / "samples", "--json")
    assert ran.code == 0
    assert sorted(ran.json["samples"]) == sorted(str(path) for path in (tmp_path / "samples").iterdir())
    ran = run("--home", tmp_path / "h", "collect", "--samples", tmp_path / "samples")
    assert str(tmp_path / "samples" / "shopify_orders.csv") in ran.out.splitlines()
