"""Roles: read in one order, each once; who has several may do what any may."""

import pytest

from crosslift.domain.access import ALLOWED, Permission, Role, roles_of
from crosslift.errors import BadUsage


def test_roles_are_read_once_and_in_order():
    assert roles_of(["agent", "viewer", "agent"]) == (Role.VIEWER, Role.AGENT)


@pytest.mark.parametrize(
    ("given", "told"), [([], "no role is given"), (["boss"], "'boss' is no role; choose of viewer")]
)
def test_what_is_no_role_is_refused(given, told):
    with pytest.raises(BadUsage, match=told):
        roles_of(given)


def test_every_role_is_allowed_something_and_every_permission_is_somebodys():
    assert set(ALLOWED) == set(Role)
    for permission in Permission:
        assert any(permission in allowed for role, allowed in ALLOWED.items() if role is not Role.ADMIN) or (
            permission in (Permission.FEED, Permission.MANAGE)
        )


def test_nobody_but_who_guards_the_shop_sees_the_audit_or_erases_people():
    for permission in (Permission.AUDIT, Permission.RIGHTS):
        assert {role for role, allowed in ALLOWED.items() if permission in allowed} == {Role.COMPLIANCE, Role.ADMIN}
