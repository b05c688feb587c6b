"""News of jobs by mail, through a relay of our own."""

import socketserver
import threading

import pytest

from crosslift.errors import BadInput, TryAgain
from crosslift.jobs.mail import Mail
from crosslift.settings import Settings

FACTS = {
    "shop": "Tea\nHouse",
    "job": "learn",
    "run_id": 7,
    "state": "refused",
    "why": "no orders",
    "problems": ["a", "b"],
}


class Relay(socketserver.StreamRequestHandler):
    """As much of SMTP as a letter takes."""

    def handle(self):
        self.wfile.write(b"220 relay\r\n")
        letter, is_body = [], False
        for line in self.rfile:
            if is_body:
                is_body = line != b".\r\n"
                letter.append(line)
                answer = b"" if is_body else b"250 taken\r\n"
            elif line.upper().startswith(b"DATA"):
                is_body, answer = True, b"354 go on\r\n"
            elif line.upper().startswith(b"RCPT") and b"nobody" in line:
                answer = b"550 nobody\r\n"
            else:
                self.server.heard.append(line.strip().decode())
                answer = b"250 yes\r\n"
            self.wfile.write(answer)
            self.server.letter = b"".join(letter).decode()


@pytest.fixture(scope="module")
def relay():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        server.heard, server.letter = [], ""
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def post(relay=None, **given):
    port = 9 if relay is None else relay.server_address[1]
    knobs = {"mail_to": "mina@shop.example, jo@shop.example", "mail_from": "shop@shop.example", **given}
    knobs.setdefault("mail_server", f"127.0.0.1:{port}")
    return Mail(Settings.load({f"jobs.{name}": value for name, value in knobs.items()}, environment={}))


def test_a_failure_is_written_to_those_named_and_no_line_of_it_becomes_a_header(relay):
    post(relay)("job.failed", FACTS)
    assert "Subject: Tea House: the job learn does not work" in relay.letter
    assert "To: mina@shop.example, jo@shop.example" in relay.letter
    assert "no orders\r\n- a\r\n- b\r\n" in relay.letter
    assert "crosslift jobs history learn" in relay.letter
    assert [line for line in relay.heard if line.lower().startswith("rcpt")] == [
        "rcpt TO:<mina@shop.example>", "rcpt TO:<jo@shop.example>",
    ]  # fmt: skip


def test_what_a_job_found_is_written_too(relay):
    post(relay)(
        "job.attention", {"shop": "Tea", "job": "quality", "run_id": 8, "attention": ["3 products have no cost"]}
    )
    assert "the job quality found something to look at" in relay.letter
    assert "- 3 products have no cost" in relay.letter


def test_a_relay_that_is_away_or_takes_nobody_is_told(relay):
    with pytest.raises(TryAgain, match=r"127\.0\.0\.1:9 takes no mail now"):
        post()("job.failed", FACTS)
    with pytest.raises(TryAgain, match="takes no mail now"):
        post(relay, mail_to="nobody@shop.example")("job.failed", FACTS)


def test_without_an_address_nobody_is_written_to():
    post(mail_to="", mail_from="")("job.failed", FACTS)


NO_SETTINGS = [
    ({"mail_from": ""}, "jobs.mail_from"),
    ({"mail_server": "relay"}, "jobs.mail_server"),
    ({"mail_server": "x:99999"}, "jobs.mail_server"),
]


@pytest.mark.parametrize(("given", "where"), NO_SETTINGS)
def test_settings_that_cannot_be_are_named(given, where):
    with pytest.raises(BadInput, match=where):
        post(**given)
