"""`crosslift customers when`."""

import pytest

from crosslift.shop import Shop


@pytest.fixture
def ask(run, tmp_path):
    with Shop(tmp_path / "home") as shop:
        shop.put_facts("customers", [{"customer_id": "c1", "email": "c1@mail.example", "preferred_channel": "e-mail",
                                      "preferred_hours": "0-24, noonish", "timezone": "Asia/Seoul"}])  # fmt: skip
        shop.consents.record([{"customer_id": "c1", "purpose": "marketing", "channel": "*", "status": "granted",
                               "source": "form", "at": "2026-01-01"}])  # fmt: skip
    return lambda *words: run("--home", tmp_path / "home", "customers", "when", *words)


def test_the_best_channel_is_told_with_its_reasons_and_the_others_with_theirs(ask):
    found = ask("c1", "--json").json
    assert (found["best"]["channel"], found["time_zone"]) == ("email", "Asia/Seoul")
    assert found["best"]["because"] == ["preferred_channel", "preferred_hours", "only_channel"]
    page = ask("c1").out
    assert "declared   email, 00:00-00:00; their clock is that of Asia/Seoul" in page
    assert "not read   noonish" in page
    for words in ("preferred_channel, preferred_hours, only_channel", "+09:00", "unknown", "no_address"):
        assert words in page


def test_where_nothing_may_go_out_it_says_so(ask):
    page = ask("customer:c1", "--channel", "sms", "--days", "2").out
    assert "nothing    may go out before" in page
    assert "no_address" in page
    assert "email" not in page.partition("nothing")[2]
    assert ask("c1", "--channel", "sms", "--reachable", "sms", "--json").json["best"]["channel"] == "sms"


@pytest.mark.parametrize(("words", "code", "said"), [
    (["c9"], 1, "nobody is known as customer:c9"), (["c1", "--days", "99"], 2, "at most 31"),
    (["c1", "--channel", "fax"], 2, "there are email, push, sms"), (["c1", "--policy", "none"], 2, "no policy 'none'"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(ask, words, code, said):
    done = ask(*words)
    assert done.code == code
    assert said in done.err
