"""The pour-over corner: drippers, filters, servers, kettles, scales."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf
from crosslift.testing.demo.shelves.options import GLAZES, METALS, VOLTAGES

DRIPPERS = shelf(
    "pour-over/drippers",
    "pour",
    "dripper",
    [
        ("DRP-V60-01", "Cone Dripper 01, Ceramic", "원추형 드리퍼 01 도자기", "円すいドリッパー 01 陶器", "Hanok Ceramics", 19_000, 9, {"filter_size": "cone-01", "material": "ceramic", "cups": "1-2"}),
        ("DRP-V60-02", "Cone Dripper 02, Ceramic", "원추형 드리퍼 02 도자기", "円すいドリッパー 02 陶器", "Hanok Ceramics", 24_000, 34, {"filter_size": "cone-02", "material": "ceramic", "cups": "1-4"}),
        ("DRP-V60-03", "Cone Dripper 03, Ceramic", "원추형 드리퍼 03 도자기", "円すいドリッパー 03 陶器", "Hanok Ceramics", 32_000, 4, {"filter_size": "cone-03", "material": "ceramic", "cups": "1-6"}),
        ("DRP-V60-02-PL", "Cone Dripper 02, Clear Plastic", "원추형 드리퍼 02 투명 플라스틱", "円すいドリッパー 02 透明樹脂", "Moru", 8_500, 18, {"filter_size": "cone-02", "material": "plastic", "cups": "1-4"}),
        ("DRP-V60-02-GL", "Cone Dripper 02, Glass and Olive Wood", "원추형 드리퍼 02 유리·올리브나무", "円すいドリッパー 02 ガラス・オリーブウッド", "Sora Works", 42_000, 6, {"filter_size": "cone-02", "material": "glass", "cups": "1-4"}),
        ("DRP-V60-02-CU", "Cone Dripper 02, Copper", "원추형 드리퍼 02 구리", "円すいドリッパー 02 銅", "Sora Works", 78_000, 3, {"filter_size": "cone-02", "material": "copper", "cups": "1-4"}),
        ("DRP-FLAT-155", "Flat-Bottom Dripper 155, Steel", "플랫 드리퍼 155 스테인리스", "フラットドリッパー 155 ステンレス", "Tsubaki", 33_000, 7, {"filter_size": "wave-155", "material": "steel", "cups": "1-2"}),
        ("DRP-FLAT-185", "Flat-Bottom Dripper 185, Steel", "플랫 드리퍼 185 스테인리스", "フラットドリッパー 185 ステンレス", "Tsubaki", 38_000, 12, {"filter_size": "wave-185", "material": "steel", "cups": "2-4"}),
        ("DRP-TRAP-102", "Trapezoid Dripper 102, Ceramic", "사다리꼴 드리퍼 102 도자기", "台形ドリッパー 102 陶器", "Kumo", 17_000, 9, {"filter_size": "trap-102", "material": "ceramic", "cups": "2-4"}),
        ("DRP-PLEAT-M", "Pleated Dripper M, Porcelain", "주름 드리퍼 M 백자", "折りひだドリッパー M 磁器", "Hanok Ceramics", 46_000, 6, {"filter_size": "cone-02", "material": "ceramic", "cups": "2-4"}),
        ("DRP-STEEP-03", "Steep-and-Release Dripper", "침지식 드리퍼 스티퍼", "浸漬式ドリッパー スティーパー", "Ridgeline", 29_000, 7, {"filter_size": "trap-103", "material": "plastic", "cups": "2-3"}),
        ("DRP-GLASS-6", "Hourglass Brewer, 6 Cups", "모래시계형 커피메이커 6컵", "砂時計型コーヒーメーカー 6カップ", "Nordlys", 69_000, 6, {"filter_size": "square-6", "material": "glass", "cups": "3-6", "shape": "hourglass"}),
        ("DRP-NEL", "Nel Drip Handle, Walnut", "넬 드립 손잡이 호두나무", "ネルドリップハンドル くるみ材", "Tsubaki", 36_000, 3, {"filter_size": "nel", "material": "wood", "cups": "1-2"}),
        ("DRP-FOLD", "Folding Travel Dripper, Silicone", "접이식 여행 드리퍼 실리콘", "折りたたみ旅ドリッパー シリコーン", "Ridgeline", 15_000, 6, {"filter_size": "cone-02", "material": "silicone", "cups": "1-2"}),
    ],
    need="dripper",
    variants={"DRP-V60-01": GLAZES, "DRP-V60-02": GLAZES, "DRP-TRAP-102": GLAZES[:2], "DRP-PLEAT-M": GLAZES},
)

FILTERS = shelf(
    "pour-over/filters",
    "pour",
    "filter",
    [
        ("FLT-01", "Cone Paper Filters 01, 100 Sheets", "원추형 종이 필터 01, 100매", "円すいペーパーフィルター 01 100枚", "Moru", 5_500, 9, {"filter_size": "cone-01", "count": 100, "need": "cone-paper"}),
        ("FLT-02", "Cone Paper Filters 02, 100 Sheets", "원추형 종이 필터 02, 100매", "円すいペーパーフィルター 02 100枚", "Moru", 6_500, 26, {"filter_size": "cone-02", "count": 100, "need": "cone-paper"}),
        ("FLT-02-N", "Cone Paper Filters 02, Natural, 100 Sheets", "원추형 종이 필터 02 무표백, 100매", "円すいペーパーフィルター 02 無漂白 100枚", "Moru", 6_800, 13, {"filter_size": "cone-02", "count": 100, "need": "cone-paper"}),
        ("FLT-02-ABA", "Cone Abaca Filters 02, 100 Sheets", "원추형 아바카 필터 02, 100매", "円すいアバカフィルター 02 100枚", "Tsubaki", 9_500, 8, {"filter_size": "cone-02", "count": 100, "need": "cone-paper"}),
        ("FLT-03", "Cone Paper Filters 03, 100 Sheets", "원추형 종이 필터 03, 100매", "円すいペーパーフィルター 03 100枚", "Moru", 8_000, 4, {"filter_size": "cone-03", "count": 100, "need": "cone-paper"}),
        ("FLT-155", "Wave Filters 155, 50 Sheets", "웨이브 필터 155, 50매", "ウェーブフィルター 155 50枚", "Tsubaki", 7_000, 6, {"filter_size": "wave-155", "count": 50}),
        ("FLT-185", "Wave Filters 185, 50 Sheets", "웨이브 필터 185, 50매", "ウェーブフィルター 185 50枚", "Tsubaki", 7_800, 10, {"filter_size": "wave-185", "count": 50}),
        ("FLT-102", "Trapezoid Filters 102, 100 Sheets", "사다리꼴 필터 102, 100매", "台形フィルター 102 100枚", "Kumo", 4_500, 9, {"filter_size": "trap-102", "count": 100}),
        ("FLT-103", "Trapezoid Filters 103, 100 Sheets", "사다리꼴 필터 103, 100매", "台形フィルター 103 100枚", "Kumo", 5_200, 5, {"filter_size": "trap-103", "count": 100}),
        ("FLT-SQ-6", "Square Filters for 6-Cup Brewer, 100 Sheets", "모래시계형 6컵용 사각 필터, 100매", "砂時計型 6カップ用角フィルター 100枚", "Nordlys", 13_500, 4, {"filter_size": "square-6", "count": 100}),
        ("FLT-NEL", "Flannel Filters, Set of 3", "융 필터 3장", "ネルフィルター 3枚組", "Tsubaki", 11_000, 2.5, {"filter_size": "nel", "count": 3}),
        ("FLT-02-1000", "Cone Paper Filters 02, Café Box of 1,000", "원추형 종이 필터 02 업소용 1,000매", "円すいペーパーフィルター 02 業務用 1,000枚", "Moru", 48_000, 2.5, {"world": "cafe", "filter_size": "cone-02", "count": 1000, "need": "cone-paper", "shape": "carton"}),
    ],
)

SERVERS = shelf(
    "pour-over/servers",
    "pour",
    "server",
    [
        ("SRV-300", "Glass Server, 300 ml", "유리 서버 300ml", "ガラスサーバー 300ml", "Sora Works", 16_000, 8, {"milliliters": 300, "material": "glass"}),
        ("SRV-600", "Glass Server, 600 ml", "유리 서버 600ml", "ガラスサーバー 600ml", "Sora Works", 21_000, 18, {"milliliters": 600, "material": "glass"}),
        ("SRV-800", "Glass Server, 800 ml", "유리 서버 800ml", "ガラスサーバー 800ml", "Sora Works", 26_000, 7, {"milliliters": 800, "material": "glass"}),
        ("SRV-WOOD-600", "Glass Server with Wooden Collar, 600 ml", "우드 넥 유리 서버 600ml", "ウッドネックガラスサーバー 600ml", "Nordlys", 38_000, 5, {"milliliters": 600, "material": "glass"}),
        ("SRV-DBL-500", "Double-Wall Server, 500 ml", "이중 유리 서버 500ml", "二重ガラスサーバー 500ml", "Nordlys", 44_000, 4, {"milliliters": 500, "material": "glass"}),
        ("SRV-THERMO-700", "Vacuum Server, 700 ml", "진공 보온 서버 700ml", "真空保温サーバー 700ml", "Ridgeline", 52_000, 4, {"milliliters": 700, "material": "steel", "shape": "flask"}),
    ],
    need="server",
    variants={"SRV-THERMO-700": METALS},
)

KETTLES = shelf(
    "kettles/gooseneck",
    "pour",
    "kettle",
    [
        ("KTL-GN-600", "Gooseneck Kettle, 600 ml", "드립 주전자 600ml", "細口ケトル 600ml", "Tsubaki", 36_000, 9, {"milliliters": 600, "tier": 1, "material": "steel"}),
        ("KTL-GN-900", "Gooseneck Kettle, 900 ml", "드립 주전자 900ml", "細口ケトル 900ml", "Tsubaki", 42_000, 13, {"milliliters": 900, "tier": 1, "material": "steel"}),
        ("KTL-EL-800", "Electric Gooseneck Kettle Baram, 800 ml", "전기 드립포트 바람 800ml", "電気細口ケトル バラム 800ml", "Baram", 119_000, 16, {"milliliters": 800, "tier": 2, "temperature_control": True}),
        ("KTL-EL-900", "Electric Gooseneck Kettle Nordlys, 900 ml", "전기 드립포트 노르뤼스 900ml", "電気細口ケトル ノルリス 900ml", "Nordlys", 139_000, 14, {"milliliters": 900, "tier": 2, "temperature_control": True}),
        ("KTL-EL-PRO", "Electric Gooseneck Kettle Pro, 1 Liter", "전기 드립포트 프로 1L", "電気細口ケトル プロ 1L", "Nordlys", 219_000, 5, {"milliliters": 1000, "tier": 3, "temperature_control": True}),
        ("KTL-COPPER-700", "Copper Gooseneck Kettle, 700 ml", "구리 드립 주전자 700ml", "銅の細口ケトル 700ml", "Sora Works", 168_000, 2.5, {"milliliters": 700, "tier": 2, "material": "copper"}),
        ("KTL-MINI-350", "Mini Pouring Pot, 350 ml", "미니 드립포트 350ml", "ミニドリップポット 350ml", "Kumo", 22_000, 6, {"milliliters": 350, "tier": 1, "material": "steel"}),
    ],
    need="kettle",
    variants={"KTL-GN-900": METALS, "KTL-EL-800": VOLTAGES, "KTL-EL-900": VOLTAGES, "KTL-EL-PRO": VOLTAGES},
)

SCALES = shelf(
    "scales/coffee",
    "pour",
    "scale",
    [
        ("SCL-BASIC", "Kitchen Scale, 0.1 g", "주방 저울 0.1g", "キッチンスケール 0.1g", "Moru", 18_000, 12, {"tier": 1, "grams_max": 3000}),
        ("SCL-TIMER", "Drip Scale with Timer", "타이머 드립 저울", "タイマー付きドリップスケール", "Moru", 45_000, 20, {"tier": 2, "grams_max": 2000}),
        ("SCL-PRO", "Drip Scale Pro with Flow Rate", "유속 표시 드립 저울 프로", "流量表示ドリップスケール プロ", "Baram", 158_000, 6, {"tier": 3, "grams_max": 2000}),
        ("SCL-ESP", "Espresso Scale, Fits Under the Spout", "에스프레소 저울 초소형", "エスプレッソスケール 超小型", "Baram", 89_000, 8, {"tier": 2, "grams_max": 1000}),
        ("SCL-CAFE", "Counter Scale, 5 kg, Splash-Proof", "업소용 생활방수 저울 5kg", "業務用防滴スケール 5kg", "Ridgeline", 72_000, 0.5, {"world": "cafe", "tier": 2, "grams_max": 5000}),
    ],
    need="scale",
)

STANDS = shelf(
    "pour-over/accessories",
    "pour",
    "stand",
    [
        ("STD-DRIP-WD", "Drip Stand, Walnut and Brass", "드립 스탠드 호두나무·황동", "ドリップスタンド くるみ・真鍮", "Tsubaki", 64_000, 4, {"material": "wood"}),
        ("SPN-MEASURE", "Measuring Spoon, 10 g", "계량스푼 10g", "メジャースプーン 10g", "Kumo", 7_000, 12, {"material": "steel", "shape": "spoon"}),
        ("THM-DIGITAL", "Digital Thermometer", "디지털 온도계", "デジタル温度計", "Ridgeline", 17_000, 6, {"shape": "thermometer"}),
        ("FLT-CASE", "Filter Case with Lid, Ash", "뚜껑 있는 필터 보관함 물푸레나무", "ふた付きフィルターケース アッシュ材", "Nordlys", 24_000, 5, {"material": "wood", "shape": "box"}),
    ],
)
BREWING = DRIPPERS + FILTERS + SERVERS + KETTLES + SCALES + STANDS
