"""Why a coupon was not given or takes nothing off, in words for the till and the customer before it."""

from collections.abc import Mapping

from crosslift.domain.coupon import CouponRefusal

SENTENCES: Mapping[str, Mapping[CouponRefusal, str]] = {
    "en": {
        CouponRefusal.UNKNOWN: "Nobody was given this code.",
        CouponRefusal.TAKEN_BACK: "This campaign was taken back.",
        CouponRefusal.NOT_YET: "This coupon does not hold yet.",
        CouponRefusal.EXPIRED: "This coupon has ended.",
        CouponRefusal.USED_UP: "This coupon was used as often as it can be.",
        CouponRefusal.RELEASED: "This order gave the coupon back; use it with another order.",
        CouponRefusal.OTHER_PERSON: "This coupon belongs to somebody else, or nobody said whose order it is.",
        CouponRefusal.NOT_FOR_CLASS: "No coupons are given here.",
        CouponRefusal.NOT_FOR_PERSON: "By what we may look at, the conditions of this campaign are not met.",
        CouponRefusal.OTHER_CURRENCY: "This coupon holds in another currency.",
        CouponRefusal.BELOW_MINIMUM: "The cart does not come to the minimum yet.",
        CouponRefusal.NOT_FOR_PRODUCTS: "This coupon holds for nothing in the cart.",
        CouponRefusal.DOES_NOT_STACK: "This coupon does not go with another one on the order.",
        CouponRefusal.NOTHING_OFF: "There is nothing for this coupon to take off.",
        CouponRefusal.BELOW_MARGIN: "This coupon does not hold for this cart.",
        CouponRefusal.BUDGET_SPENT: "This campaign has given away all it had.",
    },
    "ko": {
        CouponRefusal.UNKNOWN: "발급된 적이 없는 쿠폰이에요.",
        CouponRefusal.TAKEN_BACK: "종료된 쿠폰 행사예요.",
        CouponRefusal.NOT_YET: "아직 사용 기간이 아니에요.",
        CouponRefusal.EXPIRED: "사용 기간이 지난 쿠폰이에요.",
        CouponRefusal.USED_UP: "사용 가능 횟수를 모두 사용한 쿠폰이에요.",
        CouponRefusal.RELEASED: "이 주문에서는 쿠폰이 반환되었어요. 다른 주문에 사용해 주세요.",
        CouponRefusal.OTHER_PERSON: "다른 고객의 쿠폰이거나 주문 고객이 확인되지 않았어요.",
        CouponRefusal.NOT_FOR_CLASS: "발급할 수 있는 쿠폰이 없어요.",
        CouponRefusal.NOT_FOR_PERSON: "확인할 수 있는 정보로는 쿠폰 조건을 충족하지 않아요.",
        CouponRefusal.OTHER_CURRENCY: "다른 통화에서 사용하는 쿠폰이에요.",
        CouponRefusal.BELOW_MINIMUM: "최소 주문 금액에 미치지 않아요.",
        CouponRefusal.NOT_FOR_PRODUCTS: "장바구니에 쿠폰 적용 상품이 없어요.",
        CouponRefusal.DOES_NOT_STACK: "이 주문의 다른 쿠폰과 함께 사용할 수 없어요.",
        CouponRefusal.NOTHING_OFF: "할인할 금액이 없어요.",
        CouponRefusal.BELOW_MARGIN: "이 장바구니에는 적용되지 않는 쿠폰이에요.",
        CouponRefusal.BUDGET_SPENT: "준비된 쿠폰이 모두 소진되었어요.",
    },
    "ja": {
        CouponRefusal.UNKNOWN: "発行されていないクーポンです。",
        CouponRefusal.TAKEN_BACK: "このキャンペーンは終了しました。",
        CouponRefusal.NOT_YET: "まだご利用期間前のクーポンです。",
        CouponRefusal.EXPIRED: "有効期限が過ぎたクーポンです。",
        CouponRefusal.USED_UP: "ご利用可能回数に達したクーポンです。",
        CouponRefusal.RELEASED: "このご注文のクーポンは返却済みです。よろしければ別のご注文でご利用ください。",
        CouponRefusal.OTHER_PERSON: "別のお客様のクーポンか、ご注文のお客様が確認できません。",
        CouponRefusal.NOT_FOR_CLASS: "お渡しできるクーポンがありません。",
        CouponRefusal.NOT_FOR_PERSON: "確認できる情報では、クーポンの条件を満たしていません。",
        CouponRefusal.OTHER_CURRENCY: "別の通貨でご利用いただくクーポンです。",
        CouponRefusal.BELOW_MINIMUM: "最低ご注文金額に達していません。",
        CouponRefusal.NOT_FOR_PRODUCTS: "カートに対象商品がありません。",
        CouponRefusal.DOES_NOT_STACK: "ほかのクーポンとは併用できません。",
        CouponRefusal.NOTHING_OFF: "割引の対象となる金額がありません。",
        CouponRefusal.BELOW_MARGIN: "このカートではご利用いただけないクーポンです。",
        CouponRefusal.BUDGET_SPENT: "ご用意したクーポンはなくなりました。",
    },
}
"""By language and reason. What a class or a margin is stays the merchant's: the code says it, the sentence does not."""


def why(refusal: CouponRefusal, language: str) -> str:
    """Say a refusal in a language, in English where we do not write it.

    Examples
    --------
    >>> why(CouponRefusal.EXPIRED, "en-GB")
    'This coupon has ended.'
    """
    return SENTENCES.get(language[:2], SENTENCES["en"])[refusal]
