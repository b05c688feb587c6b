"""Every refusal of a coupon is said in every language we write."""

import pytest

from crosslift.domain.coupon import CouponRefusal
from crosslift.wording.coupons import SENTENCES, why


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_refusal_has_a_sentence_of_its_own(language):
    said = [why(refusal, language) for refusal in CouponRefusal]
    assert len(set(said)) == len(CouponRefusal)
    assert set(SENTENCES[language]) == set(CouponRefusal)


def test_a_language_we_do_not_write_is_answered_in_english():
    assert why(CouponRefusal.EXPIRED, "fr") == "This coupon has ended."


def test_nobody_is_told_what_class_they_are_in_or_what_a_margin_is():
    for language in SENTENCES:
        for refusal in (CouponRefusal.NOT_FOR_CLASS, CouponRefusal.BELOW_MARGIN):
            assert not any(
                word in why(refusal, language).lower() for word in ("return", "margin", "class", "반품", "返品")
            )
