import numpy as np
import pytest

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.eligibility import Asked, judge
from crosslift.decide.knowledge import LIVE_CODES
from crosslift.decide.verdicts import CODES
from crosslift.domain.decision import DropCode

EVERYTHING = ("tea", "honey", "cup", "spoon")
NONE = np.zeros(0, dtype=np.int32)


def candidates_of(items):
    """Give items as candidates of one source."""
    none, ones = np.zeros(len(items), dtype=np.int64), np.ones(len(items))
    return Candidates(items, ones, none.astype(np.int8), none, none, ones, ("complement",))


@pytest.fixture
def verdicts(tea_known, places):
    """Judge four products; give the code of each, None where it passed."""

    def verdicts(live=(), cart=(), excluded=(), owned=()):
        items = np.array([tea_known.index[name] for name in EVERYTHING], dtype=np.int32)
        flags = np.array([LIVE_CODES.index(dict(live).get(name)) for name in EVERYTHING], dtype=np.uint8)
        bought = None if owned is None else {tea_known.index[name] for name in owned}
        context = Context(cart=places(tea_known, *cart) if cart else NONE)
        asked = Asked(context, places(tea_known, *excluded) if excluded else NONE, bought)
        found = judge(tea_known, candidates_of(items), flags, asked)
        return {name: CODES[v - 1] if v else None for name, v in zip(EVERYTHING, found.tolist(), strict=True)}

    return verdicts


def test_what_nothing_speaks_against_passes(verdicts):
    assert set(verdicts().values()) == {None}


@pytest.mark.parametrize("code", LIVE_CODES[1:])
def test_live_values_stop_a_product(verdicts, code):
    assert verdicts(live={"cup": code}) == {"tea": None, "honey": None, "cup": code, "spoon": None}


def test_cart_exclusion_and_ownership_stop_a_product(verdicts):
    assert verdicts(cart=["tea"], excluded=["cup"], owned=["spoon"]) == {
        "tea": DropCode.IN_CART, "honey": None, "cup": DropCode.EXCLUDED, "spoon": DropCode.OWNED
    }  # fmt: skip


def test_consumables_may_be_bought_again(verdicts):
    assert verdicts(owned=["honey", "spoon"]) == {"tea": None, "honey": None, "cup": None, "spoon": DropCode.OWNED}


def test_a_consumable_in_the_cart_is_in_the_cart(verdicts):
    assert verdicts(cart=["honey"], owned=["honey"])["honey"] == DropCode.IN_CART


def test_a_policy_may_leave_ownership_out(verdicts):
    assert set(verdicts(owned=None).values()) == {None}


def test_the_first_gate_that_fits_gives_the_code(verdicts):
    live = {"cup": DropCode.OUT_OF_STOCK}
    assert verdicts(live, cart=["cup"], excluded=["cup"], owned=["cup"])["cup"] == DropCode.IN_CART
    assert verdicts(live, excluded=["cup"], owned=["cup"])["cup"] == DropCode.EXCLUDED
    assert verdicts(live, owned=["cup"])["cup"] == DropCode.OUT_OF_STOCK
    assert verdicts(owned=["cup"])["cup"] == DropCode.OWNED


def test_every_live_code_stands_in_gate_order():
    assert [code for code in CODES if code in LIVE_CODES] == list(LIVE_CODES[1:])


def test_no_candidates_no_verdicts(tea_known):
    found = judge(tea_known, candidates_of(NONE), np.zeros(0, np.uint8), Asked(Context(), NONE, ()))
    assert found.tolist() == []
