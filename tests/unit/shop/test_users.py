"""People of the back office: links that work once, passwords kept as scrypt, sessions that end."""

from datetime import timedelta

import pytest

from crosslift.domain.access import Role
from crosslift.errors import BadInput, BadUsage, Conflict, NotFound, Refused
from crosslift.shop import Shop
from crosslift.shop.users import hashed, matches

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture
def clock(little):
    return little.Clock()


@pytest.fixture
def shop(tmp_path, clock):
    with Shop(tmp_path / "home", clock=clock) as opened:
        yield opened


@pytest.fixture
def admin(shop):
    """The first user, who chose a password."""
    shop.users.choose_password(shop.users.first_admin(), PASSWORD)
    return shop.users.known()[0]["user_id"]


def test_a_password_is_known_again_and_kept_as_scrypt():
    kept = hashed(PASSWORD)
    assert kept.startswith("scrypt$32768$8$1$")
    assert PASSWORD not in kept
    assert matches(PASSWORD, kept)
    assert not matches(PASSWORD + "!", kept)
    assert kept != hashed(PASSWORD)


def test_the_first_admin_is_made_once(shop):
    token = shop.users.first_admin()
    assert shop.users.first_admin() is None
    user = shop.users.choose_password(token, PASSWORD)
    [known] = shop.users.known()
    assert (known["user_id"], known["login"], known["roles"], known["has_password"]) == (user, "admin", ["admin"], True)


def test_nothing_secret_is_kept_or_told(shop):
    token = shop.users.first_admin()
    shop.users.choose_password(token, PASSWORD)
    session, _ = shop.users.sign_in("admin", PASSWORD)
    shop.records.compact()
    kept = (shop.home / "records.db").read_bytes()
    for secret in (token, PASSWORD, session, shop.users.csrf_of(session)):
        assert secret.encode() not in kept
        assert secret not in str(shop.users.known()) + str(shop.audit.entries())


def test_a_link_works_once_and_not_for_ever(shop, clock):
    token = shop.users.invite("Mina@Shop.example", ["marketer"])["token"]
    clock.now += timedelta(hours=72)
    with pytest.raises(Refused, match="used or is too old"):
        shop.users.choose_password(token, PASSWORD)
    token = shop.users.link("mina@shop.example")
    shop.users.choose_password(token, PASSWORD)
    for wrong in (token, "nobody-made-this", ""):
        with pytest.raises(Refused, match="used or is too old"):
            shop.users.choose_password(wrong, PASSWORD)


@pytest.mark.parametrize("password", ["short", "a" * 20, "x" * 201, "the admin is me", ""])
def test_a_password_that_can_be_guessed_is_refused_and_the_link_stays_good(shop, password):
    token = shop.users.first_admin()
    with pytest.raises(BadInput, match="password"):
        shop.users.choose_password(token, password)
    shop.users.choose_password(token, PASSWORD)


def test_who_signs_in_has_a_session_until_it_rests_or_ends(shop, admin, clock):
    token, who = shop.users.sign_in(" Admin ", PASSWORD)
    assert (who.user_id, who.roles) == (admin, (Role.ADMIN,))
    for _ in range(11):  # used every hour but a minute, it goes on
        clock.now += timedelta(minutes=59)
        assert shop.users.session(token).login == "admin"
    rested, _ = shop.users.sign_in("admin", PASSWORD)
    clock.now += timedelta(minutes=60)
    assert shop.users.session(rested) is None
    clock.now += timedelta(hours=1)
    assert shop.users.session(token) is None


@pytest.mark.parametrize(("login", "password"), [("admin", "wrong password!"), ("nobody", PASSWORD), ("", "")])
def test_which_of_login_and_password_is_wrong_is_not_told(shop, admin, login, password):
    with pytest.raises(Refused, match="do not belong together"):
        shop.users.sign_in(login, password)


def test_nobody_signs_in_before_a_password_was_chosen(shop):
    shop.users.first_admin()
    for password in ("", PASSWORD):
        with pytest.raises(Refused):
            shop.users.sign_in("admin", password)


def test_signing_out_ends_the_session(shop, admin):
    token, _ = shop.users.sign_in("admin", PASSWORD)
    for _ in range(2):
        shop.users.sign_out(token)
        assert shop.users.session(token) is None


def test_a_new_password_other_roles_or_being_shut_out_end_every_session(shop, admin):
    invited = shop.users.invite("jun", ["viewer"])
    shop.users.choose_password(invited["token"], PASSWORD)
    for change in (
        lambda: shop.users.choose_password(shop.users.link("jun"), PASSWORD),
        lambda: shop.users.change("jun", ["analyst"]),
        lambda: shop.users.change("jun", is_active=False),
    ):
        token, _ = shop.users.sign_in("jun", PASSWORD)
        change()
        assert shop.users.session(token) is None
    with pytest.raises(Refused):
        shop.users.sign_in("jun", PASSWORD)
    with pytest.raises(BadUsage, match="not active"):
        shop.users.link("jun")
    assert shop.users.change("jun", is_active=True)["roles"] == ["analyst"]


def test_somebody_is_always_left_who_may_let_others_in(shop, admin):
    for change in ({"roles": ["viewer"]}, {"is_active": False}):
        with pytest.raises(Conflict, match="last active admin"):
            shop.users.change(admin, **change)
    shop.users.invite("jun", ["admin"])
    assert shop.users.change(admin, ["viewer"])["roles"] == ["viewer"]


@pytest.mark.parametrize("login", ["", "  ", "two words", "a\x00b", "x" * 201, "a\u202eb"])
def test_what_is_no_login_is_refused(shop, login):
    with pytest.raises(BadUsage, match="is no login"):
        shop.users.invite(login, ["viewer"])


def test_a_login_is_taken_once_however_it_is_written(shop):
    shop.users.invite("Mina", ["viewer"])
    with pytest.raises(Conflict, match="is a user already"):
        shop.users.invite(" mina ", ["viewer"])
    with pytest.raises(NotFound, match="no user 'jun'"):
        shop.users.link("jun")


def test_what_a_page_has_to_send_is_the_sessions_own(shop, admin, tmp_path):
    one, two = shop.users.csrf_of("a"), shop.users.csrf_of("b")
    assert one != two
    with Shop(tmp_path / "other") as other:
        assert other.users.csrf_of("a") != one


def test_every_step_is_told(shop, admin):
    token, _ = shop.users.sign_in("admin", PASSWORD)
    shop.users.sign_out(token)
    shop.users.invite("jun", ["viewer"])
    shop.users.change("jun", is_active=False)
    assert [one["action"] for one in reversed(shop.audit.entries())] == [
        "user.invite", "user.invite_link", "user.password", "session.open", "session.close", "user.invite",
        "user.invite_link", "user.change",
    ]  # fmt: skip
