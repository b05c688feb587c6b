"""Which roles a group stands for, and where claims stand."""

import pytest

from crosslift.domain.access import Role
from crosslift.errors import BadUsage
from crosslift.shop.single_sign_on import _claim, mapping_of


def test_groups_stand_for_roles():
    assert mapping_of(" team = viewer + agent ,, a=b = analyst,") == {
        "team": (Role.VIEWER, Role.AGENT), "a=b": (Role.ANALYST,),
    }  # fmt: skip
    assert mapping_of("") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [("team", "not group = role"), ("= viewer", "not group = role"), ("team = boss", "no role"), ("team = ", "no role"),
     ("team = viewer + admin", "no group makes an admin")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(text, said):
    with pytest.raises(BadUsage, match=said):
        mapping_of(text)


def test_a_claim_is_found_by_its_name_or_step_by_step():
    claims = {"https://shop.example/roles": ["a"], "realm_access": {"roles": ["b"], "n": 4}, "groups": "c"}
    assert [_claim(claims, name) for name in ("https://shop.example/roles", "realm_access.roles", "groups")] == [
        ["a"],
        ["b"],
        "c",
    ]
    assert [_claim(claims, name) for name in ("realm_access.n", "realm_access.roles.x", "none")] == [None] * 3
