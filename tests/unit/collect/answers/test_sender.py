"""Who a sender speaks of, and the senders there are."""

import pytest

from crosslift.collect.answers.known import SENDERS
from crosslift.collect.answers.sender import is_address, who


@pytest.mark.parametrize(
    ("customer", "address", "found"),
    [
        ("c1", "a@b.example", "c1"), (17, None, "17"), ("undefined", "A@B.example", "a@b.example"), ("", "", None),
        (None, "sales@shop.example", None), (None, "no address", None), (True, None, None), ({"id": 1}, ["a@b.example"], None),
        ("  c1 ", None, "c1"),
    ],
)  # fmt: skip
def test_ids_go_before_addresses_and_nobody_is_nobody(customer, address, found):
    assert who(customer, address) == found


@pytest.mark.parametrize(
    ("customer", "is_one"), [("a@b.example", True), ("A@B.example", False), ("c1", False), ("info@b.example", False)]
)
def test_a_customer_may_be_named_by_an_address(customer, is_one):
    assert is_address(customer) is is_one


def test_every_sender_is_known_by_its_own_name_and_headers():
    assert all(name == sender.name for name, sender in SENDERS.items())
    headers = [sender.scheme.headers for sender in SENDERS.values()]
    assert len(set(headers)) == len(headers)
    assert all(name == name.lower() for names in headers for name in names)
