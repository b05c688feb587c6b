"""/v1/decide/text: a decision as lines for a till, a kiosk, a receipt."""

import pytest

from crosslift.deliver.channels.columns import columns
from crosslift.deliver.channels.text import PAPERS


def ask(door, **body):
    return door.ask("POST", "/v1/decide/text", {"cart": ["DRIP"], **body})


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_holds_price_reason_and_a_code_that_opens_the_same_price(door, paper, language):
    answer = ask(door, paper=paper, language=language)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    decided = door.ask("GET", f"/v1/decisions/{answer.headers['x-crosslift-decision']}").json()
    assert decided["placement"] == PAPERS[paper].placement
    assert all(columns(line) <= PAPERS[paper].width for line in answer.text.splitlines())
    code = next(line for line in answer.text.splitlines() if line.strip().startswith(("Code", "코드", "コード")))
    letters = "".join(code.replace("：", " ").replace(":", " ").split()[1:3])
    promise = door.ask("GET", f"/v1/promises/{letters}").json()
    assert promise["product"] == decided["offers"][0]["product"]
    assert promise["total"] == {"amount": "6500", "currency": "KRW"}
    assert "6,500" in answer.text


def test_width_and_placement_can_be_said(door):
    answer = ask(door, paper="till", width=24, placement="cart")
    assert max(columns(line) for line in answer.text.splitlines()) <= 24
    assert door.ask("GET", f"/v1/decisions/{answer.headers['x-crosslift-decision']}").json()["placement"] == "cart"


@pytest.mark.parametrize("body", [{"paper": "fax"}, {"width": 10}, {"placement": "moon"}])
def test_what_cannot_be_is_refused(door, problem, body):
    problem(ask(door, **body), 422, "bad_input")


def test_a_page_may_not_print(door, problem):
    problem(door.ask("POST", "/v1/decide/text", {"cart": ["DRIP"]}, key="publishable"), 403, "refused")
