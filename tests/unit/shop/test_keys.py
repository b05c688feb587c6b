"""API keys: shown once, scoped, rotated without a gap, ended in time; tokens that name one customer of one shop."""

from datetime import timedelta

import pytest

from crosslift.domain.access import Role
from crosslift.errors import BadUsage, NotFound, Refused
from crosslift.shop import Shop


@pytest.fixture
def clock(little):
    return little.Clock()


@pytest.fixture
def shop(tmp_path, clock):
    with Shop(tmp_path / "home", clock=clock) as opened:
        yield opened


def ids(shop):
    return [one["key_id"] for one in shop.keys.known()]


def test_a_key_is_kept_as_a_hash_with_its_roles(shop):
    key = shop.keys.create("secret", "till", ("agent", "viewer"))
    found = shop.keys.find(key)
    assert (found.kind, found.roles) == ("secret", (Role.VIEWER, Role.AGENT))
    assert key not in str(shop.keys.known()) + str(shop.records.audit())
    assert key.encode() not in (shop.home / "records.db").read_bytes()


def test_a_publishable_key_has_no_roles_whatever_is_asked(shop):
    assert shop.keys.find(shop.keys.create("publishable", roles=("admin",))).roles == ()


@pytest.mark.parametrize(
    ("kind", "roles", "days", "told"),
    [
        ("private", ("admin",), None, "no kind of key"), ("secret", (), None, "no role is given"),
        ("secret", ("boss",), None, "'boss' is no role"), ("secret", ("admin",), 0, "more than 0"),
        ("secret", ("admin",), float("nan"), "more than 0"),
    ],
)  # fmt: skip
def test_what_no_key_can_be_is_refused(shop, kind, roles, days, told):
    with pytest.raises(BadUsage, match=told):
        shop.keys.create(kind, "", roles, days)
    assert shop.keys.known() == []


def test_a_key_with_days_ends_with_them(shop, clock):
    key = shop.keys.create("secret", days=2)
    clock.now += timedelta(days=2) - timedelta(seconds=1)
    shop.keys.find(key)
    clock.now += timedelta(seconds=1)
    with pytest.raises(Refused, match="has expired"):
        shop.keys.find(key)
    assert [one["is_valid"] for one in shop.keys.known()] == [False]


def test_both_keys_work_while_one_takes_the_others_place(shop, clock):
    old = shop.keys.create("secret", "server", ("marketer",), days=30)
    [first] = ids(shop)
    clock.now += timedelta(days=10)
    new = shop.keys.rotate(first, hours=24)
    for key in (old, new):
        assert shop.keys.find(key).roles == (Role.MARKETER,)
    clock.now += timedelta(hours=24)
    with pytest.raises(Refused):
        shop.keys.find(old)
    shop.keys.find(new)
    _, made = shop.keys.known()
    assert (made["replaces"], made["label"]) == (first, "server")
    assert made["expires_at"] - made["created_at"] == 30 * 86_400_000_000
    with pytest.raises(BadUsage, match="works no more"):
        shop.keys.rotate(first)


def test_rotating_never_lengthens_the_life_of_the_old_key(shop):
    shop.keys.create("secret", days=0.5)
    [first] = shop.keys.known()
    shop.keys.rotate(first["key_id"], hours=24)
    assert shop.keys.known()[0]["expires_at"] == first["expires_at"]


@pytest.mark.parametrize("hours", [-1, 24 * 91, float("nan")])
def test_an_overlap_is_a_time(shop, hours):
    shop.keys.create("secret")
    with pytest.raises(BadUsage, match="the old key goes on working"):
        shop.keys.rotate(ids(shop)[0], hours)


def test_a_revoked_key_stops_at_once_in_every_process(shop, clock):
    key = shop.keys.create("secret")
    with Shop(shop.home, clock=clock) as elsewhere:
        elsewhere.keys.revoke(ids(shop)[0])
    with pytest.raises(Refused):
        shop.keys.find(key)
    with pytest.raises(NotFound, match="no key 12"):
        shop.keys.revoke("12")


def test_when_a_key_was_used_is_kept_to_the_minute(shop, clock):
    key = shop.keys.create("secret")
    assert shop.keys.known()[0]["used_at"] is None
    clock.now += timedelta(seconds=90)
    shop.keys.find(key)
    used = shop.keys.known()[0]["used_at"]
    assert used == int(clock.now.timestamp()) // 60 * 60_000_000


def test_making_rotating_and_revoking_are_told(shop):
    shop.keys.create("secret", "server")
    [first] = ids(shop)
    shop.keys.rotate(first)
    for _ in range(2):
        shop.keys.revoke(first)
    assert [one["action"] for one in shop.audit.entries()] == ["key.revoke", "key.rotate", "key.create"]


def test_a_token_names_one_customer_for_a_while(shop, clock):
    token = shop.keys.token("c1")
    assert shop.keys.customer_of(token) == "c1"
    clock.now += timedelta(minutes=30)
    with pytest.raises(Refused, match="has expired"):
        shop.keys.customer_of(token)


def test_a_token_of_another_shop_or_an_altered_one_is_none(shop, tmp_path, clock):
    token = shop.keys.token("c1")
    with Shop(tmp_path / "other", clock=clock) as other, pytest.raises(Refused, match="another shop"):
        other.keys.customer_of(token)
    assert token.isascii()
    for place in range(3, len(token), 5):
        letter = "A" if token[place] != "A" else "B"
        altered = token[:place] + letter + token[place + 1 :]
        with pytest.raises(Refused, match="altered"):
            shop.keys.customer_of(altered)


@pytest.mark.parametrize("token", ["", "ct_", "c1", "ct_c1", "ct_ü", "ct_" + "A" * 5000])
def test_what_is_no_token_is_refused(shop, token):
    with pytest.raises(Refused, match="altered"):
        shop.keys.customer_of(token)


@pytest.mark.parametrize(
    ("customer", "minutes"), [("", 5), ("c" * 201, 5), ("c1", 0), ("c1", 31), ("c1", float("nan"))]
)
def test_a_token_is_short_lived_and_names_somebody(shop, customer, minutes):
    with pytest.raises(BadUsage):
        shop.keys.token(customer, minutes)
