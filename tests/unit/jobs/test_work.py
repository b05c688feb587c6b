"""What jobs do with a real shop."""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from crosslift.errors import BadInput, TryAgain
from crosslift.jobs import fetching, work
from crosslift.jobs.office import Office


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        yield


@pytest.fixture(scope="module")
def shop(little, tmp_path_factory):
    home = tmp_path_factory.mktemp("work") / "home"
    home.mkdir()
    pantry = little.pantry(400)
    with little.stocked(home, pantry.orders, pantry.catalog, little.Clock()) as shop:
        yield shop


@pytest.fixture
def empty(little, tmp_path):
    def opened(**knobs):
        shops.append(little.open_shop(tmp_path / "home", **knobs))
        return shops[-1]

    shops = []
    yield opened
    for shop in shops:
        shop.close()


@pytest.fixture
def inbox(little, tmp_path):
    """A folder with orders that lie there for long."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    little.write(folder / "orders.csv", little.order_rows(little.orders(("A", "B"), ("A",))))
    os.utime(folder / "orders.csv", (1, 1))
    return folder


class Answers(BaseHTTPRequestHandler):
    """Serves `said`: path to status and body; a shorter body than declared where it is cut."""

    said: ClassVar = {}

    def do_GET(self):
        status, body, declared = self.said.get(self.path, (404, b"", None))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if declared is None else declared))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_every_file_of_a_folder_is_collected_once(empty, inbox):
    shop = empty(jobs_collect_from=str(inbox))
    assert work.collect(shop).said == {"files": {"committed": 1}}
    assert work.collect(shop).said == {"files": {"already collected": 1}}
    assert shop.frames.order_lines().num_rows == 3


def test_a_file_somebody_still_writes_and_a_hidden_one_wait(inbox):
    (inbox / ".part").write_text("x")
    (inbox / "new.csv").write_text("x")
    changed = (inbox / "new.csv").stat().st_mtime
    assert [path.name for path in fetching.files_in(inbox, changed + 10)] == ["orders.csv"]
    assert [path.name for path in fetching.files_in(inbox, changed + 31)] == ["new.csv", "orders.csv"]


def test_a_file_that_is_refused_keeps_no_other_out(empty, inbox):
    (inbox / "a-notes.txt").write_text("hello\n")
    os.utime(inbox / "a-notes.txt", (1, 1))
    shop = empty(jobs_collect_from=f"{inbox}, /no/such/folder")
    with pytest.raises(BadInput, match="2 could not be collected") as told:
        work.collect(shop)
    assert "/no/such/folder: cannot be read" in told.value.problems[1]
    assert shop.frames.order_lines().num_rows == 3


def test_a_file_behind_an_address_is_collected(empty, inbox, server):
    Answers.said = {"/daily/orders.csv?day=1": (200, (inbox / "orders.csv").read_bytes(), None)}
    shop = empty(jobs_collect_from=f"{server}/daily/orders.csv?day=1")
    assert work.collect(shop).said == {"files": {"committed": 1}}
    assert work.collect(shop).said == {"files": {"already collected": 1}}


@pytest.mark.parametrize(
    ("answer", "error", "match"),
    [
        ((404, b"", None), BadInput, "answers 404"), ((503, b"", None), TryAgain, "answers 503 now"),
        ((200, b"order_id,or", 900), TryAgain, "broke off"),
    ],
)  # fmt: skip
def test_an_address_that_gives_no_file_is_told_and_nothing_is_left(empty, tmp_path, server, answer, error, match):
    Answers.said = {"/x.csv": answer}
    shop = empty(jobs_collect_from=f"{server}/x.csv")
    with pytest.raises(error, match=match):
        work.collect(shop)
    assert not [path for path in (tmp_path / "home" / "cache").rglob("*") if path.is_file()]


def test_only_http_is_fetched_and_nobody_there_is_no_end(tmp_path):
    for address in ("file:///etc/passwd", "ftp://host/x", "http://"):
        with pytest.raises(BadInput, match=r"is no http\(s\) address"):
            fetching.fetch(address, tmp_path)
    with pytest.raises(TryAgain, match="does not answer now"):
        fetching.fetch("http://127.0.0.1:9/x.csv", tmp_path)


def test_a_shop_without_orders_has_nothing_to_learn_and_nothing_to_review(empty):
    shop = empty()
    assert work.learn(shop).said == {"nothing": "no orders and no subscriptions yet"}
    assert work.review(shop).said == {"alarms": 0, "nothing": "nothing has been learned yet"}


def test_every_job_does_its_work_and_may_do_it_twice(shop):
    for name, does in work.WORK.items():
        first = does(shop)
        again = does(shop)
        assert first.said.keys() == again.said.keys(), name
    assert work.learn(shop).said["snapshot_id"] == shop.knowledge.snapshot_id


def test_dues_for_renewal_are_told(empty, shop):
    other = empty()
    other.put_facts("customers", [{"customer_id": "c1", "market": "KR"}])
    grant = {"customer_id": "c1", "purpose": "marketing", "channel": "email", "source": "form"}
    other.consents.record([{**grant, "status": "granted", "at": "2024-10-01"}])
    done = work.renewals(other)
    assert (done.said["due"], done.said["overdue"]) == (1, 1)
    assert done.attention == ("1 marketing consents are to be confirmed again, 1 of them are overdue",)


def test_the_office_tells_asks_pauses_and_runs(shop):
    office = Office(shop)
    assert [row["name"] for row in office.jobs()][:2] == ["collect", "sealing"]
    assert office.ask("learn", "mina")["state"] == "asked"
    assert office.run("learn")["state"] == "done"
    assert office.pause("learn", "mina", is_paused=True)["state"] == "paused"
    resumed = office.pause("learn", "mina", is_paused=False)
    assert (resumed["state"], resumed["last_state"], resumed["paused_by"]) == ("waiting", "done", None)
    [run] = office.history("learn")
    assert run["said"]["snapshot_id"] == shop.knowledge.snapshot_id
    assert run["cause"] == "asked"
