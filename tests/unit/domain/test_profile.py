from dataclasses import fields

from crosslift.domain.profile import PROFILE_COLUMNS, ContributionClass, Profile, Stage


def test_every_field_has_its_kind_and_unit_in_the_same_order():
    assert list(PROFILE_COLUMNS) == [field.name for field in fields(Profile)]


def test_every_field_is_told_in_the_docstring():
    told = Profile.__doc__
    assert [name for name in PROFILE_COLUMNS if name not in told] == []


def test_somebody_new_has_ordered_nothing_and_is_unknown_otherwise():
    blank = Profile("anonymous:1", 0)
    assert (blank.n_orders, blank.n_items, blank.n_returns, blank.open_cases) == (0, 0, 0, 0)
    assert blank.contribution_class is ContributionClass.UNKNOWN
    sure = {
        "person_id",
        "as_of",
        "n_orders",
        "n_items",
        "n_returns",
        "open_cases",
        "n_activities",
        "contribution_class",
    }
    assert {name for name in PROFILE_COLUMNS if getattr(blank, name) not in (None, (), {})} == sure


def test_codes_are_plain_texts():
    assert PROFILE_COLUMNS["stage"].choices == ("aware", "consider", "buy", "use", "lapse")
    assert Profile("customer:1", 0, stage=Stage.USE).stage == "use"
