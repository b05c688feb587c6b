"""Files by a form: every byte as it was sent, under a plain name, for whoever sent them, for an hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.errors import BadInput, NotFound
from crosslift.web.office.uploads import KEPT_SECONDS, MOST_KEPT, Uploads, plain_name
from crosslift.web.pages.forms import File, Form, split

BOUNDARY = b"----x7"


def body(*parts):
    """Write a form as browsers do."""
    written = b""
    for head, content in parts:
        written += b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"
    return written + b"--" + BOUNDARY + b"--\r\n"


@given(content=st.binary(max_size=300).filter(lambda one: BOUNDARY not in one))
def test_a_file_arrives_as_it_was_sent(content):
    sent = body((b'name="csrf"', b"abc"), ('name="file"; filename="주문.csv"'.encode(), content))
    assert split(sent, BOUNDARY) == Form({"csrf": "abc"}, {"file": File("주문.csv", content)})


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_a_form_or_refused(content):
    try:
        found = split(content, BOUNDARY)
    except BadInput:
        return
    assert isinstance(found, Form)


def test_a_form_that_was_cut_off_is_refused():
    whole = body((b'name="file"; filename="o.csv"', b"order_id\n1\n"))
    for end in range(len(whole) - 5):
        with pytest.raises(BadInput, match="cut off"):
            split(whole[:end], BOUNDARY)


@given(st.text(max_size=300))
def test_no_name_leads_out_of_the_folder(name):
    plain = plain_name(name)
    assert plain
    assert "/" not in plain
    assert "\\" not in plain
    assert plain not in (".", "..")
    assert plain.isprintable()
    assert len(plain.encode()) <= 120


def test_a_file_is_kept_for_whoever_sent_it_and_an_hour():
    now = [0.0]
    uploads = Uploads(lambda: now[0])
    kept = uploads.keep(File("../o.csv", b"1"), "user:a")
    assert (kept.path.name, kept.path.read_bytes()) == ("o.csv", b"1")
    assert uploads.get(kept.token, "user:a") == kept
    with pytest.raises(NotFound, match="choose it again"):
        uploads.get(kept.token, "user:b")
    now[0] = KEPT_SECONDS
    with pytest.raises(NotFound):
        uploads.get(kept.token, "user:a")
    assert not kept.path.parent.exists()


def test_no_more_than_some_are_kept():
    uploads = Uploads(lambda: 0.0)
    kept = [uploads.keep(File("o.csv", b"1"), "user:a") for _ in range(MOST_KEPT + 1)]
    assert [one.path.exists() for one in kept] == [False] + [True] * MOST_KEPT
