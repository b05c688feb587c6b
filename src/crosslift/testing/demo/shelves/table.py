"""What stands on the table, goes out of the door, or is given away."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf
from crosslift.testing.demo.shelves.options import ENAMELS, GLAZES, METALS

CUPS = shelf(
    "cups/mugs",
    "table",
    "mug",
    [
        ("MUG-STONE", "Stoneware Mug, 300 ml", "스톤웨어 머그 300ml", "ストーンウェアマグ 300ml", "Hanok Ceramics", 18_000, 14, {"milliliters": 300}),
        ("MUG-CELADON", "Celadon Cup with Saucer", "청자 잔과 받침", "青磁カップ＆ソーサー", "Hanok Ceramics", 42_000, 5, {"milliliters": 220, "color": "celadon"}),
        ("MUG-DBL", "Double-Wall Glasses, Set of 2", "이중 유리컵 2개 세트", "ダブルウォールグラス 2個組", "Sora Works", 29_000, 10, {"milliliters": 250, "shape": "glass"}),
        ("MUG-CAMP", "Enamel Camping Mug", "법랑 캠핑 머그", "ほうろうキャンプマグ", "Ridgeline", 16_000, 7, {"milliliters": 350}),
        ("CUP-ESP-2", "Espresso Cups, Set of 2", "에스프레소 잔 2개 세트", "エスプレッソカップ 2客", "Hanok Ceramics", 26_000, 8, {"milliliters": 80, "shape": "cup"}),
        ("CUP-CAPPU", "Cappuccino Cup, 180 ml", "카푸치노 잔 180ml", "カプチーノカップ 180ml", "Hanok Ceramics", 17_000, 6, {"milliliters": 180, "shape": "cup"}),
        ("CUP-LATTE", "Latte Bowl, 300 ml", "라테 볼 300ml", "カフェラテボウル 300ml", "Hanok Ceramics", 19_000, 6, {"milliliters": 300, "shape": "cup"}),
        ("CST-CORK", "Cork Coasters, Set of 4", "코르크 코스터 4개", "コルクコースター 4枚組", "Moru", 9_000, 8, {"shape": "mat"}),
        ("TRY-WOOD", "Serving Tray, Ash", "원목 서빙 트레이 물푸레나무", "木のサービングトレー アッシュ材", "Nordlys", 34_000, 5, {"material": "wood", "shape": "tray"}),
    ],
    variants={"MUG-STONE": GLAZES, "MUG-CAMP": ENAMELS},
)
TRAVEL = shelf(
    "cups/travel",
    "table",
    "travel_mug",
    [
        ("TRV-350", "Travel Mug, 350 ml", "텀블러 350ml", "トラベルマグ 350ml", "Ridgeline", 29_000, 4, {"milliliters": 350}),
        ("TRV-500", "Travel Mug, 500 ml", "텀블러 500ml", "トラベルマグ 500ml", "Ridgeline", 34_000, 3, {"milliliters": 500}),
        ("TRV-CERAMIC", "Ceramic-Lined Travel Mug, 360 ml", "세라믹 코팅 텀블러 360ml", "セラミックコート トラベルマグ 360ml", "Palette", 42_000, 2.5, {"milliliters": 360}),
        ("TRV-POCKET", "Pocket Tumbler, 180 ml", "포켓 텀블러 180ml", "ポケットタンブラー 180ml", "Palette", 22_000, 3, {"milliliters": 180}),
    ],
    need="travel-mug",
    variants={"TRV-350": ENAMELS, "TRV-500": METALS},
)
STORAGE = shelf(
    "storage/canisters",
    "common",
    "canister",
    [
        ("CAN-VAC-500", "Vacuum Canister, 500 ml", "진공 원두 보관통 500ml", "真空キャニスター 500ml", "Ridgeline", 36_000, 9, {"milliliters": 500, "need": "vacuum-canister"}),
        ("CAN-VAC-1200", "Vacuum Canister, 1.2 Liters", "진공 원두 보관통 1.2L", "真空キャニスター 1.2L", "Ridgeline", 46_000, 6, {"milliliters": 1200, "need": "vacuum-canister"}),
        ("CAN-GLASS", "Glass Jar with Cork Lid", "코르크 뚜껑 유리병", "コルクぶたガラスジャー", "Sora Works", 15_000, 6, {"milliliters": 700}),
        ("BAG-CLIPS", "Bag Clips, Set of 4", "봉투 클립 4개", "袋クリップ 4個", "Moru", 5_000, 8, {"shape": "clip"}),
        ("BAG-BREW", "Brewer's Travel Case", "커피 도구 여행 가방", "コーヒー道具トラベルケース", "Ridgeline", 48_000, 3, {"shape": "case"}),
    ],
)
BOOKS = shelf(
    "books/coffee",
    "common",
    "book",
    [
        ("BOOK-POUR", "The Patient Pour (Book)", "천천히 내리는 커피 (책)", "ゆっくり淹れるコーヒー（本）", "Moru", 22_000, 5, {}),
        ("BOOK-ESP", "Espresso at Home (Book)", "집에서 에스프레소 (책)", "おうちエスプレッソ（本）", "Moru", 24_000, 4, {}),
        ("BOOK-NOTES", "Tasting Notebook", "커피 테이스팅 노트", "テイスティングノート", "Moru", 9_000, 6, {}),
    ],
)
CAFE = shelf(
    "cafe/disposables",
    "cafe",
    "paper_cup",
    [
        ("PPR-8OZ", "Paper Cups 8 oz, 1,000 Pieces", "종이컵 8온스 1,000개", "紙コップ 8オンス 1,000個", "Kumo", 62_000, 4, {"ounces": 8, "count": 1000}),
        ("PPR-12OZ", "Paper Cups 12 oz, 1,000 Pieces", "종이컵 12온스 1,000개", "紙コップ 12オンス 1,000個", "Kumo", 74_000, 4, {"ounces": 12, "count": 1000}),
        ("PPR-LID-8", "Lids for 8 oz, 1,000 Pieces", "종이컵 뚜껑 8온스용 1,000개", "紙コップ用ふた 8オンス 1,000個", "Kumo", 34_000, 2.5, {"ounces": 8, "count": 1000, "shape": "lid"}),
        ("PPR-LID-12", "Lids for 12 oz, 1,000 Pieces", "종이컵 뚜껑 12온스용 1,000개", "紙コップ用ふた 12オンス 1,000個", "Kumo", 36_000, 2.5, {"ounces": 12, "count": 1000, "shape": "lid"}),
        ("PPR-SLEEVE", "Cup Sleeves, 1,000 Pieces", "컵 홀더 1,000개", "カップスリーブ 1,000枚", "Kumo", 38_000, 2.5, {"count": 1000}),
        ("PPR-CARRIER", "Cup Carriers, 200 Pieces", "컵 캐리어 200개", "カップキャリア 200個", "Kumo", 42_000, 2, {"count": 200, "shape": "carton"}),
        ("PPR-STRAW", "Paper Straws, 500 Pieces", "종이 빨대 500개", "紙ストロー 500本", "Kumo", 19_000, 2.5, {"count": 500, "season": "summer", "shape": "straws"}),
        ("SUG-STICK", "Sugar Sticks, 1,000 Pieces", "스틱 설탕 1,000개", "スティックシュガー 1,000本", "Kumo", 26_000, 2.5, {"count": 1000, "shape": "box"}),
    ],
)
GIFTS = shelf(
    "gifts/sets",
    "gift",
    "gift_box",
    [
        ("GIFT-STARTER", "Pour-Over Starter Set", "핸드드립 입문 세트", "ハンドドリップはじめてセット", "Moru", 69_000, 10, {"shape": "set_box"}),
        ("GIFT-TRIO", "Three Origins Gift Box", "싱글 오리진 3종 선물 상자", "シングルオリジン3種 ギフトボックス", "Moru", 45_000, 9, {}),
        ("GIFT-MUGS", "Pair of Mugs in a Box", "머그 한 쌍 선물 상자", "ペアマグ 箱入り", "Hanok Ceramics", 39_000, 7, {}),
        ("GIFT-DBG", "Drip Bag Gift Tin, 20 Bags", "드립백 선물 틴 20개입", "ドリップバッグ缶ギフト 20袋", "Moru", 34_000, 9, {}),
        ("GIFT-CHU-A", "Chuseok Gift Set, Beans and Honey", "추석 선물 세트 원두와 꿀", "秋夕ギフト 豆とはちみつ", "Moru", 59_000, 14, {"season": "chuseok"}),
        ("GIFT-CHU-B", "Chuseok Gift Set, Premium", "추석 선물 세트 프리미엄", "秋夕ギフト プレミアム", "Moru", 98_000, 8, {"season": "chuseok"}),
        ("GIFT-SEOL", "Lunar New Year Gift Set", "설 선물 세트", "旧正月ギフト", "Moru", 59_000, 12, {"season": "seollal"}),
        ("GIFT-OSEIBO-A", "Year-End Gift, Drip Bags", "연말 감사 선물 드립백", "お歳暮 ドリップバッグ詰め合わせ", "Moru", 42_000, 16, {"season": "oseibo"}),
        ("GIFT-OSEIBO-B", "Year-End Gift, Beans and Sweets", "연말 감사 선물 원두와 과자", "お歳暮 豆と焼き菓子", "Moru", 64_000, 10, {"season": "oseibo"}),
        ("GIFT-OCHUGEN", "Midsummer Gift, Iced Coffee", "한여름 선물 아이스커피", "お中元 アイスコーヒー", "Moru", 46_000, 14, {"season": "ochugen"}),
        ("GIFT-XMAS", "Holiday Coffee Calendar", "크리스마스 커피 달력", "クリスマスコーヒーカレンダー", "Moru", 49_000, 9, {"season": "holiday"}),
        ("GIFT-PEPERO", "Chocolate Stick Day Coffee Set", "빼빼로데이 커피 세트", "チョコスティックの日コーヒーセット", "Moru", 24_000, 9, {"season": "pepero"}),
        ("GIFT-CARD-HAND", "Hand-Printed Greeting Card", "손인쇄 감사 카드", "活版メッセージカード", "Moru", 3_500, 8, {"shape": "card"}),
        ("GIFT-WRAP", "Gift Wrap with Ribbon", "리본 선물 포장", "リボンラッピング", "Moru", 3_000, 0, {"shape": "gift_wrap"}),
    ],
)
SERVICES = (
    *shelf(
        "services/classes",
        "service",
        "certificate",
        [
            ("CLS-POUR", "Pour-Over Class, 2 Hours", "핸드드립 클래스 2시간", "ハンドドリップ教室 2時間", "Moru", 55_000, 3, {}),
            ("CLS-LATTE", "Latte Art Class, 3 Hours", "라테 아트 클래스 3시간", "ラテアート教室 3時間", "Moru", 78_000, 2.5, {}),
            ("CHK-ESP", "Espresso Machine Check", "에스프레소 머신 점검", "エスプレッソマシン点検", "Moru", 60_000, 2.5, {}),
            ("CHK-GRD", "Grinder Calibration", "그라인더 점검·영점 조정", "グラインダー点検・調整", "Moru", 40_000, 2, {}),
        ],
        kind="service",
    ),
    *shelf(
        "services/warranty",
        "service",
        "shield",
        [
            ("WAR-ESP-2Y", "Machine Warranty, 2 More Years", "머신 보증 2년 연장", "マシン延長保証 2年", "Moru", 79_000, 0.8, {}),
            ("WAR-GRD-2Y", "Grinder Warranty, 2 More Years", "그라인더 보증 2년 연장", "グラインダー延長保証 2年", "Moru", 35_000, 0.8, {}),
        ],
        kind="warranty",
    ),
    *shelf(
        "gifts/cards",
        "gift",
        "card",
        [
            ("GCD-30", "Gift Card 30,000", "기프트카드 3만 원", "ギフトカード 30,000", "Moru", 30_000, 5, {}),
            ("GCD-50", "Gift Card 50,000", "기프트카드 5만 원", "ギフトカード 50,000", "Moru", 50_000, 4, {}),
        ],
        kind="gift_card",
    ),
    *shelf("fees", "none", "truck", [("SHIP-STD", "Standard Shipping", "기본 배송비", "通常配送料", "Moru", 3_000, 0, {}), ("SHIP-INTL", "International Shipping", "해외 배송비", "海外配送料", "Moru", 18_000, 0, {})], kind="shipping"),
    *shelf("fees", "none", "truck", [("FEE-REMOTE", "Remote Area Surcharge", "도서산간 추가 배송비", "離島追加送料", "Moru", 4_000, 0, {})], kind="fee"),
)
TABLE = CUPS + TRAVEL + STORAGE + BOOKS + CAFE + GIFTS + SERVICES
