"""The back office of a small learned shop, somebody of every role signed in."""

import shutil

import pytest

from crosslift.domain.access import Role
from crosslift.shop import Shop

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture(scope="session")
def password():
    return PASSWORD


@pytest.fixture(scope="session")
def door(learned_home, tmp_path_factory, open_door):
    """One server for all of these."""
    home = tmp_path_factory.mktemp("office") / "home"
    shutil.copytree(learned_home, home)
    with (
        Shop(
            home, {"shop.currency": "KRW", "limits.sign_ins_per_minute": 6000.0, "limits.address_per_second": 0}
        ) as shop,
        open_door(shop) as one,
    ):
        yield one.wait_until_ready()


@pytest.fixture(scope="session")
def sessions(door):
    """A signed-in cookie for each role."""
    found = {}
    for role in Role:
        door.shop.users.choose_password(door.shop.users.invite(f"the-{role}", [role])["token"], PASSWORD)
        found[role], _ = door.shop.users.sign_in(f"the-{role}", PASSWORD)
    return found


@pytest.fixture
def see(door, sessions):
    """Look at a page as somebody of a role."""

    def see(path, role=Role.ADMIN, language="en", **headers):
        cookie = {"Cookie": f"crosslift_session={sessions[role]}; crosslift_language={language}"} if role else {}
        return door.ask("GET", path, key=None, headers={**cookie, **headers})

    return see


@pytest.fixture
def post(door, sessions):
    """Send a form as somebody of a role."""

    def post(path, fields, role=Role.ADMIN, **headers):
        fields = {"csrf": door.shop.users.csrf_of(sessions[role]), **fields} if role else fields
        cookie = {"Cookie": f"crosslift_session={sessions[role]}"} if role else {}
        answer = door.run(door.client.post(path, data=fields, headers={**cookie, **headers}))
        door.client.cookies.clear()  # the client keeps what it was given; nobody asked it to
        return answer

    return post
