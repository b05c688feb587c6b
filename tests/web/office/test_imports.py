"""A file by the page: looked at, proposed, corrected, collected, taken back."""

import re

import pytest

from crosslift.domain.access import Role

ORDERS = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n"
LINE = "new-1,2026-03-30T10:00:00Z,c1,DRIP,1,24000,KRW\n"


@pytest.fixture
def send(door, sessions):
    """Send a file by the form of the page."""

    def send(content, name="orders.csv", role=Role.ADMIN):
        cookie = {"Cookie": f"crosslift_session={sessions[role]}; crosslift_language=en"}
        return door.run(door.client.post(
            "/app/imports/look", data={"csrf": door.shop.users.csrf_of(sessions[role])}, headers=cookie,
            files={"file": (name, content if isinstance(content, bytes) else content.encode())},
        ))  # fmt: skip

    return send


def hidden(page, name):
    return re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page.text)[1]


def test_a_file_is_looked_at_collected_and_taken_back(door, see, send, post):
    n_before = len(door.shop.records.imports())
    looked = send(ORDERS + LINE)
    assert looked.status_code == 200
    assert "Format recognized" in looked.text
    assert "new-1" in looked.text
    assert len(door.shop.records.imports()) == n_before
    token = hidden(looked, "token")
    assert post("/app/imports/collect", {"token": token}).headers["location"] == "/app/imports?done=collected"
    last = door.shop.records.imports()[-1]
    assert (last.source, last.state, last.n_rows) == ("orders.csv", "committed", 1)
    shown = see(f"/app/imports/{last.import_id}")
    assert "Nothing odd was found in this file" in shown.text
    assert post("/app/imports/collect", {"token": token}).status_code == 404
    again = send(ORDERS + LINE)
    assert post("/app/imports/collect", {"token": hidden(again, "token")}).status_code == 303
    assert post("/app/imports/undo", {"import_id": str(last.import_id)}).headers["location"].endswith("done=undone")
    assert door.shop.records.imports()[last.import_id - 1].state == "undone"


def test_a_file_nobody_knows_is_proposed_and_collected_as_somebody_says(door, send, post):
    looked = send("주문번호,주문일시,상품코드,수량,판매가,누구\nk-1,2026-03-30 10:00,FILT,2,6500,c3\n", "주문.csv")
    assert looked.status_code == 200
    assert "Please confirm the columns" in looked.text
    fields = dict(re.findall(r'name="was\.([a-z_]+)" value="([^"]*)"', looked.text))
    assert fields["product_id"] == "상품코드"
    chosen = {f"column.{name}": value for name, value in fields.items()}
    was = {f"was.{name}": value for name, value in fields.items()}
    token = hidden(looked, "token")
    corrected = {"token": token, **chosen, **was, "column.customer_id": "누구"}
    again = post("/app/imports/collect", {**corrected, "again": "1"})
    assert again.status_code == 200, again.text
    assert hidden(again, "column.customer_id") == "누구"
    assert post("/app/imports/collect", corrected).status_code == 303
    last = door.shop.records.imports()[-1]
    assert (last.source, last.state) == ("주문.csv", "committed")
    assert door.shop.records.table("orders", ["customer_id"], "order_id = 'k-1'")["customer_id"].to_pylist() == ["c3"]
    post("/app/imports/undo", {"import_id": str(door.shop.records.imports()[-1].import_id)})


def test_a_file_that_cannot_be_read_says_where_and_may_leave_those_rows_out(door, send, post):
    looked = send(ORDERS + LINE + "new-2,never,c1,DRIP,1,24000,KRW\n")
    assert looked.status_code == 422
    assert "row 3" in looked.text or "row 2" in looked.text
    assert re.search(r">orders\.csv: ", looked.text), "its name, not where the server keeps it"
    again = post("/app/imports/collect", {"token": hidden(looked, "token"), "skip": "on", "again": "1"})
    assert again.status_code == 200
    assert "<dt>Left out</dt><dd>1</dd>" in again.text


def test_no_file_and_a_file_of_somebody_else_are_refused(send, post):
    assert send(b"").headers["location"] == "/app/imports?done=no_file"
    token = hidden(send(ORDERS + LINE), "token")
    assert post("/app/imports/collect", {"token": token}, Role.MERCHANDISER).status_code == 403
    assert post("/app/imports/undo", {"import_id": "x"}).status_code == 422
    assert post("/app/imports/undo", {"import_id": "9999"}).status_code == 404
