import pytest

from crosslift.domain.trait import is_sensitive, sensitive_names, usable
from crosslift.settings import Settings

SENSITIVE = sensitive_names(Settings.load({}, environment={})["profile.sensitive_traits"])


@pytest.mark.parametrize(
    "name", ["religion", "Religion", "sexual orientation", "Sexual-Orientation", "health.allergies"]
)
def test_sensitive_traits_are_known_by_default_however_they_are_written(name):
    assert is_sensitive(name, SENSITIVE)


@pytest.mark.parametrize("name", ["age", "wealth", "reunion", "unionize", "skin", ""])
def test_other_traits_are_not_caught_by_a_likeness_of_names(name):
    assert not is_sensitive(name, SENSITIVE)


def test_what_may_be_used_is_the_rest_unchanged():
    assert usable({"age": "31", "religion": "x", "health_status": "y"}, SENSITIVE) == {"age": "31"}


def test_a_shop_names_its_own():
    names = sensitive_names(" Marital Status,,income ")
    assert names == {"marital_status", "income"}
    assert usable({"marital-status": "single", "religion": "x"}, names) == {"religion": "x"}
    assert usable({"religion": "x"}, sensitive_names("")) == {"religion": "x"}
