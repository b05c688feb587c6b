"""The catalog of Moru Coffee Supply: 220 products and four plans from the hand-written shelves, with known faults.

The faults are planted, because every real catalog has them: products without cost, picture or price, some sold out,
some withdrawn, and travel mugs that nobody takes home.
"""

from dataclasses import replace

from crosslift.testing.demo.facts import facts_of
from crosslift.testing.demo.item import Item
from crosslift.testing.demo.shelves.beans import BEANS
from crosslift.testing.demo.shelves.brewing import BREWING
from crosslift.testing.demo.shelves.espresso import ESPRESSO
from crosslift.testing.demo.shelves.grinding import GRINDING
from crosslift.testing.demo.shelves.immersion import IMMERSION
from crosslift.testing.demo.shelves.plans import PLANS
from crosslift.testing.demo.shelves.table import TABLE

SHOP_NAME = {"en": "Moru Coffee Supply", "ko": "모루 커피상회", "ja": "モル珈琲商会"}
CURRENCY = "KRW"

WITHOUT_COST = frozenset(
    {"SRV-WOOD-600", "GRD-H-48", "GIFT-TRIO", "STN-TAMP", "CLD-TOWER", "KTL-COPPER-700", "MUG-CELADON", "BOOK-ESP"}
    | {"CLS-POUR", "CLS-LATTE", "CHK-ESP", "CHK-GRD", "OAT-CASE", "BEAN-PAN-GEI"}
)
WITHOUT_PICTURE = frozenset({"FLT-103", "PPR-STRAW", "SYR-PUMP", "GRD-BURR-40", "MOKA-GSK-6"})
WITHOUT_PRICE = frozenset({"FLT-CASE", "STN-TAMP", "CLD-KEG"})
SOLD_OUT = frozenset({"KTL-EL-PRO", "SRV-DBL-500", "GRD-E-PRO64", "PTF-58-BTL", "BEAN-COL-GEI", "BLD-SUMMER"})
WITHDRAWN = frozenset({"IBR-350", "MUG-CELADON", "SYR-CARAMEL", "CAN-GLASS"})
SLOW_STOCK = {"TRV-350": 640, "TRV-500": 520, "TRV-CERAMIC": 410, "TRV-POCKET": 380}

#: The first part of a category, as a heading of the storefront.
CATEGORIES = {
    "pour-over": {"en": "Pour-over", "ko": "핸드드립", "ja": "ハンドドリップ"},
    "kettles": {"en": "Kettles", "ko": "드립 주전자", "ja": "ケトル"},
    "scales": {"en": "Scales", "ko": "저울", "ja": "スケール"},
    "grinders": {"en": "Grinders", "ko": "그라인더", "ja": "グラインダー"},
    "espresso": {"en": "Espresso", "ko": "에스프레소", "ja": "エスプレッソ"},
    "care": {"en": "Care", "ko": "세척·관리", "ja": "お手入れ"},
    "moka": {"en": "Moka", "ko": "모카포트", "ja": "モカポット"},
    "immersion": {"en": "Press and syphon", "ko": "프레스·사이폰", "ja": "プレス・サイフォン"},
    "cold": {"en": "Iced and cold brew", "ko": "아이스·콜드브루", "ja": "アイス・水出し"},
    "beans": {"en": "Coffee", "ko": "원두", "ja": "コーヒー豆"},
    "pantry": {"en": "Syrups and sweets", "ko": "시럽·간식", "ja": "シロップ・お菓子"},
    "cups": {"en": "Cups", "ko": "잔·텀블러", "ja": "カップ"},
    "storage": {"en": "Storage", "ko": "보관 용품", "ja": "保存用品"},
    "books": {"en": "Books", "ko": "책", "ja": "本"},
    "cafe": {"en": "For cafés", "ko": "카페 소모품", "ja": "業務用消耗品"},
    "gifts": {"en": "Gifts", "ko": "선물", "ja": "ギフト"},
    "services": {"en": "Classes and service", "ko": "클래스·서비스", "ja": "教室・サービス"},
    "fees": {"en": "Shipping", "ko": "배송비", "ja": "送料"},
}
#: Share of the price that the merchant paid; what is not named here costs 58 %.
COST_SHARES = {"beans": 0.46, "pantry": 0.62, "gifts": 0.52, "espresso": 0.66, "grinders": 0.64, "cafe": 0.74}


def _stocked(item: Item, place: int) -> Item:
    """Give an item its cost, its stock and its faults."""
    heading = item.category.partition("/")[0]
    cost = round(item.price * COST_SHARES.get(heading, 0.58), -2)
    stock = round(item.popularity * 6) + (place * 37) % 23 + 4
    if item.kind not in ("goods", "warranty"):
        stock = 999
    return replace(
        item,
        attributes={**item.attributes, **facts_of(item)},
        cost=None if item.product_id in WITHOUT_COST else int(cost),
        stock=0 if item.product_id in SOLD_OUT else SLOW_STOCK.get(item.product_id, stock),
        is_active=item.product_id not in WITHDRAWN,
        has_price=item.product_id not in WITHOUT_PRICE,
        has_picture=item.product_id not in WITHOUT_PICTURE,
    )


#: The plans stand last: the purchase process draws by places, and they are in no order.
CATALOG: tuple[Item, ...] = tuple(
    _stocked(item, place)
    for place, item in enumerate(BREWING + GRINDING + ESPRESSO + IMMERSION + BEANS + TABLE + PLANS)
)
#: Where a product stands in `CATALOG`; the purchase process counts by these numbers.
PLACE: dict[str, int] = {item.product_id: place for place, item in enumerate(CATALOG)}


def get_item(product_id: str) -> Item:
    """Give the product of an id; `KeyError` if the shop does not carry it.

    Examples
    --------
    >>> get_item("DRP-V60-02").title_in("ko")
    '원추형 드리퍼 02 도자기'
    """
    return CATALOG[PLACE[product_id]]


def local_prices(won: int) -> dict[str, object]:
    """Give the price tags of the Japanese and American market that go with a price in won.

    Examples
    --------
    >>> local_prices(24_000)
    {'price_JPY': 2580, 'price_USD': '17.90'}
    """
    yen = max(round(won / 9.25 / 100) * 100 - 20, 180)
    dollars = max(round(won / 1340), 1)
    return {"price_JPY": yen, "price_USD": f"{dollars - 1}.90"}
