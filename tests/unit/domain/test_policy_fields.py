"""The table of keys: everything a policy holds can be said, once, in words of its own."""

from dataclasses import fields

import pytest

from crosslift.domain.policy import Policy
from crosslift.domain.policy_fields import PACK, POLICY
from crosslift.domain.policy_forms import Perhaps
from crosslift.domain.policy_tables import Record, Rows
from crosslift.domain.policy_text import MERGED
from crosslift.domain.pressure import PressureLimits
from crosslift.domain.value import ValueTerms


def records(known):
    for one in known:
        form = (
            one.form.record
            if isinstance(one.form, Rows)
            else one.form.form
            if isinstance(one.form, Perhaps)
            else one.form
        )
        if isinstance(form, Record):
            yield form
            yield from records(form.fields)


def attributes(outline):
    sections = [one for section in outline.sections for one in section.fields]
    return {one.attribute for one in (*outline.fields, *sections)}


def test_everything_a_policy_holds_can_be_said():
    wanted = {one.name for one in fields(Policy)} - {"pressure", "value"}
    wanted |= {f"pressure.{one.name}" for one in fields(PressureLimits)} | {
        f"value.{one.name}" for one in fields(ValueTerms)
    }
    assert attributes(POLICY) - set(MERGED) == wanted


@pytest.mark.parametrize("record", [*records(POLICY.fields)], ids=lambda record: record.build.__name__)
def test_everything_a_row_holds_can_be_said(record):
    assert {one.attribute for one in record.fields} == {one.name for one in fields(record.build) if one.init}


def test_a_pack_says_all_that_a_policy_says_but_for_its_head():
    assert attributes(POLICY) - attributes(PACK) == {
        "name", "version", "extends", "packs", "without", "needs_approval",
    }  # fmt: skip
    assert attributes(PACK) - attributes(POLICY) == {"pack", "title", "about"}


def test_every_key_says_what_it_is_for_in_a_sentence():
    for keys in ((*POLICY.fields, *PACK.fields), *(section.fields for section in POLICY.sections)):
        for one in keys:
            assert one.about[0].isupper()
            assert one.about.endswith(".")
