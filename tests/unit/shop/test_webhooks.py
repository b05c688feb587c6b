"""Sources of webhooks and their secrets: made, listed without them, changed without a gap, revoked."""

import json

import pytest

from crosslift.errors import BadInput, BadUsage, Busy, Conflict, NotFound, Refused
from crosslift.shop import Shop

BODY = b'{"a": 1}'


@pytest.fixture
def shop(tmp_path, little):
    with Shop(tmp_path / "home", clock=little.Clock()) as opened:
        yield opened


def signed(webhook, body=BODY):
    return {"typeform-signature": webhook.scheme.sign(webhook.secret, body)}


def test_a_secret_is_made_and_checks_what_it_signed(shop):
    made = shop.webhooks.create("spring", "typeform", scales={"rating": "5"})
    assert shop.webhooks.headers_of("spring") == ("typeform-signature",)
    found = shop.webhooks.verify("spring", signed(made), BODY)
    assert (found.webhook_id, found.scales) == (made.webhook_id, {"rating": "5"})
    with pytest.raises(Refused, match="not that of these bytes"):
        shop.webhooks.verify("spring", signed(made), BODY + b" ")


def test_a_secret_is_never_listed_nor_shown(shop):
    made = shop.webhooks.create("spring", "typeform")
    (row,) = shop.webhooks.known()
    assert {"webhook_id", "source", "sender", "created_at", "revoked_at", "scales"} == set(row)
    for text in (repr(made), str(made), f"{[made]}", json.dumps(row)):
        assert made.secret not in text


def test_each_made_secret_is_another(shop):
    secrets = {shop.webhooks.create(name, sender).secret for name in "ab" for sender in ("standard",)}
    assert len(secrets) == 2
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)


def test_a_secret_is_changed_without_a_gap(shop):
    first = shop.webhooks.create("spring", "typeform", scales={"rating": "5"})
    second = shop.webhooks.create("spring", "typeform")
    assert {shop.webhooks.verify("spring", signed(one), BODY).webhook_id for one in (first, second)} == {
        second.webhook_id
    }
    assert shop.webhooks.verify("spring", signed(first), BODY).scales == {"rating": "5"}
    shop.revoke_key(first.webhook_id)
    assert first.secret not in shop.records.meta("webhooks")
    with pytest.raises(Refused):
        shop.webhooks.verify("spring", signed(first), BODY)
    shop.webhooks.verify("spring", signed(second), BODY)
    assert shop.webhooks.create("spring", "typeform", scales={}).scales == {}


def test_another_process_sees_it_at_once(shop, little):
    with Shop(shop.home, clock=little.Clock()) as other:
        made = other.webhooks.create("spring", "typeform")
        shop.webhooks.verify("spring", signed(made), BODY)
        other.webhooks.revoke(made.webhook_id)
        with pytest.raises(Refused, match="no source 'spring' is expected"):
            shop.webhooks.headers_of("spring")


def test_a_source_belongs_to_one_sender(shop):
    made = shop.webhooks.create("spring", "typeform")
    with pytest.raises(Conflict, match="'spring' takes typeform; choose another name"):
        shop.webhooks.create("spring", "tally")
    shop.webhooks.revoke(made.webhook_id)
    assert shop.webhooks.create("spring", "tally").sender == "tally"


def test_a_given_secret_is_kept_as_it_is(shop):
    given = "  token-of-the-app-0123 \n"
    assert shop.webhooks.create("reviews", "judgeme", given).secret == given.strip()


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("spring", "paper"), BadUsage, "'paper' is no sender we know; choose standard, typeform, tally, judgeme"),
        (("Spring!",), BadUsage, "cannot stand in an address"), (("",), BadUsage, "cannot stand in an address"),
        (("../x",), BadUsage, "cannot stand in an address"), (("s" * 61,), BadUsage, "cannot stand in an address"),
        (("s", "tally", "short"), BadInput, "a secret of 5 characters can be guessed"),
        (("s", "standard", "no base64!"), BadInput, "is base64"),
        (("s", "tally", None, {"RATING": "many"}), BadInput, "'many' is no scale of 'RATING'"),
        (("s", "tally", None, {"RATING": "0"}), BadInput, "'0' is no scale"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_and_leaves_nothing(shop, arguments, error, said):
    with pytest.raises(error, match=said):
        shop.webhooks.create(*arguments)
    assert shop.webhooks.known() == []


def test_an_unknown_id_is_told(shop):
    with pytest.raises(NotFound, match="no key or webhook feed"):
        shop.revoke_key("feed")


def test_two_do_not_write_the_list_at_once(shop):
    with shop.records.alone("keys", "held"), pytest.raises(Busy, match="somebody else changes the webhooks"):
        shop.webhooks.create("spring")
    assert shop.webhooks.known() == []
