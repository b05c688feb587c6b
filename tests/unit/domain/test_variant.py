"""Small sets of variants: what can be one, what says something about its options, and what a policy's text says of them."""

import pytest

from crosslift.domain.policy import HELPFUL
from crosslift.domain.policy_changes import changes
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_packs import resolved
from crosslift.domain.policy_text import read_policy, read_sheet
from crosslift.domain.variant import Drawn, VariantSet
from crosslift.errors import BadInput

OURS = 'name = "ours"\nextends = "helpful"\n'
WORDS = '[[variants]]\nid = "words"\noptions = ["plain", "warm"]\n'
LEVER = '[[levers]]\nid = "spring"\nfactor = 2\nauthor = "mina"\nreason = "spring"\nuntil = 2026-12-01T00:00:00Z\n'


def made(text):
    return resolved(read_sheet(OURS + text, POLICY), {"helpful": HELPFUL}, {})


def faults(text):
    with pytest.raises(BadInput) as refused:
        made(text)
    return list(refused.value.problems)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"options": ("plain",)}, "it has 1 options; name 2 to 8"),
        ({"options": tuple("abcdefghi")}, "it has 9 options; name 2 to 8"),
        ({"options": ("plain", "plain")}, "an option is named twice"),
        ({"options": ("plain", "Warm words")}, "'Warm words' is no option"),
        ({"levers": {"cold": ("spring",)}}, "levers are named for 'cold', which is none of its options: plain, warm"),
        ({"floor": 0.51}, "a floor of 0.51 for each of 2 options; give 0.001 to 0.5"),
        ({"floor": 0.0}, "a floor of 0 for each of 2 options"),
        ({"options": tuple("abcde"), "floor": 0.25}, "a floor of 0.25 for each of 5 options; give 0.001 to 0.2"),
    ],
)
def test_what_cannot_be_a_set_is_refused(given, why):
    with pytest.raises(BadInput, match=why.replace(",", ".")):
        VariantSet(**{"set_id": "words", "options": ("plain", "warm"), **given})


def test_a_default_that_stood_without_a_draw_says_nothing_about_the_options():
    assert not Drawn("words", "plain", 1.0).was_drawn
    assert Drawn("words", "plain", 0.999).was_drawn


def test_a_text_names_a_set_its_options_and_their_levers():
    policy = made(WORDS + 'placements = ["cart"]\nfloor = "10 %"\nlevers = { warm = ["spring"] }\n' + LEVER)
    assert policy.variants == (VariantSet("words", ("plain", "warm"), ("cart",), {"warm": ("spring",)}, 0.1),)
    assert made(WORDS).variants[0].floor == 0.05
    assert changes(HELPFUL, policy)[-1].startswith("variants: 'words' is new: options")


def test_a_wrong_set_is_named_with_its_line():
    assert faults('[[variants]]\nid = "words"\noptions = ["plain"]\n') == [
        "line 3: variants[1]: it has 1 options; name 2 to 8"
    ]
    assert faults('[[variants]]\nid = "words"\noptions = ["plain", "Warm!"]\n')[0].startswith(
        "line 5: variants[1].options[2]:"
    )
    assert faults(WORDS + "floor = 0\n")[0].startswith("line 6: variants[1].floor: 0 is not a share from 0.1 % to 50 %")


def test_levers_of_a_set_are_there_and_stand_under_no_other():
    told = 'levers = { warm = ["sprong"] }\n'
    assert faults(WORDS + told + LEVER) == [
        "line 6: variants[1].levers: 'words' needs the lever 'sprong', which is not here; did you mean spring?"
    ]
    two = (
        WORDS
        + 'levers = { warm = ["spring"] }\n'
        + WORDS.replace("words", "looks")
        + 'levers = { plain = ["spring"] }\n'
    )
    assert faults(two + LEVER) == [
        "line 10: variants[2].levers: the lever 'spring' stands under 'words' too; give each set its own"
    ]


def test_a_set_is_inherited_replaced_and_left_out_by_its_id():
    base = read_policy('name = "base"\n[offers]\nsources = ["complement"]\n' + WORDS)
    bases = {"base": base}

    def of_base(more):
        return resolved(read_sheet('name = "ours"\nextends = "base"\n' + more, POLICY), bases, {}).variants

    assert of_base("") == base.variants
    assert of_base('without = ["words"]\n') == ()
    assert of_base(WORDS.replace("warm", "cool"))[0].options == ("plain", "cool")
